"""Sending the task that was written.

Owns: what is tried before sending, the refusals of the server by parameter, and going on
to the run or with the form. Must not: know fields or judge texts (the draft does); what
was typed is kept until the server took it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from textual import on, work
from textual.widget import Widget
from textual.widgets import Button

from skyvern_tui.core.draft import Draft, DraftInvalid, to_request
from skyvern_tui.core.parameters import BY_NAME
from skyvern_tui.tui.desk import Desk
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.server import Troubled
from skyvern_tui.tui.widgets.field import Field

DEFAULT_ENGINE: Final = "skyvern-2.0"


class SendingForm(Page):
    """A screen from which a task is sent."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.refusals: dict[str, str] = {}
        """What the server refused, by parameter, until the field is edited."""
        self.insists = False
        """True once sending was tried: then an empty prompt is a fault too."""
        self.is_sending = False

    @property
    def desk(self) -> Desk:
        """Where the draft is."""
        return self.skyvern.desk

    def check(self) -> None:
        """Show the reasons beside the fields."""
        raise NotImplementedError

    async def show_parameter(self, name: str) -> None:
        """Show a parameter's field and give it the keys."""
        raise NotImplementedError

    @on(Button.Pressed, "#submit")
    def _submit_pressed(self) -> None:
        self.action_submit()

    def action_submit(self) -> None:
        """Send the draft if it can be sent, and watch its run; otherwise go to the first field that is wrong."""
        self._submit(stay=False)

    def action_stay(self) -> None:
        """Send the draft and go on with it."""
        self._submit(stay=True)

    @work(group="send")
    async def _submit(self, *, stay: bool) -> None:
        await self._typed_out()
        if self.is_sending or self.denied():
            return
        self.insists = True
        self.refusals = {}
        self.check()
        draft = self.desk.draft
        try:
            request = to_request(draft.typed("engine", draft.text("engine") or DEFAULT_ENGINE))
        except DraftInvalid as invalid:
            await self._go_to(invalid.reasons)
            return
        self.is_sending = True
        self.refresh_bindings()
        await self._send(request.model_dump(mode="json", exclude_unset=True), stay=stay)

    async def _typed_out(self) -> None:
        """Wait until every key that came before this one is in the draft.

        Keys wait in the queue of their field, and the news of them in that of every widget on the way up to here.
        """
        for control in [field.control for field in self.query(Field)]:
            for widget in (control, *(w for w in control.ancestors_with_self if isinstance(w, Widget))):
                passed = asyncio.Event()
                if widget.call_later(passed.set):
                    await passed.wait()

    async def _go_to(self, reasons: Mapping[str, str]) -> None:
        name = next((name for name in BY_NAME if name in reasons), None)
        if name is not None:
            await self.show_parameter(name)

    async def _send(self, fields: dict[str, Any], *, stay: bool) -> None:
        server = self.skyvern.server
        try:
            if server is None:
                self.notify("There is no server yet; the draft is kept.", severity="warning", markup=False)
                return
            run = await server.call(lambda gateway: gateway.run_task(**fields))
        except Troubled as error:
            self.refusals = dict(error.trouble.fields)
            self.check()
            await self._go_to(self.refusals)
            self.tell(error.trouble)
            return
        finally:
            self.is_sending = False
            self.refresh_bindings()
        self.insists = False
        self.skyvern.submitted(run, fields)
        if stay:
            self.notify(f"Submitted {run.run_id}; the form is as it was.", markup=False)
            return
        self.desk.replace(Draft())
        # Leaving ends this worker with its screen, so the app does it, after this.
        self.app.call_later(self.skyvern.open_run, run.run_id, run, instead=True)
