"""How a run that is going on is stopped from outside.

Owns: the difference between a run that was canceled, ran out of time or lost its browser,
whose remains are still collected, and a server that stops, which drops everything. Must
not: change the run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Literal, TypeVar

ResultT = TypeVar("ResultT")

Reason = Literal["canceled", "timed_out", "lost"]


class Interrupted(Exception):  # noqa: N818  # named for what happened
    """The guarded work was stopped; ``reason`` says by what."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Interrupt:
    """Stops guarded work of one run. The first reason given counts."""

    def __init__(self) -> None:
        self.reason: Reason | None = None
        self._task: asyncio.Task[Any] | None = None

    def trigger(self, reason: Reason) -> None:
        """Stop the work that is being guarded, now or as soon as it begins."""
        if self.reason is not None:
            return
        self.reason = reason
        if self._task is not None:
            self._task.cancel()

    async def guard(self, work: Awaitable[ResultT]) -> ResultT:
        """Do the work unless and until it is stopped.

        Raises:
            Interrupted: It was stopped by :meth:`trigger`.
            asyncio.CancelledError: The task itself was cancelled.
        """
        task = asyncio.current_task()
        assert task is not None
        if self.reason is not None:
            _drop(work)
            raise Interrupted(self.reason)
        self._task = task
        try:
            return await work
        except asyncio.CancelledError:
            if self.reason is None or task.uncancel() > 0:
                raise  # The server stops; it may do so while the run is being canceled.
            raise Interrupted(self.reason) from None
        finally:
            self._task = None


def _drop(work: Awaitable[Any]) -> None:
    """Close a coroutine that will not be awaited."""
    close = getattr(work, "close", None)
    if close is not None:
        close()
