"""Which of several records a superlative or a position means.

Owns: reading dates, prices and numbers out of a record's cells to compare them. Must
not: know what the record is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import dateparser
from price_parser import Price

from mock_server.agent.goal import Extreme, Target
from mock_server.agent.lexicon import passage_likeness
from mock_server.agent.observation import Cell, Record, RecordGroup

_DATED: Final = re.compile(
    r"\b(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|(?:\d{1,2}(?:st|nd|rd|th)?\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
    r"(?:\s+\d{1,2}(?:st|nd|rd|th)?)?,?(?:\s+\d{2,4})?|\d+\s+(?:minute|hour|day|week|month|year)s?\s+ago|today|yesterday)\b",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"-?\d[\d,.\s]*\d|-?\d")
_DURATION: Final = re.compile(
    r"(?:(\d+)\s*d(?:ays?)?)?\s*(?:(\d+)\s*h(?:ours?|rs?)?)?\s*(?:(\d+)\s*m(?:in(?:ute)?s?)?)?(?:\s*(\d+)\s*s(?:ec(?:ond)?s?)?)?",
    re.IGNORECASE,
)
_SIZE: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*([kmgt])?i?b\b", re.IGNORECASE)
_ANCHOR: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Relative dates ("2 days ago") are read against a fixed day: only their order counts, whatever today is."""


def choose_record(target: Target, group: RecordGroup) -> tuple[Record, str] | None:
    """Return the record and why, or None if the group can't tell."""
    records = group.records
    if target.extreme is not None:
        return _extreme(target.extreme, group)
    if target.ordinal is not None:
        index = target.ordinal - 1 if target.ordinal > 0 else len(records) + target.ordinal
        return (records[index], f"it is number {index + 1} of {len(records)}") if 0 <= index < len(records) else None
    return (records[0], "it is the first") if records else None


def _extreme(extreme: Extreme, group: RecordGroup) -> tuple[Record, str] | None:
    values = [(value_of(record, extreme.key, group), record) for record in group.records]
    known = [(value, record) for value, record in values if value is not None]
    if not known:
        return (
            (group.records[0], "nothing tells them apart; it is the first")
            if extreme.key in ("date", "popularity")
            else None
        )
    best = known[0]
    for candidate in known[1:]:
        if (candidate[0] > best[0]) if extreme.largest else (candidate[0] < best[0]):
            best = candidate
    return best[1], f"it has the {extreme.word} {extreme.key} of {len(group.records)}: {best[1].text[:80]!r}"


def value_of(record: Record, key: str, group: RecordGroup) -> float | None:
    """Return what ``record`` shows for ``key`` as a number (dates in seconds), or None."""
    for cell in _candidates(record, key, group):
        value = _number(cell, key)
        if value is not None:
            return value
    return None


def _candidates(record: Record, key: str, group: RecordGroup) -> Sequence[Cell]:
    """The cells that may hold ``key``, most likely first."""

    def rank(cell: Cell) -> float:
        named = passage_likeness(key, " ".join((cell.key, *cell.hints)))
        kind = 1.0 if cell.kind == key else 0.0
        return -(2 * named + kind)

    cells = sorted(record.cells, key=rank)
    if key in ("date", "price", "rating", "duration", "size") or not group.header:
        return cells
    return [cell for cell in cells if rank(cell) < 0] or cells


def _number(cell: Cell, key: str) -> float | None:
    """Read a cell as a number of the kind that ``key`` is."""
    reader = _READERS.get(key)
    value = reader(cell) if reader is not None else None
    return value if value is not None or key in ("date", "price", "duration") else _plain(cell.text)


def _date(cell: Cell) -> float | None:
    found = _DATED.search(cell.value or cell.text) or _DATED.search(cell.text)
    if not found:
        return None
    settings: Any = {"RELATIVE_BASE": _ANCHOR, "PREFER_DAY_OF_MONTH": "first"}
    parsed = dateparser.parse(found[0], languages=["en"], settings=settings)
    return float((parsed.replace(tzinfo=None) - _ANCHOR).total_seconds()) if parsed else None


def _price(cell: Cell) -> float | None:
    price = Price.fromstring(cell.text)
    known = price.currency or cell.kind in ("price", "number")
    return float(price.amount) if price.amount is not None and known else None


def _size(cell: Cell) -> float | None:
    size = _SIZE.search(cell.text)
    return float(size[1].replace(",", ".")) * 1024 ** " kmgt".index((size[2] or " ").lower()) if size else None


def _plain(text: str) -> float | None:
    number = _NUMBER.search(text)
    amount = Price.fromstring(number[0]).amount if number else None
    return float(amount) if amount is not None else None


def _duration(text: str) -> float | None:
    best: float | None = None
    for match in _DURATION.finditer(text):
        if not any(match.groups()):
            continue
        days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        best = max(best or 0.0, days * 86400.0 + hours * 3600 + minutes * 60 + seconds)
    return best


_READERS: Final[Mapping[str, Callable[[Cell], float | None]]] = {
    "date": _date,
    "price": _price,
    "duration": lambda cell: _duration(cell.text),
    "size": _size,
}
