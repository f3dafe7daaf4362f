"""Values in words: times, spans, sizes, statuses, JSON.

Owns: how one value is written on a page. Whatever comes in, text comes out: what a
scripted run says about itself may be anything. Must not: know pages or HTML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

STATUS_TONES: Final[Mapping[str, tuple[str, str]]] = {
    "created": ("wait", "○"),
    "queued": ("wait", "○"),
    "running": ("live", "●"),
    "paused": ("warn", "‖"),
    "completed": ("good", "✓"),
    "failed": ("bad", "✕"),
    "terminated": ("bad", "■"),
    "timed_out": ("warn", "◷"),
    "timeout": ("warn", "◷"),
    "canceled": ("mute", "⊘"),
    "pending": ("live", "●"),
    "delivered": ("good", "✓"),
    "skipped": ("mute", "⊘"),
}
"""Status of anything that has one -> the look it has and the sign that says the same without colour."""

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_KIB: Final = 1024
_LONGEST_NUMBER: Final = 1e12


def tone(status: object) -> str:
    """Return the look of a status; ``odd`` for one nobody knows."""
    return STATUS_TONES.get(str(status), ("odd", "?"))[0]


def sign(status: object) -> str:
    """Return the character that stands for a status."""
    return STATUS_TONES.get(str(status), ("odd", "?"))[1]


def plain(value: object) -> str:
    """Return a name such as ``timed_out`` as words."""
    return str(value).replace("_", " ")


def text(value: object) -> str:
    """Return a value as text: strings as they are, nothing as nothing, the rest as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else pretty(value)


def pretty(value: object) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def moment(value: object) -> datetime | None:
    """Return the time a value stands for, as naive UTC; None if it stands for none."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)


def stamp(value: object) -> str:
    """Return a time for machines, with its zone: ``2026-11-22T08:30:00.123456Z``; empty for none."""
    time = moment(value)
    return "" if time is None else f"{time.isoformat()}Z"


def clock_time(value: object) -> str:
    """Return a time for people: ``22 Nov 2026, 08:30:00 UTC``; empty for none."""
    time = moment(value)
    return "" if time is None else f"{time.day} {time:%b %Y, %H:%M:%S} UTC"


def between(start: object, end: object) -> float | None:
    """Return the seconds from one time to another; None without both."""
    first, last = moment(start), moment(end)
    return None if first is None or last is None else max((last - first).total_seconds(), 0.0)


def span(seconds: object) -> str:
    """Return a length of time: ``0.4 s``, ``12 s``, ``2 min 5 s``, ``1 h 3 min``; empty for none."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < _LONGEST_NUMBER:
        return ""
    if seconds < 9.95:  # noqa: PLR2004 - rounds to 10.0
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def size(count: object) -> str:
    """Return a number of bytes: ``512 B``, ``3.4 KiB``, ``12 MiB``; empty for none."""
    if not isinstance(count, int | float):
        return ""
    number = float(count)
    for unit in ("B", "KiB", "MiB"):
        if number < _KIB:
            return f"{number:.0f} {unit}" if unit == "B" or number >= 10 else f"{number:.1f} {unit}"  # noqa: PLR2004 - two digits
        number /= _KIB
    return f"{number:.1f} GiB"


def web_address(value: object) -> str | None:
    """Return the value if it is an address that may stand in a link: http or https; else None."""
    if not isinstance(value, str) or not value.isprintable() or " " in value:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme in {"http", "https"} and parts.netloc else None
