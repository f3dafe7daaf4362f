"""Choosing a file with a saved run.

Owns: the list of those among the downloads, and the line for any other path. Must not:
open one.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from skyvern_tui.core.skyrun.saved import SUFFIX
from skyvern_tui.core.text import inert, size_words
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.widgets.line_input import LineInput
from skyvern_tui.tui.widgets.lines import LineList

if TYPE_CHECKING:
    from skyvern_tui.tui.app import SkyvernApp

MOST: Final = 500
"""Files listed."""
_LOOKED_AT: Final = 20_000
"""Files looked at to find them: a folder of downloads may be anything."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file among the downloads."""

    path: Path
    at: datetime
    size: int


def saved_runs_in(folder: Path) -> list[Found]:
    """Return the saved runs below a folder, newest first. Looks at the disk: call it in a thread."""
    found: list[Found] = []
    seen = 0
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in names:
            seen += 1
            if name.endswith(SUFFIX) and not name.startswith("."):
                path = Path(place, name)
                try:
                    facts = path.stat()
                except OSError:
                    continue
                found.append(Found(path, datetime.fromtimestamp(facts.st_mtime, UTC), facts.st_size))
        if seen > _LOOKED_AT:
            break
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


class FoundList(LineList[Found]):
    """Files: when they were saved, how large they are, their names."""

    def key_of(self, row: Found) -> object:
        return row.path

    def spans(self, row: Found, width: int) -> Iterable[Span]:
        at = cast("SkyvernApp", self.app).clock.local(row.at)
        yield f" {at:%Y-%m-%d %H:%M}  {fit(size_words(row.size), 8, right=True)}  ", "quiet"
        yield fit(inert(row.path.name), max(10, width - 30)), "plain"


class OpenScreen(ModalScreen[Path | None]):
    """Answers with the path of a file; it may not be there, or hold no run."""

    DEFAULT_CSS = """
    OpenScreen {
        align: center middle;
        background: $background 60%;
        #dialog {
            width: 100; max-width: 96%; height: 70%; padding: 1 2; background: $panel; border: round $primary;
            border-title-color: $primary; border-subtitle-color: $text-muted;
        }
        Input { border: none; height: 1; background: $surface; padding: 0 1; margin-bottom: 1; }
        FoundList { background: $panel; height: 1fr; }
        #where { height: auto; max-height: 2; margin-top: 1; color: $text-muted; }
    }
    """
    BINDINGS: ClassVar = [
        Binding("escape", "cancel", "Leave it"),
        Binding("down", "move(1)", "Down", priority=True),
        Binding("up", "move(-1)", "Up", priority=True),
    ]

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._all: list[Found] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = "Open a saved run"
            dialog.border_subtitle = "⏎ opens it · esc"
            yield LineInput(placeholder="a part of the name, or the path of any file", compact=True)
            yield FoundList()
            yield Static("", id="where", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._look()

    @work(group="look", exclusive=True)
    async def _look(self) -> None:
        self._all = await asyncio.to_thread(saved_runs_in, self._folder)
        self._list()

    @on(Input.Changed)
    def _list(self) -> None:
        text = self.query_one(Input).value.strip()
        words = text.casefold().split()
        listing = self.query_one(FoundList)
        path = self._typed(text)
        rows = [one for one in self._all if all(word in str(one.path).casefold() for word in words)]
        listing.set_rows([] if path is not None else rows)
        listing.move_to(0)
        if path is not None:
            said = f"⏎ opens {path}"
        elif rows:
            said = f"in {self._folder}"
        else:
            said = "No saved run has this in its name." if words else f"No saved runs in {self._folder} yet."
        self.query_one("#where", Static).update(inert(said))

    @staticmethod
    def _typed(text: str) -> Path | None:
        """Return the path that was typed; None for words to search by."""
        bare = text.strip("'\"")
        is_path = bare.startswith(("~", ".", "/")) or os.sep in bare or bare.endswith(SUFFIX) or bare[1:3] == ":\\"
        try:
            return Path(bare).expanduser() if is_path else None
        except RuntimeError:  # ~name of a person who has no home here
            return Path(bare)

    @on(Input.Submitted)
    @on(LineList.Chosen)
    def _taken(self) -> None:
        path, row = self._typed(self.query_one(Input).value.strip()), self.query_one(FoundList).row
        if path is not None or row is not None:
            self.dismiss(path or (row.path if row is not None else None))

    def action_move(self, step: int) -> None:
        """Move in the list while the line has the keys."""
        listing = self.query_one(FoundList)
        listing.move_to(listing.index + step)

    def action_cancel(self) -> None:
        """No file."""
        self.dismiss(None)
