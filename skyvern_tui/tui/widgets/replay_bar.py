"""Where a replay stands.

Owns: one line: playing or not, the speed, the time of the run, a track to click on. Must
not: play; a click asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import events
from textual.message import Message

from skyvern_tui.core.text import clock_words
from skyvern_tui.tui.drawing import Span
from skyvern_tui.tui.widgets.bars import Bar

if TYPE_CHECKING:
    from skyvern_tui.core.replay import Player

_SHORT = 60
"""Seconds below which tenths are shown."""
_LEAST = 10
"""Cells of a track worth drawing."""


def _words(seconds: float, lasted: float) -> str:
    """Return a time of a replay; tenths where the whole is short."""
    return f"{seconds:.1f} s" if lasted < _SHORT else clock_words(seconds)


class ReplayBar(Bar):
    """The player of a saved run."""

    DEFAULT_CSS = "ReplayBar { background: $surface; }"

    class Asked(Message):
        """A share of the whole, 0 to 1, was clicked."""

        def __init__(self, share: float) -> None:
            super().__init__()
            self.share = share

    def __init__(self, player: Player) -> None:
        super().__init__()
        self._player = player
        self._track = (0, 0)
        """First cell and length of the track."""

    def show(self, player: Player) -> None:
        """Show a player as it stands."""
        self._player = player
        self.update()

    def pieces(self, width: int) -> list[Span]:
        player = self._player
        replay = player.replay
        sign, tone = ("▶", "busy") if player.is_playing else ("■", "quiet") if player.is_over else ("‖", "warn")
        lasted = (replay.end - replay.begin).total_seconds()
        gone, whole = (_words(seconds, lasted) for seconds in ((player.at - replay.begin).total_seconds(), lasted))
        left: list[Span] = [(f" {sign} ", tone), (f"{player.speed:g}x  ", "quiet"), (f"{gone} ", "plain")]
        at = f" {whole}  {self.skyvern.clock.local(player.at):%H:%M:%S} "
        start = sum(cell_len(text) for text, _ in left)
        length = width - start - cell_len(at)
        self._track = (start, length)
        if length < _LEAST:
            return [*left, (at, "quiet")]
        filled = round(player.share * length)
        return [*left, ("━" * filled, "busy"), ("─" * (length - filled), "quiet"), (at, "quiet")]

    def on_click(self, event: events.Click) -> None:
        start, length = self._track
        if start <= event.x < start + length and length >= _LEAST:
            self.post_message(self.Asked((event.x - start) / max(1, length - 1)))
