"""Records to rows and back.

Owns: the order of columns and the form values have in them. Must not: know tables,
queries or connections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

import orjson

from mock_server.store.records import ArtifactRecord, ResourceRecord, RunRecord, TimelineRecord

RecordT = TypeVar("RecordT", bound=RunRecord | TimelineRecord | ArtifactRecord | ResourceRecord)

_JSON_COLUMNS: Final = frozenset({"request", "output", "errors", "body", "script", "script_run"})


def _time_out(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="microseconds")


def _time_in(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _json_out(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _json_in(value: str | None) -> Any:
    return None if value is None else orjson.loads(value)


class Rows(Generic[RecordT]):
    """Turns one kind of record into rows and back. The columns are the record's fields, in their order."""

    def __init__(self, record_type: type[RecordT]) -> None:
        self._make: Callable[..., RecordT] = record_type
        self.columns: Final = tuple(field.name for field in fields(record_type))
        self._values = attrgetter(*self.columns)
        self._out: list[tuple[int, Callable[[Any], Any]]] = []
        self._in: list[tuple[int, Callable[[Any], Any]]] = []
        for index, name in enumerate(self.columns):
            if name.endswith("_at"):
                self._out.append((index, _time_out))
                self._in.append((index, _time_in))
            elif name in _JSON_COLUMNS:
                self._out.append((index, _json_out))
                self._in.append((index, _json_in))

    def row(self, record: RecordT) -> list[Any]:
        """Return the record's values as the database takes them."""
        values = list(self._values(record))
        for index, convert in self._out:
            values[index] = convert(values[index])
        return values

    def record(self, row: Sequence[Any]) -> RecordT:
        """Return the record a row of :attr:`columns` stands for."""
        values = list(row)
        for index, convert in self._in:
            values[index] = convert(values[index])
        return self._make(*values)


def marks(values: Iterable[object]) -> str:
    """Return as many placeholders as there are values."""
    return ", ".join("?" for _ in values)


def contains_pattern(text: str) -> str:
    r"""Return the LIKE pattern (escape character ``\``) for lower-case text that contains ``text``."""
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
