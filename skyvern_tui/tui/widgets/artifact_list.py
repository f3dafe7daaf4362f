"""The artifacts of a run, grouped by type or by step.

Owns: how groups and artifacts are drawn. Must not: group or fetch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from rich.cells import cell_len

from skyvern_tui.core.clock import Clock
from skyvern_tui.core.shelf import Group, ShelfRow, words_of
from skyvern_tui.core.text import age_words, size_words
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.widgets.lines import LineList

_TIME: Final = 8
_SIZE: Final = 8
_AGE: Final = 4
_WITH_AGE: Final = 64
"""Cells from which on the age has room."""


class ArtifactList(LineList[ShelfRow]):
    """Groups that fold, and the artifacts in them."""

    BINDINGS: ClassVar = bindings(Scope.finding)

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._clock = clock

    def key_of(self, row: ShelfRow) -> object:
        return row.type if isinstance(row, Group) else row.fact.id

    def text_of(self, row: ShelfRow) -> str:
        return row.name if isinstance(row, Group) else f"{row.name} {words_of(row.fact.type)} {row.fact.name}"

    def spans(self, row: ShelfRow, width: int) -> Iterable[Span]:
        age = _AGE + 2 if width >= _WITH_AGE else 0
        tail = _SIZE + _TIME + 5 + age
        if isinstance(row, Group):
            size = "" if row.size is None else size_words(row.size)
            yield f" {'▾' if row.is_open else '▸'} ", "key"
            count = f"  {row.count}"
            room = width - 3 - tail
            yield fit(fit(row.name, min(cell_len(row.name), room - len(count))) + count, room), "plain"
            yield f"  {fit(size, _SIZE, right=True)}{' ' * (_TIME + 2 + age)}", "quiet"
            return
        indent = 3 if row.alone else 5
        yield " " * indent, "plain"
        yield fit(row.name, width - indent - tail), "plain" if row.alone or row.label else "quiet"
        yield f"  {fit(size_words(row.fact.size), _SIZE, right=True)}  ", "quiet"
        yield f"{self._clock.local(row.fact.at):%H:%M:%S}", "quiet"
        if age:
            yield f"  {fit(age_words(row.fact.at, self._clock.now()), _AGE, right=True)}", "quiet"
