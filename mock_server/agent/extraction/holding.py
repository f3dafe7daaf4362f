"""Whether a record fulfils a condition: what it says, the day it names, how its number compares.

Owns: finding the cell a condition is about, and comparing. Must not: read conditions out of a
prompt (``conditions``) or choose among records (``choose``).
"""

from __future__ import annotations

import re
from typing import Final

from mock_server.agent.extraction.columns import record_text
from mock_server.agent.extraction.fitting import Matched, fit
from mock_server.agent.extraction.request import Condition, want
from mock_server.agent.extraction.values import moment, number
from mock_server.agent.extraction.words import stems
from mock_server.agent.observation import Record
from mock_server.agent.records.kinds import DATE

_AMOUNT_OF: Final = re.compile(r"(?<![\w.,])(?P<amount>\d[\d.,]*)\s?(?P<what>[a-z]{3,20})\b", re.IGNORECASE)


def _cell_text(field: str, record: Record, matched: Matched) -> str | None:
    if not field:
        return None
    asked = want(field)
    scored = sorted(((fit(asked, column), column) for column in matched.all_columns), key=lambda entry: -entry[0])
    for score, column in scored[:3]:
        cell = column.cell(record.index)
        if score >= 0.45 and cell is not None:  # sure enough to filter by
            return cell.text or cell.value
    return None


def holds(condition: Condition, record: Record, matched: Matched) -> bool:
    """Return True if a record fulfils a condition."""
    whole = record_text(record)
    if condition.operator in ("contains", "lacks"):
        own = _cell_text(condition.field, record, matched) if condition.field not in ("", "status", "time") else None
        found = _says(condition.value, own if own is not None else whole) or (
            own is not None and _says(condition.value, whole) and condition.field == "author"
        )
        return found if condition.operator == "contains" else not found
    if condition.operator == "date":
        return _on(condition.value, whole)
    limit = number(condition.value)
    if limit is None:
        return True
    money = bool(re.search(r"[$\u20ac\u00a3\u00a5]|euro|dollar|pound", condition.value))
    star = "star" in condition.value
    text = _cell_text(condition.field or ("price" if money else "rating" if star else ""), record, matched)
    if text is None:
        text = (
            next((cell.text for cell in record.cells if cell.kind == "price"), None)
            if money or not condition.field
            else None
        )
    if text is None:
        text = next((cell.text for cell in record.cells if cell.kind == "number"), None)
    beside = _beside(condition.field, text if text is not None else whole)
    value = number(beside or text or "") if beside or text is not None else None
    if value is None:
        return False
    return {"lt": value < limit, "le": value <= limit, "gt": value > limit, "ge": value >= limit, "eq": value == limit}[
        condition.operator
    ]


def _beside(field: str, text: str) -> str:
    """Return the number before the name of a field, where a text holds several: 2 of "82 m², 2 bedrooms"."""
    words = set(stems(field)) if field else set()
    found = (match for match in _AMOUNT_OF.finditer(text) if words and words <= set(stems(match["what"])))
    return next((match["amount"] for match in found), "")


def _says(value: str, text: str) -> bool:
    folded, wanted = " ".join(text.lower().split()), " ".join(value.lower().split())
    if re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", folded):
        return not (
            wanted in ("in stock", "available", "paid", "active")
            and re.search(rf"\b(?:not|out of|un|in)\s*{re.escape(wanted.removeprefix('in '))}", folded)
            and "in stock" not in folded
        )
    squeezed = re.sub(r"[\s.]", "", wanted)
    if re.search(r"\d", squeezed) and len(squeezed) > 2 and squeezed in re.sub(r"[\s.]", "", folded):
        return True
    return len(wanted) > 4 and set(stems(wanted)) <= set(stems(folded))


def _on(value: str, text: str) -> bool:
    if re.search(rf"(?<![\d/]){re.escape(value.lower())}(?![\d/])", text.lower()):
        return True
    dates = [found.group() for found in DATE.finditer(text[:2000])]
    year = re.fullmatch(r"\d{4}", value)
    for shown in dates:
        parsed = moment(shown)
        if parsed is None:
            continue
        if year:
            if str(parsed.year) == value and re.search(rf"{value}|{value[2:]}\b", shown):
                return True
            continue
        wanted = moment(value)
        if wanted is None:
            continue
        same_day = (parsed.month, parsed.day) == (wanted.month, wanted.day)
        month_only = not re.search(r"\d{1,2}(?!\d)", re.sub(r"\d{4}", "", value))
        has_year = bool(re.search(r"\d{4}", value))
        if (same_day or (month_only and parsed.month == wanted.month)) and (not has_year or parsed.year == wanted.year):
            return True
    return False
