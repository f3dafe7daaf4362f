"""JSON laid out as lines, however large or deep it is.

Owns: the indented form shown for outputs, requests and JSON artifacts, with a bound on
depth, lines and line length. Must not: colour anything.

The standard encoder has no bounds: a few kilobytes of brackets indent to gigabytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from skyvern_tui.core.text import inert, shorten

MAX_DEPTH: Final = 40
MAX_LINES: Final = 5000
MAX_LINE: Final = 2000
"""Characters of one line."""
_INDENT: Final = "  "


def json_lines(value: Any, *, max_lines: int = MAX_LINES) -> tuple[list[str], bool]:
    """Lay out a JSON value. Returns safe lines and whether all of it is there."""
    lines: list[str] = []
    for line in _layout(value, 0, "", ""):
        if len(lines) == max_lines:
            return lines, False
        lines.append(shorten(inert(line), MAX_LINE))
    return lines, True


def scalar(value: Any) -> str:
    """Return one JSON value without children as JSON text."""
    if isinstance(value, str):
        return json.dumps(value[: MAX_LINE * 2], ensure_ascii=False)
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):  # an integer of more digits than Python converts
        return "…"


def _layout(value: Any, depth: int, lead: str, trail: str) -> Iterator[str]:
    """Yield the lines of ``value``; ``lead`` is the key before it, ``trail`` the comma after it."""
    pad = _INDENT * depth
    if not isinstance(value, (dict, list)) or not value:
        yield f"{pad}{lead}{scalar(value)}{trail}"
        return
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    if depth >= MAX_DEPTH:
        yield f"{pad}{lead}{opening} … {closing}{trail}"
        return
    yield f"{pad}{lead}{opening}"
    last = len(value) - 1
    items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for place, (key, item) in enumerate(items):
        before = "" if key is None else f"{scalar(key)}: "
        yield from _layout(item, depth + 1, before, "" if place == last else ",")
    yield f"{pad}{closing}{trail}"
