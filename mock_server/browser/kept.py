"""Contexts that are kept open from one use to the next.

Owns: the open contexts by their names, the page the next user goes on with, and noticing
that one is lost. Must not: know why a context is kept, or for how long.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from mock_server.browser.contexts import Workspace, close_quietly, guard, make
from mock_server.browser.spec import ContextSpec
from mock_server.browser.tasks import Tasks

_logger: Final = logging.getLogger(__name__)

FIRST_PAGE_MS: Final = 30_000
"""How long the page a context is opened with may take to load."""
STATE_SECONDS: Final = 10.0
"""How long reading cookies and storage may take."""

Lost = Callable[[], None]
State = dict[str, Any]
"""Cookies and storage, as Playwright writes them."""


class NotKept(Exception):  # noqa: N818  # what a look-up found
    """No context is kept under that name, or it is gone."""


@dataclass(slots=True, eq=False)
class _Kept:
    context: BrowserContext
    tasks: Tasks
    lost: Lost


class KeptContexts:
    """Open contexts, each under a name. Opening and closing of one name are the caller's to put in order."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._kept

    async def open(self, name: str, browser: Browser, spec: ContextSpec, *, url: str | None, lost: Lost) -> None:
        """Open a context, on ``url`` if one is given; ``lost`` is called if it ends by anything but :meth:`close`.

        A page that does not load is no reason to fail: it shows what went wrong, as a person's browser would.

        Raises:
            playwright.async_api.Error: The browser refused.
            StateUnreadable: The file to begin with is none.
        """
        made = await make(browser, spec)
        kept = self._kept[name] = _Kept(made.context, made.tasks, lost)
        made.context.on("close", lambda _: self._lose(name, kept))
        made.context.on("page", lambda page: _close_when_crashed(page, kept.tasks))
        _close_when_crashed(made.page, kept.tasks)
        if url is not None:
            with suppress(PlaywrightError):
                await made.page.goto(url, timeout=FIRST_PAGE_MS, wait_until="domcontentloaded")

    async def workspace(self, name: str) -> Workspace:
        """Return the page to go on with: the tab opened last, or a new one if all were closed.

        Raises:
            NotKept: There is no such context.
            playwright.async_api.Error: The browser refused.
        """
        kept = self._get(name)
        pages = [page for page in kept.context.pages if not page.is_closed()]
        if pages:
            page = pages[-1]
        else:
            page = await kept.context.new_page()
            await guard(kept.context, page, kept.tasks)

        async def leave() -> None:
            if name in self._kept:
                await kept.context.set_extra_http_headers({})

        return Workspace(kept.context, page, Tasks(), leave, closes=False, kept=name)

    async def state(self, name: str) -> State:
        """Return the cookies and storage of a context, those in databases included.

        Raises:
            NotKept: There is no such context, or it was lost meanwhile.
            TimeoutError: It does not answer.
        """
        kept = self._get(name)
        try:
            async with asyncio.timeout(STATE_SECONDS):
                return dict(await kept.context.storage_state(indexed_db=True))
        except PlaywrightError as error:
            raise NotKept(name) from error

    async def close(self, name: str) -> None:
        """Close a context; nothing happens if there is none. Never fails."""
        kept = self._kept.pop(name, None)
        if kept is not None:
            await kept.tasks.cancel()
            await close_quietly(kept.context)

    def lose_all(self) -> None:
        """Note that the browser is gone, and every context with it."""
        for name, kept in list(self._kept.items()):
            self._lose(name, kept)

    def _get(self, name: str) -> _Kept:
        try:
            return self._kept[name]
        except KeyError:
            raise NotKept(name) from None

    def _lose(self, name: str, kept: _Kept) -> None:
        if self._kept.get(name) is kept:
            del self._kept[name]
            kept.lost()


def _close_when_crashed(page: Page, tasks: Tasks) -> None:
    """A crashed tab shows nothing and takes no commands, so it must not be the one the next user goes on with."""

    async def close() -> None:
        with suppress(PlaywrightError):
            await page.close()

    def on_crash(_: Page) -> Awaitable[None]:
        return tasks.start(close())

    page.on("crash", on_crash)
