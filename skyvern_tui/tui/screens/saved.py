"""A run that was saved to a file: looked at like any other, and played as it went.

Owns: taking what the run screen shows out of the file instead of from a server, the time
of the replay, and what can't be done without a server. Must not: read the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from textual import on
from textual.widget import Widget

from skyvern_tui.core.clock import Clock
from skyvern_tui.core.journal import Journal
from skyvern_tui.core.link import Link
from skyvern_tui.core.replay import Player, Replay
from skyvern_tui.core.skyrun import SavedGateway, SavedRun
from skyvern_tui.core.text import inert, one_line, shorten
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.server import Server
from skyvern_tui.tui.widgets.replay_bar import ReplayBar
from skyvern_tui.tui.widgets.timeline_pane import TimelinePane
from skyvern_tui.tui.widgets.webhook_pane import WebhookPane

FRAME: Final = 0.2
"""Seconds between two looks while it plays."""
NEEDS_A_SERVER: Final = frozenset({"cancel_run", "refresh", "rerun", "resend", "replay_webhook", "pause"})
"""Actions of a run that make no sense without its server."""
_ROOMY: Final = 100


class ReplayClock:
    """The time a replay stands at; everything else is that of another clock."""

    def __init__(self, clock: Clock, moment: datetime) -> None:
        self._clock = clock
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def local(self, moment: datetime) -> datetime:
        return self._clock.local(moment)

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


def server_of(saved: SavedRun, clock: Clock) -> Server:
    """Return a saved run in the place of a server."""
    return Server(SavedGateway(saved), clock, _nobody)


def where_of(saved: SavedRun) -> str:
    """Return which server a saved run is of, in a few words."""
    host = _host(saved.server)
    return f"saved, of {host}" if host else "saved"


def _host(url: str) -> str:
    try:
        return one_line(urlsplit(url).netloc.rpartition("@")[2] or url)
    except ValueError:
        return one_line(url)


def _nobody(before: Link, after: Link) -> None:
    """Nobody is told of a link to a file."""


class SavedScreen(RunScreen):
    """A run out of a file."""

    scope = Scope.saved
    also = (Scope.run,)
    BINDINGS: ClassVar = bindings(Scope.saved)

    def __init__(self, saved: SavedRun, path: Path | None = None) -> None:
        super().__init__(saved.run.run_id, saved.run)
        self.saved = saved
        self._path = path
        self._place = f"Saved run  {inert(saved.run.run_id)}"
        for snapshot in saved.snapshots():
            self.journal.apply(snapshot)
        self._replay = Replay(saved)
        self.player = Player(self._replay, self._replay.end)
        self._known_until: datetime | None = self._replay.end
        self._own_clock: ReplayClock | None = None
        self._own_server: Server | None = None
        self._looked = 0.0

    @property
    def server(self) -> Server:
        """The file, in the place of a server."""
        if self._own_server is None:
            self._own_server = server_of(self.saved, self.skyvern.clock)
        return self._own_server

    @property
    def clock(self) -> ReplayClock:
        """The time of the replay; of a run that was not over, the time it was saved at."""
        if self._own_clock is None:
            self._own_clock = ReplayClock(self.skyvern.clock, self._now())
        return self._own_clock

    def _now(self) -> datetime:
        return self.saved.saved_at if self.player.is_over and not self.saved.run.is_final else self.player.at

    @property
    def base_url(self) -> str:
        return self.saved.server

    def sent(self, run_id: str) -> Mapping[str, Any] | None:  # noqa: ARG002 - there is one run in a file
        return self.saved.request

    def link_spans(self, width: int) -> list[Span]:
        at = self.skyvern.clock.local(self.saved.saved_at)
        spans: list[Span] = [("◆ ", "key"), (f"saved {at:%Y-%m-%d %H:%M}", "strong")]
        host = _host(self.saved.server)
        if host:
            spans.append((f"  of {shorten(host, 40 if width >= _ROOMY else 22)}", "quiet"))
        return spans

    @property
    def where(self) -> str:
        return where_of(self.saved)

    def banner(self) -> str:
        return ""

    def body(self) -> Iterable[Widget]:
        yield from super().body()
        yield ReplayBar(self.player)

    def on_mount(self) -> None:
        # Textual calls the base class's handler, too: that one draws the run.
        self.set_interval(FRAME, self._frame)
        self.query_one(WebhookPane).can_send = False
        self.query_one(TimelinePane).can_pause = False
        if self.saved.unread:
            words = "\n".join(self.saved.unread[:5])
            self.notify(words, title="Not all of the file can be read", severity="warning", timeout=12, markup=False)
        if self.saved.note:
            self.notify(self.saved.note, title="Note", timeout=10, markup=False)

    def _poll(self) -> None:
        """Nothing will come of asking again; the file was read as a whole."""
        if self._poller is not None:
            self._poller.has_timeline = self.saved.timeline is not None
            self._poller.settled = True
        self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in NEEDS_A_SERVER:
            return False
        if not self.is_live:
            return True
        if action in {"play", "step_on", "speed", "jump_to"}:
            return len(self._replay.moments) > 1
        return super().check_action(action, parameters)

    def _frame(self) -> None:
        """Let the time since the last look pass in the replay."""
        now = self.skyvern.clock.monotonic()
        passed, self._looked = now - self._looked, now
        if self.player.is_playing and self.is_live and passed > 0:
            self._stand(self.player.passed(passed))

    def _stand(self, player: Player) -> None:
        """Show the run as it was known where the player stands."""
        known, back = self._known_until, self._known_until is not None and player.at < self._known_until
        taken = back and known is not None and self._replay.take_back(self.journal, known, player.at)
        anew = back and not taken
        journal = Journal() if anew else self.journal
        snapshots = [] if taken else self._replay.between(None if anew else known, player.at)
        for snapshot in snapshots:
            journal.apply(snapshot)
        self.player, self._known_until = player, player.at
        self.clock.moment = self._now()
        if anew:
            self.look_at(journal)
        elif snapshots or taken:
            self._draw()
        self.query_one(ReplayBar).show(player)
        self.tick()
        self.refresh_bindings()

    @on(ReplayBar.Asked)
    def _asked(self, event: ReplayBar.Asked) -> None:
        self._stand(self.player.gone_to_share(event.share))

    def action_play(self) -> None:
        """Play or pause; at the end play from the beginning."""
        self._looked = self.skyvern.clock.monotonic()
        self._stand(self.player.toggled())

    def action_step_on(self, step: int) -> None:
        """Stand at the next moment, or the one before."""
        at = self.player.at
        self._stand(self.player.gone_to(self._replay.next(at) if step > 0 else self._replay.previous(at)))

    def action_speed(self, step: int) -> None:
        """Play faster or slower."""
        self.player = self.player.faster(step)
        self.query_one(ReplayBar).show(self.player)

    def action_jump_to(self, share: int) -> None:
        """Stand at the beginning (0) or the end (1); what plays goes on from the beginning."""
        playing = self.player.is_playing and not share
        self._stand(replace(self.player.gone_to_share(share), is_playing=playing))
