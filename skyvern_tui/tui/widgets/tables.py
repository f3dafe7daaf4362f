"""Tables of what is inside an artifact: requests of a HAR, files of an archive.

Owns: their columns. Must not: parse.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from skyvern_tui.core.har import HarEntry
from skyvern_tui.core.preview import ZipMember
from skyvern_tui.core.text import duration_words, size_words
from skyvern_tui.tui.drawing import Column, Span, fit, layout
from skyvern_tui.tui.widgets.lines import LineList

_HAR: Final = (
    Column("method", "METHOD", 6),
    Column("status", "CODE", 4, right=True),
    Column("type", "TYPE", 11, drop=60),
    Column("size", "SIZE", 8, right=True),
    Column("time", "TIME", 8, right=True),
    Column("url", "URL", 0),
)
_ZIP: Final = (
    Column("size", "SIZE", 9, right=True),
    Column("packed", "PACKED", 9, right=True),
    Column("name", "NAME", 0),
)
_GAP: Final = "  "
_SECOND: Final = 1000
"""Milliseconds."""
_CLASSES: Final = {2: "good", 3: "quiet", 4: "warn", 5: "bad"}


class HarTable(LineList[HarEntry]):
    """Requests in the order of the file."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, has_header=True)

    def header(self, width: int) -> Iterable[Span]:
        return _titles(_HAR, width)

    def spans(self, row: HarEntry, width: int) -> Iterable[Span]:
        yield " ", "plain"
        for column, cells in layout(_HAR, width - 2):
            text, tone = _har_cell(row, column.name)
            yield fit(text, cells, right=column.right) + _GAP, tone


class ZipTable(LineList[ZipMember]):
    """Files of an archive."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, has_header=True)

    def header(self, width: int) -> Iterable[Span]:
        return _titles(_ZIP, width)

    def spans(self, row: ZipMember, width: int) -> Iterable[Span]:
        yield " ", "plain"
        cells = {"size": size_words(row.size), "packed": size_words(row.packed), "name": row.name}
        for column, room in layout(_ZIP, width - 2):
            yield fit(cells[column.name], room, right=column.right) + _GAP, "plain" if column.width == 0 else "quiet"


def _titles(columns: tuple[Column, ...], width: int) -> Iterable[Span]:
    yield " ", "quiet"
    for column, cells in layout(columns, width - 2):
        yield fit(column.title, cells, right=column.right) + _GAP, "quiet"


def _har_cell(row: HarEntry, name: str) -> Span:
    answered = row.status is not None and row.status > 0
    cells = {
        "method": (row.method, "plain"),
        "status": (str(row.status) if answered else "✗", _CLASSES.get((row.status or 0) // 100, "bad")),
        "type": (row.mime.rpartition("/")[2] or "-", "quiet"),
        "size": (size_words(row.size), "quiet"),
        "time": (_time_words(row.time), "quiet"),
        "url": (row.error or _short(row.url), "bad" if row.failed else "plain"),
    }
    return cells[name]


def _time_words(milliseconds: float | None) -> str:
    if milliseconds is None:
        return "-"
    return f"{milliseconds:.0f} ms" if milliseconds < _SECOND else duration_words(milliseconds / _SECOND)


def _short(url: str) -> str:
    """Return the address without its scheme, which tells least."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return url if not parts.netloc else f"{parts.netloc}{parts.path}{'?' if parts.query else ''}{parts.query}"
