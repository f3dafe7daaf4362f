"""The timeline of a run, and beside it what is known about the row one is at.

Owns: keeping details and screenshot in step with the cursor, folding, leaving out, pausing
and going from failure to failure. Must not: fetch; it asks the viewer it was given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, cast

from textual import on, work
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from skyvern_tui.core.clock import Clock
from skyvern_tui.core.facts import ArtifactFact
from skyvern_tui.core.rows import Screenshots, details
from skyvern_tui.core.timeline import Level, Timeline
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.server import Troubled
from skyvern_tui.tui.viewing import Viewer
from skyvern_tui.tui.widgets.facts import FactsPane
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.pane import Copy, Pane
from skyvern_tui.tui.widgets.picture import PictureView, framed
from skyvern_tui.tui.widgets.split import Split
from skyvern_tui.tui.widgets.timeline_list import TimelineList

DWELL: Final = 0.05
"""Seconds the cursor stays on something before its file is fetched: running through a list fetches nothing."""
_LEVELS: Final = tuple(Level)


class TimelinePane(Pane):
    """Rows, details and, where there is room, what the browser looked like."""

    scope = Scope.timeline
    BINDINGS: ClassVar = bindings(Scope.timeline)
    DEFAULT_CSS = """
    TimelinePane {
        .-stacked #detail { border-top: solid $border-blurred; }
        #facts { height: auto; max-height: 45%; padding: 0 2; }
        .-stacked #facts { height: 1fr; max-height: 100%; padding: 0 1; }
        #glance { margin: 1 2; }
        .-stacked #glance { display: none; }
    }
    """

    class Turned(Message):
        """Its reader paused it, or wants more or less of it."""

    class ScreenshotWanted(Message):
        """What the browser looked like is to be shown as large as there is room."""

        def __init__(self, artifact_id: str) -> None:
            super().__init__()
            self.artifact_id = artifact_id

    def __init__(self, clock: Clock, timeline: Timeline, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._clock = clock
        self.timeline = timeline
        """The rows of the run; to be replaced where another journal of it is to be shown."""
        self._evidence = False
        self._artifacts: Sequence[ArtifactFact] = ()
        self._shots = Screenshots(())
        self._glanced = ""
        """Id of the screenshot that is shown."""
        self.viewer: Viewer | None = None
        self.can_pause = True
        """Whether what comes can be held back: a replay has a pause of its own."""

    def compose(self) -> Iterable[Widget]:
        detail = Vertical(FactsPane(id="facts"), PictureView(id="glance"), id="detail")
        kept = cast("Page", self.screen).split_kept("timeline-split")
        yield Split(TimelineList(self._clock), detail, share=34, kept=kept, stacked=6, id="timeline-split")

    @property
    def listing(self) -> TimelineList:
        """The rows."""
        return self.query_one(TimelineList)

    def enter(self) -> None:
        self.listing.focus()

    def show(self, artifacts: Sequence[ArtifactFact], *, evidence: bool) -> None:
        """Show the run as it is now, with screenshots from its artifacts; with ``evidence`` they are rows, too."""
        if artifacts is not self._artifacts:
            self._artifacts, self._shots = artifacts, Screenshots(artifacts)
        self._evidence = evidence
        self._list()
        self._glance()

    def _list(self) -> None:
        self.listing.set_rows(self.timeline.rows(evidence=self._evidence))

    @property
    def state(self) -> str:
        """What a reader should know of how this is shown; empty if all of it is, and followed."""
        parts = [] if self.timeline.level is Level.all else [self.timeline.level.value]
        if self.timeline.is_paused:
            waiting = self.timeline.waiting
            parts.append(f"paused, {waiting} new" if waiting else "paused")
        return " · ".join(parts)

    @property
    def screenshot(self) -> str | None:
        """Id of what the browser looked like at the row under the cursor."""
        row = self.listing.row
        fact = None if row is None else self._shots.at(row)
        return None if fact is None else fact.id

    @property
    def can_open(self) -> bool:
        row = self.listing.row
        return row is not None and (self.timeline.can_fold(row) or self.screenshot is not None)

    def open(self) -> None:
        """Fold or open the block under the cursor, or show the screenshot of what it is on."""
        row = self.listing.row
        if row is not None and self.timeline.fold(row):
            self._list()
        elif self.screenshot is not None:
            self.post_message(self.ScreenshotWanted(self.screenshot))

    @property
    def has_failures(self) -> bool:
        """True when there is something to jump to."""
        return self.timeline.has_failures

    def next_failure(self) -> None:
        """Put the cursor on the next row that failed, from the top again after the last."""
        self.timeline.reveal_failures()
        self._list()
        listing = self.listing
        places = range(len(listing.rows))
        for place in (*places[listing.index + 1 :], *places[: listing.index + 1]):
            if listing.rows[place].failed:
                listing.move_to(place)
                return

    @property
    def can_copy(self) -> bool:
        return self.listing.row is not None

    def copied(self) -> Copy | None:
        row = self.listing.row
        if row is None:
            return None
        text = "\n".join(f"{label}: {text}" for label, text in details(row, self.timeline.journal.run))
        return Copy(text, f"what is known of this {row.head}") if text else None

    def place(self) -> Copy | None:
        row = self.listing.row
        name = None if row is None else getattr(row.event.subject, "id", None)
        return Copy(name, "the id") if isinstance(name, str) else None

    def action_verbosity(self) -> None:
        """Tell less, or everything again."""
        self.timeline.level = _LEVELS[(_LEVELS.index(self.timeline.level) + 1) % len(_LEVELS)]
        self._turned()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a pause only where something may come."""
        if action == "pause":
            return self.can_pause and (self.timeline.is_paused or not self.timeline.journal.is_final)
        return super().check_action(action, parameters)

    def action_pause(self) -> None:
        """Hold still, or show what came meanwhile and follow it."""
        if self.timeline.is_paused:
            self.timeline.resume()
            self.listing.follow = True
            self._turned()
            self.listing.action_last()
        else:
            self.timeline.pause()
            self.listing.follow = False
            self._turned()

    def action_fold_all(self) -> None:
        """Fold all blocks, or open them."""
        self.timeline.fold_all()
        self._turned()

    def _turned(self) -> None:
        self._list()
        self.post_message(self.Turned())

    @on(LineList.Moved, "TimelineList")
    def _moved(self, event: LineList.Moved) -> None:
        run = self.timeline.journal.run
        self.query_one("#facts", FactsPane).show([] if event.row is None else details(event.row, run))
        self._glance()

    def _glance(self) -> None:
        """Show beside the rows what the browser looked like: while they are followed, as it looks now."""
        if not self.screen.has_class("-wide"):
            return
        listing = self.listing
        row = listing.row
        following = listing.follow and listing.at_end and not self.timeline.journal.is_final
        here = None if row is None else self._shots.at(row)
        fact = self._shots.latest if following else here
        if fact is not None and fact.id != self._glanced:
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
            glance = self.query_one("#glance", PictureView)
            await glance.show(framed(shown.picture, *glance.size))
            self._glanced = fact.id
