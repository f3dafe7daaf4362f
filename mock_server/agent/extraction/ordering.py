"""Records by size, price, age or whatever a superlative is about.

Owns: the measure of each record and the order by it. Must not: read superlatives out of a
prompt, or choose among records (``choose``).
"""

from __future__ import annotations

from mock_server.agent.extraction.fitting import Matched, fit
from mock_server.agent.extraction.request import Superlative, want
from mock_server.agent.extraction.values import absolute_date, in_unit, moment, number
from mock_server.agent.observation import Record


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
                day = absolute_date(text)
                moment_ = moment(cells[0].value) if cells[0].value else moment(text) if day else None
                value = moment_.timestamp() if moment_ is not None and moment_.year > 1 else None
            else:
                value = number(text)
            if value is not None:
                values[index] = value
        if len(values) >= max(2, 0.6 * total) or (total <= 2 and values):
            return values
    return None


def order(records: list[Record], superlative: Superlative, matched: Matched) -> list[Record]:
    """Sort records by a superlative; "latest" without readable dates keeps the page's order."""
    values = measured(superlative, matched)
    if values is None:
        return records if superlative.largest or superlative.field != "date" else records[::-1]
    known = [record for record in records if record.index in values]
    unknown = [record for record in records if record.index not in values]
    return sorted(known, key=lambda record: values[record.index], reverse=superlative.largest) + unknown
