"""One run's browser context.

Owns: what a lease is asked for, its page, its end, and noticing that the browser or the
page died under it. Must not: start or stop the browser.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from mock_server.browser.capture import Capture, Captured
from mock_server.browser.tasks import Tasks

_logger: Final = logging.getLogger(__name__)

DEFAULT_VIEWPORT: Final = (1280, 720)

BROWSER_GONE: Final = (
    "The browser ended while the run was using it (it crashed, was killed, or the machine ran out of memory). "
    "Start the run again; a new browser will be used."
)
PAGE_GONE: Final = (
    "The page crashed in the browser, which happens when it needs more memory than there is. "
    "Start the run again, or choose a lighter page."
)
PROVIDER_CLOSED: Final = "The server is stopping, and closed the browser with the run still going on."

_NOTICE_SECONDS: Final = 1.0
"""How long the news of a death may come after the first call that failed of it."""

_CLOSE_SECONDS: Final = 10.0

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


@dataclass(frozen=True, slots=True)
class LeaseSpec:
    """What a run wants of its context. ``viewport`` is in CSS pixels, and the film's size."""

    work_dir: Path
    """An existing directory; the captures are written into it."""
    extra_http_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with every request; may hold secrets, so it is in no repr, and secret ones are in no capture."""
    user_agent: str | None = None
    viewport: tuple[int, int] = DEFAULT_VIEWPORT
    record: bool = True
    """Whether to film; the other captures cost little and are always on."""


class Lease:
    """A context with one page, and its captures. Made by the provider; ``page`` is the run's to use."""

    def __init__(self, context: BrowserContext, page: Page, capture: Capture, tasks: Tasks) -> None:
        self.context: Final = context
        self.page: Final = page
        self._capture = capture
        self._tasks = tasks
        self._ending: asyncio.Task[Captured | None] | None = None
        self._closing = False
        self._dead = asyncio.Event()
        self._cause = ""
        context.on("close", lambda _: self.declare_lost(BROWSER_GONE))
        context.on("page", self._watch)
        self._watch(page)

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
            self._dead.set()

    async def finish(self) -> Captured:
        """Stop the captures, close the context and return what was captured; however often it is asked.

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
        """Close the context; what was not finished is dropped. Never fails."""
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
            return await self._capture.stop(self._close_context)
        await self._close_context()
        return await self._capture.salvage()

    async def _abandon(self) -> None:
        await self._capture.discard(self._close_context)

    async def _close_context(self) -> None:
        if not self._browser_alive():
            self.declare_lost(BROWSER_GONE)
        self._closing = True
        await self._tasks.cancel()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.context.close()
        except PlaywrightError as error:
            self._closing = not tells_of_death(error)
            self.declare_lost(BROWSER_GONE)
        except TimeoutError:
            _logger.warning("A browser context did not close within %.0f seconds.", _CLOSE_SECONDS)

    def _browser_alive(self) -> bool:
        browser = self.context.browser
        return browser is not None and browser.is_connected()

    def _watch(self, page: Page) -> None:
        page.on("crash", lambda _: self.declare_lost(PAGE_GONE))
