"""Which runs to show: words and conditions as typed.

Owns: reading such a text and judging a run by it. Must not: know which runs there are.

::

    invoice status:failed        the word, and runs that failed
    status:live  status:bad      created, queued, running, paused;  failed, terminated, timed_out
    engine:cua  type:workflow    part of the name is enough
    age:<2h  took:>5m  steps:>10 younger than two hours, longer than five minutes, more than ten steps
    cost:>5  note:urgent         cost more than five; a word of the note
    -invoice  -status:failed     not these
    "two words"                  as they stand
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skyvern_tui.core.runs import RunLine

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_BAD: Final = frozenset({"failed", "terminated", "timed_out"})
_COMPARED: Final = re.compile(r"([<>])\s*(\d+(?:\.\d+)?)([smhdw]?)")
PRESETS: Final = ("", "status:live", "status:bad", "status:completed")
"""Filters worth a key."""

Judge = Callable[[RunLine, datetime], bool]


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Conditions that all have to hold; ``fault`` says what of the text could not be read."""

    judges: tuple[Judge, ...] = ()
    fault: str = ""

    def keeps(self, line: RunLine, now: datetime) -> bool:
        """Tell whether a run is to be shown."""
        return all(judge(line, now) for judge in self.judges)


def read_filter(text: str) -> RunFilter:
    """Read a filter as typed. What can't be read is left out and told, so that typing never empties the list."""
    judges: list[Judge] = []
    fault = ""
    for token in _tokens(text):
        name, colon, value = token.removeprefix("-").partition(":")
        try:
            judge = (
                _CONDITIONS[name](value) if colon and value and name in _CONDITIONS else _words(token.removeprefix("-"))
            )
        except ValueError as error:
            fault = fault or str(error)
            continue
        judges.append(_not(judge) if token.startswith("-") and len(token) > 1 else judge)
    return RunFilter(tuple(judges), fault)


def _tokens(text: str) -> list[str]:
    try:
        return shlex.split(text.replace("'", "\\'"), posix=True)
    except ValueError:  # a quotation that is still being typed
        return text.replace('"', " ").split()


def _not(judge: Judge) -> Judge:
    return lambda line, now: not judge(line, now)


def _words(text: str) -> Judge:
    return lambda line, _now: line.matches_phrase(text)


def _status(value: str) -> Judge:
    wanted = tuple(part.casefold().replace(" ", "_") for part in value.split(",") if part)

    def judge(line: RunLine, _now: datetime) -> bool:
        for want in wanted:
            if want == "live" and not line.is_final:
                return True
            if want == "bad" and line.status in _BAD:
                return True
            if line.status.startswith(want):
                return True
        return False

    return judge


def _part_of(read: Callable[[RunLine], str]) -> Callable[[str], Judge]:
    def make(value: str) -> Judge:
        wanted = [part.casefold() for part in value.split(",") if part]
        return lambda line, _now: any(part in read(line).casefold() for part in wanted)

    return make


def _compared(name: str, read: Callable[[RunLine, datetime], float | None], *, unit: str) -> Callable[[str], Judge]:
    def make(value: str) -> Judge:
        found = _COMPARED.fullmatch(value)
        if found is None:
            raise ValueError(f"write {name}:<2h or {name}:>10m" if unit else f"write {name}:<5 or {name}:>5")
        sign, number, letter = found.groups()
        bound = float(number) * (_SECONDS[letter or unit] if unit else 1)

        def judge(line: RunLine, now: datetime) -> bool:
            have = read(line, now)
            return have is not None and (have < bound if sign == "<" else have > bound)

        return judge

    return make


_CONDITIONS: Final[dict[str, Callable[[str], Judge]]] = {
    "status": _status,
    "engine": _part_of(lambda line: line.engine),
    "type": _part_of(lambda line: line.type),
    "url": _part_of(lambda line: line.url),
    "id": _part_of(lambda line: line.id),
    "age": _compared("age", lambda line, now: (now - line.created_at).total_seconds(), unit="m"),
    "took": _compared("took", lambda line, now: line.took(now), unit="s"),
    "steps": _compared("steps", lambda line, _now: line.steps, unit=""),
    "cost": _compared("cost", lambda line, _now: line.cost, unit=""),
    "note": _part_of(lambda line: line.note),
}
