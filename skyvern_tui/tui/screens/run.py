"""One run: what happens, what came of it, what it left behind, what was asked, who was told, what was answered.

Owns: the tabs of a run, moving between them, and what can be done with the run as a whole.
Must not: poll (the poller does), word events (the core does), or know what a tab does: each
pane owns its own work.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from textual import on, work
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from skyvern_tui.client.models import Run
from skyvern_tui.core.draft import Draft, DraftInvalid, to_request
from skyvern_tui.core.estimate import Estimate, estimate
from skyvern_tui.core.facts import ArtifactFact
from skyvern_tui.core.journal import Journal, RunSeen
from skyvern_tui.core.runs import RunLine, line_of, max_steps_of
from skyvern_tui.core.saving import save
from skyvern_tui.core.text import inert
from skyvern_tui.core.timeline import Timeline
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.poller import RunPoller
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.server import Troubled
from skyvern_tui.tui.viewing import Viewer
from skyvern_tui.tui.widgets.answers_pane import AnswersPane
from skyvern_tui.tui.widgets.artifacts_pane import ArtifactsPane
from skyvern_tui.tui.widgets.bars import ChoiceBar
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.output_pane import OutputPane
from skyvern_tui.tui.widgets.pane import Pane, SavedText
from skyvern_tui.tui.widgets.request_pane import RequestPane
from skyvern_tui.tui.widgets.run_header import RunHeader
from skyvern_tui.tui.widgets.tab_bar import TabBar
from skyvern_tui.tui.widgets.timeline_pane import TimelinePane
from skyvern_tui.tui.widgets.webhook_pane import WebhookPane

TABS = ("timeline", "output", "artifacts", "request", "webhook", "answers")
_MASKED = "${SKYVERN_"
"""Begins what stands for a secret in a request that was remembered."""


class RunScreen(Page):
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
    def _files(self) -> ArtifactsPane:
        return self.query_one(ArtifactsPane)

    @property
    def _pane(self) -> Widget:
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
            self._viewer = self._events.viewer = self._files.viewer = Viewer(server, self.journal)
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
        self._files.show(artifacts, over=self.journal.is_final)
        if self.tab == "answers":
            self.query_one(AnswersPane).refresh_answers()
        self._say_state()
        self.query_one(TabBar).count("artifacts", len(artifacts))
        self.refresh_bindings()

    def _draw_run(self, run: Run) -> None:
        line, sent = line_of(run), self.sent(self.run_id)
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
        self._files.go_to(event.artifact_id)
        self._is_aside = True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        if not self.is_live:
            return True
        run, pane = self.journal.run, self._pane
        mine = pane if isinstance(pane, Pane) else None
        usable: dict[str, Callable[[], bool]] = {
            "cancel_run": lambda: run is not None and not run.is_final,
            "open_browser": lambda: run is not None and bool(run.app_url),
            "again": lambda: self._wanted() is not None,
            "rerun": lambda: self._wanted() is not None,
            "next_failure": lambda: self._events.has_failures,
            "copy": lambda: mine is None or mine.can_copy,
            "save": lambda: self._files.selected is not None if mine is None else mine.can_save,
            "turn": lambda: mine is not None and mine.can_turn,
            "view": lambda: mine is None or mine.can_open,
        }
        return usable[action]() if action in usable else True

    def _wanted(self) -> Mapping[str, Any] | None:
        """Return what was asked for: as sent, if that is known with its secrets, else as the server repeats it."""
        run, sent = self.journal.run, self.sent(self.run_id)
        if sent is not None and _MASKED not in json.dumps(sent, default=str):
            return sent
        return (None if run is None else run.run_request) or sent

    def _saveable(self) -> ArtifactFact | SavedText | None:
        """Return what ``save`` would save now."""
        pane = self._pane
        return pane.to_save() if isinstance(pane, Pane) else self._files.selected

    def action_back(self) -> None:
        """Back to the row whose screenshot was looked at, back within the tab, or to the runs."""
        pane = self._pane
        if self._is_aside:
            self._files.leave()
            self.action_show_tab("timeline")
        elif not (isinstance(pane, (Pane, ArtifactsPane)) and pane.leave()):
            self.dismiss()

    def action_show_tab(self, name: str) -> None:
        """Show a tab and give it the keys."""
        self._is_aside = False
        self.query_one("#tabs", ContentSwitcher).current = name
        self.query_one(TabBar).turn_to(name)
        self._say_state()
        pane = self._pane
        if isinstance(pane, (Pane, ArtifactsPane)):
            pane.enter()
        self.refresh_bindings()

    def action_turn_tab(self, step: int) -> None:
        """Show the next or previous tab."""
        self.action_show_tab(TABS[(TABS.index(self.tab) + step) % len(TABS)])

    def action_view(self) -> None:
        """Open what is under the cursor: fold, show a screenshot, show a file."""
        pane = self._pane
        if isinstance(pane, (Pane, ArtifactsPane)):
            pane.open()

    def action_turn(self) -> None:
        """Show what is shown the next way."""
        if isinstance(self._pane, Pane):
            self._pane.turn()

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
        self.query_one(WebhookPane).ask()

    def action_copy(self) -> None:
        """Copy what is shown or under the cursor."""
        copied = self._pane.copied() if isinstance(self._pane, Pane) else None
        if copied is not None:
            self.skyvern.copy(*copied)

    def action_copy_path(self) -> None:
        """Copy the path to what is under the cursor, or the id of it, or of the run."""
        place = self._pane.place() if isinstance(self._pane, Pane) else None
        self.skyvern.copy(*(place or (self.run_id, "the run's id")))

    def action_open_browser(self) -> None:
        """Open the run's page."""
        run = self.journal.run
        if run is not None and run.app_url:
            self.app.open_url(run.app_url)

    def action_again(self) -> None:
        """Write a task from this one."""
        asked = self._wanted()
        if asked:
            self.skyvern.compose_task(Draft.from_request(asked).to_dict())

    def action_compare(self) -> None:
        """Compare this run with another."""
        self.skyvern.compare_run(self.run_id)

    def action_export(self) -> None:
        """Offer this run for other tools, or as a file."""
        self.skyvern.export_run(self.run_id)

    @work(group="rerun")
    async def action_rerun(self) -> None:
        """Ask, then run the task again as it was, and watch that."""
        from skyvern_tui.tui.screens.confirm import ConfirmScreen  # noqa: PLC0415 - shown rarely

        asked, server, run = self._wanted(), self.server, self.journal.run
        if asked is None or server is None or self.denied():
            return
        name = self.run_id if run is None else line_of(run).name
        if not await self.app.push_screen_wait(
            ConfirmScreen("Run this task again?", name, yes="run it", no="leave it")
        ):
            return
        try:
            fields = to_request(Draft.from_request(asked)).model_dump(exclude_unset=True)
            again = await server.call(lambda gateway: gateway.run_task(**fields))
        except DraftInvalid as invalid:
            self.notify(str(invalid), severity="warning", markup=False)
        except Troubled as error:
            self.tell(error.trouble)
        else:
            self.skyvern.submitted(again, fields)
            self.skyvern.open_run(again.run_id, again, instead=True)

    @work(group="cancel")
    async def action_cancel_run(self) -> None:
        """Cancel this run."""
        run = self.journal.run
        if run is not None and await self.cancel(run.run_id, line_of(run).name):
            self.action_refresh()

    @work(group="save")
    async def action_save(self) -> None:
        """Save what is shown, or the artifact under the cursor."""
        wanted = self._saveable()
        if wanted is None or self._viewer is None:
            return
        try:
            data = wanted.data if isinstance(wanted, SavedText) else await self._viewer.content(wanted)
            path = await asyncio.to_thread(save, self.skyvern.downloads / self.run_id, wanted.name, data)
        except Troubled as error:
            self.tell(error.trouble)
        except OSError as error:
            self.notify(f"Not saved: {error}", severity="error", markup=False)
        else:
            self.notify(f"Saved to {path}", markup=False)
