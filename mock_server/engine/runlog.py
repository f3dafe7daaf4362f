"""The log of one run, which becomes its ``skyvern_log`` artifacts.

Owns: the lines, their limit and their two forms. Must not: log for the server itself;
that is ``logging``'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import orjson

from mock_server.clock import Clock

Level = Literal["debug", "info", "warning", "error"]

MAX_LINES: Final = 20_000


class RunLog:
    """Collects lines; beyond :data:`MAX_LINES` it only counts them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lines: list[dict[str, Any]] = []
        self._dropped = 0

    def add(self, level: Level, message: str, fields: Mapping[str, Any] | None = None) -> None:
        """Append a line, stamped with the time."""
        if len(self._lines) >= MAX_LINES:
            self._dropped += 1
            return
        line = {"timestamp": self._clock.now().isoformat(), "level": level, "event": message}
        self._lines.append({**(fields or {}), **line})

    def text(self) -> bytes:
        """Return the log as lines of text: time, level, message, ``key=value`` pairs."""
        lines = [_as_text(line) for line in self._entries()]
        return "".join(f"{line}\n" for line in lines).encode(errors="replace")

    def json(self) -> bytes:
        """Return the log as a JSON array of objects with timestamp, level, event and the line's fields."""
        return orjson.dumps(self._entries(), option=orjson.OPT_NON_STR_KEYS, default=str)

    def _entries(self) -> list[dict[str, Any]]:
        if not self._dropped:
            return self._lines
        last = {"timestamp": self._lines[-1]["timestamp"], "level": "warning", "event": "Later lines were dropped."}
        return [*self._lines, {**last, "dropped": self._dropped}]


def _as_text(line: Mapping[str, Any]) -> str:
    pairs = " ".join(
        f"{key}={value if isinstance(value, str | int | float) else orjson.dumps(value, default=str).decode()}"
        for key, value in line.items()
        if key not in ("timestamp", "level", "event")
    )
    return f"{line['timestamp']} {line['level']:<7} {line['event']}{' ' if pairs else ''}{pairs}"
