"""Time that passes when nobody has anything left to do.

Owns: what time it is, and when it moves, while a test asks for it. Nothing of the machine's time passes
then: a sleep of ten seconds moves time on by ten seconds and returns. Whoever follows (a tenant of the
mock) is moved by the same amount, in the thread that waits.

What follows virtual time: ``time.sleep``, ``time.time``, ``time.monotonic``, ``time.perf_counter`` and their
``_ns`` forms, looked up in the module ``time``; ``asyncio.sleep``, ``asyncio.timeout``, ``wait_for``,
``call_later`` of every event loop of asyncio's own that the block is entered in or that is begun within it. What
does not: names imported from ``time`` before, ``datetime.now``, threading's own waits, timeouts of blocking
sockets, event loops that ran before in other threads, uvloop.

Must not: know what a mock server is, or put itself in the place of the machine's time; ``patching`` does.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, Literal, Protocol

from mock_server.testing import machine_time, patching
from mock_server.testing.loop_selector import LoopSelector

Mode = Literal["skip", "frozen"]

PATIENCE_SECONDS: Final = 5.0
"""How long, of the machine's time, work outside the event loop may take before time goes on all the same."""
STANDSTILL_SECONDS: Final = 20.0
"""How long everything may wait for a frozen clock before that is called a mistake of the test."""
_FIRST_LOOK: Final = 0.002
_LAST_LOOK: Final = 0.05
_WAKING_SECONDS: Final = 0.5


class TimeStandsStillError(RuntimeError):
    """The clock is frozen and everything waits for it: whoever froze it has to advance it."""


class Follower(Protocol):
    """Whoever's time moves along."""

    def move(self, seconds: float) -> None:
        """Move by so many seconds, and return when all that was due in between has happened."""
        ...

    def held(self) -> float | None:
        """Return in how many seconds something happens that a request under way waits for; None: none waits."""
        ...

    def due(self) -> float | None:
        """Return in how many seconds anything is due; None: nothing is."""
        ...

    def busy(self) -> bool:
        """Tell whether a request or a webhook is under way."""
        ...


class Advance:
    """What :meth:`VirtualTime.advance` returns: to be awaited where an event loop runs, done already elsewhere."""

    def __init__(self, waiting: asyncio.Future[None] | None) -> None:
        self._waiting = waiting

    def __await__(self) -> Iterator[Any]:
        if self._waiting is not None:
            yield from self._waiting.__await__()


