"""The artifacts of a run, grouped by type.

Owns: how groups and artifacts are drawn. Must not: group or fetch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from skyvern_tui.core.clock import Clock
from skyvern_tui.core.shelf import Group, ShelfRow
from skyvern_tui.core.text import size_words
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.widgets.lines import LineList

_TIME: Final = 8
_SIZE: Final = 8


class ArtifactList(LineList[ShelfRow]):
    """Groups that fold, and the artifacts in them."""

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._clock = clock

    def key_of(self, row: ShelfRow) -> object:
        return row.type if isinstance(row, Group) else row.fact.id

    def spans(self, row: ShelfRow, width: int) -> Iterable[Span]:
        if isinstance(row, Group):
            size = "" if row.size is None else size_words(row.size)
            yield f" {'▾' if row.is_open else '▸'} ", "key"
            yield fit(f"{row.name}  {row.count}", width - 3 - _SIZE - _TIME - 5), "plain"
            yield f"  {fit(size, _SIZE, right=True)}{' ' * (_TIME + 2)}", "quiet"
            return
        name = row.fact.type.replace("_", " ") if row.alone else f"#{row.number}"
        yield "   " if row.alone else "     ", "plain"
        yield fit(name, width - (3 if row.alone else 5) - _SIZE - _TIME - 5), "plain" if row.alone else "quiet"
        yield f"  {fit(size_words(row.fact.size), _SIZE, right=True)}  ", "quiet"
        yield f"{self._clock.local(row.fact.at):%H:%M:%S}", "quiet"
