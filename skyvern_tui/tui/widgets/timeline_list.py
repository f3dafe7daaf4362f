"""The timeline of a run, one line per event.

Owns: how a row is drawn. Must not: word it; rows come worded from the core.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from rich.cells import cell_len

from skyvern_tui.core.clock import Clock
from skyvern_tui.core.journal import EventKind
from skyvern_tui.core.rows import Row, Tone
from skyvern_tui.core.text import duration_words
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.themes import status_look
from skyvern_tui.tui.widgets.lines import LineList

_TIME: Final = 8
_TOOK: Final = 8
_HEAD: Final = 15
"""Cells from the left edge of a row's words to its text, so that texts of all depths align: "select option" in a block
has room."""
_NARROW: Final = 60
_DEEPEST: Final = 12
"""Levels that are indented: of what is deeper the words matter more."""
_GLYPHS: Final = {
    EventKind.thought: "◇",
    EventKind.output_ready: "◆",
    EventKind.outage_began: "▲",
    EventKind.artifact: "▫",
}


class TimelineList(LineList[Row]):
    """Rows of a timeline; follows its end unless one looks at something earlier."""

    BINDINGS: ClassVar = bindings(Scope.finding)

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, follow=True)
        self._clock = clock

    def key_of(self, row: Row) -> object:
        return row.key

    def text_of(self, row: Row) -> str:
        return f"{row.head} {row.text}"  # drawing ten thousand rows takes too long for a key

    def spans(self, row: Row, width: int) -> Iterable[Span]:
        glyph, tone = self._glyph(row)
        indent = "  " * min(row.depth, _DEEPEST)
        yield f" {self._clock.local(row.at):%H:%M:%S} {indent}{'▸' if row.folded else ' '}", "quiet"
        yield f"{glyph} ", tone
        used = 1 + _TIME + 2 + len(indent) + 2
        took = "" if row.duration is None or width < _NARROW else duration_words(row.duration)
        head = fit(row.head, max(_HEAD - len(indent), cell_len(row.head))) + " "
        yield head, self._head_tone(row, tone)
        more = f" +{row.folded}" if row.folded else ""
        room = width - used - cell_len(head) - len(more) - (_TOOK + 3 if took else 1)
        yield fit(row.text, room), self._text_tone(row)
        if more:
            yield more, "quiet"
        if took:
            yield "  " + fit(took, _TOOK, right=True), "quiet"

    def _glyph(self, row: Row) -> Span:
        if row.event.kind in _GLYPHS:
            return _GLYPHS[row.event.kind], row.tone.value
        if row.event.kind is EventKind.status:
            return "·", "quiet"
        return status_look(row.status)

    def _head_tone(self, row: Row, tone: str) -> str:
        if row.event.kind in {EventKind.status, EventKind.ended} or tone in {"bad", "warn", "thought", "busy"}:
            return tone
        return "strong" if row.depth == 0 else "plain"

    def _text_tone(self, row: Row) -> str:
        if row.tone in {Tone.bad, Tone.warn}:
            return row.tone.value
        if row.event.kind is EventKind.output_ready:
            return "good"
        return "plain" if row.depth == 0 and row.tone is not Tone.thought else "quiet"
