"""Several variants of one task: which parameter differs, and how.

Owns: the dialog. Must not: make the variants (the core does) or submit them.
"""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from skyvern_tui.core.draft import BY_NAME, Draft, to_request
from skyvern_tui.core.text import inert, plural
from skyvern_tui.core.variants import Variant, axis, variants
from skyvern_tui.tui.widgets.field import ChoiceInput
from skyvern_tui.tui.widgets.line_input import Editor, LineInput

DEFAULT_ENGINE = "skyvern-2.0"
_LISTED = 8


class VariantsScreen(ModalScreen[list[dict[str, Any]] | None]):
    """Answers with the requests to submit."""

    DEFAULT_CSS = """
    VariantsScreen {
        align: center middle;
        background: $background 60%;
        #dialog {
            width: 90; max-width: 96%; height: auto; max-height: 96%; padding: 1 2;
            background: $panel; border: round $primary;
            border-title-color: $primary; border-subtitle-color: $text-muted;
        }
        Input { border: none; height: 1; background: $surface; padding: 0 1; width: 28; }
        TextArea, TextArea:focus { border: none; background: $surface; height: 7; margin: 1 0; }
        Horizontal { height: 1; }
        .label { color: $text-muted; width: auto; margin-right: 1; }
        #copies { width: 8; }
        #found { height: auto; max-height: 10; color: $text-muted; }
        #found.-faulty { color: $error; }
    }
    """
    BINDINGS: ClassVar = [
        Binding("escape", "cancel", "Leave it"),
        Binding("ctrl+s", "take", "Submit them", priority=True),
    ]

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft.typed("engine", draft.text("engine") or DEFAULT_ENGINE)
        self._variants: list[Variant] = []

    def compose(self) -> ComposeResult:
        parameter = ChoiceInput("url", id="parameter", compact=True)
        parameter.offer_values(list(BY_NAME))
        with Vertical(id="dialog") as dialog:
            dialog.border_title = "Variants"
            dialog.border_subtitle = "^s submits them · esc"
            yield Horizontal(
                Static("vary", classes="label"),
                parameter,
                Static("  each", classes="label"),
                LineInput("1", id="copies", compact=True),
                Static("times", classes="label"),
            )
            yield Editor(self._draft.text("url"), placeholder="its values, one a line", tab_behavior="focus")
            yield Static("", id="found", markup=False)

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()
        self._count()

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _count(self) -> None:
        name, copies = self.query_one("#parameter", Input).value.strip(), self.query_one("#copies", Input).value.strip()
        self._variants = []
        if name not in BY_NAME:
            self._say(f"{name!r} is no parameter; ↓ goes through them.", faulty=True)
            return
        try:
            made = variants(self._draft, {name: axis(self.query_one(TextArea).text)}, copies=int(copies or "1"))
        except ValueError as error:
            self._say("How often is a whole number." if "int()" in str(error) else str(error), faulty=True)
            return
        faulty = [f"{one.name}: {reason}" for one in made for reason in one.reasons.values()]
        if faulty:
            self._say("\n".join(faulty[:_LISTED]), faulty=True)
            return
        self._variants = made
        names = [one.name for one in made[:_LISTED]] + (
            [f"and {len(made) - _LISTED} more"] if len(made) > _LISTED else []
        )
        self._say("\n".join([f"{plural(len(made), 'run')}:", *names]))

    def _say(self, words: str, *, faulty: bool = False) -> None:
        found = self.query_one("#found", Static)
        found.set_class(faulty, "-faulty")
        found.update("\n".join(inert(line) for line in words.split("\n")))

    def action_cancel(self) -> None:
        """Submit nothing."""
        self.dismiss(None)

    def action_take(self) -> None:
        """Submit what is listed."""
        if self._variants:
            self.dismiss([to_request(one.draft).model_dump(exclude_unset=True) for one in self._variants])
