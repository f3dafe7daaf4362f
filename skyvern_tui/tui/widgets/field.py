"""One parameter of a form: its label, the reason when it can't be sent, and the control.

Owns: the look of a field, lines with values to choose from, and which control suits which
parameter. Must not: judge what was typed; it is told the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.containers import Horizontal, Vertical
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Select, Static

from skyvern_tui.core.parameters import Kind, Parameter
from skyvern_tui.core.text import inert
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.widgets.bars import Choice, ChoiceBar
from skyvern_tui.tui.widgets.line_input import Editor, LineInput

if TYPE_CHECKING:
    from skyvern_tui.core.gateway import Site


class Field(Vertical):
    """A labelled control of one parameter; ``note`` says what it is for while there is nothing to complain about."""

    DEFAULT_CSS = """
    Field {
        height: auto; width: 1fr;
        & > Horizontal { height: 1; }
        .label { width: auto; color: $text-muted; }
        &:focus-within .label { color: $primary; text-style: bold; }
        .note { width: 1fr; margin-left: 2; color: $text-muted 70%; text-overflow: ellipsis; text-wrap: nowrap; }
        .reason { width: 1fr; margin-left: 2; color: $error; text-overflow: ellipsis; text-wrap: nowrap; }
        &.-hinted .reason { color: $warning; }
        Input, TextArea { border: none; border-left: outer $border-blurred; background: $surface; padding: 0 1; }
        Input { height: 1; }
        TextArea { height: 4; }
        Input:focus, TextArea:focus { border: none; border-left: outer $primary; background-tint: $foreground 4%; }
        Select > SelectCurrent { border: none; border-left: outer $border-blurred; padding: 0 1; height: 1; }
        Select:focus > SelectCurrent { border: none; border-left: outer $primary; }
        Select > SelectOverlay, Select > SelectOverlay:focus { border: round $primary; background: $panel; }
        &.-faulty Input, &.-faulty Input:focus { border-left: outer $error; }
        &.-faulty TextArea, &.-faulty TextArea:focus { border-left: outer $error; }
        &.-faulty .label { color: $error; }
    }
    """

    def __init__(self, name: str, label: str, control: Widget, *extras: Widget, note: str = "") -> None:
        super().__init__(id=f"field-{name}")
        self.parameter = name
        self.control = control
        self._extras = extras
        self._label = label
        self._note = note
        self._words = ""

    def compose(self) -> Iterable[Widget]:
        reason = Static("", classes="reason", markup=False)
        reason.display = False
        yield Horizontal(
            Static(self._label, classes="label", markup=False),
            Static(self._note, classes="note", markup=False),
            reason,
        )
        yield self.control
        yield from self._extras

    @property
    def cut_words(self) -> tuple[str, bool]:
        """What it says beside its label, if there is no room for that, and whether it is a reason against sending."""
        note, reason = self.query_one(".note", Static), self.query_one(".reason", Static)
        shown, text = (reason, self._words) if reason.display else (note, self._note)
        return (text, self.has_class("-faulty")) if cell_len(text) > shown.size.width else ("", False)

    def explain(self, reason: str, hint: str = "") -> None:
        """Say why it can't be sent, or failing that what is odd about it; two empty texts say that all is well."""
        self.set_class(bool(reason), "-faulty")
        self.set_class(bool(hint) and not reason, "-hinted")
        self.query_one(".note").display = not (reason or hint)
        words = self.query_one(".reason", Static)
        words.display = bool(reason or hint)
        self._words = f"✗ {inert(reason)}" if reason else f"! {inert(hint)}" if hint else ""
        words.update(self._words)


class ChoiceInput(LineInput):
    """A line with values to choose from by the arrow keys; others can be typed."""

    BINDINGS = bindings(Scope.choices)
    choices: Sequence[str] = ()

    def offer_values(self, values: Sequence[str]) -> None:
        """Suggest these values."""
        self.choices = values
        self.suggester = SuggestFromList(values, case_sensitive=False)

    def action_choose(self, step: int) -> None:
        """Put the next or previous value into the line."""
        if not self.choices:
            return
        at = self.choices.index(self.value) if self.value in self.choices else -1 if step > 0 else 0
        self.value = self.choices[(at + step) % len(self.choices)]
        self.cursor_position = len(self.value)


class UrlInput(ChoiceInput):
    """A line for an address; the arrow keys go through the practice sites of a mock."""

    def offer(self, sites: Sequence[Site]) -> None:
        """Suggest these sites."""
        self.offer_values([site.url for site in sites])


class SiteBar(ChoiceBar):
    """The practice sites, to be clicked."""

    DEFAULT_CSS = """
    SiteBar { background: transparent; display: none; &.-filled { display: block; } }
    """
    sites: Sequence[Site] = ()

    def offer(self, sites: Sequence[Site]) -> None:
        """Show these sites; none hides the bar."""
        self.sites = sites
        self.set_class(bool(sites), "-filled")
        self.refresh()

    def choices(self, width: int) -> Iterable[Choice]:  # noqa: ARG002 - what has no room is not drawn
        if self.sites:
            yield [("practice sites", "quiet"), (" ↓", "key")], None
        for site in self.sites:
            yield [(inert(site.name), "plain")], site.url


def field_of(parameter: Parameter, text: str) -> Field:
    """Return the field of a parameter, with a text in it."""
    name = parameter.name
    extras: list[Widget] = []
    control: Widget
    if parameter.kind is Kind.engine:
        values = {choice.value: f"{choice.value}  {choice.note}" for choice in parameter.choices}
        chosen = text or parameter.default
        values.setdefault(chosen, chosen)
        control = Select([(words, value) for value, words in values.items()], value=chosen, allow_blank=False, id=name)
    elif parameter.is_long:
        control = Editor(text, id=name, placeholder=_example(parameter), tab_behavior="focus")
    elif name == "url":
        control = UrlInput(text, id=name, placeholder=_example(parameter))
        extras.append(SiteBar())
    else:
        control = _line(parameter, text)
    return Field(name, parameter.label, control, *extras, note=parameter.help)


def _example(parameter: Parameter) -> str:
    return f"e.g. {parameter.example}" if parameter.example else ""


def _line(parameter: Parameter, text: str) -> LineInput:
    choices = [choice.value for choice in parameter.choices] or (["yes", "no"] if parameter.kind is Kind.flag else [])
    empty = f"{parameter.default} unless set" if parameter.default else _example(parameter)
    line = ChoiceInput(
        text,
        id=parameter.name,
        placeholder=f"{empty}  ↓ choices".strip() if choices else empty,
        password=parameter.is_secret,
    )
    if choices:
        line.offer_values(choices)
    return line