class VirtualTime:
    """The one virtual time of a process. Use :data:`TIME`."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._modes: list[Mode] = []
        self._followers: list[Follower] = []
        self._moved = 0.0
        self._start = (0.0, 0.0)
        self._outside = 0
        self._attended = 0
        self._goal: tuple[float, asyncio.Future[None]] | None = None
        self._awake = threading.Condition(self._lock)
        self._sleeping: dict[int, float] = {}

    # -- reading ----------------------------------------------------------------------------

    @property
    def mode(self) -> Mode | None:
        """How time passes; None: as the machine's does."""
        return self._modes[-1] if self._modes else None

    def monotonic(self) -> float:
        return self._start[0] + self._moved if self._modes else machine_time.monotonic()

    def wall(self) -> float:
        return self._start[1] + self._moved if self._modes else machine_time.wall()

    # -- entering ---------------------------------------------------------------------------

    @contextmanager
    def entered(self, mode: Mode, follower: Follower | None = None) -> Iterator[None]:
        """Let time be virtual within a block, for this process and for the event loop the block is entered in."""
        loop = asyncio._get_running_loop()  # noqa: SLF001  # get_running_loop without the exception
        with self._lock:
            if not self._modes:
                self._start = (machine_time.monotonic(), machine_time.wall())
                self._moved = 0.0
                patching.install(self)
            self._modes.append(mode)
            if follower is not None:
                self._followers.append(follower)
        try:
            with patching.loop_entered(loop, self):
                yield
        finally:
            with self._lock:
                if follower is not None:
                    self._followers.remove(follower)
                self._modes.pop()
                if not self._modes:
                    patching.uninstall()
                self._awake.notify_all()

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Mark work that goes on in another thread and will wake the event loop; time waits for it."""
        self._outside += 1
        try:
            yield
        finally:
            self._outside -= 1

    # -- moving -----------------------------------------------------------------------------

    def advance(self, seconds: float) -> Advance:
        """Let time pass: sleeps and timers that end in between do so in order. Await what this returns in async code.

        Raises:
            ValueError: ``seconds`` is negative.
        """
        if seconds < 0:
            raise ValueError("Time goes forward.")
        loop = asyncio._get_running_loop()  # noqa: SLF001  # as above
        if loop is None or not isinstance(getattr(loop, "_selector", None), LoopSelector):
            self._advance_threads(self.monotonic() + seconds)
            return Advance(None)
        if self._goal is not None:
            raise RuntimeError("Time is being advanced already; await that first.")
        waiting: asyncio.Future[None] = loop.create_future()
        self._goal = (self.monotonic() + seconds, waiting)
        return Advance(waiting)

    def sleep(self, seconds: float) -> None:
        """Stand in for ``time.sleep``."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        with self._lock:
            if self.mode != "frozen":
                self._move(seconds)
                return
            wake = self.monotonic() + seconds
            self._sleeping[threading.get_ident()] = wake
            try:
                self._awake.wait_for(lambda: self.mode != "frozen" or self.monotonic() >= wake)
            finally:
                self._sleeping.pop(threading.get_ident(), None)

    def pass_over(self, seconds: float) -> None:
        """Let time pass for a request whose client waits on a socket, where nobody here can know of it."""
        with self._lock:
            if self.mode == "skip" and not self._attended:
                self._move(seconds)

    @property
    def is_unattended(self) -> bool:
        """Whether time skips and nobody in this process is known to wait."""
        return self.mode == "skip" and not self._attended

    @contextmanager
    def attending(self) -> Iterator[None]:
        """Mark that somebody in this process is known to wait: time passes for them, not for requests."""
        self._attended += 1
        try:
            yield
        finally:
            self._attended -= 1

    def hold(self, get: Callable[[float], Any], most: float | None) -> Any:
        """Return what ``get(machine seconds)`` returns, asked until it is not None; time passes while the server waits.

        Raises:
            TimeoutError: ``most`` seconds have passed.
        """
        with self.attending():
            return self._hold(get, most)

    def _hold(self, get: Callable[[float], Any], most: float | None) -> Any:
        until = None if most is None else self.monotonic() + most
        look = _FIRST_LOOK
        while (found := get(look)) is None:
            left = None if until is None else until - self.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError
            due = self._soonest("held") if self.mode == "skip" else None
            if due is not None:
                with self._lock:
                    self._move(due if left is None else min(due, left))
            look = min(look * 2, _LAST_LOOK)
        return found

    # -- inside -----------------------------------------------------------------------------

    def _move(self, seconds: float) -> None:
        self._moved += seconds
        for follower in list(self._followers):
            follower.move(seconds)

    def _soonest(self, what: Literal["held", "due"]) -> float | None:
        found = [seconds for follower in list(self._followers) if (seconds := getattr(follower, what)()) is not None]
        return min(found, default=None)

    def _advance_threads(self, goal: float) -> None:
        """Move time, waking the threads that sleep in it one after another."""
        woken: list[int] = []
        first = goal
        while True:
            with self._lock:
                wakes = [wake for wake in self._sleeping.values() if wake <= goal]
                if not wakes:
                    self._move(max(goal - self.monotonic(), 0.0))
                    self._awake.notify_all()
                    return
                first = min(wakes)
                self._move(max(first - self.monotonic(), 0.0))
                woken = [thread for thread, wake in self._sleeping.items() if wake <= first]
                self._awake.notify_all()
            _settled(partial(self._are_back, woken, first))

    def _are_back(self, threads: list[int], since: float) -> bool:
        return all(self._is_back(thread, since) for thread in threads)

    def _is_back(self, thread: int, since: float) -> bool:
        """Tell whether a thread that was woken sleeps again, or is over."""
        wake = self._sleeping.get(thread)
        if wake is not None:
            return wake > since
        return all(each.ident != thread for each in threading.enumerate())

    def select(self, selector: LoopSelector, timeout: float | None) -> Any:
        """Stand in for the waiting of an event loop."""
        events = selector.inner.select(0)
        if events or (timeout is not None and timeout <= 0) or self.mode is None:
            return events if events or self.mode is not None else selector.inner.select(timeout)
        held = None
        if self._is_busy(selector):
            events, held = self._wait_for_others(selector)
            if events:
                return events
        goal = self._goal
        if goal is not None and self.monotonic() >= goal[0] - 1e-9:
            self._goal = None
            if not goal[1].done():
                goal[1].set_result(None)
            return []
        if goal is None and self.mode == "frozen":
            return self._stand_still(selector)
        steps = [step for step in (timeout, held, goal and goal[0] - self.monotonic()) if step is not None]
        if not steps:
            return self._wait_for_anything(selector)
        with self._lock:
            self._move(max(min(steps), 0.0))
        return []

    def _wait_for_others(self, selector: LoopSelector) -> tuple[Any, float | None]:
        """Wait for what is under way outside; return what came of it, or when what it waits for in turn is due."""
        until = machine_time.monotonic() + PATIENCE_SECONDS
        look = _FIRST_LOOK
        while machine_time.monotonic() < until:
            events = selector.inner.select(look)
            if events:
                return events, None
            if (held := self._soonest("held")) is not None:
                # An answer may have come while the question was asked.
                return selector.inner.select(0), held
            if not self._is_busy(selector):
                return selector.inner.select(0), None
            look = min(look * 2, _LAST_LOOK)
        return [], None

    def _is_busy(self, selector: LoopSelector) -> bool:
        """Tell whether something goes on that is not a matter of time."""
        if self._outside or selector.is_busy():
            return True
        return any(follower.busy() for follower in list(self._followers))

    def _wait_for_anything(self, selector: LoopSelector) -> Any:
        """Nothing is due here: see whether something is for the followers, which may lead to something."""
        events = selector.inner.select(_LAST_LOOK)
        if not events and (due := self._soonest("due")) is not None:
            with self._lock:
                self._move(due)
        return events

    def _stand_still(self, selector: LoopSelector) -> Any:
        events = selector.inner.select(STANDSTILL_SECONDS)
        if not events:
            raise TimeStandsStillError(
                f"The clock is frozen, and for {STANDSTILL_SECONDS:g} seconds everything has waited for it. "
                "Call clock.advance(seconds) in another task, or leave the block that froze it."
            )
        return events


def _settled(is_done: Callable[[], bool]) -> None:
    """Give threads the machine's time to go on until they wait again, within reason."""
    until = machine_time.monotonic() + _WAKING_SECONDS
    while not is_done() and machine_time.monotonic() < until:
        machine_time.sleep(_FIRST_LOOK)


TIME: Final = VirtualTime()
"""The process's."""
