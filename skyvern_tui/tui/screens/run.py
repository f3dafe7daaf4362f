"""One run: what happens, what came of it, what it left behind, what was asked, who was told, what was answered.

Owns: the tabs of a run and moving between them. Must not: poll (the poller does), word events
(the core does), or know what a tab does: each pane owns its own work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from skyvern_tui.client.models import Run
from skyvern_tui.core.estimate import Estimate, estimate
from skyvern_tui.core.journal import Journal, RunSeen
from skyvern_tui.core.runs import RunLine, line_of, max_steps_of
from skyvern_tui.core.timeline import Timeline
from skyvern_tui.tui import heap
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.poller import RunPoller
from skyvern_tui.tui.screens.rundeeds import HandledRun
from skyvern_tui.tui.viewing import Viewer
from skyvern_tui.tui.widgets.answers_pane import AnswersPane
from skyvern_tui.tui.widgets.artifacts_pane import ArtifactsPane
from skyvern_tui.tui.widgets.bars import ChoiceBar
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.output_pane import OutputPane
from skyvern_tui.tui.widgets.pane import Pane
from skyvern_tui.tui.widgets.request_pane import RequestPane
from skyvern_tui.tui.widgets.run_header import RunHeader
from skyvern_tui.tui.widgets.tab_bar import TabBar
from skyvern_tui.tui.widgets.timeline_pane import TimelinePane
from skyvern_tui.tui.widgets.webhook_pane import WebhookPane

TABS = ("timeline", "output", "artifacts", "request", "webhook", "answers")


class RunScreen(HandledRun):
    """A run, live until it is over."""

    scope = Scope.run
    more_scopes = (Scope.lists, Scope.text, Scope.timeline, Scope.webhook)
    BINDINGS: ClassVar = bindings(Scope.run)
    DEFAULT_CSS = """
    RunScreen {
        #tabs { height: 1fr; }
        ArtifactsPane { layout: vertical; height: 1fr; }
        PreviewPane { display: none; height: 1fr; width: 1fr; }
        .-previewing PreviewPane, .-bare PreviewPane { display: block; }
        .-previewing ArtifactList, .-bare ArtifactList { display: none; }
        &.-wide {
            ArtifactsPane { layout: horizontal; }
            ArtifactList { display: block; width: 48%; min-width: 52; max-width: 62; }
            PreviewPane { display: block; border-left: solid $border-blurred; }
            OutputPane.-tree.-tabled CellTable { display: block; border-left: solid $border-blurred; }
        }
    }
    """

    def __init__(self, run_id: str, run: Run | None = None) -> None:
        super().__init__(run_id)
        self._timeline = Timeline(self.journal)
        self._held = heap.Growing()
        self._poller: RunPoller | None = None
        # The answer to creating a run knows its limit; later answers of some engines don't.
        self._max_steps = max_steps_of(run)
        self._expected: tuple[object, Estimate] | None = None
        self._is_aside = False
        """Whether one is among the artifacts only for the screenshot of a row."""
        self._was_live = False
        """Whether it was seen going on: only then its end is news."""
        if run is not None:
            self.journal.apply(RunSeen(run))

    def body(self) -> Iterable[Widget]:
        clock = self.clock
        yield RunHeader(clock, self.run_id)
        yield TabBar(TABS)
        with ContentSwitcher(initial="timeline", id="tabs"):
            yield TimelinePane(clock, self._timeline, id="timeline")
            yield OutputPane(id="output")
            yield ArtifactsPane(clock, id="artifacts")
            yield RequestPane(id="request")
            yield WebhookPane(clock, id="webhook")
            yield AnswersPane(clock, id="answers")

    @property
    def _events(self) -> TimelinePane:
        return self.query_one(TimelinePane)

    @property
    def files(self) -> ArtifactsPane:
        return self.query_one(ArtifactsPane)

    @property
    def pane(self) -> Widget:
        return self.query_one(f"#{self.tab}")

    def on_mount(self) -> None:
        self._events.listing.focus()
        self._draw()
        self.server_ready()

    def server_ready(self) -> None:
        super().server_ready()
        server = self.server
        if self._poller is None and server is not None:
            self._poller = RunPoller(server, self.run_id, self.journal, self._show)
            self.viewer = self._events.viewer = self.files.viewer = Viewer(server, self.journal)
            self.query_one(AnswersPane).connect(server, self.run_id, self.skyvern.status.secrets)
            self.query_one(WebhookPane).connect(server, self.run_id)
            self._poll()

    def _poll(self) -> None:
        if self._poller is not None:
            self.run_worker(self._poller.run(), group="poll", exclusive=True)

    def look_at(self, journal: Journal) -> None:
        """Show another journal of this run from now on: a replay has a new one whenever it goes back in time."""
        self.journal = journal
        self._timeline = self._events.timeline = self._timeline.over(journal)
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
            self._draw_run(run)
        artifacts = self.journal.artifacts
        self._events.show(artifacts, evidence=self._poller is not None and not self._poller.has_timeline)
        self.files.show(artifacts, over=self.journal.is_final, journal=self.journal)
        if self.tab == "answers":
            self.query_one(AnswersPane).refresh_answers()
        self._say_state()
        self.query_one(TabBar).count("artifacts", len(artifacts))
        self.refresh_bindings()
        self._held.has(len(self.journal.log))

    def on_unmount(self) -> None:
        if self._held.is_large:
            app = self.app
            heap.renew_later(app, lambda: isinstance(app.screen, RunScreen))

    def _draw_run(self, run: Run) -> None:
        line, sent = line_of(run), self.asked_here
        self.query_one(RunHeader).show(line, self._max_steps, self._expect(line))
        self.query_one(OutputPane).show(run, sent)
        self.query_one(RequestPane).show(run, sent, self.base_url, self.skyvern.status.secrets)
        self.query_one(WebhookPane).show(run, sent)
        if run.is_final and self._was_live and self.server is self.skyvern.server:
            self.skyvern.run_ended(line.name, line.status)
        self._was_live = not run.is_final

    def _expect(self, line: RunLine) -> Estimate:
        """Judge by runs like this one; once, unless it turns out to be another kind of run."""
        likeness = (line.prompt, line.url, line.kind)
        if self._expected is None or self._expected[0] != likeness:
            self._expected = (likeness, estimate(line, self.known_lines()))
        return self._expected[1]

    def _say_state(self) -> None:
        self.query_one(TabBar).say(self._events.state if self.tab == "timeline" else "")

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

    @on(TimelinePane.Turned)
    def _timeline_turned(self) -> None:
        self._say_state()
        self.refresh_bindings()

    @on(TimelinePane.ScreenshotWanted)
    def _screenshot_wanted(self, event: TimelinePane.ScreenshotWanted) -> None:
        self.action_show_tab("artifacts")
        self.files.go_to(event.artifact_id)
        self._is_aside = True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        if not self.is_live:
            return True
        run, pane = self.journal.run, self.pane
        mine = pane if isinstance(pane, Pane) else None
        usable: dict[str, Callable[[], bool]] = {
            "cancel_run": lambda: run is not None and not run.is_final,
            "open_browser": lambda: run is not None and bool(run.app_url),
            "again": lambda: self.is_known,
            "rerun": lambda: self.is_known,
            "next_failure": lambda: self._events.has_failures,
            "copy": lambda: mine is None or mine.can_copy,
            "save": lambda: self.files.selected is not None if mine is None else mine.can_save,
            "turn": lambda: mine is not None and mine.can_turn,
            "view": lambda: self.files.can_open if mine is None else mine.can_open,
        }
        return usable[action]() if action in usable else True

    def action_back(self) -> None:
        """Back to the row whose screenshot was looked at, back within the tab, or to the runs."""
        pane = self.pane
        if self._is_aside:
            self.files.leave()
            self.action_show_tab("timeline")
        elif not (isinstance(pane, (Pane, ArtifactsPane)) and pane.leave()):
            if self.journal.run is not None and self.server is self.skyvern.server:
                self.skyvern.saw(self.journal.run)
            self.dismiss()

    def action_show_tab(self, name: str) -> None:
        """Show a tab and give it the keys."""
        self._is_aside = False
        self.query_one("#tabs", ContentSwitcher).current = name
        self.query_one(TabBar).turn_to(name)
        self._say_state()
        pane = self.pane
        if isinstance(pane, (Pane, ArtifactsPane)):
            pane.enter()
        self.refresh_bindings()

    def action_turn_tab(self, step: int) -> None:
        """Show the next or previous tab."""
        self.action_show_tab(TABS[(TABS.index(self.tab) + step) % len(TABS)])

    def action_view(self) -> None:
        """Open what is under the cursor: fold, show a screenshot, show a file."""
        pane = self.pane
        if isinstance(pane, (Pane, ArtifactsPane)):
            pane.open()

    def action_turn(self) -> None:
        """Show what is shown the next way."""
        if isinstance(self.pane, Pane):
            self.pane.turn()

    def action_step(self, step: int) -> None:
        """Show the next or previous artifact."""
        if self.tab != "artifacts":
            self.action_show_tab("artifacts")
        self.files.step(step)

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
        self.query_one(WebhookPane).ask()
