"""What can be done with one run as a whole: copy, save, cancel, run again, edit, compare, export.

Owns: these actions of the screen of a run. Must not: know what its tabs show: a pane says what
of it can be copied or saved.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from textual import work
from textual.widget import Widget

from skyvern_tui.core.draft import Draft, DraftInvalid, to_request
from skyvern_tui.core.journal import Journal
from skyvern_tui.core.runs import line_of
from skyvern_tui.core.saving import save
from skyvern_tui.core.text import inert
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.server import Troubled
from skyvern_tui.tui.widgets.pane import Pane, SavedText

if TYPE_CHECKING:
    from skyvern_tui.core.facts import ArtifactFact
    from skyvern_tui.tui.viewing import Viewer
    from skyvern_tui.tui.widgets.artifacts_pane import ArtifactsPane

_MASKED: Final = "${SKYVERN_"
"""Begins what stands for a secret in a request that was remembered."""


class HandledRun(Page):
    """A screen about one run that something can be done with."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"Run  {inert(run_id)}")
        self.run_id = run_id
        self.journal = Journal()
        self.viewer: Viewer | None = None

    @property
    def pane(self) -> Widget:
        """The tab that is shown."""
        raise NotImplementedError

    @property
    def files(self) -> ArtifactsPane:
        """The artifacts."""
        raise NotImplementedError

    def action_refresh(self) -> None:
        """Ask now."""
        raise NotImplementedError

    @cached_property
    def asked_here(self) -> Mapping[str, Any] | None:
        """The request as it was sent, where that is known."""
        return self.sent(self.run_id)

    @property
    def is_known(self) -> bool:
        """Whether it is known what was asked for."""
        run = self.journal.run
        return bool(self.asked_here) or (run is not None and bool(run.run_request))

    def wanted(self) -> Mapping[str, Any] | None:
        """Return what was asked for: as sent, if that is known with its secrets, else as the server repeats it."""
        run, sent = self.journal.run, self.asked_here
        if sent is not None and _MASKED not in json.dumps(sent, default=str):
            return sent
        return (None if run is None else run.run_request) or sent

    def saveable(self) -> ArtifactFact | SavedText | None:
        """Return what ``save`` would save now."""
        pane = self.pane
        return pane.to_save() if isinstance(pane, Pane) else self.files.selected

    def action_copy(self) -> None:
        """Copy what is shown or under the cursor."""
        copied = self.pane.copied() if isinstance(self.pane, Pane) else None
        if copied is not None:
            self.skyvern.copy(*copied)

    def action_copy_path(self) -> None:
        """Copy the path to what is under the cursor, or the id of it, or of the run."""
        place = self.pane.place() if isinstance(self.pane, Pane) else None
        self.skyvern.copy(*(place or (self.run_id, "the run's id")))

    def action_open_browser(self) -> None:
        """Open the run's page."""
        run = self.journal.run
        if run is not None and run.app_url:
            self.app.open_url(run.app_url)

    def action_again(self) -> None:
        """Write a task from this one."""
        asked = self.wanted()
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

        asked, server, run = self.wanted(), self.server, self.journal.run
        if asked is None or server is None or self.denied():
            return
        name = self.run_id if run is None else line_of(run).name
        if not await self.app.push_screen_wait(
            ConfirmScreen("Run this task again?", name, yes="run it", no="leave it")
        ):
            return
        try:
            fields = to_request(Draft.from_request(asked)).model_dump(mode="json", exclude_unset=True)
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
        wanted = self.saveable()
        if wanted is None or self.viewer is None:
            return
        try:
            data = wanted.data if isinstance(wanted, SavedText) else await self.viewer.content(wanted)
            path = await asyncio.to_thread(save, self.skyvern.downloads / self.run_id, wanted.name, data)
        except Troubled as error:
            self.tell(error.trouble)
        except OSError as error:
            self.notify(f"Not saved: {error}", severity="error", markup=False)
        else:
            self.notify(f"Saved to {path}", markup=False)
