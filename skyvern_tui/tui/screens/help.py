"""The keys of the screen one comes from, made from the action registry.

Owns: laying them out. Must not: know any key by itself.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from skyvern_tui.tui.actions import Scope, actions_of, key_words

_KEYS_WIDTH = 16


class HelpScreen(ModalScreen[None]):
    """All keys of some scopes."""

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        background: $background 60%;
        #dialog {
            width: 76; max-width: 96%; height: auto; max-height: 92%;
            padding: 1 2; background: $panel; border: round $primary;
            border-title-color: $primary; border-subtitle-color: $text-muted;
        }
        VerticalScroll { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
    }
    """
    BINDINGS: ClassVar = [
        Binding("escape,q,question_mark,f1", "close", "Close"),
        Binding("j", "scroll(1)", "Down"),
        Binding("k", "scroll(-1)", "Up"),
    ]

    def __init__(self, *scopes: Scope) -> None:
        super().__init__()
        self._scopes = scopes

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"), VerticalScroll():
            yield Static(self._keys())

    def on_mount(self) -> None:
        dialog = self.query_one("#dialog")
        dialog.border_title = "Keys"
        dialog.border_subtitle = "esc closes"
        self.query_one(VerticalScroll).focus()

    def _keys(self) -> Content:
        parts: list[Content | str | tuple[str, str]] = []
        for scope in self._scopes:
            if parts:
                parts.append("\n")
            parts.append((f"{scope}\n", "bold $text-muted"))
            for action in actions_of(scope):
                if action.keys:
                    keys = "  ".join(map(key_words, action.keys))
                    parts += [(f"{keys:<{_KEYS_WIDTH}}", "$primary"), f" {action.help}\n"]
        return Content.assemble(*parts).rstrip("\n")

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
