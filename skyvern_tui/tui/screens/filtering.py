"""Which runs the list shows, and in which order: the filter bar, the usual filters, sorting, finding one.

Owns: the text of the filter and what it means now. Must not: judge runs (the core does) or draw them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from skyvern_tui.core.text import one_line
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.widgets.line_input import LineInput
from skyvern_tui.tui.widgets.run_list import RunList

if TYPE_CHECKING:
    from skyvern_tui.core.runfilter import RunFilter
    from skyvern_tui.core.runs import RunBook, RunLine


class SievedRuns(Page):
    """A screen with a list of runs of which some are shown."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.needle = ""
        """The filter as typed."""
        self.sieve: RunFilter | None = None
        """What it means; None shows all."""

    @property
    def listing(self) -> RunList:
        """The list."""
        return self.query_one(RunList)

    @property
    def book(self) -> RunBook | None:
        """The runs there are to show."""
        raise NotImplementedError

    def show_runs(self) -> None:
        """Draw what the book holds."""
        raise NotImplementedError

    def show_place(self) -> None:
        """Say how many are shown and marked."""
        raise NotImplementedError

    def filter_bar(self) -> Widget:
        """Return the line the filter is typed into."""
        placeholder = "words, status:failed, status:live, engine:…, age:<2h, took:>5m, -not"
        return Horizontal(
            LineInput(placeholder=placeholder, id="filter", compact=True, select_on_focus=False),
            Static("", id="filter-fault", markup=False),
            id="filter-bar",
        )

    def sieved(self) -> list[RunLine]:
        """Return the runs that pass the filter, in order."""
        if self.book is None:
            return []
        notes = self.skyvern.memory.notes
        lines = [
            replace(line, note=one_line(notes[line.id])) if line.id in notes else line for line in self.book.lines()
        ]
        if self.sieve is not None:
            now = self.skyvern.clock.now()
            lines = [line for line in lines if self.sieve.keeps(line, now)]
        return self.listing.in_order(lines)

    def marks_changed(self) -> None:
        """Say how many runs are marked, and what can be done with them."""
        self.show_place()
        self.refresh_bindings()

    def action_find(self) -> None:
        """Look for a run by a few of its letters."""
        from skyvern_tui.tui.finding import find_run  # noqa: PLC0415 - loaded when first needed

        book = self.book
        if book is not None:
            find_run(self.skyvern, book.lines(), lambda line: self.skyvern.open_run(line.id, book.run(line.id)))

    def action_sort(self) -> None:
        """Sort by the next column."""
        listing = self.listing
        orders = listing.orders
        place = orders.index(listing.order) + 1 if listing.order in orders else 0
        self._sort(orders[place % len(orders)])

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._sort(self.listing.order)

    @on(RunList.Sorted)
    def _sorted(self, event: RunList.Sorted) -> None:
        self._sort(event.column)

    def _sort(self, column: str) -> None:
        self.listing.sort_by(column)
        self.listing.redraw()
        self.show_runs()

    def action_filter(self) -> None:
        """Ask for words."""
        self.add_class("-filtering")
        self.query_one("#filter").focus()
        self.refresh_bindings()

    def action_which(self) -> None:
        """Go to the next of the usual filters."""
        from skyvern_tui.core.runfilter import PRESETS  # noqa: PLC0415 - loads the wire models

        field = self.query_one("#filter", Input)
        place = PRESETS.index(field.value) if field.value in PRESETS else 0
        field.value = PRESETS[(place + 1) % len(PRESETS)]
        self.set_class(bool(field.value), "-filtering")

    def action_unfilter(self) -> None:
        """Forget the marks; without marks, show all runs again."""
        if self.listing.marked and not self.query_one("#filter").has_focus:
            self.listing.unmark()
            self.marks_changed()
            return
        self.query_one("#filter", Input).value = ""
        self.remove_class("-filtering")
        self.listing.focus()
        self.refresh_bindings()

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        from skyvern_tui.core.runfilter import read_filter  # noqa: PLC0415 - loads the wire models

        self.needle = event.value.strip()
        self.sieve = read_filter(self.needle) if self.needle else None
        self.query_one("#filter-fault", Static).update("" if self.sieve is None else self.sieve.fault)
        self.show_runs()

    @on(Input.Submitted, "#filter")
    def _filter_done(self) -> None:
        if self.listing.rows:
            self.listing.focus()
        if not self.needle:
            self.action_unfilter()
