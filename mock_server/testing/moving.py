"""The time of one test: as the machine's, skipped when everybody waits, or frozen.

Owns: what a test says about time, and keeping the tenant's clock on the mock in step with the process's.
Must not: wait by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from mock_server.testing.virtual_time import TIME, Advance, Follower, Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_server.testing.control import Control

Passing = Literal["real", "skip", "frozen"]


class _Both:
    """A context manager for ``with`` and ``async with`` alike."""

    def __init__(self, clock: MockClock, enter: Callable[[], AbstractContextManager[None]]) -> None:
        self._clock = clock
        self._enter = enter
        self._stack = ExitStack()

    def __enter__(self) -> MockClock:
        self._stack.enter_context(self._enter())
        return self._clock

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    async def __aenter__(self) -> MockClock:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


class MockClock:
    """Time, for the code under test and for the mock."""

    def __init__(self, control: Control, follower: Follower, start: datetime | None = None) -> None:
        self._control = control
        self._follower = follower
        self._start = start
        """The date it is when time first becomes virtual; None: the machine's."""
        self._depth = 0

    def now(self) -> datetime:
        """Return the mock's time, naive UTC."""
        return datetime.fromisoformat(self._control.get("/_mock/clock")["now"])

    @property
    def passing(self) -> Passing:
        """How time passes for this process."""
        return TIME.mode or "real"

    def skipping(self) -> _Both:
        """Let time jump, within a block, to whatever is waited for next: a sleep of ten minutes takes none.

        Both ``with`` and ``async with`` do. In async code enter it in the event loop that is to skip.
        """
        return _Both(self, lambda: self._entered("skip"))

    def frozen(self, at: datetime | None = None) -> _Both:
        """Let time stand, within a block, but for :meth:`advance`; ``at`` sets the mock's date (naive UTC)."""
        return _Both(self, lambda: self._entered("frozen", at))

    def advance(self, seconds: float) -> Advance:
        """Let time pass. In async code ``await`` it; elsewhere it has passed when this returns.

        Whatever ends in between, here or on the mock, has happened in order and at its own time.
        """
        if TIME.mode is not None:
            return TIME.advance(seconds)
        self._follower.move(seconds)
        return Advance(None)

    @contextmanager
    def _entered(self, mode: Mode, at: datetime | None = None) -> Iterator[None]:
        at, self._start = at or self._start, None
        if self._depth == 0 or at is not None:
            now = {} if at is None else {"now": at.isoformat()}
            self._control.ask("PUT", "/_mock/clock", json={"mode": "frozen", **now})
        self._depth += 1
        try:
            with TIME.entered(mode, self._follower if self._depth == 1 else None):
                yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._control.ask("PUT", "/_mock/clock", json={"mode": "real"})
