"""Where in a TOML text things stand, and changing one value without touching the rest.

Owns: the lines of each setting, and the text after one was set or taken out; comments and
order stay. Must not: know what settings mean, or read TOML by itself: what a line says is
what ``tomllib`` says it says.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Path = tuple[str, ...]
_LONGEST: Final = 500
"""Lines one value may have; beyond that a text is taken for one that never closes its brackets."""
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Statement:
    """A table's head or a key with its value, on lines ``first`` to ``last``, from 1. ``table`` is what it is in."""

    first: int
    last: int
    table: Path
    value: Mapping[str, Any] | None
    """What it says, from the table on; None for a head."""


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a text in their order. A line that is none is passed over."""
    lines = _lines(text)
    table: Path = ()
    at = 0
    while at < len(lines):
        end, value = _statement(lines, at)
        if value:
            if lines[at].lstrip().startswith("["):
                table = next(_leaves(value))
                yield Statement(at + 1, end, table, None)
            else:
                yield Statement(at + 1, end, table, value)
        at = end


def _lines(text: str) -> list[str]:
    """Return the lines as TOML has them: other characters that end lines elsewhere may stand in its texts."""
    return text.removesuffix("\n").split("\n") if text else []


def _statement(lines: list[str], at: int) -> tuple[int, dict[str, Any]]:
    """Return the line after the statement that begins ``at``, and what it says; nothing for what cannot be read."""
    if "=" in lines[at] or lines[at].lstrip().startswith("["):
        for end in range(at + 1, min(len(lines), at + _LONGEST) + 1):
            try:
                return end, tomllib.loads("\n".join(lines[at:end]))
            except tomllib.TOMLDecodeError:
                continue
    return at + 1, {}


def _leaves(value: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the way to everything that is no table, or to an empty one."""
    for name, inner in value.items():
        if isinstance(inner, list) and len(inner) == 1 and inner[0] == {}:
            yield (name,)  # the head of an array of tables
        elif isinstance(inner, dict) and inner:
            yield from ((name, *rest) for rest in _leaves(inner))
        else:
            yield (name,)


def lines_of(text: str) -> dict[Path, int]:
    """Return the line each setting and table begins on, from 1."""
    found: dict[Path, int] = {}
    for statement in statements(text):
        ways = [statement.table] if statement.value is None else map(statement.table.__add__, _leaves(statement.value))
        for way in ways:
            for depth in range(1, len(way) + 1):
                found.setdefault(way[:depth], statement.first)
            if statement.value is not None:
                found[way] = statement.first
    return found


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """Return the line of a setting, or of the nearest thing around it that has one."""
    return next((lines[path[:depth]] for depth in range(len(path), 0, -1) if path[:depth] in lines), None)


def changed(text: str, path: Path, value: Any | None) -> str:
    """Return the text with the setting at ``path`` set, or taken out if ``value`` is None; all else as it was.

    Raises ValueError if that cannot be done: the setting is inside an inline table, or would hide another.
    """
    lines = _lines(text)
    found = _place(text, path)
    if value is None:
        if found is None:
            raise ValueError("it is not in the file")
        lines[found.first - 1 : found.last] = []
    elif found is not None:
        written = ".".join(map(key_text, path[len(found.table) :]))
        lines[found.first - 1 : found.last] = [f"{written} = {value_text(value)}"]
    else:
        _insert(lines, text, path, value)
    result = "\n".join(lines) + "\n"
    if tomllib.loads(result) != _intended(tomllib.loads(text), path, value):
        raise ValueError("the file writes it in a way that has to be changed by hand")
    return result


def _place(text: str, path: Path) -> Statement | None:
    """Return the statement that sets just this."""
    for statement in statements(text):
        if statement.value is not None:
            rest = path[len(statement.table) :]
            inner: Any = statement.value
            for name in rest:
                inner = inner.get(name) if isinstance(inner, dict) and len(inner) == 1 else None
            if path[: len(statement.table)] == statement.table and rest and inner is not None:
                return statement
    return None


def _insert(lines: list[str], text: str, path: Path, value: Any) -> None:
    *table, name = path
    line = f"{key_text(name)} = {value_text(value)}"
    inside = [s for s in statements(text) if s.table == tuple(table)]
    if inside:
        lines.insert(inside[-1].last, line)
    elif table:
        lines += [*([""] if lines else []), f"[{'.'.join(map(key_text, table))}]", line]
    else:
        # At its own comment, else on top: below a head, even one that is commented out, it would be in that table.
        own = re.compile(rf"#\s*{re.escape(key_text(name))}\s*=")
        at = next((n for n, found in enumerate(lines) if own.match(found)), -1)
        lines.insert(at + 1, line)


def _intended(before: dict[str, Any], path: Path, value: Any | None) -> dict[str, Any]:
    after = dict(before)
    name, *rest = path
    if rest:
        inner = after.get(name, {})
        if not isinstance(inner, dict):
            raise ValueError(f"{name} is set to something else")
        after[name] = _intended(inner, tuple(rest), value)
    elif value is None:
        after.pop(name, None)
    else:
        after[name] = value
    return after


def key_text(name: str) -> str:
    """Return a name as TOML writes it."""
    return name if _BARE.fullmatch(name) else value_text(name)


def value_text(value: Any) -> str:
    """Return a text, number, flag or list of these as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(value_text, value))}]"
    # What JSON escapes of a text, TOML escapes in the same way, but for DEL, which JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
