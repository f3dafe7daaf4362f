"""A picture in a pane.

Owns: decoding within bounds, off the event loop, and fitting the picture to the pane. Must
not: choose how pixels become cells; :mod:`skyvern_tui.tui.graphics` knows the terminal.
"""

from __future__ import annotations

import io
from typing import Any, Final

from textual.containers import Container
from textual.widgets import Static

from skyvern_tui.tui.graphics import MISSING, picture_widget

MAX_PIXELS: Final = 60_000_000
"""Pixels of a picture that is decoded: a full page is long, a bomb is longer."""
MAX_SIDE: Final = 1600
"""Pixels of the longer side of what is handed to the terminal."""


class PictureRefused(Exception):  # noqa: N818 - named for what happened
    """The picture can't be shown; the message says why."""


def decode(data: bytes) -> tuple[Any, str]:
    """Return a Pillow image no larger than :data:`MAX_SIDE`, and the size of the original in words.

    Takes its time: call it in a thread. Raises :class:`PictureRefused`.
    """
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
                picture.draft("RGB", (MAX_SIDE, MAX_SIDE))
                shown = picture.convert("RGB")
                shown.thumbnail((MAX_SIDE, MAX_SIDE))
    # Decoders meet damaged files with nearly any error: SyntaxError, struct.error, OSError, ValueError, ...
    except Exception as error:
        raise PictureRefused(f"the picture is damaged: {type(error).__name__}") from error
    if too_large:
        raise PictureRefused(too_large)
    return shown, size


class PictureView(Container):
    """Shows one decoded picture at a time, as large as the pane allows."""

    DEFAULT_CSS = """
    PictureView {
        align: center top; height: 1fr; width: 1fr; overflow: hidden;
        & > * { width: auto; height: auto; }
    }
    """

    async def show(self, picture: Any) -> None:
        """Show a Pillow image instead of the one before."""
        widget = picture_widget(picture) or Static(MISSING, markup=False)
        async with self.batch():
            await self.remove_children()
            await self.mount(widget)
