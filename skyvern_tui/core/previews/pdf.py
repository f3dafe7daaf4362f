"""A PDF as the text of its pages and as pictures of them.

Owns: both, by pypdfium2, which is asked for with the ``images`` extra. Must not: follow
links, run scripts, or open the file twice at once: the library is not safe in threads.
"""

from __future__ import annotations

import io
import threading
from types import TracebackType
from typing import Any, Final, Self

from skyvern_tui.core.previews.bounds import Unreadable
from skyvern_tui.core.text import inert

MAX_PAGES: Final = 500
MAX_PAGE_TEXT: Final = 100_000
"""Characters of one page."""
MAX_PIXELS: Final = 4_000_000
"""Pixels of a page's picture."""
MAX_SIDE: Final = 20_000
"""Pixels of its longer side: a page may be as narrow as a hair and as long as a road."""
MISSING: Final = "reading PDF files needs pypdfium2: install skyvern-tui[images]"
_LOCK: Final = threading.RLock()


class PdfFile:
    """An open PDF, used as a context manager from one thread at a time. Raises :class:`Unreadable` when it is none."""

    def __init__(self, data: bytes) -> None:
        try:
            import pypdfium2  # type: ignore[import-untyped]  # noqa: PLC0415 - untyped; optional
        except ImportError as error:
            raise Unreadable(MISSING) from error
        self._error: Any = pypdfium2.PdfiumError
        with _LOCK:
            try:
                self._document: Any = pypdfium2.PdfDocument(data)
                self.pages = min(len(self._document), MAX_PAGES)
            except (pypdfium2.PdfiumError, ValueError, OSError) as error:
                raise Unreadable(f"not a PDF that can be read: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        with _LOCK:
            self._document.close()

    def text(self, page: int) -> list[str]:
        """Return the text of a page (from 0) as safe lines."""
        with _LOCK:
            opened = self._page(page)
            try:
                words = opened.get_textpage()
                try:
                    text = str(words.get_text_range(count=min(words.count_chars(), MAX_PAGE_TEXT)))
                finally:
                    words.close()
            except (self._error, ValueError, OSError) as error:
                raise Unreadable(f"page {page + 1} has no text that can be read: {error}") from error
            finally:
                opened.close()
        return [inert(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]

    def picture(self, page: int, width: int = 1200) -> bytes:
        """Return a picture of a page (from 0) as PNG, ``width`` pixels wide if that is not too large."""
        with _LOCK:
            opened = self._page(page)
            try:
                across, down = opened.get_size()
                scale = min(max(0.01, width) / max(1.0, across), MAX_SIDE / max(1.0, across, down))
                pixels = across * down * scale * scale
                if pixels > MAX_PIXELS:
                    scale *= (MAX_PIXELS / pixels) ** 0.5
                bitmap = opened.render(scale=scale)
                image = bitmap.to_pil()
                file = io.BytesIO()
                image.save(file, "PNG")
                bitmap.close()
            except (self._error, ValueError, OSError, MemoryError, ImportError) as error:
                raise Unreadable(f"page {page + 1} can't be drawn: {error}") from error
            finally:
                opened.close()
        return file.getvalue()

    def _page(self, page: int) -> Any:
        if not 0 <= page < self.pages:
            raise Unreadable(f"there is no page {page + 1}")
        try:
            return self._document[page]
        except (self._error, ValueError, OSError) as error:
            raise Unreadable(f"page {page + 1} can't be read: {error}") from error
