"""One question, two answers.

Owns: the dialog. Must not: do what was asked about; it returns True or False.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.screens.dialog import Dialog


class ConfirmScreen(Dialog[bool]):
    """Ask ``question`` about ``subject`` (safe text). Keys and buttons answer; closing it means no."""

    scopes = (Scope.confirm, Scope.dialog)
    named = ()
    DEFAULT_CSS = """
    ConfirmScreen {
        #dialog { width: 64; max-width: 90%; height: auto; border: round $warning; }
        #question { text-style: bold; }
        #subject { color: $text-muted; margin: 1 0; max-height: 4; }
        Horizontal { height: 1; }
        Button { margin-right: 2; min-width: 8; }
    }
    """
    BINDINGS = bindings(Scope.confirm)

    def __init__(self, question: str, subject: str, *, yes: str, no: str) -> None:
        super().__init__()
        self._texts = (question, subject, yes, no)

    def compose(self) -> ComposeResult:
        question, subject, yes, no = self._texts
        key_of = self.skyvern.key_of
        with Vertical(id="dialog"):
            yield Static(question, id="question", markup=False)
            yield Static(subject, id="subject", markup=False)
            with Horizontal():
                yield Button(f"{key_of('confirm.yes')}  {yes}".strip(), id="yes", variant="warning", compact=True)
                yield Button(f"{key_of('confirm.no')}  {no}".strip(), id="no", compact=True)

    def on_mount(self) -> None:
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:  # noqa: FBT001 - bindings pass by position
        """Close with an answer."""
        self.dismiss(answer)

    def action_close(self) -> None:
        """No."""
        self.dismiss(False)
