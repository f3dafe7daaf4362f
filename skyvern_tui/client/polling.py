"""Waiting for a run to end.

Owns: the pure machine that is told what happened and when, and says what to do next:
poll, wait, or stop and why. Must not: do I/O, sleep, read a clock or draw random numbers.

Rules: the first poll is at once; the interval starts short and grows to a ceiling; a
failed poll is waited out on its own count, which a good answer resets; ``Retry-After`` is
obeyed; the deadline bounds every wait and every request in flight; the last check is at
the deadline, even if that is sooner than the server asked: a run that has ended by then
must not be reported as unfinished.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

from skyvern_tui.client.retry import RetryPolicy, backoff

_SLACK: Final = 0.001
"""Seconds before the deadline that count as the deadline: sums of floats need not meet it exactly."""


class PollPolicy(NamedTuple):
    """Times in seconds."""

    first_interval: float = 0.5
    growth: float = 1.5
    longest_interval: float = 10.0
    jitter: float = 0.2
    """Up to this share is taken off an interval."""
    max_failures: int = 10
    """Failed polls in a row, after which waiting is given up; about a minute of outage."""
    last_check: float = 5.0
    """How long a poll begun at the deadline may take."""
    backoff: RetryPolicy = RetryPolicy(longest_delay=10.0)


class Begun(NamedTuple):
    """The machine was started, or a wait is over."""


class Answered(NamedTuple):
    """A poll was answered with a run."""

    final: bool
    retry_after: float | None = None


class Failed(NamedTuple):
    """A poll brought no run."""

    transient: bool
    """False if asking again is useless: a refused key, an unknown run."""
    retry_after: float | None = None


class Poll(NamedTuple):
    """Ask now; the whole exchange may take ``limit`` seconds (None: as long as it takes)."""

    limit: float | None


class Wait(NamedTuple):
    """Let ``seconds`` pass, then say :class:`Begun`."""

    seconds: float


class Stop(Enum):
    """The end of waiting."""

    finished = "finished"
    """The run is over."""
    expired = "expired"
    """The deadline passed."""
    refused = "refused"
    """The server's answer makes waiting pointless."""
    exhausted = "exhausted"
    """Too many polls in a row failed."""


Event = Begun | Answered | Failed
Step = Poll | Wait | Stop


class Poller:
    """The state of one wait. ``timeout`` is in seconds; None waits for ever.

    Call :meth:`step` with :class:`Begun` first, then with what came of each step, and stop at the first
    :class:`Stop`. ``random`` in [0, 1) is handed to every call, as the time is.
    """

    __slots__ = ("attempts", "deadline", "failures", "interval", "latest", "policy", "started", "timeout")

    def __init__(self, now: float, timeout: float | None, policy: PollPolicy | None = None) -> None:
        self.policy = policy or PollPolicy()
        self.started = self.latest = now
        self.timeout = timeout
        self.deadline = None if timeout is None else now + max(0.0, timeout)
        self.interval = self.policy.first_interval
        self.attempts = 0
        self.failures = 0

    @property
    def elapsed(self) -> float:
        """Seconds since the start, as far as the machine has been told."""
        return self.latest - self.started

    def step(self, now: float, event: Event, random: float = 0.0) -> Step:
        """Return the next thing to do, ``event`` having happened at ``now``."""
        # A clock that is set back gives no time back: the deadline that was reached stays reached.
        now = self.latest = max(now, self.latest)
        match event:
            case Begun():
                return self._poll(now)
            case Answered(final=True):
                return Stop.finished
            case Answered(retry_after=asked):
                self.failures = 0
                delay = self.interval * (1.0 - self.policy.jitter * random)
                self.interval = min(self.interval * self.policy.growth, self.policy.longest_interval)
                return self._wait(now, max(delay, asked or 0.0))
            case Failed(transient=False):
                return Stop.refused
            case Failed(retry_after=asked):
                self.failures += 1
                delay = backoff(self.failures, self.policy.backoff, random)
                step = self._wait(now, max(delay, asked or 0.0))
                exhausted = self.failures >= self.policy.max_failures and step is not Stop.expired
                return Stop.exhausted if exhausted else step

    def _poll(self, now: float) -> Poll:
        self.attempts += 1
        if self.deadline is None:
            return Poll(None)
        remaining = self.deadline - now
        return Poll(remaining if remaining > _SLACK else self.policy.last_check)

    def _wait(self, now: float, delay: float) -> Wait | Stop:
        if self.deadline is None:
            return Wait(delay)
        remaining = self.deadline - now
        return Wait(min(delay, remaining)) if remaining > _SLACK else Stop.expired
