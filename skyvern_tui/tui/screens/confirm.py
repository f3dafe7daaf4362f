"""One question, two answers.

Owns: the dialog. Must not: do what was asked about; it returns True or False.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static


class ConfirmScreen(ModalScreen[bool]):
    """Ask ``question`` about ``subject`` (safe text). ``y`` and ``n`` answer, as do the buttons; escape means no."""

    DEFAULT_CSS = """
    ConfirmScreen {
        align: center middle;
        background: $background 60%;
        #dialog {
            width: 64; max-width: 90%; height: auto;
            padding: 1 2; background: $panel; border: round $warning;
        }
        #question { text-style: bold; }
        #subject { color: $text-muted; margin: 1 0; max-height: 4; }
        Horizontal { height: 1; }
        Button { margin-right: 2; min-width: 8; }
    }
    """
    BINDINGS: ClassVar = [
        Binding("y", "answer(True)", "Yes"),
        Binding("n,escape", "answer(False)", "No"),
        Binding("left,h", "app.focus_previous", "Other answer"),
        Binding("right,l", "app.focus_next", "Other answer"),
    ]

    def __init__(self, question: str, subject: str, *, yes: str, no: str) -> None:
        super().__init__()
        self._texts = (question, subject, yes, no)

    def compose(self) -> ComposeResult:
        question, subject, yes, no = self._texts
        with Vertical(id="dialog"):
            yield Static(question, id="question", markup=False)
            yield Static(subject, id="subject", markup=False)
            with Horizontal():
                yield Button(f"y  {yes}", id="yes", variant="warning", compact=True)
                yield Button(f"n  {no}", id="no", compact=True)

    def on_mount(self) -> None:
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:  # noqa: FBT001 - bindings pass by position
        """Close with an answer."""
        self.dismiss(answer)
