"""Making browser contexts, and what every page in them is guarded by.

Owns: a context with its first page, made after a spec, and leaving it again. Must not:
start a browser, or decide who gets which context.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from mock_server.browser import capture
from mock_server.browser.hardening import QUIET_CONSOLE, forbid_files
from mock_server.browser.spec import ContextSpec, Proxy
from mock_server.browser.tasks import Tasks

_UNKNOWN_TIMEZONE: Final = "timezone"
"""What Playwright's message names when the browser does not know one."""


class StateUnreadable(Exception):  # noqa: N818  # a state of a file, and a name beside BrowserUnavailable
    """The cookies and storage a context was to begin with cannot be read."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A page to work on, in a context that may be shared with others or with the time after."""

    context: BrowserContext
    page: Page
    tasks: Tasks
    """What runs beside the work; ends with it."""
    leave: Callable[[], Awaitable[None]]
    """Gives it back: closes what was made for it, and nothing else. Raises Playwright's errors."""
    closes: bool = True
    """Whether leaving closes the context."""
    shared: bool = False
    """Whether there are pages in the context that are none of our business, as in somebody's own browser."""
    kept: str | None = None
    """The name it is kept under, if it is."""

    @property
    def usable(self) -> bool:
        """Whether it is there still."""
        browser = self.context.browser
        return browser is not None and browser.is_connected() and not self.page.is_closed()


async def make(browser: Browser, spec: ContextSpec) -> Workspace:
    """Return a fresh context with a page; leaving it closes it.

    Raises:
        playwright.async_api.Error: The browser refused.
        StateUnreadable: The file to begin with is none.
    """
    context = await _context(browser, spec)
    tasks = Tasks()
    try:
        page, _ = await asyncio.gather(context.new_page(), context.add_init_script(QUIET_CONSOLE))
        await asyncio.gather(guard(context, page, tasks), capture.prepare(context))
    except BaseException:
        await close_quietly(context)
        raise

    def guard_tab(popup: Page) -> None:
        tasks.start(guard_quietly(context, popup, tasks))

    context.on("page", guard_tab)
    return Workspace(context, page, tasks, context.close)


async def guard(context: BrowserContext, page: Page, tasks: Tasks) -> None:
    """Put the guard in front of the file system before one page."""
    await forbid_files(context, page, tasks)


async def guard_quietly(context: BrowserContext, page: Page, tasks: Tasks) -> None:
    """Guard a page that may be gone already, and then needs no guard."""
    with suppress(PlaywrightError):
        await forbid_files(context, page, tasks)


async def close_quietly(context: BrowserContext) -> None:
    """Close a context that may be closed already, or whose browser may be gone."""
    with suppress(PlaywrightError):
        await context.close()


async def drop(workspace: Workspace) -> None:
    """Leave a workspace nobody worked in."""
    await workspace.tasks.cancel()
    with suppress(PlaywrightError):
        await workspace.leave()


async def _context(browser: Browser, spec: ContextSpec) -> BrowserContext:
    width, height = spec.viewport
    options: dict[str, Any] = {"viewport": {"width": width, "height": height}, "user_agent": spec.user_agent}
    if spec.proxy is not None:
        options["proxy"] = _proxy(spec.proxy)
    if spec.storage_state is not None:
        options["storage_state"] = spec.storage_state
    try:
        if spec.timezone is not None:
            try:
                return await browser.new_context(**options, timezone_id=spec.timezone)
            except PlaywrightError as error:
                if _UNKNOWN_TIMEZONE not in error.message:
                    raise
        return await browser.new_context(**options)
    except (OSError, ValueError) as error:
        raise StateUnreadable(f"The browser profile cannot be read: {error}. Make it again.") from error


def _proxy(proxy: Proxy) -> dict[str, str]:
    settings = {"server": proxy.server, "username": proxy.username, "password": proxy.password}
    return {name: value for name, value in settings.items() if value is not None}
