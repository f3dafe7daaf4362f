"""Playwright's driver: the process every browser is spoken to through.

Owns: starting it when it is first needed, ending it, and noticing that it died by itself.
Must not: know what browsers it drives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from playwright.async_api import Playwright, async_playwright


class Driver:
    """The driver, started when asked for. ``gone`` is called when it dies by itself."""

    def __init__(self, gone: Callable[[], None]) -> None:
        self._gone = gone
        self._playwright: Playwright | None = None

    async def start(self) -> Playwright:
        """Return the running driver. Not for two callers at the same time."""
        if self._playwright is None:
            manager = async_playwright()
            self._playwright = await manager.start()
            _watch(manager, self._gone)
        return self._playwright

    async def stop(self) -> None:
        """End it, if it runs; the next :meth:`start` begins another."""
        playwright, self._playwright = self._playwright, None
        if playwright is not None:
            await playwright.stop()


def _watch(manager: object, gone: Callable[[], None]) -> None:
    """Call ``gone`` when the driver dies by itself.

    Playwright has no event for it, only an error it keeps to itself, and which asyncio
    complains of on Ctrl+C (the driver gets that too) unless somebody looks at it. Where a
    version keeps none, the death is found out when the next call fails.
    """
    transport = getattr(getattr(manager, "_client", None), "_transport", None)
    error = getattr(transport, "on_error_future", None)
    if not isinstance(error, asyncio.Future):
        return

    def on_error(future: asyncio.Future[object]) -> None:
        if not future.cancelled() and future.exception() is not None:
            gone()

    error.add_done_callback(on_error)
