"""A picture in a pane.

Owns: decoding within bounds, off the event loop, and fitting the picture to the pane. Must
not: choose how pixels become cells; :mod:`skyvern_tui.tui.graphics` knows the terminal.
"""

from __future__ import annotations

import io
from typing import Any, Final

from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Static

from skyvern_tui.tui.graphics import MISSING, picture_widget

MAX_PIXELS: Final = 60_000_000
"""Pixels of a picture that is decoded: a full page is long, a bomb is longer."""
MAX_SIDE: Final = 1600
"""Pixels of the longer side of what is handed to the terminal."""


class PictureRefused(Exception):  # noqa: N818 - named for what happened
    """The picture can't be shown; the message says why."""


MAX_KEPT: Final = 12_000_000
"""Pixels of what is kept to be made larger."""


def decode(data: bytes) -> tuple[Any, str]:
    """Return a Pillow image no larger than :data:`MAX_SIDE`, and the size of the original in words.

    Takes its time: call it in a thread. Raises :class:`PictureRefused`.
    """
    shown, _, size = decode_all(data)
    return shown, size


def decode_all(data: bytes) -> tuple[Any, Any, str]:
    """Return a picture to show, the same with as many pixels as are kept, and the size of the original in words."""
    try:
        from PIL import Image  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise PictureRefused(MISSING) from error
    too_large = ""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            size = f"{picture.width} x {picture.height}"
            if picture.width * picture.height > MAX_PIXELS:
                too_large = f"the picture is too large to show: {size} pixels"
            else:
                full = picture.convert("RGB")
                pixels = full.width * full.height
                if pixels > MAX_KEPT:
                    share = (MAX_KEPT / pixels) ** 0.5
                    full.thumbnail((max(1, int(full.width * share)), max(1, int(full.height * share))))
                shown = full.copy()
                shown.thumbnail((MAX_SIDE, MAX_SIDE))
    # Decoders meet damaged files with nearly any error: SyntaxError, struct.error, OSError, ValueError, ...
    except Exception as error:
        raise PictureRefused(f"the picture is damaged: {type(error).__name__}") from error
    if too_large:
        raise PictureRefused(too_large)
    return shown, full, size


def framed(picture: Any, columns: int, lines: int) -> Any:
    """Return the top of a picture that is too long for so many cells: all of it would be a thin strip."""
    tallest = picture.width * 2 * lines // max(1, columns)  # a cell is about twice as high as wide
    return picture if picture.height <= tallest or not tallest else picture.crop((0, 0, picture.width, tallest))


class PictureView(Container):
    """Shows one decoded picture at a time, as large as the pane allows."""

    DEFAULT_CSS = """
    PictureView {
        align: center top; height: 1fr; width: 1fr; overflow: hidden;
        & > * { width: auto; height: auto; }
        & > .words { width: 1fr; padding: 1 2; color: $text-muted; }
    }
    """

    def __init__(self, *, id: str | None = None, can_focus: bool = False) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.can_focus = can_focus
        self._drawn: Widget | None = None
        """What is shown: it is asked for its pixels back when it is gone from the screen already."""

    async def show(self, picture: Any) -> None:
        """Show a Pillow image instead of the one before."""
        known = next(iter(self.children), None)
        if known is not None and hasattr(known, "image"):
            known.image = picture
            return
        await self._put(picture_widget(picture) or Static(MISSING, markup=False))

    async def say(self, text: str) -> None:
        """Show safe words where a picture would be."""
        await self._put(Static(text, markup=False, classes="words"))

    def _free(self) -> None:
        """Let the terminal forget the pixels it was sent."""
        if self._drawn is not None and hasattr(self._drawn, "image"):
            self._drawn.image = None
        self._drawn = None

    def on_unmount(self) -> None:
        if self.app.is_running:
            self._free()

    async def _put(self, widget: Widget) -> None:
        self._free()
        async with self.batch():
            await self.remove_children()
            await self.mount(widget)
        self._drawn = widget
