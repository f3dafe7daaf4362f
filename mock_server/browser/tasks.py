"""Background tasks with an owner.

Owns: keeping a reference to tasks that event handlers start, and ending them together.
Must not: know what they do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final

_logger: Final = logging.getLogger(__name__)


class Tasks:
    """A set of running tasks; what fails in one is logged, not lost."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run ``work`` beside the caller."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    async def settled(self) -> None:
        """Wait until what runs now is done."""
        if running := tuple(self._running):
            await asyncio.wait(running)

    async def cancel(self) -> None:
        """Cancel what still runs and wait until it is gone."""
        running = tuple(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _logger.warning("A background task of the browser failed: %s", error)
