"""How the connection to the server is doing.

Owns: the state of the link and the rules by which calls change it: what counts as an
outage, since when it lasts, and when to try again. Must not: call, wait or read a clock;
times are handed in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from skyvern_tui.core.facts import Outage
from skyvern_tui.core.trouble import Kind, Trouble

FIRST_RETRY: Final = 1.0
LONGEST_RETRY: Final = 5.0
REFUSED_RETRY: Final = 30.0
"""Seconds between asking again with a key that was refused."""


class State(StrEnum):
    """What the link is doing."""

    starting = "starting"
    """Nothing was answered yet."""
    up = "up"
    down = "down"
    refused = "refused"


@dataclass(frozen=True, slots=True)
class Link:
    """The state of the link at one moment."""

    state: State = State.starting
    latency: float | None = None
    """Seconds the last answered call took."""
    trouble: Trouble | None = None
    outage: Outage | None = None
    """The outage going on, or the last one until the next begins."""
    retry_at: float | None = None
    """Monotonic time of the next attempt; None while the link is up."""

    @property
    def is_well(self) -> bool:
        """True unless calls are failing."""
        return self.state in {State.starting, State.up}

    def answered(self, latency: float, now: datetime) -> Link:
        """A call was answered, even if with a refusal of what it asked."""
        outage = self.outage
        if outage is not None and outage.ended is None:
            outage = replace(outage, ended=now)
        return Link(State.up, latency=latency, outage=outage)

    def failed(self, trouble: Trouble, now: datetime, monotonic: float) -> Link:
        """A call failed. Only trouble of the connection or the key changes the link."""
        if trouble.kind is Kind.refused:
            return Link(State.refused, self.latency, trouble, self.outage, monotonic + REFUSED_RETRY)
        ongoing = self.outage if self.outage is not None and self.outage.ended is None else None
        outage = (
            Outage(began=now, reason=trouble.message, attempts=1)
            if ongoing is None
            else replace(ongoing, reason=trouble.message, attempts=ongoing.attempts + 1)
        )
        doublings = min(outage.attempts - 1, 10)
        delay = max(min(FIRST_RETRY * 2.0**doublings, LONGEST_RETRY), trouble.retry_after or 0.0)
        return Link(State.down, self.latency, trouble, outage, monotonic + delay)

    def retry_in(self, monotonic: float) -> float:
        """Return seconds until the next attempt; zero when it is due or the link is up."""
        return 0.0 if self.retry_at is None else max(0.0, self.retry_at - monotonic)
