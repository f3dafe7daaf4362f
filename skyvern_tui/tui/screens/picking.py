"""Choosing one of many: a line to search them, the list, and words about the one under the cursor.

Owns: how the three work together. Must not: know what is chosen; a subclass does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from skyvern_tui.core.text import inert
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.screens.dialog import Answer, Dialog
from skyvern_tui.tui.widgets.line_input import LineInput
from skyvern_tui.tui.widgets.lines import LineList

Row = TypeVar("Row")


class PickScreen(Dialog[Answer], Generic[Row, Answer]):
    """Answers with what ``answer`` makes of the row that was chosen."""

    scopes: ClassVar[tuple[Scope, ...]] = (Scope.pick, Scope.dialog)
    hint = "search"
    """What the line is for."""
    DEFAULT_CSS = """
    PickScreen {
        #dialog { width: 100; height: 80%; }
        Input { margin-bottom: 1; }
        LineList { background: $panel; height: 1fr; }
        #about { height: auto; max-height: 5; margin-top: 1; color: $text-muted; }
    }
    """
    BINDINGS = bindings(Scope.pick)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield LineInput(placeholder=self.hint, compact=True)
            yield self.make_list()
            yield Static("", id="about", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self.search()

    def make_list(self) -> LineList[Row]:
        """Return the list that shows the rows."""
        raise NotImplementedError

    def rows(self, text: str) -> Sequence[Row]:
        """Return what there is to choose from for what was typed."""
        raise NotImplementedError

    def about(self, row: Row | None, text: str) -> str:
        """Return words about the row under the cursor; None if nothing has what was typed."""
        raise NotImplementedError

    def answer(self, row: Row | None, text: str) -> Answer | None:
        """Return what the dialog answers with; None if it can't be answered yet."""
        raise NotImplementedError

    @property
    def listing(self) -> LineList[Row]:
        """The list."""
        return cast("LineList[Row]", self.query_one(LineList))

    @property
    def typed(self) -> str:
        """What was typed to search by."""
        return self.query_one(Input).value.strip()

    @on(Input.Changed)
    def search(self) -> None:
        """Show what there is for what was typed."""
        listing: LineList[Any] = self.listing
        listing.set_rows(self.rows(self.typed))
        listing.redraw()
        listing.move_to(0)
        self._tell()

    @on(LineList.Moved)
    def _tell(self) -> None:
        words = self.about(self.listing.row, self.typed)
        self.query_one("#about", Static).update("\n".join(map(inert, words.split("\n"))))

    @on(Input.Submitted)
    @on(LineList.Chosen)
    def _taken(self) -> None:
        answer = self.answer(self.listing.row, self.typed)
        if answer is not None:
            self.dismiss(answer)

    def action_move(self, step: int) -> None:
        """Move in the list while the line has the keys."""
        self.listing.move_to(self.listing.index + step)
