"""One line asked for.

Owns: the dialog. Must not: judge the answer.
"""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from skyvern_tui.tui.screens.dialog import Dialog
from skyvern_tui.tui.widgets.line_input import LineInput


class AskScreen(Dialog[str | None]):
    """Ask for a line; closing it answers None. A ``secret`` is not shown while it is typed."""

    lead = "⏎ takes it"
    DEFAULT_CSS = """
    AskScreen {
        #dialog { width: 72; max-width: 94%; height: auto; }
        #note { color: $text-muted; margin-bottom: 1; }
    }
    """

    def __init__(self, title: str, note: str = "", *, text: str = "", secret: bool = False) -> None:
        super().__init__()
        self._words = (title, note)
        self._text, self._secret = text, secret

    def compose(self) -> ComposeResult:
        title, note = self._words
        with Vertical(id="dialog") as dialog:
            dialog.border_title = title
            yield Static(note, id="note", markup=False)
            yield LineInput(self._text, password=self._secret, compact=True)

    @on(Input.Submitted)
    def _taken(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())
