"""A list of lines that costs the same with ten rows as with a hundred thousand.

Owns: drawing only the lines in sight, the cursor, following the end, finding and filtering,
and the mouse. Must not: know what a row is; a subclass says how one is drawn.

``index`` is always a place in ``rows``. While a filter hides some of them, a line on screen is
a row or a gap; ``_view`` says which.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import islice
from operator import is_
from typing import Any, ClassVar, Generic, TypeVar
from weakref import WeakKeyDictionary

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from skyvern_tui.core.find import Finder, Gathered
from skyvern_tui.core.text import inert, plural
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Mark, Span, marked
from skyvern_tui.tui.themes import TONE_CSS
from skyvern_tui.tui.widgets.searching import Found, Searchable, Sought

R = TypeVar("R")
_WHOLE = 1000
"""Cells a row may take when its whole text is looked through."""
_TONE_STYLES: WeakKeyDictionary[App[Any], tuple[object, dict[tuple[type, str], Style]]] = WeakKeyDictionary()
"""The colours they were made with, and styles by kind of widget and tone.

As component classes each widget would have a dozen styles of its own, worked out anew whenever anything about it
changes: that was half of the time a screen took to open."""


class TonedView(ScrollView):
    """A line-drawn widget whose text has tones."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"mark--hit", "mark--here"}
    DEFAULT_CSS = f"""
    TonedView {{
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
        {TONE_CSS}
        & > .mark--hit {{ background: $warning 35%; text-style: underline; }}
        & > .mark--here {{ color: $background; background: $warning; text-style: bold; }}
    }}
    """

    def toned(self, spans: Iterable[Span], width: int, base: Style, marks: Sequence[Mark] = ()) -> Strip:
        """Draw spans on ``base``, cut or extended to ``width`` cells; ``marks`` are ``hit``, ``here`` or ``selected``.

        Who makes spans sees to it that they are plain characters; what was forgotten is seen to here.
        """
        segments = (
            [
                Segment(inert(text), base + self.tone_style(tone) + self._mark_style(mark))
                for text, tone, mark in marked(spans, marks)
            ]
            if marks
            else [Segment(inert(text), base + self.tone_style(tone)) for text, tone in spans]
        )
        return Strip(segments).adjust_cell_length(width, base)

    def _mark_style(self, mark: str) -> Style:
        if not mark:
            return Style.null()
        if mark == "selected":
            return self.screen.get_component_rich_style("screen--selection")
        style = self.get_component_rich_style(f"mark--{mark}")
        return style if mark == "here" else Style(bgcolor=style.bgcolor, underline=True)

    def tone_style(self, tone: str) -> Style:
        """Return the style of a tone, without a background."""
        colours = self.app.stylesheet._variables  # noqa: SLF001 - another object whenever any of them changed
        kept = _TONE_STYLES.get(self.app)
        if kept is None or kept[0] is not colours:
            kept = _TONE_STYLES[self.app] = (colours, {})
        key = (type(self), tone)
        if key not in kept[1]:
            node = DOMNode(classes=f"tone--{tone}")
            node._attach(self)  # noqa: SLF001 - as Textual makes the styles of its component classes
            self.app.stylesheet.apply(node, animate=False)
            kept[1][key] = node.styles.partial_rich_style
        return kept[1][key]


