"""Writing a task.

Owns: the form, showing reasons beside the fields, and sending. Must not: judge texts (the
draft does) or lose them: whatever is typed is kept until it was sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from textual import on, work
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Select, Static, TextArea

from skyvern_tui.client.models import RunEngine
from skyvern_tui.core.draft import BY_NAME, Draft, DraftInvalid, to_request, validate
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.server import Troubled
from skyvern_tui.tui.widgets.bars import ChoiceBar
from skyvern_tui.tui.widgets.field import Field, SiteBar, UrlInput

SHOWN = ("prompt", "url", "engine", "max_steps", "data_extraction_schema")
"""Parameters with a field of their own; others in a draft are sent along and named."""
DEFAULT_ENGINE = "skyvern-2.0"


class ComposeScreen(Page):
    """The form for one task; it goes on with the app's draft."""

    scope = Scope.compose
    BINDINGS: ClassVar = bindings(Scope.compose)
    DEFAULT_CSS = """
    ComposeScreen {
        #form { height: 1fr; padding: 1 2 0 2; scrollbar-size-vertical: 1; }
        #left, #right { height: auto; }
        Field { margin-bottom: 1; }
        #field-prompt TextArea { height: 4; }
        #field-data_extraction_schema TextArea { height: 5; }
        #small { height: auto; }
        #field-engine { width: 30; margin-right: 3; }
        #field-max_steps { width: 1fr; }
        #field-max_steps Input { max-width: 16; }
        #actions { height: 1; padding: 0 2; }
        #actions Button { width: auto; min-width: 14; margin-right: 2; }
        #also { width: 1fr; color: $text-muted; }
        &.-wide {
            #form { layout: horizontal; padding: 1 3 0 3; }
            #left { width: 1fr; margin-right: 4; }
            #right { width: 1fr; height: 100%; }
            #field-prompt TextArea { height: 10; }
            #field-data_extraction_schema { height: 1fr; }
            #field-data_extraction_schema TextArea { height: 1fr; }
            #actions { padding: 0 3; margin-bottom: 1; }
        }
    }
    """

    def __init__(self) -> None:
        super().__init__("New task")
        self._refusals: dict[str, str] = {}
        """What the server refused, by parameter, until the field is edited."""
        self._insist = False
        """True once sending was tried: then an empty prompt is a fault too."""
        self._sending = False

    def body(self) -> Iterable[Widget]:
        draft = self._draft
        prompt = TextArea(draft.text("prompt"), id="prompt", placeholder="What should the run do?")
        schema = TextArea(
            draft.text("data_extraction_schema"),
            id="data_extraction_schema",
            placeholder='{"type": "object", "properties": {"title": {"type": "string"}}}',
        )
        url = UrlInput(draft.text("url"), id="url", placeholder="https://…")
        chosen = draft.text("engine") or DEFAULT_ENGINE
        engines = [DEFAULT_ENGINE, *(str(e) for e in RunEngine if e != DEFAULT_ENGINE)]
        if chosen not in engines:
            engines.append(chosen)
        engine = Select([(name, name) for name in engines], value=chosen, allow_blank=False, id="engine")
        steps = Input(draft.text("max_steps"), id="max_steps", placeholder="no limit")
        with VerticalScroll(id="form", can_focus=False):
            with Vertical(id="left"):
                yield Field("prompt", "Prompt", prompt)
                yield Field("url", "URL", url, SiteBar(), note="optional")
                yield Horizontal(Field("engine", "Engine", engine), Field("max_steps", "Max steps", steps), id="small")
            with Vertical(id="right"):
                yield Field("data_extraction_schema", "Output schema", schema, note="optional JSON schema")
        yield Horizontal(
            Button("Submit  ^s", id="submit", variant="primary", compact=True),
            Static("", id="also", markup=False),
            id="actions",
        )

    def on_mount(self) -> None:
        self.sites_known()
        self._name_others()
        self.check()
        self.query_one("#prompt" if not self._draft.text("prompt") else "#url").focus()

    @property
    def _draft(self) -> Draft:
        return Draft.from_dict(self.skyvern.draft)

    def _name_others(self) -> None:
        others = [BY_NAME[name].label for name in self._draft.to_dict() if name not in SHOWN]
        self.query_one("#also", Static).update(f"also sent: {', '.join(others)}" if others else "")

    def sites_known(self) -> None:
        sites = self.skyvern.sites
        self.query_one(UrlInput).offer(sites)
        self.query_one(SiteBar).offer(sites)

    def _typed(self, name: str, text: str) -> None:
        draft = self._draft
        if draft.text(name) != text:
            self._refusals.pop(name, None)
            self.skyvern.draft = draft.typed(name, text).to_dict()
        self.check()

    @on(TextArea.Changed)
    def _area_typed(self, event: TextArea.Changed) -> None:
        self._typed(event.text_area.id or "", event.text_area.text)

    @on(Input.Changed)
    def _line_typed(self, event: Input.Changed) -> None:
        self._typed(event.input.id or "", event.value)

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        self._typed(event.select.id or "", str(event.value))

    @on(ChoiceBar.Picked)
    def _site_picked(self, event: ChoiceBar.Picked) -> None:
        if event.value is not None:
            self.query_one(UrlInput).value = event.value

    def reasons(self) -> Mapping[str, str]:
        """Return what keeps the draft from being sent, by parameter."""
        reasons = {**validate(self._draft), **self._refusals}
        if not self._insist and not self._draft.text("prompt"):
            del reasons["prompt"]
        return reasons

    def check(self) -> None:
        """Show the reasons beside the fields."""
        reasons = self.reasons()
        for field in self.query(Field):
            field.explain(reasons.get(field.parameter, ""))
        unseen = [f"{BY_NAME[name].label}: {reason}" for name, reason in reasons.items() if name not in SHOWN]
        if unseen:
            self.query_one("#also", Static).update(Content.styled("  ".join(unseen), "$error"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        return None if action == "submit" and self._sending else True

    def action_back(self) -> None:
        """Leave; the draft stays."""
        self.dismiss()

    @work(group="clear")
    async def action_clear(self) -> None:
        """Empty the form."""
        typed = any(self._draft.text(name) for name in BY_NAME if name != "engine")
        question = ConfirmScreen("Empty the form?", self._draft.text("prompt")[:200], yes="empty it", no="keep it")
        if typed and not await self.app.push_screen_wait(question):
            return
        self.skyvern.draft = {}
        self._refusals, self._insist = {}, False
        for area in self.query(TextArea):
            area.text = ""
        for line in self.query(Input):
            line.value = ""
        self.query_one("#engine", Select).value = DEFAULT_ENGINE
        self._name_others()
        self.check()
        self.query_one("#prompt").focus()

    @on(Button.Pressed, "#submit")
    def _submit_pressed(self) -> None:
        self.action_submit()

    def action_submit(self) -> None:
        """Send the draft if it can be sent; otherwise go to the first field that is wrong."""
        if self._sending:
            return
        self._insist = True
        self._refusals = {}
        self.check()
        try:
            request = to_request(self._draft.typed("engine", self._draft.text("engine") or DEFAULT_ENGINE))
        except DraftInvalid as invalid:
            self._go_to(invalid.reasons)
            return
        self._sending = True
        self.refresh_bindings()
        self._send(request.model_dump(exclude_unset=True))

    def _go_to(self, reasons: Mapping[str, str]) -> None:
        for field in self.query(Field):
            if field.parameter in reasons:
                field.control.focus()
                return

    @work(group="send")
    async def _send(self, fields: dict[str, Any]) -> None:
        server = self.skyvern.server
        try:
            if server is None:
                self.notify("There is no server yet; the draft is kept.", severity="warning", markup=False)
                return
            run = await server.call(lambda gateway: gateway.run_task(**fields))
        except Troubled as error:
            self._refusals = dict(error.trouble.fields)
            self.check()
            self._go_to(self._refusals)
            self.tell(error.trouble)
            return
        finally:
            self._sending = False
            self.refresh_bindings()
        self.skyvern.draft = {}
        # Leaving ends this worker with its screen, so the app does it, after this.
        self.app.call_later(self.skyvern.open_run, run.run_id, run, instead=True)
