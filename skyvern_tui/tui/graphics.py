"""How pictures get onto this terminal.

Owns: handing out the widget that draws pictures as well as the terminal can: with pixels
(Kitty, Sixel) or with half-blocks. Must not: ask the terminal anything while the app runs:
the answer would be read as keys. :mod:`skyvern_tui.tui.probe` asks before.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textual._context import active_app

from skyvern_tui.tui.probe import Graphics, ask

if TYPE_CHECKING:
    from textual.widget import Widget

_MODULE = "textual_image.widget"
MISSING = "pictures need an extra: pip install 'skyvern-tui[images]'"
_can = Graphics()


def probe() -> None:
    """Ask the terminal, if there is one, what it can draw; call it before the app takes the terminal over."""
    global _can  # noqa: PLW0603 - there is one terminal, as there is one stdout
    if sys.platform == "win32":
        _load()  # the library knows how to ask there
    else:
        _can = ask()


def _load() -> None:
    try:
        importlib.import_module(_MODULE)
    except (ImportError, OSError):
        return  # without the extra: said where a picture would be


def _load_silently() -> None:
    """Load the library without letting it ask the terminal; tell it what is known."""
    terminal, sys.__stdout__ = sys.__stdout__, io.StringIO()  # type: ignore[misc, assignment]  # final by name only
    try:
        _load()
    finally:
        sys.__stdout__ = terminal  # type: ignore[misc]  # as above
    if _MODULE in sys.modules:
        kitty: Any = importlib.import_module("textual_image.renderable.tgp")
        kitty._send_tgp_message = _say  # noqa: SLF001 - see there
    if _can.cell is not None and _MODULE in sys.modules:
        cells = importlib.import_module("textual_image._terminal")
        cells.get_cell_size._result = cells.CellSize(*_can.cell)  # noqa: SLF001 - where it keeps the answer


def kitty_message(payload: str | None, keys: Mapping[str, int | str | None]) -> str:
    """Return a message in Kitty's protocol. The library means to free a picture, but names none: so it is named."""
    if keys.get("a") == "d":
        keys = {"a": "d", "d": "I", "i": keys.get("I"), "q": 2}
    said = ",".join(f"{key}={value}" for key, value in keys.items() if value is not None)
    return f"\x1b_G{said}{';' + payload if payload else ''}\x1b\\"


def _say(*, payload: str | None = None, **keys: int | str | None) -> None:
    """Send a message to the terminal in its turn: the library writes past the app, into the middle of what it draws."""
    driver = active_app.get()._driver  # noqa: SLF001 - Textual has no other way to its terminal
    if driver is not None:
        driver.write(kitty_message(payload, keys))


def picture_widget(picture: Any) -> Widget | None:
    """Return a widget that shows a Pillow image as well as the terminal can; None without the ``images`` extra."""
    if _MODULE not in sys.modules:
        _load_silently()
    module = sys.modules.get(_MODULE)
    if module is None:
        return None
    kind = module.HalfcellImage
    if sys.platform == "win32" and module.AutoRenderable is not module.UnicodeRenderable:
        kind = module.Image
    elif _can.sixel:
        kind = module.SixelImage
    elif _can.kitty:
        kind = module.TGPImage
    widget: Widget = kind(picture)
    return widget
