"""Choosing a file with a saved run.

Owns: the list of those among the downloads, and the line for any other path. Must not:
open one.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from textual import work

from skyvern_tui.core.skyrun.saved import SUFFIX
from skyvern_tui.core.text import inert, size_words
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.screens.picking import PickScreen
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


class OpenScreen(PickScreen[Found, Path | None]):
    """Answers with the path of a file; it may not be there, or hold no run."""

    title_words = "Open a saved run"
    lead = "⏎ opens it"
    hint = "a part of the name, or the path of any file"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._all: list[Found] = []

    def on_mount(self) -> None:
        self._look()

    def make_list(self) -> FoundList:
        return FoundList()

    @work(group="look", exclusive=True)
    async def _look(self) -> None:
        self._all = await asyncio.to_thread(saved_runs_in, self._folder)
        self.search()

    def rows(self, text: str) -> Sequence[Found]:
        if _path_in(text) is not None:
            return []
        words = text.casefold().split()
        return [one for one in self._all if all(word in str(one.path).casefold() for word in words)]

    def about(self, row: Found | None, text: str) -> str:
        path = _path_in(text)
        if path is not None:
            return f"⏎ opens {path}"
        if row is not None:
            return f"in {row.path.parent}"
        return "No saved run has this in its name." if text else f"No saved runs in {self._folder} yet."

    def answer(self, row: Found | None, text: str) -> Path | None:
        return _path_in(text) or (None if row is None else row.path)


def _path_in(text: str) -> Path | None:
    """Return the path that was typed; None for words to search by."""
    bare = text.strip("'\"")
    is_path = bare.startswith(("~", ".", "/")) or os.sep in bare or bare.endswith(SUFFIX) or bare[1:3] == ":\\"
    try:
        return Path(bare).expanduser() if is_path else None
    except RuntimeError:  # ~name of a person who has no home here
        return Path(bare)
