"""The one warm browser.

Owns: Playwright's driver, one Chromium at a time, the directory it downloads into, noticing
that either died or does not answer, and bringing both down. Must not: know who uses it; it
tells what was lost.

Chromium hangs on pipes of the driver, and the driver on pipes of this process, so neither
outlives a server that is killed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Playwright
from playwright.async_api import Error as PlaywrightError

from mock_server.browser.discovery import BrowserNotFoundError, find_browser
from mock_server.browser.downloading import Downloads
from mock_server.browser.driver import Driver
from mock_server.browser.hardening import LAUNCH_ARGS, UNWANTED_ARGS
from mock_server.browser.heartbeat import Heartbeat
from mock_server.browser.lease import BROWSER_GONE, BROWSER_STUCK, PROVIDER_CLOSED, BrowserUnavailable

_logger: Final = logging.getLogger(__name__)

_LAUNCH_MS: Final = 30_000
_CLOSE_SECONDS: Final = 10.0


class Chromium:
    """The browser, started when it is first needed and again after it died.

    ``executable`` is the program; None takes the one that ``locate`` finds. ``lost`` is told why, and
    which browser is gone; with None everything that went through the driver is.
    """

    def __init__(
        self,
        executable: Path | None,
        *,
        headless: bool,
        locate: Callable[[], Path | None] | None,
        lost: Callable[[str, Browser | None], None],
    ) -> None:
        self._executable = executable
        self._headless = headless
        self._locate = locate or _locate
        self._lost = lost
        self._driver = Driver(self._on_driver_gone)
        self._browser: Browser | None = None
        self._heartbeat: Heartbeat | None = None
        self._downloads: Downloads | None = None
        self.lock: Final = asyncio.Lock()
        """Held by whoever starts or ends it."""
        self.is_closed = False
        """Whether it is not to be started any more."""

    @property
    def browser(self) -> Browser | None:
        """The browser, if it runs."""
        return self._browser if self._browser is not None and self._browser.is_connected() else None

    async def running(self) -> Browser:
        """Return the browser, starting it if need be; whoever asks meanwhile waits for the same start.

        Raises:
            BrowserUnavailable: There is none, it does not start, or it was closed.
        """
        async with self.lock:
            self._check_open()
            if (browser := self.browser) is not None:
                return browser
            self._browser = None
            try:
                self._browser = await self._launch()
            except PlaywrightError:
                # The driver may be what died. One that failed to launch is not worth keeping either.
                await self._driver.stop()
                try:
                    self._browser = await self._launch()
                except PlaywrightError as error:
                    raise BrowserUnavailable(_no_start(error)) from error
            self._browser.on("disconnected", self._on_disconnected)
            self._heartbeat = await Heartbeat.of(self._browser)
            return self._browser

    async def driver(self) -> Playwright:
        """Return the driver, without a browser of our own.

        Raises:
            BrowserUnavailable: It was closed.
        """
        async with self.lock:
            self._check_open()
            return await self._driver.start()

    async def bound_downloads(self) -> None:
        """Cancel downloads that are too large."""
        if self._downloads is not None and self._heartbeat is not None:
            await self._downloads.bound(self._heartbeat.session)

    async def end_if_stuck(self, seconds: float) -> None:
        """End browser and driver if the browser does not answer within so many seconds."""
        heartbeat = self._heartbeat
        if heartbeat is not None and heartbeat.browser is self._browser and not await heartbeat.answers(seconds):
            await self.end_stuck(heartbeat)

    async def end_stuck(self, heartbeat: Heartbeat | None = None) -> None:
        """End browser and driver by force; whoever uses them loses them, and the next one starts others."""
        async with self.lock:
            if heartbeat is not None and heartbeat is not self._heartbeat:
                return  # Somebody else has seen to it.
            heartbeat, self._heartbeat, self._browser = self._heartbeat, None, None
            if heartbeat is None:
                return
            self._lost(BROWSER_STUCK, None)
            heartbeat.kill()
            self._driver.kill()
            await self._driver.stop()

    async def is_cut_off(self) -> bool:
        """Tell whether no call gets through to the browser, and forget it then; with the lock held.

        The death of its driver shows in nothing else.
        """
        if (browser := self.browser) is None:
            return False
        try:
            await (await browser.new_context()).close()
        except PlaywrightError:
            self._on_disconnected(browser)
            return True
        return False

    async def stop_driver(self) -> None:
        """End the driver; with the lock held."""
        await self._driver.stop()

    async def stop(self) -> None:
        """End everything; with the lock held."""
        await self._stop_browser()
        await self._driver.stop()
        if self._downloads is not None:
            self._downloads.discard()

    def _check_open(self) -> None:
        if self.is_closed:
            raise BrowserUnavailable(PROVIDER_CLOSED)

    async def _launch(self) -> Browser:
        executable = self._executable if self._executable is not None else self._locate()
        playwright = await self._driver.start()
        self._downloads = self._downloads or Downloads()
        return await playwright.chromium.launch(
            executable_path=executable,
            headless=self._headless,
            args=list(LAUNCH_ARGS),
            ignore_default_args=list(UNWANTED_ARGS),
            timeout=_LAUNCH_MS,
            downloads_path=self._downloads.folder,
            env=self._downloads.environment,
        )

    def _on_disconnected(self, browser: Browser) -> None:
        if browser is self._browser:
            self._browser = None
            self._lost(BROWSER_GONE, browser)

    def _on_driver_gone(self) -> None:
        self._browser = None
        self._lost(BROWSER_GONE, None)

    async def _stop_browser(self) -> None:
        browser, self._browser = self.browser, None
        if browser is None:
            return
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await browser.close()
        except (PlaywrightError, TimeoutError) as error:
            _logger.warning("The browser did not close (%s); it ends with its driver.", error or "it hangs")


def _locate() -> Path | None:
    try:
        return find_browser().path
    except BrowserNotFoundError as error:
        raise BrowserUnavailable(str(error)) from error


def _no_start(error: PlaywrightError) -> str:
    reason = str(error).partition("\n")[0]
    return f"The browser does not start: {reason} Run `skyvern-mock doctor` to see what was found and why it fails."
