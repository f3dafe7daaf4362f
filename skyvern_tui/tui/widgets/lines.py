"""A list of lines that costs the same with ten rows as with a hundred thousand.

Owns: drawing only the lines in sight, the cursor, following the end, and the mouse. Must
not: know what a row is; a subclass says how one is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import is_
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span
from skyvern_tui.tui.themes import TONE_CSS, TONES

R = TypeVar("R")


class TonedView(ScrollView):
    """A line-drawn widget whose text has tones."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{tone}" for tone in TONES}
    DEFAULT_CSS = f"""
    TonedView {{
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
        {TONE_CSS}
    }}
    """

    def toned(self, spans: Iterable[Span], width: int, base: Style) -> Strip:
        """Draw spans on ``base``, cut or extended to ``width`` cells."""
        segments = [Segment(text, base + self.tone_style(tone)) for text, tone in spans]
        return Strip(segments).adjust_cell_length(width, base)

    def tone_style(self, tone: str) -> Style:
        """Return the style of a tone, without a background."""
        return self.get_component_rich_style(f"tone--{tone}", partial=True)


class LineList(TonedView, Generic[R], can_focus=True):
    """Rows of one line each, with a cursor. Subclasses say how a row (and a title line) is drawn."""

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

    def spans(self, row: R, width: int) -> Iterable[Span]:
        """Return the pieces of a row's line; they may be shorter or longer than ``width`` cells."""
        raise NotImplementedError

    def header(self, width: int) -> Iterable[Span]:  # noqa: ARG002 - for those that have one
        """Return the pieces of the title line."""
        return ()

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
        if grown:
            self.refresh_lines(len(before) + self._top, len(rows) - len(before))
        else:
            self.redraw()
        self.virtual_size = Size(1, len(rows) + self._top)
        if following:
            self.scroll_end(animate=False, immediate=True, x_axis=False)
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

    def move_to(self, index: int, *, scroll: bool = True) -> None:
        """Put the cursor on a row and bring it into sight."""
        index = max(0, min(index, len(self.rows) - 1))
        moved, self.index = index != self.index, index
        if scroll and self.rows:
            # With a title line the row above has to be in sight, for the title covers the topmost line.
            self.scroll_to_region(Region(0, index, 1, 1 + self._top), animate=False, force=True, immediate=True)
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
            strip = self._strips[key] = self.toned(self.spans(self.rows[index], width), width, base)
        return strip

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
        index = self.scroll_offset.y + event.y - self._top
        if event.y >= self._top and index < len(self.rows):
            self.move_to(index, scroll=False)
            if event.chain > 1:
                self.post_message(self.Chosen(self, self.row))

    def _page(self) -> int:
        return max(1, self.scrollable_content_region.height - self._top - 1)

    def action_cursor_down(self) -> None:
        self.move_to(self.index + 1)

    def action_cursor_up(self) -> None:
        self.move_to(self.index - 1)

    def action_page_down(self) -> None:
        self.move_to(self.index + self._page())

    def action_page_up(self) -> None:
        self.move_to(self.index - self._page())

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(len(self.rows) - 1)
        self.scroll_end(animate=False, immediate=True, x_axis=False)
