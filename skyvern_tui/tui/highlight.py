"""Which part of a line has which tone.

Owns: turning safe lines of JSON, HTML or logs into toned pieces. Must not: read files or
know widths. HTML is lexed as a whole and therefore bounded; JSON and logs line by line,
when a line comes into sight.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from skyvern_tui.tui.drawing import Span

Painter = Callable[[int], Sequence[Span]]
"""Given the number of a line, its toned pieces."""

MAX_LEXED: Final = 300_000
"""Characters that are lexed; longer sources are shown in one tone."""

_JSON_LINE: Final = re.compile(r'(\s*)("(?:[^"\\]|\\.)*"(?=:))?(:\s)?("(?:[^"\\]|\\.)*"?|[^\s,{}\[\]]+)?(.*)')
_LEVEL_TONES: Final = {"error": "bad", "warning": "warn", "info": "plain", "debug": "quiet"}


def painter(lines: Sequence[str], language: str) -> Painter:
    """Return what paints these lines. May take a moment for long HTML: call it off the event loop."""
    if language == "json":
        return lambda number: json_spans(lines[number])
    if language == "log":
        from skyvern_tui.core.previews.logs import log_level  # noqa: PLC0415 - only logs need it

        return lambda number: [(lines[number], _LEVEL_TONES.get(log_level(lines[number]), "plain"))]
    if language == "html" and sum(map(len, lines)) <= MAX_LEXED:
        painted = _lexed(lines)
        return lambda number: painted[number]
    return lambda number: [(lines[number], "plain")]


def json_spans(line: str) -> list[Span]:
    """Return the pieces of one line of laid-out JSON."""
    found = _JSON_LINE.fullmatch(line)
    if found is None:
        return [(line, "plain")]
    indent, key, colon, value, rest = (part or "" for part in found.groups())
    tone = "string" if value.startswith('"') else "number"
    pieces = ((indent, "plain"), (key, "key"), (colon, "quiet"), (value, tone), (rest, "quiet"))
    return [piece for piece in pieces if piece[0]]


def _lexed(lines: Sequence[str]) -> list[list[Span]]:
    # Imported here: Pygments is only needed once a page source is looked at.
    from pygments.lexers.html import HtmlLexer  # type: ignore[import-untyped]  # noqa: PLC0415 - it has no types
    from pygments.token import (  # type: ignore[import-untyped]  # noqa: PLC0415 - as above
        Comment,
        Keyword,
        Name,
        Number,
        Punctuation,
        String,
    )

    tones = {
        Comment: "quiet",
        Name.Tag: "key",
        Name.Attribute: "thought",
        String: "string",
        Number: "number",
        Keyword: "key",
        Punctuation: "quiet",
    }

    def tone_of(token: Any) -> str:
        return next((tone for kind, tone in tones.items() if token in kind), "plain")

    painted: list[list[Span]] = [[] for _ in lines]
    number = 0
    lexer = HtmlLexer(stripnl=False, ensurenl=False)
    for token, text in lexer.get_tokens("\n".join(lines)):
        tone = tone_of(token)
        for place, piece in enumerate(text.split("\n")):
            number += place > 0
            if piece and number < len(painted):
                painted[number].append((piece, tone))
    return painted
