"""Writing a task.

Owns: the form group by group, showing reasons beside the fields, the preview beside it, and
sending. Must not: judge texts (the draft does) or lose them: whatever is typed is kept
until it was sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, ClassVar, Final

from textual import on, work
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import DescendantFocus
from textual.widget import Widget
from textual.widgets import Button, ContentSwitcher, Input, Select, Static, TextArea

from skyvern_tui.core.draft import Draft, hints, readable, validate
from skyvern_tui.core.parameters import BY_NAME, GROUPS, Group, Parameter
from skyvern_tui.core.text import one_line
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.screens.composing import ComposeTools
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.screens.sending import DEFAULT_ENGINE, SendingForm
from skyvern_tui.tui.widgets.bars import ChoiceBar
from skyvern_tui.tui.widgets.field import Field, SiteBar, UrlInput, field_of
from skyvern_tui.tui.widgets.group_bar import GroupBar
from skyvern_tui.tui.widgets.request_preview import RequestPreview
from skyvern_tui.tui.widgets.split import Split

REST: Final = 0.2
"""Seconds without a key after which the preview is drawn and the draft is kept."""


class ComposeScreen(ComposeTools, SendingForm):
    """The form for one task; it goes on with the app's draft."""

    scope = Scope.compose
    BINDINGS: ClassVar = bindings(Scope.compose)
    DEFAULT_CSS = """
    ComposeScreen {
        #form-pane { width: 1fr; }
        #form { height: 1fr; }
        .group { height: 1fr; padding: 1 2 0 2; scrollbar-size-vertical: 1; }
        .row { height: auto; margin-bottom: 1; }
        .row Field { margin-right: 3; }
        .group > Field { margin-bottom: 1; }
        #field-prompt TextArea { height: 5; }
        #field-data_extraction_schema TextArea { height: 7; }
        &.-tall #field-prompt TextArea { height: 12; }
        &.-tall #field-data_extraction_schema TextArea { height: 18; }
        #actions { height: 1; padding: 0 2; }
        #actions Button { width: auto; min-width: 14; margin-right: 2; }
        #also { width: 1fr; color: $text-muted; text-overflow: ellipsis; text-wrap: nowrap; }
        #also.-faulty { color: $error; }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (36, "-tall")]  # noqa: RUF012 - as Textual declares it

    def __init__(self) -> None:
        super().__init__("New task")
        self._group = Group.task
        self._filling = False
        """True while texts are put into the form rather than typed."""

    def body(self) -> Iterable[Widget]:
        # The first group comes with the screen, so that what is typed right away finds its field.
        groups = [
            VerticalScroll(
                *(self._widgets_of(group) if group is Group.task else ()),
                id=f"group-{group.name}",
                classes="group",
                can_focus=False,
            )
            for group in GROUPS
        ]
        form = Vertical(
            ContentSwitcher(*groups, initial=f"group-{Group.task.name}", id="form"),
            Horizontal(
                Button("Submit  ^s", id="submit", variant="primary", compact=True),
                Static("", id="also", markup=False),
                id="actions",
            ),
            id="form-pane",
        )
        yield GroupBar()
        yield Split(form, RequestPreview(id="preview"), share=45, kept=self.split_kept("compose"), id="compose")

    def on_mount(self) -> None:
        self.query_one("#prompt" if not self.desk.draft.text("prompt") else "#url").focus()
        self.set_interval(REST * 5, self._keep)
        self.sites_known()
        self.check()
        self._draw_preview()

    async def on_unmount(self) -> None:
        self._keep()

    async def _fill_group(self, group: Group) -> None:
        """Mount the fields of a group the first time it is shown: all at once would be felt."""
        panel = self.query_one(f"#group-{group.name}", VerticalScroll)
        if panel.children:
            return
        self._filling = True
        await panel.mount_all(self._widgets_of(group))
        self._filling = False
        self.sites_known()

    def _widgets_of(self, group: Group) -> list[Widget]:
        """Return the fields of a group: long ones on lines of their own, short ones in pairs."""
        draft = self.desk.draft
        widgets: list[Widget] = []
        for wide, members in groupby(GROUPS[group], key=_needs_a_line):
            fields = [field_of(parameter, draft.text(parameter.name)) for parameter in members]
            if wide:
                widgets += fields
            else:
                widgets += [Horizontal(*fields[place : place + 2], classes="row") for place in range(0, len(fields), 2)]
        return widgets

    async def show_group(self, group: Group) -> None:
        """Show the fields of a group."""
        self._group = group
        await self._fill_group(group)
        self.query_one("#form", ContentSwitcher).current = f"group-{group.name}"
        self.query_one("#compose", Split).zoom(None)
        self.check()

    async def show_parameter(self, name: str) -> None:
        """Show a parameter's field and give it the keys."""
        await self.show_group(BY_NAME[name].group)
        self.query_one(f"#{name}").focus()

    def sites_known(self) -> None:
        for line in self.query(UrlInput):
            line.offer(self.skyvern.sites)
        for bar in self.query(SiteBar):
            bar.offer(self.skyvern.sites)

    @on(TextArea.Changed)
    def _area_typed(self, event: TextArea.Changed) -> None:
        self._typed(event.text_area.id or "", event.text_area.text)

    @on(Input.Changed)
    def _line_typed(self, event: Input.Changed) -> None:
        self._typed(event.input.id or "", event.value)

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        name, value = event.select.id or "", str(event.value)
        # The default is shown chosen although nothing was: choosing nothing is no edit.
        if value != DEFAULT_ENGINE or self.desk.draft.text(name):
            self._typed(name, value)

    def _typed(self, name: str, text: str) -> None:
        if self._filling or name not in BY_NAME or not self.desk.typed(name, text):
            return
        self.refusals.pop(name, None)
        self.check()
        self._draw_soon()

    @on(ChoiceBar.Picked, "SiteBar")
    def _site_picked(self, event: ChoiceBar.Picked) -> None:
        if event.value is not None:
            self.query_one(UrlInput).value = event.value

    @on(ChoiceBar.Picked, "GroupBar")
    async def _group_picked(self, event: ChoiceBar.Picked) -> None:
        await self.show_group(event.value)
        self._focus_field(0)

    def reasons(self) -> Mapping[str, str]:
        """Return what keeps the draft from being sent, by parameter."""
        draft = self.desk.draft
        reasons = {**validate(draft), **self.refusals}
        if not self.insists and not draft.text("prompt"):
            del reasons["prompt"]
        return reasons

    def check(self) -> None:
        """Show the reasons beside the fields, and those of other groups below."""
        draft, reasons = self.desk.draft, self.reasons()
        odd = hints(draft)
        for field in self.query(Field):
            field.explain(reasons.get(field.parameter, ""), odd.get(field.parameter, ""))
        filled = {group: sum(bool(draft.text(p.name)) for p in members) for group, members in GROUPS.items()}
        faulty = {group: sum(p.name in reasons for p in members) for group, members in GROUPS.items()}
        self.query_one(GroupBar).show(self._group, filled, faulty)
        self._tell_later()

    @on(DescendantFocus)
    def _tell_later(self) -> None:
        self.call_after_refresh(self._tell_more)  # once it is known what has room

    def _tell_more(self) -> None:
        """Say below what has no room beside the field, what is wrong in other groups, or what else is sent."""
        if self.is_leaving:
            return
        draft, reasons = self.desk.draft, self.reasons()
        focused = self.focused
        field = next((f for f in self.query(Field) if focused is not None and f in focused.ancestors), None)
        cut, is_reason = ("", False) if field is None else field.cut_words
        elsewhere = [
            f"{BY_NAME[name].group}, {BY_NAME[name].label}: {one_line(reason)}"
            for name, reason in reasons.items()
            if name in BY_NAME and BY_NAME[name].group is not self._group
        ]
        also = self.query_one("#also", Static)
        also.set_class(is_reason or bool(elsewhere), "-faulty")
        sent = [BY_NAME[name].label for name in draft.to_dict() if BY_NAME[name].group is not self._group]
        others = "" if is_reason else "  ".join(elsewhere)
        also.update(others or cut or (f"also sent: {', '.join(sent)}" if sent else ""))

    def request(self) -> dict[str, Any]:
        """Return the request as far as it can be read."""
        return {"prompt": "", "engine": DEFAULT_ENGINE, **readable(self.desk.draft)}

    def _draw_soon(self) -> None:
        """Draw the preview once typing rests: at every key it would be felt."""
        self.workers.cancel_group(self, "preview")
        self._draw_later()

    @work(group="preview", exclusive=True)
    async def _draw_later(self) -> None:
        await self.skyvern.rest(REST)
        self._draw_preview()

    def _draw_preview(self) -> None:
        if self.is_leaving:
            return
        preview = self.query_one(RequestPreview)
        connection = self.skyvern.status.connection
        if connection is None:
            preview.show(self.request(), "", {})
        else:
            secrets = {"SKYVERN_API_KEY": connection.api_key} if connection.api_key else {}
            preview.show(self.request(), connection.base_url, secrets)

    def _keep(self) -> None:
        trouble = self.desk.keep()
        if trouble:
            self.notify(trouble, severity="warning", markup=False)

    async def show_draft(self) -> None:
        """Put the desk's draft into the fields: after undo, import or a template."""
        draft = self.desk.draft
        self._filling = True
        for field in self.query(Field):
            text, control = draft.text(field.parameter), field.control
            if isinstance(control, TextArea) and control.text != text:
                control.load_text(text)
            elif isinstance(control, Input):
                control.value = text
            elif isinstance(control, Select):
                _choose(control, text or DEFAULT_ENGINE)
        # The messages of these changes come later: they find nothing new in them then.
        self._filling = False
        self.check()
        self._draw_preview()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        return None if action in {"submit", "stay", "variants"} and self.is_sending else True

    async def action_tab_on(self, step: int) -> None:
        """Go to the next field, over the end of a group into the next one; at once, for what is typed next."""
        fields = list(self.query_one(f"#group-{self._group.name}").query(Field))
        focused = self.focused
        place = next((n for n, field in enumerate(fields) if focused is not None and field in focused.ancestors), None)
        if place is None:
            self._focus_field(0 if step > 0 else -1)
        elif 0 <= place + step < len(fields):
            self.set_focus(fields[place + step].control)
        else:
            await self.action_turn_group(step)
            self._focus_field(0 if step > 0 else -1)

    def _focus_field(self, place: int) -> None:
        fields = list(self.query_one(f"#group-{self._group.name}").query(Field))
        if fields:
            self.set_focus(fields[place].control)

    async def action_turn_group(self, step: int) -> None:
        """Show the next or previous group."""
        groups = list(GROUPS)
        await self.show_group(groups[(groups.index(self._group) + step) % len(groups)])
        self._focus_field(0)

    def action_back(self) -> None:
        """Close the preview on a narrow screen; else leave. The draft stays."""
        split = self.query_one("#compose", Split)
        if split.alone is not None:
            split.zoom(None)
            self._focus_field(0)
        else:
            self.dismiss()

    @work(group="clear")
    async def action_clear(self) -> None:
        """Empty the form."""
        draft = self.desk.draft
        typed = any(draft.text(name) for name in BY_NAME if name != "engine")
        question = ConfirmScreen("Empty the form?", draft.text("prompt")[:200], yes="empty it", no="keep it")
        if typed and not await self.app.push_screen_wait(question):
            return
        self.desk.replace(Draft())
        self.refusals, self.insists = {}, False
        await self.show_draft()
        await self.show_parameter("prompt")


def _needs_a_line(parameter: Parameter) -> bool:
    return parameter.is_long or parameter.name == "url"


def _choose(control: Select[Any], value: str) -> None:
    known = {option for _, option in control._options}  # noqa: SLF001 - Textual has no public list of them
    if value not in known:
        control.set_options([*((str(words), option) for words, option in control._options), (value, value)])  # noqa: SLF001
    control.value = value
