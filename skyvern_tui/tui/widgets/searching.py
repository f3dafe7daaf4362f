"""Finding in a widget: what such a widget has to do, and the keys for it.

Owns: the protocol between the find bar and what it looks through. Must not: draw or know
what a line is; each widget does. A widget takes part by inheriting :class:`Searchable` and
binding ``Scope.finding``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from skyvern_tui.core.find import Finder

if TYPE_CHECKING:
    from textual.widget import Widget as _Widget
else:
    _Widget = object  # a mix-in: Textual takes styles from the first widget among the bases

NEIGHBOURS: Final = 1
"""Lines kept before and after each match of a filter, unless told otherwise."""
_ACTIVE: Final = frozenset({"find_next", "find_previous", "find_close"})


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for. ``filtering`` hides all other lines but ``context`` around each match."""

    finder: Finder
    filtering: bool = False
    context: int = NEIGHBOURS


class Found(NamedTuple):
    """How many places there are, and at which of them (from 1) one is; 0 is none of them."""

    place: int
    total: int
    is_all: bool = True
    """False when there are more places than are counted."""


class Searchable(_Widget):
    """A widget that can be looked through."""

    sought: Sought | None = None
    watcher: Callable[[], None] | None = None
    """Called when what was found changes without being asked: by the find bar that looks."""

    @property
    def found(self) -> Found:
        """What the search came to."""
        raise NotImplementedError

    def begin(self) -> None:
        """Remember where one is: what is typed is looked for from here."""

    def seek(self, sought: Sought | None) -> None:
        """Mark what is looked for and go to the next place from where one began; None forgets it."""
        raise NotImplementedError

    def step(self, *, forward: bool) -> None:
        """Go to the next or previous place, going round."""
        raise NotImplementedError

    def tell_found(self) -> None:
        """Let the find bar count anew."""
        if self.watcher is not None:
            self.watcher()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys for what was found mean nothing, or something else, while nothing is looked for."""
        return self.sought is not None if action in _ACTIVE else super().check_action(action, parameters)

    def on_hide(self) -> None:
        """What is found here is of no interest while this can't be seen."""
        self.tell_found()

    def on_show(self) -> None:
        """It is again."""
        self.tell_found()

    async def action_find(self) -> None:
        """Look for something."""
        await self._open(filtering=False)

    async def action_filter_lines(self) -> None:
        """Show only the lines that have something."""
        await self._open(filtering=True)

    async def _open(self, *, filtering: bool) -> None:
        from skyvern_tui.tui.widgets.find_bar import FindBar  # noqa: PLC0415 - loaded when first needed

        await FindBar.open_on(self, filtering=filtering)

    def action_find_next(self) -> None:
        """To the next place."""
        self.step(forward=True)
        self.tell_found()

    def action_find_previous(self) -> None:
        """To the place before."""
        self.step(forward=False)
        self.tell_found()

    def action_find_close(self) -> None:
        """Forget what was looked for."""
        self.seek(None)
        self.tell_found()
