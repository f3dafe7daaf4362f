"""From a text on a page to the value a schema asks for.

Owns: coercion to number, integer, boolean, date, link, enum and string. Must not: choose
between texts. price-parser and dateparser are loaded on first use, they are slow to import.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urljoin

from rapidfuzz import fuzz, process

from mock_server.agent.records.kinds import DATE, EMAIL, PRICE, RATING, phones_in

Json = Any

_NUMBER: Final = re.compile(r"[-\u2212]?\d(?:[\d.,\u00a0\u202f' ]*\d)?(?:(?:[kKmM]|\s[KM])(?![A-Za-z\d]))?")
_WORDS: Final = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "no": 0,
    "none": 0,
    "free": 0,
}
_TRUE: Final = frozenset(
    {
        "yes",
        "true",
        "in stock",
        "available",
        "on",
        "checked",
        "enabled",
        "active",
        "instock",
        "y",
        "\u2713",
        "\u2714",
        "1",
    }
)
_FALSE: Final = frozenset(
    {
        "no",
        "false",
        "out of stock",
        "unavailable",
        "sold out",
        "off",
        "unchecked",
        "disabled",
        "inactive",
        "outofstock",
        "n",
        "not available",
        "\u2717",
        "\u2718",
        "0",
    }
)
_RANGE: Final = re.compile(
    rf"\s*(?:-|\u2013|\u2014|to)\s*{PRICE.pattern}"
    r"(?:\s*(?:/|per|an?|p\.?)\s*(?:year|month|week|day|hour|annum|mo|yr|hr)(?![a-z]))?"
)
_ISO_DURATION: Final = re.compile(r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")


def number(text: str) -> float | None:
    """Return the number a text is about: ``$1,299.00`` -> 1299.0, ``4.5 out of 5`` -> 4.5, ``1.2k`` -> 1200.0."""
    text = text.strip()
    stars = text.count("\u2605") + text.count("\u2b50")
    if stars and not any(character.isdigit() for character in text):
        return float(stars)
    rating = RATING.search(text)
    if rating:
        found = next(group for group in rating.groups() if group)
        return float(found.replace(",", "."))
    match = _NUMBER.search(text)
    if not match:
        return float(_WORDS[text.lower()]) if text.lower() in _WORDS else None
    digits = match.group().strip().replace("\u2212", "-")
    scale = {"k": 1e3, "m": 1e6}.get(digits[-1].lower(), 1.0)
    plain = digits.rstrip("kKmM ").strip()
    value = _decimal(plain)
    return value * scale if value is not None else None


def _decimal(text: str) -> float | None:
    text = re.sub(r"[\s\u00a0']", "", text).rstrip(".,")
    sign = -1.0 if text.startswith("-") else 1.0
    text = text.lstrip("-")
    if not text or len(text) > 40:  # no number a page shows is that long
        return None
    if "," in text or text.count(".") > 1:
        from price_parser.parser import parse_number  # noqa: PLC0415 - most runs meet no such number, and need not wait for it

        parsed = parse_number(text)
        return sign * float(parsed) if parsed is not None else None
    try:
        return sign * float(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def moment(text: str) -> datetime | None:
    """Return the date or date and time a text tells, naive; relative ones count back from a fixed day.

    The day is fixed so that the same page gives the same answer; only the order of such
    moments means anything.
    """
    text = text.strip()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass
    if len(text) > 120 or not any(character.isalnum() for character in text):  # a date is short
        return None
    import dateparser  # noqa: PLC0415 - its half second is spared to runs without dates

    settings = {
        "RELATIVE_BASE": datetime(2025, 1, 1),  # noqa: DTZ001 - pages seldom say a zone, and it meets only naive ones
        "RETURN_AS_TIMEZONE_AWARE": False,
        "PREFER_DAY_OF_MONTH": "first",
    }
    found = DATE.search(text)
    for piece in dict.fromkeys((text, found.group() if found else text)):
        try:
            parsed: datetime | None = dateparser.parse(piece, languages=["en"], settings=settings)
        except (ValueError, OverflowError, TypeError, RecursionError):
            parsed = None
        if parsed is not None:
            return parsed.replace(tzinfo=None)
    return None


def absolute_date(text: str) -> date | None:
    """Return the day a text names, not counting relative ones ("2 hours ago")."""
    found = DATE.search(text)
    if not found or not re.search(r"\d{4}|/\d\d\b|\.\d\d\b", found.group()):
        return None
    parsed = moment(found.group())
    return parsed.date() if parsed else None


def truth(text: str) -> bool | None:
    """Return whether a text says yes or no: "In stock", "sold out", a tick; None if it says neither."""
    folded = " ".join(text.lower().split()).strip(" .!")
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    if re.search(r"\b(?:out of stock|sold out|unavailable|not available|no longer)\b", folded):
        return False
    return True if re.search(r"\b(?:in stock|available|instock)\b", folded) else None


def enum(text: str, choices: list[Json]) -> Json:
    """Return the choice the text stands for, or None."""
    names = {str(choice).casefold(): choice for choice in choices if choice is not None}
    folded = text.casefold().strip()
    if folded in names:
        return names[folded]
    squeezed = re.sub(r"\W+", "", folded)
    for name, choice in names.items():
        if re.sub(r"\W+", "", name) == squeezed:
            return choice
    inside = [choice for name, choice in names.items() if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded)]
    if len(inside) == 1:
        return inside[0]
    best = process.extractOne(folded, list(names), scorer=fuzz.ratio, score_cutoff=85)
    return names[best[0]] if best else None


def duration_text(text: str) -> str:
    """Return an ISO 8601 duration as people write it: ``PT1H20M`` -> ``1 hour 20 mins``."""
    match = _ISO_DURATION.match(text)
    if not match or not any(match.groups()):
        return text
    days, hours, minutes, seconds = (int(group or 0) for group in match.groups())
    parts = [
        f"{amount} {unit if amount == 1 else unit + 's'}"
        for amount, unit in ((days, "day"), (hours, "hour"), (minutes, "min"), (seconds, "sec"))
        if amount
    ]
    return " ".join(parts) or text


def coerce(text: str, schema: Json, base: str, machine: str = "", href: str = "") -> Json:  # noqa: C901, PLR0911 - a table of types; cut up, their order could not be seen
    """Return the text as the type a scalar schema asks for, or None if it is not one."""
    schema = schema if isinstance(schema, dict) else {}
    choices = schema.get("enum")
    if isinstance(choices, list) and choices:
        return enum(text, choices)
    if "const" in schema:
        return schema["const"] if str(schema["const"]).casefold() == text.casefold() else None
    types = schema.get("type")
    names = types if isinstance(types, list) else [types]
    form = schema.get("format") if isinstance(schema.get("format"), str) else ""
    for name in names:
        if name == "null":
            continue
        if name in ("number", "integer"):
            value = number(machine) if machine and number(machine) is not None and not number(text) else number(text)
            if value is None or not math.isfinite(value):
                continue
            if name == "integer":
                if value == int(value):
                    return int(value)
                continue
            return int(value) if value == int(value) and abs(value) < 2**53 and "." not in text else value
        if name == "boolean":
            found = truth(text)
            if found is not None:
                return found
            continue
        if name in ("object", "array"):
            continue
        return _string(text, form or "", base, machine, href)
    return None


def _string(text: str, form: str, base: str, machine: str, href: str) -> str | None:
    if form == "date":
        found = moment(machine) if machine else None
        found = found or moment(text)
        return found.date().isoformat() if found else None
    if form == "date-time":
        found = (moment(machine) if machine else None) or moment(text)
        return found.isoformat() + "Z" if found else None
    if form in ("uri", "url", "uri-reference", "iri"):
        link = href or text
        return urljoin(base, link) if link and " " not in link.strip() else None
    if form == "email":
        mail = EMAIL.search(text) or EMAIL.search(href)
        return mail.group() if mail else None
    return text or None


UNITS: Final = frozenset(
    {
        *(
            "minutes",
            "minute",
            "mins",
            "hours",
            "hour",
            "seconds",
            "days",
            "kg",
            "g",
            "cm",
            "mm",
            "m",
            "km",
            "km2",
            "sqm",
        ),
        *("usd", "eur", "gbp", "euros", "dollars", "pounds", "percent", "percentage", "celsius", "c", "mb", "gb", "kb"),
    }
)
"""Words in a numeric field's name that only say what it is counted in."""
_CURRENCIES: Final = {
    "$": "USD", "us$": "USD", "\u20ac": "EUR", "\u00a3": "GBP", "\u00a5": "JPY", "\u20b9": "INR",
    "\u20bd": "RUB", "\u20a9": "KRW",
    "\u20ba": "TRY", "\u0e3f": "THB", "r$": "BRL", "c$": "CAD", "a$": "AUD", "z\u0142": "PLN", "chf": "CHF",
}  # fmt: skip


