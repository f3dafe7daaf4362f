"""Tasks to start from: those that come with the program and the user's own.

Owns: the list and its search. Must not: hold a template.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from skyvern_tui.core.draft import Draft
from skyvern_tui.core.templates import TEMPLATES, Template, TemplateStore
from skyvern_tui.core.text import one_line
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.widgets.line_input import LineInput
from skyvern_tui.tui.widgets.lines import LineList


class TemplateList(LineList[Template]):
    """Templates: name and what each is for."""

    def key_of(self, row: Template) -> object:
        return row.name

    def spans(self, row: Template, width: int) -> Iterable[Span]:
        yield (" ● " if row.is_own else "   "), "key"
        yield fit(one_line(row.name), 28) + "  ", "plain"
        yield fit(one_line(row.summary or row.draft.text("prompt")), max(10, width - 34)), "quiet"


class TemplatesScreen(ModalScreen[Draft | None]):
    """Answers with the draft of the template chosen."""

    DEFAULT_CSS = """
    TemplatesScreen {
        align: center middle;
        background: $background 60%;
        #dialog {
            width: 100; max-width: 96%; height: 80%; padding: 1 2; background: $panel; border: round $primary;
            border-title-color: $primary; border-subtitle-color: $text-muted;
        }
        Input { border: none; height: 1; background: $surface; padding: 0 1; margin-bottom: 1; }
        TemplateList { background: $panel; height: 1fr; }
        #prompt-shown { height: 5; margin-top: 1; color: $text-muted; }
    }
    """
    BINDINGS: ClassVar = [
        Binding("escape", "cancel", "Leave it"),
        Binding("down", "move(1)", "Down", priority=True),
        Binding("up", "move(-1)", "Up", priority=True),
        Binding("delete", "remove", "Remove a template of one's own"),
    ]

    def __init__(self, home: Path | None) -> None:
        super().__init__()
        self._store = None if home is None else TemplateStore(home / "templates")

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = "Templates"
            dialog.border_subtitle = "⏎ starts from it · del removes one of your own (●) · esc"
            yield LineInput(placeholder="search", compact=True)
            yield TemplateList()
            yield Static("", id="prompt-shown", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._list()

    @on(Input.Changed)
    def _list(self) -> None:
        words = self.query_one(Input).value.casefold().split()
        known = TEMPLATES if self._store is None else self._store.all()
        rows = [
            one
            for one in known
            if all(word in f"{one.name} {one.summary} {one.draft.text('prompt')}".casefold() for word in words)
        ]
        listing = self.query_one(TemplateList)
        listing.set_rows(rows)
        listing.redraw()
        self._show()

    @on(LineList.Moved)
    def _show(self) -> None:
        row = self.query_one(TemplateList).row
        self.query_one("#prompt-shown", Static).update("" if row is None else one_line(row.draft.text("prompt")))

    def action_move(self, step: int) -> None:
        """Move in the list while the search has the keys."""
        listing = self.query_one(TemplateList)
        listing.move_to(listing.index + step)

    def action_cancel(self) -> None:
        """No draft."""
        self.dismiss(None)

    def action_remove(self) -> None:
        """Remove the template under the cursor, if it is the user's own."""
        row = self.query_one(TemplateList).row
        if row is not None and row.is_own and self._store is not None:
            self._store.remove(row.name)
            self._list()

    @on(Input.Submitted)
    @on(LineList.Chosen)
    def _taken(self) -> None:
        row = self.query_one(TemplateList).row
        if row is not None:
            self.dismiss(row.draft)
