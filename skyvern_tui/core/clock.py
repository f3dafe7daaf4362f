"""Time, as the terminal side gets it.

Owns: the clock protocol of core and screens, and the real clock. No module beside it asks
the machine for the time or sleeps, so that a screen can be frozen for a snapshot and an
outage of ten minutes tested in no time.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time, monotonic time and sleeping."""

    def now(self) -> datetime:
        """Return the wall time as an aware UTC datetime."""
        ...

    def local(self, moment: datetime) -> datetime:
        """Return ``moment`` in the zone the person at the screen lives in."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Suspend the caller for ``seconds`` of this clock's time."""
        ...


class RealClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def local(self, moment: datetime) -> datetime:
        try:
            return moment.astimezone()
        except (OverflowError, OSError, ValueError):  # the first and last days there are, which only a file can claim
            return moment

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
