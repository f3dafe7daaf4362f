"""Fitting text into columns.

Owns: cutting and padding by the width of cells, and sharing a width among columns. Must
not: know colours or widgets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from skyvern_tui.core.text import inert

Span = tuple[str, str]
"""A piece of a line: text and tone."""

Mark = tuple[int, int, str]
"""A stretch of a line that stands out: first character, character after the last, and which mark."""


def marked(spans: Iterable[Span], marks: Sequence[Mark]) -> Iterator[tuple[str, str, str]]:
    """Cut spans at marks (in order, not overlapping); yield text, tone and mark, which is empty for the rest."""
    place, at = 0, 0
    for text, tone in spans:
        start, end = place, place + len(text)
        while start < end:
            while at < len(marks) and marks[at][1] <= start:
                at += 1
            first, last, name = marks[at] if at < len(marks) else (end, end, "")
            inside = first <= start < last
            stop = min(end, last if inside else max(first, start))
            yield text[start - place : stop - place], tone, name if inside else ""
            start = stop
        place = end


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Return ``text``, made inert, in exactly ``width`` cells: padded, or cut with an ellipsis."""
    if width <= 0:
        return ""
    text = inert(text)
    length = len(text) if text.isascii() else cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…"
    padding = " " * (width - length)
    return padding + text if right else text + padding


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; ``width`` 0 takes what the others leave."""

    name: str
    title: str
    width: int
    right: bool = False
    drop: int = 0
    """Below this total width the column is left out."""


def layout(columns: Sequence[Column], total: int, gap: int = 2) -> list[tuple[Column, int]]:
    """Return the columns that have room in ``total`` cells, and their widths."""
    shown = [column for column in columns if total >= column.drop]
    fixed = sum(column.width for column in shown) + gap * (len(shown) - 1)
    flexible = sum(column.width == 0 for column in shown)
    share = max(8, (total - fixed) // flexible) if flexible else 0
    return [(column, column.width or share) for column in shown]
