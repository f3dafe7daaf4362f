"""A tenant's own time.

Owns: freezing, moving and skipping time, and the timers that wait for it. Must not: know
what happens at a time.

What is virtual: every time on the wire (runs, timelines, artifacts, links, logs), the phases
of scripted runs, and whatever the server does later for a tenant, such as sending a webhook
again. What stays real: the agent's waiting for a page, the limits on a browser, and the
sockets; a browser cannot be told that an hour has passed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any, Final, Literal

from mock_server.clock import Clock

Mode = Literal["real", "frozen", "auto"]

LONGEST_SECONDS: Final = 10 * 365 * 86_400.0
"""How far time can be moved at once: ten years. Beyond a few thousand years datetimes end."""

_SETTLING_TURNS: Final = 12
"""Turns of the event loop that what was woken gets before time goes on: enough for a chain of awaits without I/O."""
_BUSY_POLL_SECONDS: Final = 0.002
_BUSY_SECONDS: Final = 5.0
_NAP_SECONDS: Final = 3600.0


class Timer:
    """Something that waits for a time."""

    __slots__ = ("_callback", "due", "over")

    def __init__(self, due: float, callback: Callable[[datetime], None]) -> None:
        self.due = due
        self.over = False
        self._callback = callback

    def cancel(self) -> None:
        """Let the time pass without doing anything."""
        self.over = True

    def fire(self, when: datetime) -> None:
        self.over = True
        self._callback(when)


class TenantClock:
    """A :class:`Clock` that can be frozen, moved and resumed while others wait on it.

    ``real``: time passes. ``frozen``: it stands until it is advanced. ``auto``: it passes, and whoever polls
    a run makes it skip what the run waits for. In each mode :meth:`advance` moves it.
    """

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._shift = timedelta()
        self._monotonic_shift = 0.0
        self._standing: datetime | None = None
        self._standing_monotonic = 0.0
        self._timers: list[tuple[float, int, Timer]] = []
        self._number = 0
        self._pump: asyncio.Task[None] | None = None
        self._pump_until = 0.0
        self._moving: asyncio.Lock | None = None
        self._busy = 0
        self.auto = False
        """Whether polls skip time."""
        self.step: float | None = None
        """Seconds a poll skips in auto mode; None skips to the run's next event."""

    @property
    def mode(self) -> Mode:
        return "frozen" if self._standing is not None else "auto" if self.auto else "real"

    # -- Clock ------------------------------------------------------------------------------

    def now(self) -> datetime:
        return self._base.now() + self._shift if self._standing is None else self._standing

    def monotonic(self) -> float:
        return self._base.monotonic() + self._monotonic_shift if self._standing is None else self._standing_monotonic

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_at(self.monotonic() + seconds, lambda _: None if waking.done() else waking.set_result(None))
        try:
            await waking
        finally:
            timer.cancel()

    # -- timers -----------------------------------------------------------------------------

    def call_at(self, due: float, callback: Callable[[datetime], None]) -> Timer:
        """Call ``callback`` with the wall time once :meth:`monotonic` has reached ``due``; not before the next turn."""
        timer = Timer(due, callback)
        self._number += 1
        heappush(self._timers, (due, self._number, timer))
        self._arm()
        return timer

    def run_due(self) -> None:
        """Do what is due by now, in the order of time."""
        while (timer := self._first()) is not None:
            late = self.monotonic() - timer.due
            if late < 0:
                return
            heappop(self._timers)
            timer.fire(self.now() - timedelta(seconds=late))

    def pending(self) -> int:
        """Return how many timers wait."""
        return sum(not timer.over for _, _, timer in self._timers)

    def next_due(self) -> float | None:
        """Return in how many seconds the first of them is due; None if none waits."""
        first = self._first()
        return None if first is None else max(first.due - self.monotonic(), 0.0)

    @property
    def is_busy(self) -> bool:
        """Whether work is going on that needs real time."""
        return self._busy > 0

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Mark work that needs real time, such as a request; :meth:`advance` waits for it, within reason."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    # -- control ----------------------------------------------------------------------------

    async def advance(self, seconds: float) -> None:
        """Let time pass: everything due in between happens at its own time, in order, before this returns.

        Raises:
            ValueError: ``seconds`` is negative or longer than ten years.
        """
        if not 0 <= seconds <= LONGEST_SECONDS:
            raise ValueError(f"time goes forward, by at most {LONGEST_SECONDS:.0f} seconds")
        self._moving = self._moving or asyncio.Lock()
        async with self._moving:
            target = self.monotonic() + seconds
            while (timer := self._first()) is not None and timer.due <= target:
                self._move(timer.due - self.monotonic())
                heappop(self._timers)
                timer.fire(self.now())
                await self._settle()
            self._move(target - self.monotonic())
            await self._settle()
            self._arm(anew=True)

    def freeze(self, at: datetime | None = None) -> None:
        """Stop time, at ``at`` (naive UTC) if given: that sets the date, and makes nothing due."""
        self._standing_monotonic = self.monotonic()
        self._standing = at or self.now()
        self.auto = False
        self._disarm()

    def flow(self, *, at: datetime | None = None, auto: bool = False, step: float | None = None) -> None:
        """Let time pass from here, or from ``at``; ``auto`` lets polls skip it."""
        if self._standing is not None or at is not None:
            monotonic = self.monotonic()
            self._shift = (at or self.now()) - self._base.now()
            self._standing = None
            self._monotonic_shift = monotonic - self._base.monotonic()
        self.auto, self.step = auto, step
        self._arm(anew=True)

    def restart(self) -> None:
        """Go back to the machine's time, and drop every timer."""
        self.flow(at=self._base.now())
        self._shift = timedelta()
        for _, _, timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._disarm()

    def close(self) -> None:
        """Stop waiting."""
        self._disarm()

    # -- being kept -------------------------------------------------------------------------

    def state(self) -> dict[str, Any] | None:
        """Return what :meth:`restore` needs; None for the machine's own time."""
        if self.mode == "real" and not self._shift:
            return None
        standing = self._standing and self._standing.isoformat()
        return {"mode": self.mode, "step": self.step, "now": standing, "shift": self._shift.total_seconds()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on as the clock did whose state this is."""
        self._shift = timedelta(seconds=state["shift"])
        if state["mode"] == "frozen":
            self.freeze(datetime.fromisoformat(state["now"]))
        else:
            self.flow(auto=state["mode"] == "auto", step=state["step"])

    # -- inside -----------------------------------------------------------------------------

    def _first(self) -> Timer | None:
        while self._timers and self._timers[0][2].over:
            heappop(self._timers)
        return self._timers[0][2] if self._timers else None

    def _move(self, seconds: float) -> None:
        if seconds <= 0:
            return
        if self._standing is None:
            self._shift += timedelta(seconds=seconds)
            self._monotonic_shift += seconds
        else:
            self._standing += timedelta(seconds=seconds)
            self._standing_monotonic += seconds

    async def _settle(self) -> None:
        """Let what was woken go on, and real work end that was begun."""
        for _ in range(_SETTLING_TURNS):
            await asyncio.sleep(0)
        until = self._base.monotonic() + _BUSY_SECONDS
        while self._busy and self._base.monotonic() < until:
            await self._base.sleep(_BUSY_POLL_SECONDS)

    def _arm(self, *, anew: bool = False) -> None:
        """See to it that somebody waits for the first timer."""
        if self._standing is not None or (first := self._first()) is None:
            return
        waiting = self._pump is not None and not self._pump.done()
        if waiting and not anew and self._pump_until <= first.due:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # Without a loop nothing happens by itself; what is due is done when somebody asks.
        if waiting and self._pump is asyncio.current_task():
            return  # A callback of the one who waits; it looks again by itself.
        self._disarm()
        self._pump_until = first.due
        self._pump = loop.create_task(self._wait(), name="tenant clock")

    def _disarm(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            self._pump = None

    async def _wait(self) -> None:
        while self._standing is None and (first := self._first()) is not None:
            self._pump_until = first.due
            delay = first.due - self.monotonic()
            if delay > 0:
                await self._base.sleep(min(delay, _NAP_SECONDS))
            self.run_due()