class LineList(Searchable, TonedView, Generic[R], can_focus=True):
    """Rows of one line each, with a cursor. Subclasses say how a row (and a title line) is drawn.

    One that wants to be looked through with keys has ``BINDINGS = bindings(Scope.finding)``.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"line--cursor", "line--cursor-blurred"}
    DEFAULT_CSS = """
    LineList {
        height: 1fr;
        & > .line--cursor { background: $primary 18%; }
        & > .line--cursor-blurred { background: $foreground 6%; }
    }
    """
    BINDINGS = bindings(Scope.lists)

    class Moved(Message):
        """The cursor stands on another row (``row`` is None when there are no rows)."""

        def __init__(self, lines: LineList[Any], row: Any) -> None:
            super().__init__()
            self.lines = lines
            self.row = row

        @property
        def control(self) -> LineList[Any]:
            return self.lines

    class Chosen(Message):
        """A row was double-clicked."""

        def __init__(self, lines: LineList[Any], row: Any) -> None:
            super().__init__()
            self.lines = lines
            self.row = row

        @property
        def control(self) -> LineList[Any]:
            return self.lines

    def __init__(self, *, id: str | None = None, has_header: bool = False, follow: bool = False) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.rows: Sequence[R] = ()
        self.index = 0
        """Row the cursor is on."""
        self.follow = follow
        """Whether new rows at the end take the cursor along while it is on the last one."""
        self._top = 1 if has_header else 0
        self._strips: dict[tuple[int, int, int], Strip] = {}
        self._view: Gathered | None = None
        """What the lines on screen are while a filter hides some rows."""
        self._places: list[int] = []
        """Rows that have what is looked for."""
        self._origin = 0

    def spans(self, row: R, width: int) -> Iterable[Span]:
        """Return the pieces of a row's line; they may be shorter or longer than ``width`` cells."""
        raise NotImplementedError

    def header(self, width: int) -> Iterable[Span]:  # noqa: ARG002 - for those that have one
        """Return the pieces of the title line."""
        return ()

    def text_of(self, row: R) -> str:
        """Return what of a row is looked through; the whole line unless a subclass knows better."""
        return "".join(text for text, _ in self.spans(row, _WHOLE))

    def key_of(self, row: R) -> object:
        """Return what the row is about, so that the cursor stays on it while rows come and go."""
        return row

    @property
    def row(self) -> R | None:
        """The row under the cursor."""
        return self.rows[self.index] if 0 <= self.index < len(self.rows) else None

    @property
    def at_end(self) -> bool:
        """True while the last row is in sight and has the cursor: then new rows are followed."""
        # A banner that comes or goes moves the end by a line before this list is told; and before the first layout
        # there is no telling.
        near = not self.size or self.scroll_offset.y >= self.max_scroll_y - 1
        return self.index >= len(self.rows) - 1 and near

    def set_rows(self, rows: Sequence[R]) -> None:
        """Show other rows. The cursor stays on its row, or goes along with the end."""
        before, following = self.rows, self.follow and self.at_end
        grown = len(before) <= len(rows) and all(map(is_, before, rows))
        row = self.row
        self.rows = rows
        if following:
            self.index = max(0, len(rows) - 1)
        elif not grown and row is not None:
            self.index = self._place_of(row)
        if self.sought is not None:
            self._sift(self.sought, since=len(before) if grown else 0)
            self.redraw()
            self.tell_found()
        elif grown:
            self.refresh_lines(len(before) + self._top, len(rows) - len(before))
        else:
            self.redraw()
        self._set_height()
        if following:
            self.scroll_end(animate=False, immediate=True, force=True, x_axis=False)
        if self.row is not row:
            self.post_message(self.Moved(self, self.row))

    def _place_of(self, row: R) -> int:
        key = self.key_of(row)
        places = range(len(self.rows))
        # Rows move little: the neighbourhood is looked at first.
        for place in sorted(places[max(0, self.index - 50) : self.index + 50], key=lambda p: abs(p - self.index)):
            if self.key_of(self.rows[place]) == key:
                return place
        return next((p for p in places if self.key_of(self.rows[p]) == key), min(self.index, max(0, len(places) - 1)))

    def redraw(self) -> None:
        """Forget what was drawn and draw again: for colours, sizes and times that changed."""
        self._strips.clear()
        self.refresh()

    def _set_height(self) -> None:
        self.virtual_size = Size(1, (len(self.rows) if self._view is None else len(self._view)) + self._top)

    def _line_of(self, index: int) -> int:
        """Return the line a row is on; the nearest one if a filter hides it."""
        return index if self._view is None else self._view.line_of(index)

    def _row_at(self, line: int, *, way: int = 1) -> int | None:
        """Return the place of the row on a line; on a gap, that of the next row in a direction."""
        if self._view is None:
            return line if 0 <= line < len(self.rows) else None
        return self._view.number_at(line, way=way)

    def _move_by(self, lines: int) -> None:
        if self._view is None:
            self.move_to(self.index + lines)
            return
        place = self._row_at(self._line_of(self.index) + lines, way=1 if lines > 0 else -1)
        if place is not None:
            self.move_to(place)

    def move_to(self, index: int, *, scroll: bool = True) -> None:
        """Put the cursor on a row and bring it into sight."""
        index = max(0, min(index, len(self.rows) - 1))
        moved, self.index = index != self.index, index
        if scroll and self.rows:
            line = self._line_of(index)
            # With a title line the row above has to be in sight, for the title covers the topmost line.
            self.scroll_to_region(Region(0, line, 1, 1 + self._top), animate=False, force=True, immediate=True)
        if moved:
            self.refresh()
            self.post_message(self.Moved(self, self.row))

    def render_line(self, y: int) -> Strip:
        """Draw one line of what is in sight."""
        width = self.scrollable_content_region.width
        base = self.rich_style
        if y < self._top:
            return self.toned(self.header(width), width, base)
        index = self.scroll_offset.y + y - self._top
        if self._view is not None:
            if index >= len(self._view):
                return Strip.blank(width, base)
            shown = self._view[index]
            if shown.number is None:
                return self.toned([(f"   ⋯ {plural(shown.hidden, 'line')} hidden", "quiet")], width, base)
            index = shown.number
        if index >= len(self.rows):
            return Strip.blank(width, base)
        look = 0 if index != self.index else 2 if self.has_focus else 1
        key = (index, width, look)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) > 1000:  # noqa: PLR2004 - several screens full
                self._strips.clear()
            if look:
                base = self.get_component_rich_style("line--cursor" if look > 1 else "line--cursor-blurred")
            spans = list(self.spans(self.rows[index], width))
            strip = self._strips[key] = self.toned(spans, width, base, self._marks(spans, index))
        return strip

    def _marks(self, spans: Sequence[Span], index: int) -> list[Mark]:
        if self.sought is None:
            return []
        name = "here" if index == self.index else "hit"
        return [(start, end, name) for start, end in self.sought.finder.spans("".join(text for text, _ in spans))]

    @property
    def found(self) -> Found:
        at = bisect_left(self._places, self.index)
        here = at < len(self._places) and self._places[at] == self.index
        return Found(at + 1 if here else 0, len(self._places))

    def begin(self) -> None:
        self._origin = self.index

    def seek(self, sought: Sought | None) -> None:
        self.sought = sought
        if sought is None:
            self._places, self._view = [], None
        else:
            self._sift(sought)
        self._set_height()
        self.redraw()
        if self._places:
            self.move_to(self._places[bisect_left(self._places, self._origin) % len(self._places)])
        elif self.rows:
            self.move_to(self.index)

    def step(self, *, forward: bool) -> None:
        if self._places:
            at = bisect_right(self._places, self.index) if forward else bisect_left(self._places, self.index) - 1
            self.move_to(self._places[at % len(self._places)])

    def matches(self, finder: Finder, since: int) -> list[int]:
        """Return the places of the rows from ``since`` on that have what is looked for."""
        return finder.places(map(self.text_of, islice(self.rows, since, None)), since)

    def _sift(self, sought: Sought, *, since: int = 0) -> None:
        """Find the rows that match, and hide the others if asked to."""
        self._places = [place for place in self._places if place < since] + self.matches(sought.finder, since)
        self._view = Gathered(self._places, len(self.rows), sought.context) if sought.filtering else None

    def notify_style_update(self) -> None:
        """Colours changed."""
        super().notify_style_update()
        self._strips.clear()

    def on_resize(self) -> None:
        """Keep the cursor in sight, and the end if it was followed."""
        if self.rows:
            self.move_to(self.index)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        index = self._row_at(self.scroll_offset.y + event.y - self._top)
        if event.y >= self._top and index is not None:
            self.move_to(index, scroll=False)
            if event.chain > 1:
                self.post_message(self.Chosen(self, self.row))

    def _page(self) -> int:
        return max(1, self.scrollable_content_region.height - self._top - 1)

    def action_cursor_down(self) -> None:
        self._move_by(1)

    def action_cursor_up(self) -> None:
        self._move_by(-1)

    def action_page_down(self) -> None:
        self._move_by(self._page())

    def action_page_up(self) -> None:
        self._move_by(-self._page())

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(len(self.rows) - 1)
        self.scroll_end(animate=False, immediate=True, force=True, x_axis=False)
