"""A HAR file read as a table of requests.

Owns: taking the request lines out of any file that claims to be a HAR. Must not: trust it;
an entry with missing or wrong parts gives what it has, and one that is no entry is counted.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, Final

from skyvern_tui.core.text import one_line, shorten

MAX_ENTRIES: Final = 2000
MAX_CELL: Final = 2000
"""Characters kept of a URL or any other cell."""


@dataclass(frozen=True, slots=True)
class HarEntry:
    """One request. ``size`` is bytes of the answer's body, ``time`` milliseconds; None where not said."""

    method: str
    url: str
    status: int | None
    mime: str
    size: int | None
    time: float | None
    started: str
    error: str

    @property
    def failed(self) -> bool:
        """True for requests that got no answer or a refusal."""
        return bool(self.error) or self.status is None or self.status <= 0 or self.status >= 400  # noqa: PLR2004 - HTTP


@dataclass(frozen=True, slots=True)
class Har:
    """The requests of a file in its order, and how many entries there were in all."""

    entries: tuple[HarEntry, ...]
    total: int
    unreadable: int
    """Entries that are not objects."""


class NotHar(ValueError):  # noqa: N818 - named for the finding
    """The bytes are not a HAR file."""


def parse_har(data: bytes) -> Har:
    """Read ``data`` as HAR. Raises :class:`NotHar` when there is no list of entries in it."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotHar("not JSON") from error
    entries = _at(document, "log", "entries")
    if not isinstance(entries, list):
        raise NotHar("no log.entries")
    read = [_entry(entry) for entry in entries[:MAX_ENTRIES] if isinstance(entry, dict)]
    unreadable = sum(not isinstance(entry, dict) for entry in entries)
    return Har(tuple(read), total=len(entries), unreadable=unreadable)


def _at(value: Any, *path: str) -> Any:
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _cell(value: Any) -> str:
    return shorten(one_line(value[: MAX_CELL * 2]), MAX_CELL) if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _size(entry: dict[str, Any]) -> int | None:
    """Return bytes of the body: as transferred, or failing that as decoded; -1 means "not known"."""
    for path in (("response", "_transferSize"), ("response", "bodySize"), ("response", "content", "size")):
        size = _number(_at(entry, *path))
        if size is not None and size >= 0:
            return int(size)
    return None


def _entry(entry: dict[str, Any]) -> HarEntry:
    status = _number(_at(entry, "response", "status"))
    time = _number(entry.get("time"))
    return HarEntry(
        method=_cell(_at(entry, "request", "method")) or "?",
        url=_cell(_at(entry, "request", "url")),
        status=None if status is None else int(status),
        mime=_cell(_at(entry, "response", "content", "mimeType")).split(";", 1)[0],
        size=_size(entry),
        time=None if time is None or time < 0 else time,
        started=_cell(entry.get("startedDateTime")),
        error=_cell(_at(entry, "response", "_failureText")),
    )
