"""One run's time in a browser context.

Owns: its page, its end, and noticing that the browser or the page died under it. Must not:
start or stop the browser, or decide whether the context lives on.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any, Final, NoReturn

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from mock_server.browser.capture import Capture, Captured
from mock_server.browser.contexts import Workspace
from mock_server.browser.listening import Listeners
from mock_server.browser.spec import DEFAULT_VIEWPORT, LeaseSpec

__all__ = [
    "BROWSER_GONE",
    "BROWSER_STUCK",
    "DEFAULT_VIEWPORT",
    "KEPT_CLOSED",
    "PAGE_GONE",
    "PROVIDER_CLOSED",
    "BrowserLost",
    "BrowserUnavailable",
    "Lease",
    "LeaseSpec",
    "tells_of_death",
]

_logger: Final = logging.getLogger(__name__)

BROWSER_GONE: Final = (
    "The browser ended while the run was using it (it crashed, was killed, or the machine ran out of memory). "
    "Start the run again; a new browser will be used."
)
BROWSER_STUCK: Final = (
    "The browser stopped answering, as it does when a page floods it, and was ended. "
    "Start the run again, or choose another page; a new browser will be used."
)
PAGE_GONE: Final = (
    "The page crashed in the browser, which happens when it needs more memory than there is. "
    "Start the run again, or choose a lighter page."
)
KEPT_CLOSED: Final = (
    "The browser session was closed while the run was using it. Open another one and start the run again."
)
PROVIDER_CLOSED: Final = "The server is stopping, and closed the browser with the run still going on."

_NOTICE_SECONDS: Final = 1.0
"""How long the news of a death may come after the first call that failed of it."""

_CLOSE_SECONDS: Final = 5.0

_SIGNS_OF_DEATH: Final = ("has been closed", "crashed", "Connection closed")
"""What Playwright's messages say then; the class it raises is not public."""


def tells_of_death(error: PlaywrightError) -> bool:
    """Whether ``error`` may be one that the death of a page, a browser or the driver causes."""
    return any(sign in str(error) for sign in _SIGNS_OF_DEATH)


class BrowserUnavailable(Exception):  # noqa: N818  # a state the engine asks about, and its established name
    """There is no browser, or it does not start; the message says what to do."""


class BrowserLost(Exception):  # noqa: N818  # as above
    """The browser or the page died while it was leased; the message says so to the user.

    ``captured`` is what could be saved of the captures, once :meth:`Lease.finish` tried.
    """

    def __init__(self, message: str, captured: Captured | None = None) -> None:
        super().__init__(message)
        self.captured = captured


class Lease:
    """A page in a context, and its captures. Made by the provider; ``page`` is the run's to use."""

    def __init__(self, workspace: Workspace, capture: Capture) -> None:
        self.context: Final = workspace.context
        self.page: Final = workspace.page
        self.kept: Final = workspace.kept
        """The name of the kept context this is in, if it is in one."""
        self._workspace = workspace
        self._capture = capture
        self._listeners = Listeners()
        self._ending: asyncio.Task[Captured | None] | None = None
        self._closing = False
        self._dead = asyncio.Event()
        self._cause = ""
        self.in_doubt = False
        """Whether the browser should be asked if it is well before anybody else uses it."""
        self._listeners.add(self.context, "close", self._on_close)
        if not workspace.shared:
            self._listeners.add(self.context, "page", self._watch)
        self._watch(self.page)

    def conceal(self, secret: str) -> None:
        """Keep a value that the run types or sends, such as a password, out of the captures."""
        self._capture.conceal(secret)

    async def lost(self) -> NoReturn:
        """Wait until the browser or the page dies, for ever if neither does; to race work against.

        Raises:
            BrowserLost: It happened.
        """
        await self._dead.wait()
        raise BrowserLost(self._cause)

    def declare_lost(self, cause: str) -> None:
        """Note that the context is dead. The first cause counts; that the lease closes it is none."""
        if not self._closing and not self._dead.is_set():
            self._cause = cause
            self.in_doubt = True
            self._dead.set()

    async def finish(self) -> Captured:
        """Stop the captures, leave the context and return what was captured; however often it is asked.

        Raises:
            BrowserLost: The browser or the page had died; ``captured`` is what could be saved.
        """
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._finish())
        # Shielded: who gives up waiting must not leave a half-closed context behind.
        captured = await asyncio.shield(self._ending)
        if self._dead.is_set():
            raise BrowserLost(self._cause, captured)
        assert captured is not None, "finish() on a lease that was left"
        return captured

    async def close(self) -> None:
        """Leave the context; what was not finished is dropped. Never fails."""
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._abandon())
        await asyncio.wait({self._ending})

    async def explain(self, error: PlaywrightError) -> BrowserLost | None:
        """Return the death that ``error`` is a consequence of, or None if it has another cause."""
        if not tells_of_death(error):
            return None
        with suppress(TimeoutError):
            async with asyncio.timeout(_NOTICE_SECONDS):
                await self._dead.wait()
        if not self._dead.is_set():
            await self._ask()
        return BrowserLost(self._cause) if self._dead.is_set() else None

    async def _ask(self) -> None:
        """Find out whether the browser answers: the death of Playwright's driver is not announced."""
        try:
            await self.context.cookies()
        except PlaywrightError as error:
            if tells_of_death(error):
                self.declare_lost(BROWSER_GONE)

    async def _finish(self) -> Captured:
        if self._browser_alive() and self._cause in {"", PAGE_GONE}:
            captured = await self._capture.stop(self._close_context)
            self.in_doubt = self.in_doubt or self._capture.hung
            return captured
        await self._close_context()
        return await self._capture.salvage()

    async def _abandon(self) -> None:
        await self._capture.discard(self._close_context)

    async def _close_context(self) -> None:
        if not self._browser_alive():
            self.declare_lost(BROWSER_GONE)
        self._closing = True
        self._listeners.remove()
        await self._workspace.tasks.cancel()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._workspace.leave()
        except PlaywrightError as error:
            self._closing = not tells_of_death(error)
            self.declare_lost(BROWSER_GONE)
        except TimeoutError:
            self.in_doubt = True
            _logger.warning("A browser context did not close within %.0f seconds.", _CLOSE_SECONDS)

    def _browser_alive(self) -> bool:
        browser = self.context.browser
        return browser is not None and browser.is_connected()

    def _watch(self, page: Page) -> None:
        self._listeners.add(page, "crash", self._on_crash)

    def _on_close(self, _: Any) -> None:
        self.declare_lost(BROWSER_GONE)

    def _on_crash(self, _: Any) -> None:
        self.declare_lost(PAGE_GONE)
