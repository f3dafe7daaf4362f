"""Text to read: long, wrapped, highlighted, scrolled by keys.

Owns: wrapping safe lines to the width and drawing those in sight. Must not: make text safe
(it is given safe lines) or decide what is highlighted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import chop_cells
from textual.geometry import Size
from textual.strip import Strip

from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span
from skyvern_tui.tui.highlight import Painter
from skyvern_tui.tui.widgets.lines import TonedView


class TextView(TonedView, can_focus=True):
    """Read-only text. Give it lines and a painter with :meth:`show`."""

    DEFAULT_CSS = """
    TextView { height: 1fr; padding: 0 1; }
    """
    BINDINGS: ClassVar = bindings(Scope.text)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.lines: Sequence[str] = ()
        self._painter: Painter | None = None
        self._wrapped: list[tuple[int, int, int]] = []
        """For each line on screen: line of the text, first and last character of it."""
        self._width = 0

    def show(self, lines: Sequence[str], painter: Painter | None = None) -> None:
        """Show other text from its top. Without a painter it has the plain tone."""
        if lines == self.lines and painter is None:
            return
        self.lines, self._painter = lines, painter
        self._wrap()
        self.scroll_home(animate=False, immediate=True)
        self.refresh()

    def on_resize(self) -> None:
        if self.scrollable_content_region.width != self._width:
            self._wrap()

    def _wrap(self) -> None:
        width = self._width = self.scrollable_content_region.width
        wrapped: list[tuple[int, int, int]] = []
        if width <= 0:  # not laid out yet: wrapped once the size is known
            self._wrapped, self._width = wrapped, 0
            return
        for number, line in enumerate(self.lines):
            if line.isascii():
                wrapped += [(number, start, start + width) for start in range(0, max(len(line), 1), width)]
                continue
            start = 0
            for piece in chop_cells(line, width):
                wrapped.append((number, start, start + len(piece)))
                start += len(piece)
        self._wrapped = wrapped
        self.virtual_size = Size(1, len(wrapped))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of what is in sight."""
        width, base = self.scrollable_content_region.width, self.rich_style
        index = self.scroll_offset.y + y
        if index >= len(self._wrapped):
            return Strip.blank(width, base)
        number, start, end = self._wrapped[index]
        spans = self._painter(number) if self._painter else [(self.lines[number], "plain")]
        return self.toned(_slice(spans, start, end), width, base)


def _slice(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """Return the pieces between two characters of a line."""
    cut, place = [], 0
    for text, tone in spans:
        piece = text[max(0, start - place) : max(0, end - place)]
        if piece:
            cut.append((piece, tone))
        place += len(text)
    return cut
