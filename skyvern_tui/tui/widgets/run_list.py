"""The list of runs.

Owns: the columns of a run and how they share the width. Must not: fetch or filter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from skyvern_tui.core.clock import Clock
from skyvern_tui.core.text import age_words, duration_words
from skyvern_tui.tui.drawing import Column, Span, fit, layout
from skyvern_tui.tui.themes import status_look
from skyvern_tui.tui.widgets.lines import LineList

if TYPE_CHECKING:
    from skyvern_tui.core.runs import RunLine

_COLUMNS: Final = (
    Column("status", "STATUS", 12),
    Column("task", "TASK", 0),
    Column("engine", "ENGINE", 12, drop=80),
    Column("steps", "STEPS", 5, right=True),
    Column("took", "TOOK", 8, right=True),
    Column("age", "AGE", 5, right=True),
)
_GAP: Final = "  "


class RunList(LineList["RunLine"]):
    """Runs, newest first."""

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, has_header=True)
        self._clock = clock

    def key_of(self, row: RunLine) -> object:
        return row.id

    def header(self, width: int) -> Iterable[Span]:
        yield " ", "quiet"
        for column, cells in layout(_COLUMNS, width - 2):
            yield fit(column.title, cells, right=column.right) + _GAP, "quiet"

    def spans(self, row: RunLine, width: int) -> Iterable[Span]:
        yield " ", "plain"
        for column, cells in layout(_COLUMNS, width - 2):
            text, tone = self._cell(row, column.name)
            yield fit(text, cells, right=column.right) + _GAP, tone

    def _cell(self, row: RunLine, name: str) -> Span:
        now = self._clock.now()
        match name:
            case "status":
                glyph, tone = status_look(row.status)
                return f"{glyph} {row.status.replace('_', ' ')}", tone
            case "task":
                return row.name, "plain"
            case "engine":
                return row.kind, "quiet"
            case "steps":
                return ("" if row.steps is None else str(row.steps)), "quiet"
            case "took":
                took = row.took(now)
                return ("" if took is None else duration_words(took)), "quiet" if row.is_final else "plain"
            case _:
                return age_words(row.created_at, now), "quiet"
