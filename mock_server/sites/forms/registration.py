"""The registration for the conference: its fields, their check, and what the confirmation tells.

Owns: the choices and the rules. Must not: know pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from hashlib import blake2b
from typing import Final

TICKETS: Final = {"Student": "$45", "Regular": "$120", "Patron": "$300"}
WORKSHOPS: Final = {
    "bread": "Baking with rye",
    "maps": "Drawing maps by hand",
    "radio": "Building a small radio",
    "dyes": "Plant dyes",
}
MEALS: Final = {"any": "Anything", "vegetarian": "Vegetarian", "vegan": "Vegan", "none": "No meal"}
TOPICS: Final = {"crafts": "Crafts", "energy": "Energy", "rivers": "Rivers", "letters": "Letters"}
COUNTRIES: Final = ("Belgium", "Canada", "Denmark", "Finland", "France", "Germany", "Norway", "Portugal", "Sweden")
FIRST_DAY: Final = date(2027, 5, 10)
LAST_DAY: Final = date(2027, 5, 16)
MAX_GUESTS: Final = 4

LABELS: Final = {
    "name": "Full name",
    "email": "Email address",
    "phone": "Phone",
    "website": "Website",
    "country": "Country",
    "birthday": "Date of birth",
    "arrival": "Arrival date",
    "arrival_time": "Arrival time",
    "guests": "Number of guests",
    "ticket": "Ticket",
    "workshops": "Workshops",
    "meal": "Meal",
    "topics": "Topics",
    "experience": "Experience",
    "badge_colour": "Badge colour",
    "badge_file": "Photo or CV",
    "comments": "Comments",
}
_LIMITS: Final = {"name": 100, "email": 200, "phone": 30, "website": 200, "country": 60, "comments": 1000}


def check(form: Mapping[str, list[str]]) -> dict[str, str]:
    """Return what is wrong: field name -> message, in the order of the form."""
    one = {name: values[-1] for name, values in form.items()}
    wrong = {
        "name": not one.get("name") and "Enter your full name.",
        "email": re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", one.get("email", "")) is None
        and "Enter an email address like name@example.com.",
        "phone": one.get("phone")
        and re.fullmatch(r"\+?[0-9 ()/.-]{6,}", one["phone"]) is None
        and "Enter a phone number, or leave it empty.",
        "website": one.get("website")
        and re.match(r"https?://\S+", one["website"]) is None
        and "Enter an address that starts with https://, or leave it empty.",
        "country": one.get("country") and one["country"] not in COUNTRIES and "Choose a country of the list.",
        "arrival": _day(one.get("arrival", "")) is None and "Choose a day from 10 to 16 May 2027.",
        "guests": (one.get("guests") or "0") not in map(str, range(MAX_GUESTS + 1)) and f"At most {MAX_GUESTS} guests.",
        "ticket": one.get("ticket") not in TICKETS and "Choose a ticket.",
        "meal": one.get("meal") not in MEALS and "Choose a meal.",
        "terms": not one.get("terms") and "Accept the house rules.",
    }
    errors = {name: text for name, text in wrong.items() if text}
    too_long = (name for name, limit in _LIMITS.items() if len(one.get(name, "")) > limit)
    return errors | {name: f"Use at most {_LIMITS[name]} characters." for name in too_long}


def told(form: Mapping[str, list[str]], files: Mapping[str, tuple[str, int]]) -> dict[str, str]:
    """Return what was received as label -> text, in the order of the form; ``form`` passed :func:`check`."""
    texts = {name: ", ".join(values) for name, values in form.items()}
    texts["ticket"] = f"{texts['ticket']} ({TICKETS[texts['ticket']]})"
    texts["meal"] = MEALS[texts["meal"]]
    for name, choices in (("workshops", WORKSHOPS), ("topics", TOPICS)):
        texts[name] = ", ".join(choices[key] for key in form.get(name, ()) if key in choices)
    if "badge_file" in files:
        name, size = files["badge_file"]
        texts["badge_file"] = f"{name} ({size} bytes)"
    texts["arrival_time"] = _time(texts.get("arrival_time", ""))
    return {label: texts.get(name) or "-" for name, label in LABELS.items()}


def reference_of(prefix: str, told: Mapping[str, str], before: int) -> str:
    """Return the reference of what was sent; equal visits get equal references."""
    digest = blake2b(repr((before, sorted(told.items()))).encode(), digest_size=4).digest()
    return f"{prefix}-{int.from_bytes(digest, 'big') % 900_000 + 100_000}"


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def _time(text: str) -> str:
    try:
        return time.fromisoformat(text).strftime("%H:%M") if text else ""
    except ValueError:
        return ""
