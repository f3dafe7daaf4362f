"""One line asked for.

Owns: the dialog. Must not: judge the answer.
"""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from skyvern_tui.tui.widgets.line_input import LineInput


class AskScreen(ModalScreen[str | None]):
    """Ask for a line; escape answers None. A ``secret`` is not shown while it is typed."""

    DEFAULT_CSS = """
    AskScreen {
        align: center middle;
        background: $background 60%;
        #dialog {
            width: 72; max-width: 94%; height: auto; padding: 1 2;
            background: $panel; border: round $primary;
            border-title-color: $primary; border-subtitle-color: $text-muted;
        }
        #note { color: $text-muted; margin-bottom: 1; }
        Input { border: none; height: 1; background: $surface; padding: 0 1; }
    }
    """
    BINDINGS: ClassVar = [Binding("escape", "cancel", "Cancel")]

    def __init__(self, title: str, note: str = "", *, text: str = "", secret: bool = False) -> None:
        super().__init__()
        self._words = (title, note)
        self._text, self._secret = text, secret

    def compose(self) -> ComposeResult:
        title, note = self._words
        with Vertical(id="dialog") as dialog:
            dialog.border_title = title
            dialog.border_subtitle = "⏎ takes it · esc leaves it"
            yield Static(note, id="note", markup=False)
            yield LineInput(self._text, password=self._secret, compact=True)

    @on(Input.Submitted)
    def _taken(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())

    def action_cancel(self) -> None:
        """No answer."""
        self.dismiss(None)
