"""The list of runs.

Owns: the columns of a run and how they share the width, the order, and which runs are
marked. Must not: fetch or filter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from textual import events
from textual.message import Message

from skyvern_tui.core.clock import Clock
from skyvern_tui.core.text import age_words, duration_words
from skyvern_tui.tui.drawing import Column, Span, fit, layout
from skyvern_tui.tui.themes import status_look
from skyvern_tui.tui.widgets.lines import LineList

if TYPE_CHECKING:
    from datetime import datetime

    from skyvern_tui.core.runs import RunLine

_COLUMNS: Final = (
    Column("status", "STATUS", 12),
    Column("task", "TASK", 0),
    Column("engine", "ENGINE", 12, drop=80),
    Column("steps", "STEPS", 7, right=True),
    Column("cost", "COST", 7, right=True),
    Column("took", "TOOK", 8, right=True),
    Column("age", "AGE", 5, right=True),
)
_WITHOUT_COST: Final = tuple(column for column in _COLUMNS if column.name != "cost")
ORDERS: Final = ("age", "took", "steps", "cost", "status", "task", "engine")
"""Columns in the order in which a key goes through them; the first is the order to begin with."""
_GAP: Final = "  "


def order_key(column: str, now: datetime) -> Callable[[RunLine], Any]:
    """Return the key to sort runs by a column. Runs for which it is not known go last either way round."""
    keys: dict[str, Callable[[RunLine], Any]] = {
        "took": lambda line: line.took(now) or 0.0,
        "steps": lambda line: line.steps or 0,
        "cost": lambda line: line.cost or 0.0,
        "status": lambda line: (not line.is_final, line.status),
        "task": lambda line: line.name.casefold(),
        "engine": lambda line: line.kind,
    }
    return keys.get(column, lambda line: (line.created_at, line.id))


def _cost_words(cost: float | None) -> str:
    return "" if cost is None else f"{cost:,.4g}"


class RunList(LineList["RunLine"]):
    """Runs, newest first unless sorted otherwise."""

    class Sorted(Message):
        """Another order was asked for with the mouse."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, has_header=True)
        self._clock = clock
        self.order = ORDERS[0]
        self.descending = True
        self.marked: set[str] = set()
        """Ids of marked runs, whether they are shown or not."""
        self._anchor: str | None = None

    @property
    def columns(self) -> Sequence[Column]:
        """The columns there is something to show in: what runs cost few servers say."""
        return _COLUMNS if any(row.cost is not None for row in self.rows) else _WITHOUT_COST

    @property
    def orders(self) -> Sequence[str]:
        """The columns to sort by, in the order a key goes through them."""
        shown = {column.name for column in self.columns}
        return [name for name in ORDERS if name in shown]

    def key_of(self, row: RunLine) -> object:
        return row.id

    def in_order(self, lines: Sequence[RunLine]) -> list[RunLine]:
        """Return runs, which are given newest first, in the order of this list."""
        if self.order == ORDERS[0]:
            return list(lines) if self.descending else list(reversed(lines))
        return sorted(lines, key=order_key(self.order, self._clock.now()), reverse=self.descending)

    def sort_by(self, column: str) -> None:
        """Sort by a column; by the same column again the other way round."""
        names = {"task", "engine"}
        self.descending = not self.descending if column == self.order else column not in names
        self.order = column

    def toggle_mark(self) -> None:
        """Mark the run under the cursor, or unmark it, and go on to the next."""
        if self.row is not None:
            self.marked ^= {self.row.id}
            self._anchor = self.row.id
            self.redraw()
            self.move_to(self.index + 1)

    def mark_range(self) -> None:
        """Mark all runs between the last mark and the cursor."""
        anchor = next((place for place, row in enumerate(self.rows) if row.id == self._anchor), self.index)
        first, last = sorted((anchor, self.index))
        self.marked |= {row.id for row in self.rows[first : last + 1]}
        self.redraw()

    def mark_all(self) -> None:
        """Mark all that are shown; none if all are marked."""
        shown = {row.id for row in self.rows}
        self.marked = self.marked - shown if shown <= self.marked else self.marked | shown
        self.redraw()

    def unmark(self) -> None:
        """Forget the marks."""
        self.marked.clear()
        self.redraw()

    def chosen(self) -> list[RunLine]:
        """Return the marked runs that are shown, or else the one under the cursor."""
        marked = [row for row in self.rows if row.id in self.marked]
        return marked or ([self.row] if self.row is not None else [])

    def marked_rows(self) -> list[RunLine]:
        """Return the marked runs that are shown."""
        return [row for row in self.rows if row.id in self.marked]

    def in_sight(self) -> Sequence[RunLine]:
        """Return the runs on the screen."""
        top = self.scroll_offset.y
        # A list that was just filled has no height yet; it will be no higher than the terminal.
        return self.rows[top : top + (self.size.height or self.app.size.height)]

    def header(self, width: int) -> Iterable[Span]:
        yield " ", "quiet"
        for column, cells in layout(self.columns, width - 2):
            sorted_by = column.name == self.order and (self.order, self.descending) != (ORDERS[0], True)
            title = f"{column.title}{'↓' if self.descending else '↑'}" if sorted_by else column.title
            yield fit(title, cells, right=column.right) + _GAP, "strong" if sorted_by else "quiet"

    def spans(self, row: RunLine, width: int) -> Iterable[Span]:
        yield ("▌", "key") if row.id in self.marked else (" ", "plain")
        for column, cells in layout(self.columns, width - 2):
            text, tone = self._cell(row, column.name)
            yield fit(text, cells, right=column.right) + _GAP, tone

    def _cell(self, row: RunLine, name: str) -> Span:
        now = self._clock.now()
        match name:
            case "status":
                glyph, tone = status_look(row.status)
                return f"{glyph} {row.status.replace('_', ' ')}", tone
            case "task":
                return (f"✎ {row.name}" if row.note else row.name), "plain"
            case "engine" | "cost":
                return (row.kind if name == "engine" else _cost_words(row.cost)), "quiet"
            case "steps":
                of = f"/{row.max_steps}" if row.max_steps and not row.is_final else ""
                return ("" if row.steps is None else f"{row.steps}{of}"), "quiet"
            case "took":
                took = row.took(now)
                return ("" if took is None else duration_words(took)), "quiet" if row.is_final else "plain"
            case _:
                return age_words(row.created_at, now), "quiet"

    def on_click(self, event: events.Click) -> None:
        # Textual calls the base class's handler, too: that one takes care of the rows.
        if event.y:
            return
        x = 1
        for column, cells in layout(self.columns, self.scrollable_content_region.width - 2):
            if x <= event.x < x + cells:
                self.post_message(self.Sorted(column.name))
            x += cells + len(_GAP)
