"""Text to read: long, wrapped, highlighted, scrolled by keys.

Owns: wrapping safe lines to the width, drawing those in sight, finding and filtering. Must
not: make text safe (it is given safe lines) or decide what is highlighted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.cells import chop_cells
from textual.geometry import Region, Size
from textual.selection import Selection
from textual.strip import Strip

from skyvern_tui.core.find import MAX_HITS, Hit, Shown, gathered
from skyvern_tui.core.text import plural
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Mark, Span
from skyvern_tui.tui.highlight import Painter
from skyvern_tui.tui.widgets.lines import TonedView
from skyvern_tui.tui.widgets.searching import Found, Searchable, Sought

_GAP = -1
"""Stands for the number of a line where lines are hidden."""


class TextView(Searchable, TonedView, can_focus=True):
    """Read-only text. Give it lines and a painter with :meth:`show`."""

    DEFAULT_CSS = """
    TextView { height: 1fr; padding: 0 1; }
    """
    BINDINGS: ClassVar = bindings(Scope.text, Scope.finding)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.lines: Sequence[str] = ()
        self._painter: Painter | None = None
        self._wrapped: list[tuple[int, int, int]] = []
        """For each line on screen: line of the text, first and last character of it; or a gap and how many it hides."""
        self._width = 0
        self._hits: list[Hit] = []
        self._first: dict[int, int] = {}
        """Place in the hits of the first one of each line."""
        self._here = -1
        self._origin = 0

    def show(self, lines: Sequence[str], painter: Painter | None = None) -> None:
        """Show other text from its top. Without a painter it has the plain tone."""
        if lines == self.lines and painter is None:
            return
        self.lines, self._painter = lines, painter
        self._origin, self._here = 0, -1
        self._look()
        self._wrap()
        self.tell_found()
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
        for shown in self._shown_lines():
            number = shown.number
            if number is None:
                wrapped.append((_GAP, shown.hidden, 0))
                continue
            wrapped += [(number, start, end) for start, end in _pieces(self.lines[number], width)]
        self._wrapped = wrapped
        self.virtual_size = Size(1, len(wrapped))
        self.refresh()

    def _shown_lines(self) -> Sequence[Shown]:
        if self.sought is None or not self.sought.filtering:
            return [Shown(number) for number in range(len(self.lines))]
        return gathered([number in self._first for number in range(len(self.lines))], self.sought.context)

    @property
    def line(self) -> int | None:
        """Number of the line with the place found; None while nothing is looked for."""
        return self._hits[self._here].line if 0 <= self._here < len(self._hits) else None

    def reveal(self, number: int) -> None:
        """Scroll until a line of the text is on top."""
        y = next((y for y, (line, _, _) in enumerate(self._wrapped) if line >= number), 0)
        self.scroll_to(y=y, animate=False, force=True, immediate=True)

    @property
    def top(self) -> int:
        """Number of the line of the text that is on top."""
        shown = self._wrapped[min(self.scroll_offset.y, len(self._wrapped) - 1)] if self._wrapped else (0, 0, 0)
        return max(0, shown[0])

    @property
    def found(self) -> Found:
        return Found(self._here + 1, len(self._hits), len(self._hits) < MAX_HITS)

    def begin(self) -> None:
        self._origin = self._hits[self._here].line if self._here >= 0 else self.top

    def seek(self, sought: Sought | None) -> None:
        was_filtering = self.sought is not None and self.sought.filtering
        top, self.sought = self.top, sought
        self._look()
        if was_filtering or (sought is not None and sought.filtering):
            self._wrap()
        if self._hits:
            self._go(bisect_left(self._hits, self._origin, key=lambda hit: hit.line) % len(self._hits))
        else:
            self._here = -1
            self._reveal(top, 0)
        self.refresh()

    def _look(self) -> None:
        self._hits = self.sought.finder.hits(self.lines) if self.sought is not None else []
        self._first = {}
        for place, hit in enumerate(self._hits):
            self._first.setdefault(hit.line, place)
        self._here = min(self._here, len(self._hits) - 1)

    def step(self, *, forward: bool) -> None:
        if self._hits:
            self._go((self._here + (1 if forward else -1)) % len(self._hits) if self._here >= 0 else 0)

    def _go(self, place: int) -> None:
        self._here = place
        hit = self._hits[place]
        self._reveal(hit.line, hit.start)
        self.refresh()

    def _reveal(self, number: int, column: int) -> None:
        """Bring a place of the text into sight, with a little of what is around it."""
        for y, (line, start, end) in enumerate(self._wrapped):
            if line > number or (line == number and (column < end or start == end)):
                around = Region(0, max(0, y - 1), 1, 3)
                self.scroll_to_region(around, animate=False, force=True, immediate=True)
                return

    def _marks(self, number: int, start: int, end: int) -> list[Mark]:
        """Return the marks between two characters of a line, counted from the first."""
        marks: list[Mark] = []
        place = self._first.get(number)
        while place is not None and place < len(self._hits) and self._hits[place].line == number:
            hit = self._hits[place]
            if hit.start >= end:
                break
            if hit.end > start:
                name = "here" if place == self._here else "hit"
                marks.append((max(0, hit.start - start), hit.end - start, name))
            place += 1
        return marks

    def render_line(self, y: int) -> Strip:
        """Draw one line of what is in sight."""
        width, base = self.scrollable_content_region.width, self.rich_style
        index = self.scroll_offset.y + y
        if index >= len(self._wrapped):
            return Strip.blank(width, base)
        number, start, end = self._wrapped[index]
        if number == _GAP:
            return self.toned([(f"⋯ {plural(start, 'line')} hidden", "quiet")], width, base)
        spans = self._painter(number) if self._painter else [(self.lines[number], "plain")]
        marks = self._selected(index, end - start) or self._marks(number, start, end)
        # Where a character is, so that the mouse can select it.
        return self.toned(_slice(spans, start, end), width, base, marks).apply_offsets(0, index)

    def _selected(self, y: int, length: int) -> list[Mark]:
        selection = self.text_selection
        span = None if selection is None else selection.get_span(y)
        if span is None:
            return []
        first, last = span
        return [(first, length if last < 0 else min(last, length), "selected")]

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the text that the mouse selected; a line that is wrapped is one line."""
        text, before = "", None
        for y, (number, start, end) in enumerate(self._wrapped):
            span = selection.get_span(y)
            if span is None or number == _GAP:
                continue
            first, last = span
            piece = self.lines[number][start:end][first : None if last < 0 else last]
            text += piece if before in {None, number} else f"\n{piece}"
            before = number
        return text, "\n"


def _pieces(line: str, width: int) -> Iterator[tuple[int, int]]:
    """Return where the pieces of a line begin and end: cut after a space, unless that is far to the left."""
    start = 0
    while True:
        room = line[start : start + width]
        end = start + (len(room) if room.isascii() else max(1, len(chop_cells(room, width)[0])))
        if end >= len(line):
            yield start, end
            return
        space = line.rfind(" ", start + (end - start) // 2, end + 1)
        if space >= 0:
            end = space + 1
        yield start, end
        start = end


def _slice(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """Return the pieces between two characters of a line."""
    cut, place = [], 0
    for text, tone in spans:
        piece = text[max(0, start - place) : max(0, end - place)]
        if piece:
            cut.append((piece, tone))
        place += len(text)
    return cut
