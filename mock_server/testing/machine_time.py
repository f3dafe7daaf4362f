"""The machine's own time, whatever a test has done to the module ``time``.

Owns: the functions of ``time`` as they were when this was imported, and a clock made of them. Must not:
be affected by :mod:`mock_server.testing.virtual_time`.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Final

monotonic: Final = time.monotonic
sleep: Final = time.sleep
wall: Final = time.time


class MachineClock:
    """A :class:`mock_server.clock.Clock` that virtual time does not touch."""

    def now(self) -> datetime:
        return datetime.now(UTC).replace(tzinfo=None)

    def monotonic(self) -> float:
        return monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def event_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop that keeps the machine's time."""
    loop = asyncio.SelectorEventLoop()
    loop.time = monotonic  # type: ignore[method-assign]  # BaseEventLoop.time looks time.monotonic up, which may be virtual
    return loop
