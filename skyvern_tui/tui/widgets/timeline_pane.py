"""The timeline of a run, and beside it what is known about the row one is at.

Owns: keeping details and screenshot in step with the cursor. Must not: fetch; it asks the
viewer it was given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

from textual import on, work
from textual.containers import Container, Vertical
from textual.widget import Widget

from skyvern_tui.core.clock import Clock
from skyvern_tui.core.facts import Action, ArtifactFact
from skyvern_tui.core.timeline import Row, details, screenshot_at
from skyvern_tui.tui.server import Troubled
from skyvern_tui.tui.viewing import Viewer
from skyvern_tui.tui.widgets.facts import FactsPane
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.picture import PictureView
from skyvern_tui.tui.widgets.timeline_list import TimelineList

DWELL: Final = 0.05
"""Seconds the cursor stays on something before its file is fetched: running through a list fetches nothing."""


class TimelinePane(Container):
    """Rows, details and, where there is room, what the browser looked like."""

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._clock = clock
        self._artifacts: Sequence[ArtifactFact] = ()
        self._glanced = ""
        """Id of the screenshot that is shown."""
        self.viewer: Viewer | None = None

    def compose(self) -> Iterable[Widget]:
        yield TimelineList(self._clock)
        with Vertical(id="detail"):
            yield FactsPane(id="facts")
            yield PictureView(id="glance")

    @property
    def listing(self) -> TimelineList:
        """The rows."""
        return self.query_one(TimelineList)

    def show(self, rows: Sequence[Row], artifacts: Sequence[ArtifactFact]) -> None:
        """Show the rows of a run and, from its artifacts, its screenshots."""
        self._artifacts = artifacts
        self.listing.set_rows(rows)
        self._glance()

    @property
    def screenshot(self) -> str | None:
        """Id of the screenshot taken for the action under the cursor."""
        row = self.listing.row
        subject = None if row is None else row.event.subject
        own = subject.screenshot if isinstance(subject, Action) else None
        return own if any(artifact.id == own for artifact in self._artifacts) else None

    @property
    def has_failures(self) -> bool:
        """True when there is something to jump to."""
        return any(row.failed for row in self.listing.rows)

    def next_failure(self) -> None:
        """Put the cursor on the next row that failed, from the top again after the last."""
        listing = self.listing
        failed = [place for place, row in enumerate(listing.rows) if row.failed]
        if failed:
            listing.move_to(next((place for place in failed if place > listing.index), failed[0]))

    @on(LineList.Moved, "TimelineList")
    def _moved(self, event: LineList.Moved) -> None:
        self.query_one("#facts", FactsPane).show([] if event.row is None else details(event.row))
        self._glance()

    def _glance(self) -> None:
        row = self.listing.row
        fact = None if row is None else screenshot_at(row, self._artifacts)
        if fact is not None and fact.id != self._glanced and self.screen.has_class("-wide"):
            self._load(fact)

    @work(group="glance", exclusive=True)
    async def _load(self, fact: ArtifactFact) -> None:
        await asyncio.sleep(DWELL)
        if self.viewer is None:
            return
        try:
            shown = await self.viewer.shown(fact)
        except Troubled:
            return  # a look aside; the artifact's own preview says what is wrong
        if shown.picture is not None:
            await self.query_one("#glance", PictureView).show(shown.picture)
            self._glanced = fact.id
