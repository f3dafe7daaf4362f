"""One run: what happens, what came of it, what it left behind, what was asked.

Owns: the panes of a run and moving between them. Must not: poll (the poller does), word
events (the core does) or parse artifacts (the viewer does).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import ClassVar

from textual import on, work
from textual.containers import Container, Vertical
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from skyvern_tui.client.models import Run
from skyvern_tui.core.draft import Draft
from skyvern_tui.core.facts import Action, ArtifactFact
from skyvern_tui.core.journal import Journal, RunSeen
from skyvern_tui.core.jsontext import json_lines
from skyvern_tui.core.runs import line_of, max_steps_of
from skyvern_tui.core.saving import save
from skyvern_tui.core.shelf import Group, Item, shelve
from skyvern_tui.core.text import inert
from skyvern_tui.core.timeline import Timeline, details, screenshot_at
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.highlight import painter
from skyvern_tui.tui.poller import RunPoller
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.server import Troubled
from skyvern_tui.tui.viewing import Viewer
from skyvern_tui.tui.widgets.artifact_list import ArtifactList
from skyvern_tui.tui.widgets.bars import ChoiceBar
from skyvern_tui.tui.widgets.facts import FactsPane
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.output_pane import OutputPane
from skyvern_tui.tui.widgets.picture import PictureView
from skyvern_tui.tui.widgets.preview_pane import PreviewPane
from skyvern_tui.tui.widgets.run_header import RunHeader
from skyvern_tui.tui.widgets.tab_bar import TabBar
from skyvern_tui.tui.widgets.text_view import TextView
from skyvern_tui.tui.widgets.timeline_list import TimelineList

TABS = ("timeline", "output", "artifacts", "request")
_UNASKED_LIMIT = 5_000_000
"""Bytes up to which the artifact under the cursor is fetched without being asked for."""
_DWELL = 0.05
"""Seconds the cursor stays before its artifact is fetched: running through the list fetches nothing."""


class RunScreen(Page):
    """A run, live until it is over."""

    scope = Scope.run
    more_scopes = (Scope.lists, Scope.text)
    BINDINGS: ClassVar = bindings(Scope.run)
    DEFAULT_CSS = """
    RunScreen {
        #tabs { height: 1fr; }
        #timeline, #artifacts { layout: vertical; height: 1fr; }
        #detail { height: 6; border-top: solid $border-blurred; }
        #glance { display: none; }
        #request { padding: 1 2; }
        PreviewPane { display: none; height: 1fr; width: 1fr; }
        &.-previewing PreviewPane { display: block; }
        &.-previewing ArtifactList { display: none; }
        &.-wide {
            #timeline, #artifacts { layout: horizontal; }
            TimelineList { width: 2fr; }
            #detail { width: 1fr; height: 1fr; border-top: none; border-left: solid $border-blurred; }
            #facts { height: auto; max-height: 50%; padding: 0 2; }
            #glance { display: block; margin: 1 2; }
            ArtifactList { display: block; width: 52; }
            PreviewPane { display: block; border-left: solid $border-blurred; }
        }
    }
    """

    def __init__(self, run_id: str, run: Run | None = None) -> None:
        super().__init__(f"Run  {inert(run_id)}")
        self.run_id = run_id
        self.journal = Journal()
        self._timeline = Timeline(self.journal)
        self._poller: RunPoller | None = None
        self._viewer: Viewer | None = None
        self._turned: set[str] = set()
        """Groups of artifacts a person folded or opened."""
        self._glanced = ""
        """Id of the screenshot beside the timeline."""
        # The answer to creating a run knows its limit; later answers of some engines don't.
        self._max_steps = max_steps_of(run)
        if run is not None:
            self.journal.apply(RunSeen(run))

    def body(self) -> Iterable[Widget]:
        clock = self.skyvern.clock
        yield RunHeader(clock, self.run_id)
        yield TabBar(TABS)
        with ContentSwitcher(initial="timeline", id="tabs"):
            with Container(id="timeline"):
                yield TimelineList(clock)
                with Vertical(id="detail"):
                    yield FactsPane(id="facts")
                    yield PictureView(id="glance")
            yield OutputPane(id="output")
            with Container(id="artifacts"):
                yield ArtifactList(clock)
                yield PreviewPane()
            yield TextView(id="request")

    def on_mount(self) -> None:
        self.query_one(TimelineList).focus()
        self._draw()
        self.server_ready()

    def server_ready(self) -> None:
        super().server_ready()
        server = self.skyvern.server
        if self._poller is None and server is not None:
            self._poller = RunPoller(server, self.run_id, self.journal, self._show)
            self._viewer = Viewer(server, self.journal)
            self._poll()

    def _poll(self) -> None:
        if self._poller is not None:
            self.run_worker(self._poller.run(), group="poll", exclusive=True)

    @property
    def tab(self) -> str:
        """Name of the tab that is shown."""
        return self.query_one("#tabs", ContentSwitcher).current or TABS[0]

    def _show(self) -> None:
        """The poller has something new."""
        if self.is_live:
            if self._poller is not None and self._poller.trouble is not None:
                self.tell(self._poller.trouble)
            self._draw()

    def _draw(self) -> None:
        """Draw what the journal holds."""
        run = self.journal.run
        if run is not None:
            self.query_one(RunHeader).show(line_of(run), self._max_steps)
            self.query_one(OutputPane).show(run)
            self._show_request(run)
        evidence = self._poller is not None and not self._poller.has_timeline
        self.query_one(TimelineList).set_rows(self._timeline.rows(evidence=evidence))
        self._show_artifacts()
        self._glance()
        self.query_one(TabBar).count("artifacts", len(self.journal.artifacts))
        self.refresh_bindings()

    def _show_request(self, run: Run) -> None:
        asked = {name: value for name, value in (run.run_request or {}).items() if value is not None}
        lines, _ = json_lines(asked)
        view = self.query_one("#request", TextView)
        if list(view.lines) != lines:
            view.show(lines, painter(lines, "json"))

    def _show_artifacts(self) -> None:
        self.query_one(ArtifactList).set_rows(shelve(self.journal.artifacts, self._turned))
        if not self.journal.artifacts:
            over = self.journal.is_final
            self.query_one(PreviewPane).say("This run left no artifacts." if over else "No artifacts yet.")

    def tick(self) -> None:
        super().tick()
        self.query_one(RunHeader).refresh()

    @on(LineList.Moved, "TimelineList")
    def _row_moved(self, event: LineList.Moved) -> None:
        row = event.row
        self.query_one("#facts", FactsPane).show([] if row is None else details(row))
        self.refresh_bindings()
        self._glance()

    def _glance(self) -> None:
        """Show what the browser looked like at the row under the cursor, where there is room."""
        row = self.query_one(TimelineList).row
        fact = None if row is None else screenshot_at(row, self.journal.artifacts)
        if fact is not None and fact.id != self._glanced and self.has_class("-wide"):
            self._load_glance(fact)

    @work(group="glance", exclusive=True)
    async def _load_glance(self, fact: ArtifactFact) -> None:
        await asyncio.sleep(_DWELL)
        if self._viewer is None:
            return
        try:
            shown = await self._viewer.shown(fact)
        except Troubled:
            return  # a look aside; the artifact's own preview says what is wrong
        if shown.picture is not None:
            await self.query_one("#glance", PictureView).show(shown.picture)
            self._glanced = fact.id

    @on(LineList.Moved, "ArtifactList")
    def _artifact_moved(self, event: LineList.Moved) -> None:
        self.refresh_bindings()
        if self.tab == "artifacts" and (self.has_class("-wide") or self.has_class("-previewing")):
            self._preview(event.row, asked=False)

    @on(LineList.Chosen)
    def _row_chosen(self) -> None:
        self.action_view()

    @on(ChoiceBar.Picked, "TabBar")
    def _tab_picked(self, event: ChoiceBar.Picked) -> None:
        self.action_show_tab(event.value)

    def _preview(self, row: Group | Item | None, *, asked: bool) -> None:
        pane = self.query_one(PreviewPane)
        match row:
            case Group():
                pane.show_group(row)
            case Item(fact) if not asked and (fact.size or 0) > _UNASKED_LIMIT:
                pane.say("Large: enter fetches it, s saves it to disk.", fact.type)
            case Item(fact):
                self._load(fact, asked=asked)

    @work(group="preview", exclusive=True)
    async def _load(self, fact: ArtifactFact, *, asked: bool) -> None:
        if self._viewer is None:
            return
        if not asked:
            await asyncio.sleep(_DWELL)
        pane = self.query_one(PreviewPane)
        try:
            shown = await self._viewer.shown(fact)
        except Troubled as error:
            pane.say(f"{error.trouble.message}\n{error.trouble.hint}", fact.type)
            return
        await pane.show(shown)
        if asked:
            pane.body.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        if not self.is_live:
            return True
        run = self.journal.run
        usable = {
            "cancel_run": run is not None and not run.is_final,
            "copy": run is not None and (run.output is not None or bool(run.failure_reason)),
            "open_browser": run is not None and bool(run.app_url),
            "again": run is not None and bool(run.run_request),
            "next_failure": any(row.failed for row in self.query_one(TimelineList).rows),
            "save": self._saveable() is not None,
            "view": self.tab == "artifacts" or self._screenshot() is not None,
        }
        return usable.get(action, True)

    def _selected(self) -> ArtifactFact | None:
        row = self.query_one(ArtifactList).row
        return row.fact if isinstance(row, Item) else None

    def _saveable(self) -> ArtifactFact | Run | None:
        """Return what ``save`` would save now."""
        run = self.journal.run
        if self.tab == "output":
            return run if run is not None and run.output is not None else None
        return self._selected() if self.tab == "artifacts" else None

    def _screenshot(self) -> str | None:
        """Return the id of the screenshot of the action under the cursor, if it was listed."""
        row = self.query_one(TimelineList).row
        subject = None if row is None or self.tab != "timeline" else row.event.subject
        if not isinstance(subject, Action) or subject.screenshot not in self.journal.latest_artifacts:
            return None
        return subject.screenshot

    def action_back(self) -> None:
        """Back to the list of artifacts, or to the runs."""
        pane = self.query_one(PreviewPane)
        inside = self.focused is not None and pane in self.focused.ancestors
        if self.tab == "artifacts" and (inside or (self.has_class("-previewing") and not self.has_class("-wide"))):
            self.remove_class("-previewing")
            self.query_one(ArtifactList).focus()
        else:
            self.dismiss()

    def action_show_tab(self, name: str) -> None:
        """Show a tab and give it the keys."""
        self.query_one("#tabs", ContentSwitcher).current = name
        self.query_one(TabBar).turn_to(name)
        focus = {
            "timeline": "TimelineList",
            "output": "#output-text",
            "artifacts": "ArtifactList",
            "request": "#request",
        }
        self.query_one(focus[name]).focus()
        if name == "artifacts" and self.has_class("-wide"):
            self._preview(self.query_one(ArtifactList).row, asked=False)
        self.refresh_bindings()

    def action_turn_tab(self, step: int) -> None:
        """Show the next or previous tab."""
        self.action_show_tab(TABS[(TABS.index(self.tab) + step) % len(TABS)])

    def action_view(self) -> None:
        """Show the artifact under the cursor, fold or open a group, or show the screenshot of an action."""
        if self.tab == "timeline":
            screenshot = self._screenshot()
            if screenshot is not None:
                self._go_to_artifact(screenshot)
            return
        listing = self.query_one(ArtifactList)
        row = listing.row
        if isinstance(row, Group):
            self._turned ^= {row.type}
            self._show_artifacts()
            self._preview(listing.row, asked=True)
        elif isinstance(row, Item):
            self.add_class("-previewing")
            self._preview(row, asked=True)

    def _go_to_artifact(self, artifact_id: str) -> None:
        listing = self.query_one(ArtifactList)
        for turned in (self._turned, self._turned ^ {self.journal.latest_artifacts[artifact_id].artifact_type}):
            self._turned = turned
            self._show_artifacts()
            for place, row in enumerate(listing.rows):
                if isinstance(row, Item) and row.fact.id == artifact_id:
                    self.action_show_tab("artifacts")
                    listing.move_to(place)
                    self.action_view()
                    return

    def action_step(self, step: int) -> None:
        """Show the next or previous artifact."""
        self.action_show_tab("artifacts")
        listing = self.query_one(ArtifactList)
        listing.move_to(listing.index + step)

    def action_next_failure(self) -> None:
        """Put the cursor on the next row that failed, from the top again after the last."""
        listing = self.query_one(TimelineList)
        failed = [place for place, row in enumerate(listing.rows) if row.failed]
        if failed:
            self.action_show_tab("timeline")
            listing.move_to(next((place for place in failed if place > listing.index), failed[0]))

    def action_refresh(self) -> None:
        """Ask now, also about a run that is over."""
        if self._poller is not None:
            if self._poller.settled:
                self._poller.settled = False
                self._poll()
            self._poller.alarm.ring()

    def action_copy(self) -> None:
        """Copy the output, or failing that the reason why there is none."""
        run = self.journal.run
        if run is not None and run.output is not None:
            self.skyvern.copy(json.dumps(run.output, indent=2, ensure_ascii=False), "the output")
        elif run is not None and run.failure_reason:
            self.skyvern.copy(run.failure_reason, "the failure reason")

    def action_open_browser(self) -> None:
        """Open the run's page."""
        run = self.journal.run
        if run is not None and run.app_url:
            self.app.open_url(run.app_url)

    def action_again(self) -> None:
        """Write a task from this one."""
        run = self.journal.run
        if run is not None and run.run_request:
            self.skyvern.compose_task(Draft.from_request(run.run_request).to_dict())

    @work(group="cancel")
    async def action_cancel_run(self) -> None:
        """Cancel this run."""
        run = self.journal.run
        if run is not None and await self.cancel(run.run_id, line_of(run).name):
            self.action_refresh()

    @work(group="save")
    async def action_save(self) -> None:
        """Save the artifact under the cursor, or the output."""
        wanted = self._saveable()
        if wanted is None or self._viewer is None:
            return
        try:
            if isinstance(wanted, Run):
                name, data = "output.json", json.dumps(wanted.output, indent=2, ensure_ascii=False).encode()
            else:
                name, data = wanted.name, await self._viewer.content(wanted)
            path = await asyncio.to_thread(save, self.skyvern.downloads / self.run_id, name, data)
        except Troubled as error:
            self.tell(error.trouble)
        except OSError as error:
            self.notify(f"Not saved: {error}", severity="error", markup=False)
        else:
            self.notify(f"Saved to {path}", markup=False)
