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
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from skyvern_tui.client.models import Run
from skyvern_tui.core.draft import Draft
from skyvern_tui.core.facts import ArtifactFact
from skyvern_tui.core.journal import Journal, RunSeen
from skyvern_tui.core.jsontext import json_lines
from skyvern_tui.core.runs import line_of, max_steps_of
from skyvern_tui.core.saving import save
from skyvern_tui.core.text import inert
from skyvern_tui.core.timeline import Timeline
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.highlight import painter
from skyvern_tui.tui.poller import RunPoller
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.server import Troubled
from skyvern_tui.tui.viewing import Viewer
from skyvern_tui.tui.widgets.artifacts_pane import ArtifactsPane
from skyvern_tui.tui.widgets.bars import ChoiceBar
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.output_pane import OutputPane
from skyvern_tui.tui.widgets.run_header import RunHeader
from skyvern_tui.tui.widgets.tab_bar import TabBar
from skyvern_tui.tui.widgets.text_view import TextView
from skyvern_tui.tui.widgets.timeline_pane import TimelinePane

TABS = ("timeline", "output", "artifacts", "request")


class RunScreen(Page):
    """A run, live until it is over."""

    scope = Scope.run
    more_scopes = (Scope.lists, Scope.text)
    BINDINGS: ClassVar = bindings(Scope.run)
    DEFAULT_CSS = """
    RunScreen {
        #tabs { height: 1fr; }
        TimelinePane, ArtifactsPane { layout: vertical; height: 1fr; }
        #detail { height: 6; border-top: solid $border-blurred; }
        #glance { display: none; }
        #request { padding: 1 2; }
        PreviewPane { display: none; height: 1fr; width: 1fr; }
        .-previewing PreviewPane, .-bare PreviewPane { display: block; }
        .-previewing ArtifactList, .-bare ArtifactList { display: none; }
        &.-wide {
            TimelinePane, ArtifactsPane { layout: horizontal; }
            TimelineList { width: 2fr; }
            #detail { width: 1fr; height: 1fr; border-top: none; border-left: solid $border-blurred; }
            #facts { height: auto; max-height: 50%; padding: 0 2; }
            #glance { display: block; margin: 1 2; }
            ArtifactList { display: block; width: 56; }
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
        # The answer to creating a run knows its limit; later answers of some engines don't.
        self._max_steps = max_steps_of(run)
        if run is not None:
            self.journal.apply(RunSeen(run))

    def body(self) -> Iterable[Widget]:
        clock = self.clock
        yield RunHeader(clock, self.run_id)
        yield TabBar(TABS)
        with ContentSwitcher(initial="timeline", id="tabs"):
            yield TimelinePane(clock, id="timeline")
            yield OutputPane(id="output")
            yield ArtifactsPane(clock, id="artifacts")
            yield TextView(id="request")

    @property
    def _events(self) -> TimelinePane:
        return self.query_one(TimelinePane)

    @property
    def _files(self) -> ArtifactsPane:
        return self.query_one(ArtifactsPane)

    def on_mount(self) -> None:
        self._events.listing.focus()
        self._draw()
        self.server_ready()

    def server_ready(self) -> None:
        super().server_ready()
        server = self.server
        if self._poller is None and server is not None:
            self._poller = RunPoller(server, self.run_id, self.journal, self._show)
            self._viewer = self._events.viewer = self._files.viewer = Viewer(server, self.journal)
            self._poll()

    def _poll(self) -> None:
        if self._poller is not None:
            self.run_worker(self._poller.run(), group="poll", exclusive=True)

    def look_at(self, journal: Journal) -> None:
        """Show another journal of this run from now on: a replay has a new one whenever it goes back in time."""
        self.journal = journal
        self._timeline = Timeline(journal)
        if self._poller is not None:
            self._poller.journal = journal
        self._draw()

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
        """Draw what the journal holds; nothing once the screen is gone, however late the news came."""
        if self.is_leaving:
            return
        run = self.journal.run
        if run is not None:
            self.query_one(RunHeader).show(line_of(run), self._max_steps)
            self.query_one(OutputPane).show(run)
            self._show_request(run)
        evidence = self._poller is not None and not self._poller.has_timeline
        artifacts = self.journal.artifacts
        self._events.show(self._timeline.rows(evidence=evidence), artifacts)
        self._files.show(artifacts, over=self.journal.is_final)
        self.query_one(TabBar).count("artifacts", len(artifacts))
        self.refresh_bindings()

    def _show_request(self, run: Run) -> None:
        asked = {name: value for name, value in (run.run_request or {}).items() if value is not None}
        lines, _ = json_lines(asked)
        view = self.query_one("#request", TextView)
        if list(view.lines) != lines:
            view.show(lines, painter(lines, "json"))

    def tick(self) -> None:
        super().tick()
        if self.is_live:
            self.query_one(RunHeader).refresh()

    @on(LineList.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(LineList.Chosen)
    def _row_chosen(self) -> None:
        self.action_view()

    @on(ChoiceBar.Picked, "TabBar")
    def _tab_picked(self, event: ChoiceBar.Picked) -> None:
        self.action_show_tab(event.value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        if not self.is_live:
            return True
        run = self.journal.run
        usable = {
            "cancel_run": run is not None and not run.is_final,
            "copy": run is not None and (run.output is not None or bool(run.failure_reason)),
            "open_browser": run is not None and bool(run.app_url),
            "again": run is not None and bool(run.run_request),
            "next_failure": self._events.has_failures,
            "save": self._saveable() is not None,
            "view": self.tab == "artifacts" or (self.tab == "timeline" and self._events.screenshot is not None),
        }
        return usable.get(action, True)

    def _saveable(self) -> ArtifactFact | Run | None:
        """Return what ``save`` would save now."""
        run = self.journal.run
        if self.tab == "output":
            return run if run is not None and run.output is not None else None
        return self._files.selected if self.tab == "artifacts" else None

    def action_back(self) -> None:
        """Back to the list of artifacts, or to the runs."""
        if self.tab != "artifacts" or not self._files.leave():
            self.dismiss()

    def action_show_tab(self, name: str) -> None:
        """Show a tab and give it the keys."""
        self.query_one("#tabs", ContentSwitcher).current = name
        self.query_one(TabBar).turn_to(name)
        if name == "artifacts":
            self._files.enter()
        else:
            keys = {"timeline": "TimelineList", "output": "#output-text", "request": "#request"}
            self.query_one(keys[name]).focus()
        self.refresh_bindings()

    def action_turn_tab(self, step: int) -> None:
        """Show the next or previous tab."""
        self.action_show_tab(TABS[(TABS.index(self.tab) + step) % len(TABS)])

    def action_view(self) -> None:
        """Show the artifact under the cursor, fold or open a group, or show the screenshot of an action."""
        if self.tab == "artifacts":
            self._files.open()
        elif self.tab == "timeline" and self._events.screenshot is not None:
            screenshot = self._events.screenshot
            self.action_show_tab("artifacts")
            self._files.go_to(screenshot)

    def action_step(self, step: int) -> None:
        """Show the next or previous artifact."""
        if self.tab != "artifacts":
            self.action_show_tab("artifacts")
        self._files.listing.move_to(self._files.listing.index + step)

    def action_next_failure(self) -> None:
        """Go to the next thing that failed."""
        if self._events.has_failures:
            self.action_show_tab("timeline")
            self._events.next_failure()

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
