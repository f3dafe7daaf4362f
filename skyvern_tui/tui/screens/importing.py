"""Taking in a request written for another tool, or an earlier run.

Owns: the dialog. Must not: read the text; the core does.
"""

from __future__ import annotations

import re
from typing import Final

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static, TextArea

from skyvern_tui.core.draft import Draft
from skyvern_tui.core.imports import Imported, NotUnderstood, read_request
from skyvern_tui.core.text import inert
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.screens.dialog import Dialog
from skyvern_tui.tui.server import Troubled
from skyvern_tui.tui.widgets.line_input import Editor

_RUN_ID: Final = re.compile(r"(?:tsk|wr)_[A-Za-z0-9_]+")
_REQUEST: Final = re.compile(r"\s*(?:curl\s|\{|.*\brun_?[tT]ask\b)", re.DOTALL)


def looks_like_request(text: str) -> bool:
    """Tell whether a text looks like a request for another tool rather than a prompt."""
    return bool(_REQUEST.match(text[:20_000]))


class ImportScreen(Dialog[Draft | None]):
    """Answers with a draft, None for none."""

    scopes = (Scope.importing, Scope.dialog)
    title_words = "Import"
    named = ("import.take", "dialog.close")
    DEFAULT_CSS = """
    ImportScreen {
        #dialog { width: 90; height: 80%; }
        TextArea, TextArea:focus { height: 1fr; }
        #found { height: auto; max-height: 5; margin-top: 1; color: $text-muted; }
        #found.-faulty { color: $error; }
    }
    """
    BINDINGS = bindings(Scope.importing)

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._text = text
        self._imported: Imported | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Editor(
                self._text,
                placeholder="Paste a curl command, the JSON of a request, a Python or TypeScript snippet, "
                "a run as JSON, or the id of a run on this server.",
            )
            yield Static("", id="found", markup=False)

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()
        self._read()

    @on(TextArea.Changed)
    def _read(self) -> None:
        text = self.query_one(TextArea).text.strip()
        self._imported = None
        if not text or _RUN_ID.fullmatch(text):
            key = self.skyvern.key_of("import.take")
            self._say(f"{key} fetches what was asked for in {text}." if text else "")
            return
        try:
            self._imported = read_request(text)
        except NotUnderstood as error:
            self._say(str(error), faulty=True)
            return
        names = ", ".join(self._imported.draft.to_dict())
        notes = "".join(f"\n! {message}" for message in self._imported.messages)
        self._say(f"{self._imported.source}: {names or 'no parameter'}{notes}")

    def _say(self, words: str, *, faulty: bool = False) -> None:
        found = self.query_one("#found", Static)
        found.set_class(faulty, "-faulty")
        found.update("\n".join(inert(line) for line in words.split("\n")))

    @work(group="take", exclusive=True)
    async def action_take(self) -> None:
        """Go back with what was understood."""
        text = self.query_one(TextArea).text.strip()
        if self._imported is not None:
            self.dismiss(self._imported.draft)
        elif _RUN_ID.fullmatch(text):
            await self._fetch(text)

    async def _fetch(self, run_id: str) -> None:
        server = self.skyvern.server
        if server is None:
            self._say("There is no server to fetch the run from.", faulty=True)
            return
        try:
            run = await server.call(lambda gateway: gateway.get_run(run_id))
        except Troubled as error:
            self._say(f"{error.trouble.message} {error.trouble.hint}", faulty=True)
            return
        if not run.run_request:
            self._say("The server does not say what was asked for in this run.", faulty=True)
            return
        self.dismiss(Draft.from_request(run.run_request))
