"""A PDF: the text of its pages, and pictures of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import work
from textual.widget import Widget

from skyvern_tui.core.preview import PdfPreview
from skyvern_tui.core.previews.bounds import Unreadable
from skyvern_tui.core.previews.pdf import PdfFile
from skyvern_tui.tui.previews.base import PreviewView
from skyvern_tui.tui.widgets.picture import PictureRefused, PictureView, decode
from skyvern_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from skyvern_tui.tui.viewing import Shown

_READ: Final = 100
"""Pages whose text is read."""


class PdfView(PreviewView):
    """A document, page by page as pictures, or as text."""

    modes: ClassVar = ("text", "page")
    can_scrub: ClassVar = True

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._data = b""
        self._page = 0
        self._pages = 0

    def parts(self) -> Mapping[str, Widget]:
        return {"text": TextView(id="pdf-text"), "page": PictureView(id="pdf-page", can_focus=True)}

    @property
    def notes(self) -> tuple[str, ...]:
        return (f"page {self._page + 1} of {self._pages}",) if self._pages else ()

    async def show(self, shown: Shown) -> None:
        """Show a document from its first page."""
        if not isinstance(shown.preview, PdfPreview):
            return
        self._data, self._page = shown.preview.data, 0
        try:
            self._pages, lines = await asyncio.to_thread(_text_of, self._data)
        except Unreadable as reason:
            self._pages, lines = 0, [str(reason), "", "o opens it with the system's program, s saves it"]
        self.query_one(TextView).show(lines)
        if self.mode == "page":
            self._draw()

    def set_mode(self, mode: str) -> None:
        super().set_mode(mode)
        if mode == "page":
            self._draw()

    def scrub(self, step: int) -> None:
        """To the next or previous page."""
        page = min(max(0, self._page + step), max(0, self._pages - 1))
        if page != self._page:
            self._page = page
            if self.mode == "page":
                self._draw()
            else:
                self._go()
            self.post_message(self.Told())

    def _go(self) -> None:
        text = self.query_one(TextView)
        text.reveal(next((n for n, line in enumerate(text.lines) if line == _title(self._page, self._pages)), 0))

    @work(group="page", exclusive=True)
    async def _draw(self) -> None:
        view = self.query_one(PictureView)
        try:
            picture = await asyncio.to_thread(_picture_of, self._data, self._page)
        except (Unreadable, PictureRefused) as reason:
            await view.say(str(reason))
        else:
            await view.show(picture)


def _title(page: int, pages: int) -> str:
    return f"── page {page + 1} of {pages} ──"


def _text_of(data: bytes) -> tuple[int, list[str]]:
    lines: list[str] = []
    with PdfFile(data) as document:
        for page in range(min(document.pages, _READ)):
            lines += ["", _title(page, document.pages), ""] if lines else [_title(page, document.pages), ""]
            try:
                lines += document.text(page) or ["(no text)"]
            except Unreadable as reason:
                lines.append(str(reason))
        if document.pages > _READ:
            lines += ["", f"(the text of {document.pages - _READ} more pages is left out)"]
        return document.pages, lines


def _picture_of(data: bytes, page: int) -> Any:
    with PdfFile(data) as document:
        return decode(document.picture(page))[0]
