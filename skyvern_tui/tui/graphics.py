"""How pictures get onto this terminal.

Owns: finding out, before the app starts, whether the terminal draws pixels (Kitty, Sixel)
or only half-blocks, and handing out the widget for it. Must not: ask the terminal anything
while the app runs: the answer would be read as keys.
"""

from __future__ import annotations

import importlib
import io
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.widget import Widget

_MODULE = "textual_image.widget"
MISSING = "pictures need an extra: pip install 'skyvern-tui[images]'"


def probe() -> None:
    """Ask the terminal, if there is one, what it can draw; call it before the app takes the terminal over."""
    if sys.__stdout__ is not None and sys.__stdout__.isatty():
        _load()


def _load() -> None:
    try:
        importlib.import_module(_MODULE)
    except (ImportError, OSError):
        return  # without the extra: said where a picture would be


def picture_widget(picture: Any) -> Widget | None:
    """Return a widget that shows a Pillow image as well as the terminal can; None without the ``images`` extra."""
    if _MODULE not in sys.modules:
        # Not asked before the start: then a terminal that can't be asked is pretended, which gives half-blocks.
        terminal, sys.__stdout__ = sys.__stdout__, io.StringIO()  # type: ignore[misc, assignment]  # final by name only
        try:
            _load()
        finally:
            sys.__stdout__ = terminal  # type: ignore[misc]  # as above
    module = sys.modules.get(_MODULE)
    if module is None:
        return None
    kind = module.Image if sys.__stdout__ is not None and sys.__stdout__.isatty() else module.HalfcellImage
    if kind is module.Image and module.AutoRenderable is module.UnicodeRenderable:
        kind = module.HalfcellImage
    widget: Widget = kind(picture)
    return widget
