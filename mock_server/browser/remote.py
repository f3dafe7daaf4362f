"""Working in a browser that is somebody else's.

Owns: connecting to a Chromium over the DevTools protocol, a tab of our own in it, and going
away again. Must not: close that browser, or look at any tab but its own.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from playwright.async_api import Browser, Page, Playwright
from playwright.async_api import Error as PlaywrightError

from mock_server.browser.contexts import Workspace, guard, guard_quietly
from mock_server.browser.lease import BrowserUnavailable
from mock_server.browser.spec import DEFAULT_VIEWPORT, Remote
from mock_server.browser.tasks import Tasks

CONNECT_MS: Final = 15_000


async def connect(playwright: Playwright, remote: Remote, viewport: tuple[int, int] = DEFAULT_VIEWPORT) -> Workspace:
    """Return a tab in the default context of a remote browser, with its cookies and logins.

    Leaving closes that tab and those it opened, and disconnects; the browser goes on.

    Raises:
        BrowserUnavailable: It cannot be reached; the message says how to have one that can.
    """
    try:
        browser = await playwright.chromium.connect_over_cdp(
            remote.address, headers=dict(remote.headers) or None, timeout=CONNECT_MS
        )
    except PlaywrightError as error:
        raise BrowserUnavailable(_unreachable(remote, error)) from error
    try:
        return await _tab(browser, viewport)
    except PlaywrightError as error:
        with suppress(PlaywrightError):
            await browser.close()
        raise BrowserUnavailable(_unreachable(remote, error)) from error


async def _tab(browser: Browser, viewport: tuple[int, int]) -> Workspace:
    context = browser.contexts[0] if browser.contexts else await browser.new_context()
    tasks = Tasks()
    ours: list[Page] = []
    page = await context.new_page()

    def adopt(tab: Page) -> None:
        ours.append(tab)
        tab.on("popup", adopt_popup)

    def adopt_popup(popup: Page) -> None:
        adopt(popup)
        tasks.start(guard_quietly(context, popup, tasks))

    adopt(page)
    width, height = viewport
    await page.set_viewport_size({"width": width, "height": height})
    await guard(context, page, tasks)

    async def leave() -> None:
        for tab in ours:
            with suppress(PlaywrightError):  # Closed by its own page, say.
                await tab.close()
        await browser.close()  # Of a connected browser this closes the connection only.

    return Workspace(context, page, tasks, leave, closes=False, shared=True)


def _unreachable(remote: Remote, error: PlaywrightError) -> str:
    reason = error.message.partition("\n")[0].partition(": ")[2]
    if remote.address in reason or any(value in reason for value in remote.headers.values()):
        reason = ""
    said = f" ({reason.rstrip('.')})" if reason else ""
    return (
        f"The browser at browser_address {remote.shown} cannot be reached{said}. "
        "Start Chromium with --remote-debugging-port=9222 on that machine and give the address it listens on."
    )
