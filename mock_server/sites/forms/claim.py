"""The expense claim: a form of four pages, each checked before the next.

Owns: which page asks for what, and the rules. Must not: know pages or visitors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

STEPS: Final = ("Person", "Trip", "Costs", "Review")
PURPOSES: Final = ("Speaker", "Volunteer", "Board meeting")
CURRENCIES: Final = ("USD", "EUR", "GBP")

FIELDS: Final[dict[int, dict[str, str]]] = {
    1: {"name": "Full name", "number": "Member number"},
    2: {"destination": "Destination", "start": "First day", "end": "Last day", "purpose": "Purpose"},
    3: {"currency": "Currency", "transport": "Transport", "hotel": "Hotel"},
    4: {},
}
"""Number of the page -> its fields and their labels."""

_AMOUNT: Final = re.compile(r"\d{1,5}(?:\.\d{1,2})?")


def reached(draft: Mapping[str, str]) -> int:
    """Return the first page that is not filled in yet."""
    return next((step for step in (1, 2, 3) if any(not draft.get(name) for name in FIELDS[step])), len(STEPS))


def fields_of(step: int, form: Mapping[str, str]) -> dict[str, str]:
    """Return what the form says about the page's own fields."""
    return {name: form[name][:200] for name in FIELDS[step] if name in form}


def check(step: int, form: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with a page: field name -> message."""
    errors = {name: f"{label} is required." for name, label in FIELDS[step].items() if not form.get(name)}
    if "number" not in errors and step == 1 and re.fullmatch(r"M-\d{4}", form["number"]) is None:
        errors["number"] = "A member number looks like M-1234."
    if step == 2 and not errors:  # noqa: PLR2004 - the page of the trip
        start, end = _day(form["start"]), _day(form["end"])
        if start is None or end is None or end < start:
            errors["end"] = "The last day cannot be before the first day."
    for name in ("transport", "hotel"):
        if name in FIELDS[step] and name not in errors and _AMOUNT.fullmatch(form[name]) is None:
            errors[name] = "Enter an amount like 120 or 99.50."
    return errors


def told(draft: Mapping[str, str]) -> dict[str, str]:
    """Return the whole claim as label -> text, with its total."""
    lines = {label: draft.get(name, "") for fields in FIELDS.values() for name, label in fields.items()}
    return lines | {"Total": total(draft)}


def total(draft: Mapping[str, str]) -> str:
    """Return what is to be paid back, as it is shown."""
    return f"{float(draft.get('transport') or 0) + float(draft.get('hotel') or 0):,.2f} {draft.get('currency', '')}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
