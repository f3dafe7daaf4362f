"""Tasks to start from: those that come with the program and the user's own.

Owns: the list and its search. Must not: hold a template.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from textual import work
from textual.widgets import Input

from skyvern_tui.core.draft import Draft
from skyvern_tui.core.templates import TEMPLATES, Template, TemplateStore
from skyvern_tui.core.text import one_line
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.screens.picking import PickScreen
from skyvern_tui.tui.widgets.lines import LineList


class TemplateList(LineList[Template]):
    """Templates: name and what each is for."""

    def key_of(self, row: Template) -> object:
        return row.name

    def spans(self, row: Template, width: int) -> Iterable[Span]:
        yield (" ● " if row.is_own else "   "), "key"
        yield fit(one_line(row.name), 28) + "  ", "plain"
        yield fit(one_line(row.summary or row.draft.text("prompt")), max(10, width - 34)), "quiet"


class TemplatesScreen(PickScreen[Template, Draft | None]):
    """Answers with the draft of the template chosen."""

    scopes = (Scope.templates, Scope.pick, Scope.dialog)
    title_words = "Templates"
    lead = "⏎ starts from it"
    named = ("templates.remove", "dialog.close")
    DEFAULT_CSS = """
    TemplatesScreen { #about { height: 5; } }
    """
    BINDINGS = bindings(Scope.templates)

    def __init__(self, home: Path | None) -> None:
        super().__init__()
        self._store = None if home is None else TemplateStore(home / "templates")

    def make_list(self) -> TemplateList:
        return TemplateList()

    def rows(self, text: str) -> Sequence[Template]:
        words = text.casefold().split()
        return [
            one
            for one in (TEMPLATES if self._store is None else self._store.all())
            if all(word in f"{one.name} {one.summary} {one.draft.text('prompt')}".casefold() for word in words)
        ]

    def about(self, row: Template | None, text: str) -> str:  # noqa: ARG002 - asked of every such dialog
        return "No template has this." if row is None else one_line(row.draft.text("prompt"))

    def answer(self, row: Template | None, text: str) -> Draft | None:  # noqa: ARG002 - as above
        return None if row is None else row.draft

    def offered(self) -> tuple[str, ...]:
        some = any(one.is_own for one in self.rows(""))
        return tuple(name for name in self.named if some or name != "templates.remove")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """A template can be removed if it is the user's own, and the key has nothing to do in the line."""
        if action != "remove":
            return True
        line, row = self.query_one(Input), self.listing.row
        return row is not None and row.is_own and line.cursor_position == len(line.value)

    @work(group="remove", exclusive=True)
    async def action_remove(self) -> None:
        """Ask, then remove the template under the cursor."""
        row = self.listing.row
        if row is None or self._store is None:
            return
        name = one_line(row.name)
        if await self.app.push_screen_wait(ConfirmScreen("Remove this template?", name, yes="remove it", no="keep it")):
            self._store.remove(row.name)
            self.search()
