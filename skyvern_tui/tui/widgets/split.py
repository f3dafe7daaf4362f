"""Two panes with a border that can be dragged.

Owns: how the width is shared, zooming one pane, and leaving the second out where there is
no room. Must not: know what is in the panes, or where sizes are kept.
"""

from __future__ import annotations

from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import clamp
from textual.message import Message
from textual.widget import Widget

LEAST: Final = 15
MOST: Final = 80
"""Percent of the width that the second pane may take."""


class Divider(Widget):
    """The border between two panes."""

    DEFAULT_CSS = """
    Divider {
        width: 1; height: 100%; color: $border-blurred;
        &:hover, &.-dragged { color: $primary; }
    }
    """

    def render(self) -> str:
        return "│\n" * self.size.height

    def on_mouse_down(self, event: events.MouseDown) -> None:
        event.stop()
        self.capture_mouse()
        self.add_class("-dragged")

    def on_mouse_up(self, event: events.MouseUp) -> None:
        event.stop()
        self.release_mouse()
        self.remove_class("-dragged")

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.has_class("-dragged") and isinstance(self.parent, Split):
            self.parent.drag_to(event.screen_x)


class Split(Horizontal):
    """Shows ``first`` and, on a wide screen, ``second`` beside it with ``share`` percent of the width.

    On a narrow screen one of the two has all the room: the first, until :meth:`zoom`; or, if the second is to be
    ``stacked``, so many lines below the first are its.
    """

    DEFAULT_CSS = """
    Split { height: 1fr; }
    """

    class Resized(Message):
        """The border was moved; ``share`` is percent."""

        def __init__(self, split: Split) -> None:
            super().__init__()
            self.split = split

        @property
        def control(self) -> Split:
            return self.split

    def __init__(
        self,
        first: Widget,
        second: Widget,
        *,
        share: int,
        kept: int | None = None,
        stacked: int = 0,
        id: str,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._stacked = stacked
        self.first, self.second = first, second
        self._usual = share
        self.share = share if kept is None else clamp(kept, LEAST, MOST)
        self.alone: Widget | None = None
        """The pane that has all the room."""
        self._wide = False
        self.wanted = True
        """False leaves the second pane out on a wide screen, too."""

    def compose(self) -> ComposeResult:
        yield self.first
        yield Divider()
        yield self.second

    def on_mount(self) -> None:
        # The screen tells the panes it finds how wide it is; a split that comes later has to look for itself.
        self.lay_out(wide=self.screen.has_class("-wide"))

    def lay_out(self, *, wide: bool) -> None:
        """Share the width among the panes."""
        self._wide = wide
        both = wide and self.wanted and self.alone is None
        below = not wide and self.wanted and self.alone is None and self._stacked > 0
        only = self.alone or self.first
        self.first.display = both or below or only is self.first
        self.second.display = both or below or only is self.second
        self.query_one(Divider).display = both
        self.first.styles.width = "1fr"
        self.second.styles.width = f"{self.share}%" if both else "1fr"
        if self._stacked:
            self.styles.layout = "vertical" if below else "horizontal"
            self.second.styles.height = self._stacked if below else "1fr"
            self.set_class(below, "-stacked")

    def zoom(self, pane: Widget | None) -> None:
        """Give one pane all the room; None shares it again."""
        self.alone = pane
        self.lay_out(wide=self._wide)

    def toggle_zoom(self, focused: Widget | None) -> None:
        """Zoom the pane with the focus, or share the room again. On a narrow screen: show the other pane."""
        if not self._wide:
            self.zoom(self.second if self.alone is not self.second else None)
        elif self.alone is not None:
            self.zoom(None)
        else:
            within = focused is not None and self.second in focused.ancestors_with_self
            self.zoom(self.second if within else self.first)

    def resize(self, step: int) -> None:
        """Make the second pane wider by ``step`` percent; 0 gives it its usual size."""
        self.share = clamp(self.share + step, LEAST, MOST) if step else self._usual
        self.lay_out(wide=self._wide)
        self.post_message(self.Resized(self))

    def drag_to(self, x: int) -> None:
        """Put the border at a column of the screen."""
        width = self.region.width
        if width:
            share = round(100 * (self.region.right - x) / width)
            self.share = clamp(share, LEAST, MOST)
            self.lay_out(wide=self._wide)
            self.post_message(self.Resized(self))
