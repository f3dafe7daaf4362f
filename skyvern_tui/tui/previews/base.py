"""What every preview can do, whatever it shows.

Owns: turning through the ways to show a thing, and the questions the pane asks: what has the
keys, what is copied, what goes to a pager. Must not: read bytes or fetch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from skyvern_tui.tui.viewing import Shown


class PreviewView(Vertical):
    """Shows one artifact at a time, in one of its ``modes``."""

    DEFAULT_CSS = """
    PreviewView { height: 1fr; & > * { height: 1fr; } }
    """
    modes: ClassVar[tuple[str, ...]] = ("text",)
    can_scrub: ClassVar[bool] = False
    """Whether it has moments or pages of its own to go through."""

    has_text: ClassVar[bool] = True
    """Whether there is anything for a pager."""

    class Entered(Message):
        """Something inside was chosen, to be shown as an artifact of its own."""

        def __init__(self, name: str, data: bytes, kind: str = "", note: str = "") -> None:
            super().__init__()
            self.name = name
            self.data = data
            self.kind = kind
            """What it is, in the words of an artifact type; may be empty."""
            self.note = note

    class Edge(Message):
        """The first (0) or last (-1) of its like is wanted."""

        def __init__(self, where: int) -> None:
            super().__init__()
            self.where = where

    class Told(Message):
        """What the line above a preview says changed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.mode = self.modes[0]
        self._parts: Mapping[str, Widget] = {}

    def parts(self) -> Mapping[str, Widget]:
        """Return the widget of each mode, made once; several modes may share one."""
        raise NotImplementedError

    async def show(self, shown: Shown) -> None:
        """Show an artifact that is ready to be drawn."""
        raise NotImplementedError

    def compose(self) -> Iterable[Widget]:
        self._parts = self.parts()
        yield from dict.fromkeys(self._parts.values())

    def on_mount(self) -> None:
        self._apply()

    @property
    def available(self) -> Sequence[str]:
        """Modes that make sense for what is shown."""
        return self.modes

    @property
    def part(self) -> Widget:
        """What is shown and takes the keys."""
        return self._parts[self.mode]

    @property
    def notes(self) -> tuple[str, ...]:
        """What the line above says about what is shown now, in safe text."""
        return ()

    def turn_mode(self) -> None:
        """Show it the next way."""
        modes = self.available
        if len(modes) > 1:
            self.set_mode(modes[(modes.index(self.mode) + 1) % len(modes)])

    def set_mode(self, mode: str) -> None:
        """Show it in a mode."""
        focused = self.screen.focused
        had_focus = focused is not None and self in focused.ancestors_with_self
        self.mode = mode
        self._apply()
        if had_focus:
            self.part.focus()
        self.post_message(self.Told())

    def _apply(self) -> None:
        for part in dict.fromkeys(self._parts.values()):
            part.display = part is self.part

    def leave(self) -> bool:
        """Go back within it; False if there is nowhere to go back to."""
        return False

    def scrub(self, step: int) -> None:
        """Go to the next or previous moment or page."""

    def plain(self) -> list[str]:
        """Return all of it as lines of safe text, for a pager."""
        return plain_of(self.part)

    def copied(self) -> tuple[str, str]:
        """Return what ``y`` copies, and what to call it."""
        return copied_of(self.part)

    def forget(self) -> None:
        """Give back what was held open for drawing."""


def plain_of(part: Widget) -> list[str]:
    """Return the text of a widget as lines."""
    if isinstance(part, TextView):
        return list(part.lines)
    if isinstance(part, LineList):
        return [part.text_of(row).rstrip() for row in part.rows]
    return []


def copied_of(part: Any) -> tuple[str, str]:
    """Return the line under the cursor, the line one found, or the whole text."""
    if isinstance(part, LineList) and part.row is not None:
        return part.text_of(part.row).strip(), "the line"
    if isinstance(part, TextView):
        line = part.line
        return ("\n".join(part.lines), "the text") if line is None else (part.lines[line], "the line")
    return "", ""
