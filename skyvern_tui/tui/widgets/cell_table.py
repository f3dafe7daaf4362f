"""A table of cells, as many columns as have room.

Owns: sharing the width among columns by what is in them. Must not: make the table; the core
reads it out of a value, in safe text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from rich.cells import cell_len

from skyvern_tui.core.previews.jsontree import Table
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.widgets.lines import LineList

_LEAST: Final = 8
_MOST: Final = 48
"""Cells of a column, unless there is room to spare."""
_LOOKED_AT: Final = 200
"""Rows whose cells are measured."""
_GAP: Final = 2

Line = tuple[int, tuple[str, ...]]
"""Number of a row from 0, and its cells."""


class CellTable(LineList[Line]):
    """Rows of cells under the names of their columns."""

    BINDINGS: ClassVar = bindings(Scope.finding)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, has_header=True)
        self._columns: tuple[str, ...] = ()
        self._widths: list[int] = []

    def show(self, table: Table) -> None:
        """Show another table."""
        self._columns = table.columns
        cells = zip(table.columns, *table.rows[:_LOOKED_AT], strict=True)
        self._widths = [max(map(cell_len, column)) for column in cells]
        self.set_rows(list(enumerate(table.rows)))

    def key_of(self, row: Line) -> object:
        return row[0]

    def header(self, width: int) -> Iterable[Span]:
        yield " ", "quiet"
        for name, room in self._layout(self._columns, width):
            yield fit(name, room) + " " * _GAP, "quiet"

    def spans(self, row: Line, width: int) -> Iterable[Span]:
        yield " ", "plain"
        for text, room in self._layout(row[1], width):
            yield fit(text, room) + " " * _GAP, "plain"

    def _layout(self, cells: tuple[str, ...], width: int) -> Iterable[tuple[str, int]]:
        """Yield the cells that have room, each with its width; the last one takes what is left."""
        rooms = [min(_MOST, max(_LEAST, wanted)) for wanted in self._widths]
        left = width - 1
        for place, (text, room) in enumerate(zip(cells, rooms, strict=True)):
            if left < _LEAST:
                return
            is_last = place == len(rooms) - 1 or left - room - _GAP < _LEAST
            yield text, left - 1 if is_last else room
            left = 0 if is_last else left - room - _GAP
