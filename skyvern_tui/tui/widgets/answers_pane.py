"""What the server answered, as it came: for whoever wants to see the wire.

Owns: the list of the last answers about a run and the body of the one under the cursor. Must
not: fetch; the gateway kept what the poller was told. No secret is shown: the core puts a
variable in its place.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from skyvern_tui.core.answers import Answer
from skyvern_tui.core.clock import Clock
from skyvern_tui.core.text import duration_words, one_line, size_words
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Column, Span, fit, layout
from skyvern_tui.tui.server import Server
from skyvern_tui.tui.widgets.json_tree import JsonTree
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.pane import Copy, Pane, SavedText

_COLUMNS = (
    Column("at", "AT", 8),
    Column("status", "CODE", 4, right=True),
    Column("took", "TOOK", 7, right=True),
    Column("size", "SIZE", 8, right=True),
    Column("path", "", 0),
)
_SECOND = 1000
"""Milliseconds."""


class AnswerList(LineList[Answer]):
    """One line per call."""

    BINDINGS: ClassVar = bindings(Scope.finding)

    def __init__(self, clock: Clock) -> None:
        super().__init__(has_header=True)
        self._clock = clock

    def key_of(self, row: Answer) -> object:
        return row.name

    def header(self, width: int) -> Iterable[Span]:
        yield " ", "quiet"
        for column, room in layout(_COLUMNS, width - 2):
            yield fit(column.title, room, right=column.right) + "  ", "quiet"

    def spans(self, row: Answer, width: int) -> Iterable[Span]:
        took = "-" if row.took is None else _time_words(row.took)
        texts = {
            "at": f"{self._clock.local(row.at):%H:%M:%S}",
            "status": "file" if row.status is None else str(row.status),
            "took": took,
            "size": size_words(len(row.content)),
            "path": one_line(f"{row.method} {row.path}"),
        }
        tones = {"status": "good" if row.fine else "bad", "path": "plain"}
        yield " ", "plain"
        for column, room in layout(_COLUMNS, width - 2):
            yield fit(texts[column.name], room, right=column.right) + "  ", tones.get(column.name, "quiet")


def _time_words(seconds: float) -> str:
    return f"{seconds * _SECOND:.0f} ms" if seconds < 1 else duration_words(seconds)


class AnswersPane(Pane):
    """The answers above, the body of one below."""

    DEFAULT_CSS = """
    AnswersPane {
        layout: vertical;
        AnswerList { height: auto; max-height: 7; border-bottom: solid $border-blurred; }
        #answer { height: 1fr; }
        #no-answer { padding: 1 2; color: $text-muted; height: auto; }
        JsonTree { padding: 0 1; }
    }
    """

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._clock = clock
        self._server: Server | None = None
        self._run_id = ""
        self._secrets: Mapping[str, str] = {}
        self._shown: Answer | None = None
        self._body: Any = None

    def compose(self) -> ComposeResult:
        yield AnswerList(self._clock)
        with Vertical(id="answer"):
            yield Static("nothing was answered yet", id="no-answer", markup=False)
            yield JsonTree(id="answer-tree")

    def connect(self, server: Server, run_id: str, secrets: Mapping[str, str]) -> None:
        """Show the answers of a server about a run; ``secrets`` are values that must not appear."""
        self._server, self._run_id, self._secrets = server, run_id, secrets

    def refresh_answers(self) -> None:
        """Show what was answered by now."""
        if self._server is not None:
            answers = self._server.gateway.answers(self._run_id)
            listing = self.query_one(AnswerList)
            listing.set_rows(answers)
            listing.styles.height = len(answers) + 2
            self._show(listing.row)

    def enter(self) -> None:
        self.refresh_answers()
        self.query_one(AnswerList).focus()

    def leave(self) -> bool:
        tree = self.query_one(JsonTree)
        if not tree.has_focus:
            return False
        self.query_one(AnswerList).focus()
        return True

    @property
    def can_open(self) -> bool:
        return self.query_one(AnswerList).has_focus and self._shown is not None

    def open(self) -> None:
        """Give the body the keys."""
        self.query_one(JsonTree).focus()

    @on(LineList.Moved, "AnswerList")
    def _moved(self, event: LineList.Moved) -> None:
        self._show(event.row)

    def _show(self, answer: Answer | None) -> None:
        if answer is not None and answer is not self._shown:
            if self._shown is not None and self._shown.name != answer.name:
                self.query_one(JsonTree).forget()
            self._shown = answer
            self._read(answer)

    @work(group="answer", exclusive=True)
    async def _read(self, answer: Answer) -> None:
        body = await asyncio.to_thread(answer.body, self._secrets)
        if answer is self._shown:
            self._body = body
            self.query_one("#no-answer").display = False
            self.query_one(JsonTree).show(body)

    @property
    def can_copy(self) -> bool:
        return self._shown is not None

    @property
    def can_save(self) -> bool:
        return self._shown is not None

    def copied(self) -> Copy | None:
        if self._shown is None:
            return None
        return Copy(json.dumps(self._body, indent=2, ensure_ascii=False), f"the answer to {self._shown.name}")

    def place(self) -> Copy | None:
        return None if self._shown is None else Copy(self._shown.path, "the path")

    def to_save(self) -> SavedText | None:
        if self._shown is None:
            return None
        text = json.dumps(self._body, indent=2, ensure_ascii=False)
        return SavedText(f"{self._shown.name}.json", text.encode("utf-8", "replace"))
