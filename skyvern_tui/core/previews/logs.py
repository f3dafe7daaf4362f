"""Logs as lines with a time and a level.

Owns: reading plain logs, JSON lines and lists of JSON records, what level a line has (a
traceback has the level of the line it follows), and keeping only what is grave enough.
Must not: colour.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from skyvern_tui.core.previews.bounds import MAX_ROWS, MAX_TEXT, cell
from skyvern_tui.core.text import inert, shorten

LEVELS: Final = ("debug", "info", "warning", "error")
"""From the least to the gravest."""
MAX_LINE: Final = 4000
_TIME: Final = re.compile(r"\s*\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)\]?\s*")
_TIMES: Final = ("timestamp", "time", "ts", "asctime", "created_at", "@timestamp")
_MESSAGES: Final = ("event", "message", "msg", "text")
_LEVEL_KEYS: Final = ("level", "levelname", "severity", "log_level")
_LONG: Final = 60
"""Characters of a time."""
_LEVEL: Final = re.compile(r"\b(CRITICAL|FATAL|ERROR|ERR|WARNING|WARN|INFO|DEBUG|TRACE)\b", re.IGNORECASE)
_NAMES: Final = {"critical": "error", "fatal": "error", "err": "error", "warn": "warning", "trace": "debug"}


def log_level(line: str) -> str:
    """Return ``error``, ``warning``, ``info`` or ``debug`` as a log line says; empty when it doesn't."""
    found = _LEVEL.search(line[:200])
    if found is None:
        return ""
    word = found[1].lower()
    return _NAMES.get(word, word)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. ``time`` is as it was written; ``level`` one of :data:`LEVELS`, or empty."""

    number: int
    time: str
    level: str
    text: str
    goes_on: bool = False
    """True for a line that belongs to the one before it: a traceback, a wrapped message."""


def read_log(data: bytes) -> tuple[list[LogLine], tuple[str, ...]]:
    """Read any bytes as a log. Returns lines of safe text, and what was left out."""
    text = data[:MAX_TEXT].decode("utf-8", errors="replace")
    notes: list[str] = ["the rest is left out"] if len(data) > MAX_TEXT else []
    records = _records(text)
    if records is None:
        lines, total = _of_text(text)
    else:
        total = len(records)
        last = enumerate(records[-MAX_ROWS:], max(0, total - MAX_ROWS))
        lines = [_of_record(number, record) for number, record in last]
    if total > len(lines):
        notes.append(f"last {len(lines)} of {total} lines")
    return lines, tuple(notes)


def at_least(lines: Sequence[LogLine], level: str) -> list[LogLine]:
    """Return the lines at least as grave as ``level``, with what belongs to them."""
    least = LEVELS.index(level) if level in LEVELS else 0
    return [line for line in lines if least == 0 or (line.level in LEVELS and LEVELS.index(line.level) >= least)]


def _records(text: str) -> list[Any] | None:
    """Return the records of a JSON log; None when it is none."""
    start = text.lstrip()[:1]
    if start not in {"[", "{"}:
        return None
    try:
        whole = json.loads(text)
        return whole if isinstance(whole, list) else [whole]
    except (ValueError, RecursionError):
        pass
    found: list[Any] = []
    for line in text.split("\n"):
        try:
            found += [json.loads(line)] if line.strip() else []
        except (ValueError, RecursionError):
            found.append(line)
    return found if sum(isinstance(item, dict) for item in found) * 2 > len(found) else None


def _of_record(number: int, record: Any) -> LogLine:
    if not isinstance(record, dict):
        text = record if isinstance(record, str) else json.dumps(record, ensure_ascii=False)
        return LogLine(number, "", log_level(text), cell(text, MAX_LINE))
    time = next((record[key] for key in _TIMES if record.get(key)), "")
    level = next((str(record[key]) for key in _LEVEL_KEYS if record.get(key)), "")
    said = next((key for key in _MESSAGES if isinstance(record.get(key), str)), "")
    known = {said, *_TIMES, *_LEVEL_KEYS}
    more = " ".join(f"{key}={_short(value)}" for key, value in record.items() if key not in known)
    text = f"{record.get(said, '')}  {more}".strip()
    return LogLine(number, cell(time, _LONG), log_level(level), shorten(inert(text[: MAX_LINE * 2]), MAX_LINE))


def _short(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "…"


def _of_text(text: str) -> tuple[list[LogLine], int]:
    """Return the last lines, and how many there are in all."""
    total = text.count("\n") + 1
    raws = text.rsplit("\n", MAX_ROWS)[-MAX_ROWS:]  # what comes before is not even looked at
    if not raws[-1].strip():
        raws.pop()
        total -= 1
    lines: list[LogLine] = []
    level = ""
    for number, raw in enumerate(raws, total - len(raws)):
        line = raw.removesuffix("\r")
        time = _TIME.match(line)
        own = log_level(line)
        goes_on = time is None and bool(lines) and (not own or line[:1].isspace())
        level = level if goes_on else own
        said = line[time.end() :] if time else line
        lines.append(LogLine(number, time[1] if time else "", level, _line(said), goes_on))
    return lines, total


def _line(text: str) -> str:
    if len(text) <= MAX_LINE:
        return inert(text)
    return f"{inert(text[:MAX_LINE])}… ({len(text) - MAX_LINE} more characters)"
