"""Several variants of one task: which parameter differs, and how.

Owns: the dialog. Must not: make the variants (the core does) or submit them.
"""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static, TextArea

from skyvern_tui.core.draft import BY_NAME, Draft, to_request
from skyvern_tui.core.text import inert, plural
from skyvern_tui.core.variants import Variant, axis, variants
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.screens.dialog import Dialog
from skyvern_tui.tui.widgets.field import ChoiceInput
from skyvern_tui.tui.widgets.line_input import Editor, LineInput

DEFAULT_ENGINE = "skyvern-2.0"
_LISTED = 8


class VariantsScreen(Dialog[list[dict[str, Any]] | None]):
    """Answers with the requests to submit."""

    scopes = (Scope.variants, Scope.dialog)
    title_words = "Variants"
    named = ("variants.submit", "dialog.close")
    DEFAULT_CSS = """
    VariantsScreen {
        #dialog { width: 90; height: auto; max-height: 96%; }
        Input { width: 28; }
        TextArea, TextArea:focus { height: 7; margin: 1 0; }
        Horizontal { height: 1; }
        .label { color: $text-muted; width: auto; margin-right: 1; }
        #copies { width: 8; }
        #found { height: auto; max-height: 10; color: $text-muted; }
        #found.-faulty { color: $error; }
    }
    """
    BINDINGS = bindings(Scope.variants)

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft.typed("engine", draft.text("engine") or DEFAULT_ENGINE)
        self._variants: list[Variant] = []

    def compose(self) -> ComposeResult:
        parameter = ChoiceInput("url", id="parameter", compact=True)
        parameter.offer_values(list(BY_NAME))
        with Vertical(id="dialog"):
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

    def action_take(self) -> None:
        """Submit what is listed."""
        if self._variants:
            self.dismiss([to_request(one.draft).model_dump(mode="json", exclude_unset=True) for one in self._variants])
