"""One widget for each kind of preview.

Owns: which widget shows which kind; each is loaded when the first artifact of its kind is
looked at. Must not: read bytes (:mod:`skyvern_tui.core.previews` does) or fetch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

from skyvern_tui.core.preview import (
    ArchivePreview,
    BinaryPreview,
    ElementsPreview,
    FilmPreview,
    HarPreview,
    ImagePreview,
    JsonPreview,
    LogPreview,
    PagePreview,
    PdfPreview,
    Preview,
    TextPreview,
)

if TYPE_CHECKING:
    from skyvern_tui.tui.previews.base import PreviewView

_PLACES: Final[dict[type[Preview], tuple[str, str]]] = {
    TextPreview: ("text", "TextPreviewView"),
    BinaryPreview: ("text", "TextPreviewView"),
    JsonPreview: ("json_value", "JsonView"),
    LogPreview: ("log", "LogView"),
    PagePreview: ("page", "PageView"),
    HarPreview: ("har", "HarView"),
    ElementsPreview: ("element_tree", "ElementsView"),
    ArchivePreview: ("archive", "ArchiveView"),
    PdfPreview: ("pdf", "PdfView"),
    ImagePreview: ("image", "ImageView"),
    FilmPreview: ("film", "FilmView"),
}


def view_of(preview: Preview) -> type[PreviewView]:
    """Return the class of the widget that shows a preview."""
    module, name = _PLACES[type(preview)]
    found: type[PreviewView] = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    return found