_EITHER: Final = 40
_TIME: Final = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(d(?:ays?)?|h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)\b\.?", re.IGNORECASE
)
_SECONDS: Final = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
_TIME_UNITS: Final = {
    "minute": "m",
    "minutes": "m",
    "mins": "m",
    "hour": "h",
    "hours": "h",
    "seconds": "s",
    "days": "d",
}


def unit_of(phrase: str) -> str:
    """Return d, h, m or s if a field's name says in what time is counted ("prep_minutes"); else an empty string."""
    return next((_TIME_UNITS[word] for word in re.findall(r"[a-z]+", phrase.lower()) if word in _TIME_UNITS), "")


def in_unit(text: str, unit: str) -> float | None:
    """Return a length of time in a unit: ``1 hr 30 min`` in m is 90.0; None if the text is no length of time."""
    found = _TIME.findall(text)
    if not found:
        return None
    return sum(float(amount.replace(",", ".")) * _SECONDS[name[0].lower()] for amount, name in found) / _SECONDS[unit]


def currency_of(price: str) -> str:
    """Return the ISO code of a price's currency, or an empty string if its sign names none alone."""
    sign = re.sub(r"[\d.,'\s\u00a0+-]", "", price).casefold()
    return _CURRENCIES.get(sign) or (sign.upper() if re.fullmatch(r"[a-z]{3}", sign) else "")


def narrow(text: str, kind: str) -> str:
    """Return the part of a text that is of the kind: the price in "Now only $5.00", the date in "on 3 May by X"."""
    if kind == "phone":
        return next(iter(phones_in(text)), text)
    pattern = {"price": PRICE, "date": DATE, "email": EMAIL}.get(kind)
    found = pattern.search(text) if pattern else None
    if found and kind == "price" and len(text) <= _EITHER and re.search(r"\d\s*/\s*\D{0,3}\d", text):
        return text  # two prices for two kinds of people
    if found and kind == "price" and (whole := _RANGE.match(text, found.end())):
        return text[found.start() : whole.end()].strip()
    return found.group().strip() if found else text
