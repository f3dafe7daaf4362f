"""Noticing that a browser does not answer any more.

Owns: a line to the browser that goes through the driver and touches no page, asking over it,
and ending a browser by force. Must not: decide what becomes of those who used it.

A page can clog the driver, or the browser, without either of them dying. Calls then wait
for ever, those of other runs too, and only a new browser helps.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from contextlib import suppress
from typing import Any, Final

from playwright.async_api import Browser, CDPSession
from playwright.async_api import Error as PlaywrightError

_logger: Final = logging.getLogger(__name__)

BEAT_SECONDS: Final = 5.0
"""How often a browser in use is asked."""
ANSWER_SECONDS: Final = 15.0
"""How long it may take to answer then; on an idle machine it takes a millisecond."""
PROBE_SECONDS: Final = 5.0
"""The same after a run that left it in doubt, when nobody else uses it."""
_FORCE: Final = getattr(signal, "SIGKILL", signal.SIGTERM)


class Heartbeat:
    """The line to one browser."""

    def __init__(self, browser: Browser, session: CDPSession, pid: int | None) -> None:
        self.browser: Final = browser
        self.session: Final = session
        self._pid = pid

    @classmethod
    async def of(cls, browser: Browser) -> Heartbeat:
        """Open the line.

        Raises:
            playwright.async_api.Error: The browser is gone.
        """
        session = await browser.new_browser_cdp_session()
        pid: int | None = None
        with suppress(PlaywrightError):
            processes: list[dict[str, Any]] = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
            pid = next((int(process["id"]) for process in processes if process["type"] == "browser"), None)
        return cls(browser, session, pid)

    async def answers(self, seconds: float) -> bool:
        """Tell whether the browser answers within so many seconds; one that is gone does not."""
        try:
            async with asyncio.timeout(seconds):
                await self.session.send("Browser.getVersion")
        except (PlaywrightError, TimeoutError):
            return False
        return True

    def kill(self) -> None:
        """End the browser's process, whatever it is doing."""
        if self._pid is not None and self.browser.is_connected():
            _logger.warning("The browser (process %d) does not answer any more, and is ended.", self._pid)
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self._pid, _FORCE)
