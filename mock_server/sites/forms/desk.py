"""What the scripts of the conference site send: bookings of rooms, and the budget.

Owns: the choices and the checks. Must not: know pages or visitors.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any, Final

ROOMS: Final = ("Aspen room", "Birch room", "Cedar hall", "Juniper loft")
LAYOUTS: Final = ("Circle", "Rows", "Tables")
PEOPLE: Final = (
    "Agnes Mortensen",
    "Amara Diallo",
    "Benedikt Vos",
    "Clara Whitcombe",
    "Daniel Achterberg",
    "Esther Lindqvist",
    "Marcus Hale",
    "Maria Fernandes",
    "Marion Delacroix",
    "Tobias Winther",
)
MAX_LINES: Final = 30
MAX_AMOUNT: Final = 1_000_000
_TEXTS: Final = {"room": 40, "host": 60, "day": 10, "layout": 20, "agenda": 500}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the budget; the amount in whole dollars."""

    item: str
    owner: str
    amount: int


BUDGET: Final = (
    Line("Hall rent", "Agnes Mortensen", 1800),
    Line("Catering", "Benedikt Vos", 2450),
    Line("Printing", "Clara Whitcombe", 320),
    Line("Travel of speakers", "Tobias Winther", 1275),
    Line("Insurance", "Agnes Mortensen", 410),
)


def people(query: str) -> list[str]:
    """Return the people one of whose names starts with ``query``; nobody for less than two letters."""
    wanted = query.strip().casefold()
    if len(wanted) < 2:  # noqa: PLR2004 - one letter says too little
        return []
    return [name for name in PEOPLE if name.casefold().startswith(wanted) or f" {wanted}" in name.casefold()]


def booking(sent: Any) -> tuple[dict[str, Any] | None, str]:
    """Return the booking, with its reference, that was sent; or ``None`` and what is wrong with it."""
    if not isinstance(sent, dict):
        return None, "Nothing was sent."
    texts = {name: " ".join(str(sent.get(name) or "").split())[:limit] for name, limit in _TEXTS.items()}
    if texts["room"] not in ROOMS:
        return None, "Choose a room."
    if texts["host"] not in PEOPLE:
        return None, "Choose a host of the list."
    if re.fullmatch(r"2027-\d\d-\d\d", texts["day"]) is None:
        return None, "Choose a day."
    made: dict[str, Any] = {
        **texts,
        "minutes": min(max(int(sent["minutes"]), 15), 240) if isinstance(sent.get("minutes"), int) else 60,
        "seats": min(max(int(sent["seats"]), 1), 40) if isinstance(sent.get("seats"), int) else 6,
        "catering": sent.get("catering") is True,
    }
    digest = blake2b(repr(sorted(made.items())).encode(), digest_size=4).digest()
    return {"reference": f"RB-{int.from_bytes(digest, 'big') % 900_000 + 100_000}", **made}, ""


def budget(sent: Any) -> list[dict[str, Any]] | None:
    """Return the lines that were sent; ``None`` if they are no budget."""
    if not isinstance(sent, list) or not 0 < len(sent) <= MAX_LINES:
        return None
    lines = []
    for entry in sent:
        if not isinstance(entry, dict) or not isinstance(entry.get("amount"), int):
            return None
        item, owner = (" ".join(str(entry.get(name, "")).split())[:80] for name in ("item", "owner"))
        if not item or not 0 <= entry["amount"] <= MAX_AMOUNT:
            return None
        lines.append(asdict(Line(item, owner, entry["amount"])))
    return lines
