"""Playwright's driver: the process every browser is spoken to through.

Owns: starting it when it is first needed, ending it, and noticing that it died by itself.
Must not: know what browsers it drives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from playwright.async_api import Playwright, async_playwright

STOP_SECONDS: Final = 10.0
"""How long it may take to end with its browsers before it is killed."""


class Driver:
    """The driver, started when asked for. ``gone`` is called when it dies by itself."""

    def __init__(self, gone: Callable[[], None]) -> None:
        self._gone = gone
        self._playwright: Playwright | None = None
        self._manager: object = None

    async def start(self) -> Playwright:
        """Return the running driver. Not for two callers at the same time."""
        if self._playwright is None:
            manager = async_playwright()
            self._playwright = await manager.start()
            self._manager = manager
            _watch(manager, self._gone)
        return self._playwright

    async def stop(self) -> None:
        """End it, if it runs; the next :meth:`start` begins another."""
        playwright, self._playwright = self._playwright, None
        if playwright is None:
            return
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await playwright.stop()
        except TimeoutError:
            self.kill()

    def kill(self) -> None:
        """End its process by force: it does not answer, or does not end."""
        process = getattr(_transport(self._manager), "_proc", None)
        if isinstance(process, asyncio.subprocess.Process) and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()


def _transport(manager: object) -> object:
    """Return the pipe to the driver, where Playwright keeps it in this version."""
    return getattr(getattr(manager, "_client", None), "_transport", None)


def _watch(manager: object, gone: Callable[[], None]) -> None:
    """Call ``gone`` when the driver dies by itself.

    Playwright has no event for it, only an error it keeps to itself, and which asyncio
    complains of on Ctrl+C (the driver gets that too) unless somebody looks at it. Where a
    version keeps none, the death is found out when the next call fails.
    """
    error = getattr(_transport(manager), "on_error_future", None)
    if not isinstance(error, asyncio.Future):
        return

    def on_error(future: asyncio.Future[object]) -> None:
        if not future.cancelled() and future.exception() is not None:
            gone()

    error.add_done_callback(on_error)
