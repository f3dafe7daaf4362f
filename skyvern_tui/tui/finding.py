"""Finding a run by a few of its letters, in order but not side by side.

Owns: the search over the runs known so far. Must not: filter the list; that is the list's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from skyvern_tui.core.text import shorten
from skyvern_tui.tui.themes import status_look

if TYPE_CHECKING:
    from skyvern_tui.core.runs import RunLine
    from skyvern_tui.tui.app import SkyvernApp

FIRST: Final = 20
"""Runs offered before anything is typed, and the most that are found."""


def _has(letters: str, text: str) -> bool:
    """Tell whether the letters are in the text in this order: cheap, before the costly scoring."""
    place = 0
    for letter in letters:
        place = text.find(letter, place) + 1
        if not place:
            return False
    return True


def find_run(
    app: SkyvernApp,
    lines: Sequence[RunLine],
    chosen: Callable[[RunLine], None],
    *,
    question: str = "find a run: a few of its letters",
    otherwise: Sequence[tuple[str, Callable[[], None]]] = (),
) -> None:
    """Ask for letters; ``chosen`` is called with the run picked. ``otherwise`` are other answers, in words."""

    class Runs(Provider):
        def _help(self, line: RunLine) -> str:
            glyph, _ = status_look(line.status)
            return f"{glyph} {line.status.replace('_', ' ')}  {line.kind}  {line.id}"

        async def discover(self) -> Hits:
            for line in lines[:FIRST]:
                yield DiscoveryHit(shorten(line.name, 100), partial(chosen, line), help=self._help(line))
            for words, do in otherwise:
                yield DiscoveryHit(words, do)

        async def search(self, query: str) -> Hits:
            for words, do in otherwise:
                score = self.matcher(query).match(words)
                if score > 0:
                    yield Hit(score, words, do)
            letters = "".join(query.casefold().split())
            likely = [line for line in lines if _has(letters, f"{line.name} {line.url} {line.id}".casefold())]
            matcher = self.matcher(query)
            scored = sorted(
                ((matcher.match(f"{line.name} {line.url} {line.id}"), place) for place, line in enumerate(likely)),
                key=lambda pair: (-pair[0], pair[1]),
            )
            for score, place in scored[:FIRST]:
                line = likely[place]
                if score > 0:
                    yield Hit(score, shorten(line.name, 100), partial(chosen, line), help=self._help(line))

    app.push_screen(CommandPalette(providers=[Runs], placeholder=question))
