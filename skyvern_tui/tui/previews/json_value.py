"""JSON as a tree, as laid-out text, and as a table where it is a list of alike objects."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.widget import Widget

from skyvern_tui.core.preview import JsonPreview
from skyvern_tui.core.previews.jsontree import Table, table
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.previews.base import PreviewView
from skyvern_tui.tui.widgets.json_tree import JsonTree
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from skyvern_tui.tui.viewing import Shown

_WIDEST = 40
_SAMPLE = 200
"""Rows looked at for the widths of columns."""


class TableList(LineList[tuple[str, ...]]):
    """A table of safe cells."""

    BINDINGS: ClassVar = bindings(Scope.finding)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, has_header=True)
        self._columns: tuple[str, ...] = ()
        self._widths: list[int] = []

    def fill(self, made: Table) -> None:
        """Show a table."""
        self._columns = made.columns
        sample = (made.columns, *made.rows[:_SAMPLE])
        self._widths = [min(_WIDEST, max(cell_len(row[at]) for row in sample)) for at in range(len(made.columns))]
        self.set_rows(made.rows)
        self.redraw()

    def header(self, width: int) -> Iterable[Span]:  # noqa: ARG002 - columns have widths of their own
        yield from self._cells(self._columns, "quiet")

    def spans(self, row: tuple[str, ...], width: int) -> Iterable[Span]:  # noqa: ARG002 - as above
        yield from self._cells(row, "plain")

    def text_of(self, row: tuple[str, ...]) -> str:
        return "\t".join(row)

    def _cells(self, row: Sequence[str], tone: str) -> Iterable[Span]:
        yield " ", tone
        for text, width in zip(row, self._widths, strict=True):
            yield fit(text, width) + "  ", tone


class JsonView(PreviewView):
    """A JSON value."""

    modes: ClassVar = ("tree", "table", "text")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._table: Table | None = None

    def parts(self) -> Mapping[str, Widget]:
        return {"tree": JsonTree(id="tree"), "table": TableList(id="table"), "text": TextView(id="text")}

    @property
    def available(self) -> Sequence[str]:
        return self.modes if self._table is not None else ("tree", "text")

    async def show(self, shown: Shown) -> None:
        """Show a value, as a tree unless one chose otherwise."""
        model = shown.preview
        if not isinstance(model, JsonPreview):
            return
        self._table = await asyncio.to_thread(table, model.value)
        tree = self.query_one(JsonTree)
        tree.forget()
        tree.show(model.value)
        self.query_one(TextView).show(model.lines, shown.painter)
        if self._table is not None:
            self.query_one(TableList).fill(self._table)
        elif self.mode == "table":
            self.set_mode("tree")

    def plain(self) -> list[str]:
        """All of it, laid out."""
        return list(self.query_one(TextView).lines)
