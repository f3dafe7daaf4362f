"""Records by size, price, age or whatever a superlative is about.

Owns: the measure of each record and the order by it. Must not: read superlatives out of a
prompt, or choose among records (``choose``).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from mock_server.agent.extraction.fitting import Matched, fit
from mock_server.agent.extraction.request import Superlative, want
from mock_server.agent.extraction.values import absolute_date, in_unit, moment, number
from mock_server.agent.observation import Record

_YEAR: Final = re.compile(r"(?:1\d|20)\d\d")


def measured(superlative: Superlative, matched: Matched) -> dict[int, float] | None:
    """Return each record's measure for a superlative, or None if the group has none."""
    asked = want(superlative.field)
    scored = sorted(
        ((fit(asked, column), -number_, column) for number_, column in enumerate(matched.all_columns)),
        key=lambda entry: entry[:2],
        reverse=True,
    )
    total = len(matched.group.records)
    for score, _, column in scored[:4]:
        if score < 0.4:
            break
        values: dict[int, float] = {}
        for index, cells in column.cells.items():
            text = cells[0].value or cells[0].text
            if asked.concept is not None and asked.concept.kind == "duration":
                value = in_unit(text, "s") or number(text)
            elif asked.concept is not None and asked.concept.kind == "date":
                value = _year(text) or _time(text, cells[0].value)
            else:
                value = number(text)
            if value is not None:
                values[index] = value
        if len(values) >= max(2, 0.6 * total) or (total <= 2 and values):
            return values
    return _years(matched) if asked.concept is not None and asked.concept.kind == "date" else None


def _years(matched: Matched) -> dict[int, float] | None:
    """Return the years of a column that holds nothing else, where entries have no dates."""
    for column in matched.all_columns:
        found = {index: value for index, cells in column.cells.items() if (value := _year(cells[0].text)) is not None}
        if len(found) == len(column.cells) == len(matched.group.records) > 1:
            return found
    return None


def _year(text: str) -> float | None:
    """Return a bare year as a time, so that it compares with whole dates."""
    return datetime(int(text), 1, 1, tzinfo=UTC).timestamp() if _YEAR.fullmatch(text.strip()) else None


def _time(text: str, machine: str) -> float | None:
    day = absolute_date(text)
    shown = moment(machine) if machine else moment(text) if day else None
    return shown.timestamp() if shown is not None and shown.year > 1 else None


def order(records: list[Record], superlative: Superlative, matched: Matched) -> list[Record]:
    """Sort records by a superlative; "latest" without readable dates keeps the page's order."""
    values = measured(superlative, matched)
    if values is None:
        return records if superlative.largest or superlative.field != "date" else records[::-1]
    known = [record for record in records if record.index in values]
    unknown = [record for record in records if record.index not in values]
    return sorted(known, key=lambda record: values[record.index], reverse=superlative.largest) + unknown
