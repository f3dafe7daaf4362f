"""A browser for the agent's tests, and pages to look at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Route, async_playwright

from mock_server.browser.hardening import LAUNCH_ARGS

PAGES = Path(__file__).parent / "pages"
HOST = "http://pages.test"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".xml": "application/xml",
    ".txt": "text/plain",
}

Open = Callable[[str], Awaitable[Page]]


async def _serve(route: Route) -> None:
    """Answer from the pages folder; nothing leaves the machine."""
    path = PAGES / route.request.url.removeprefix(HOST + "/").split("?")[0]
    if not path.is_file():
        await route.fulfill(status=404, body="")
        return
    await route.fulfill(body=path.read_bytes(), content_type=_TYPES[path.suffix])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def web(browser_path: Path | None) -> AsyncIterator[BrowserContext]:
    """A context whose only web is the pages folder."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=browser_path, args=LAUNCH_ARGS)
        context = await browser.new_context(viewport={"width": 1280, "height": 720})
        await context.route("**/*", _serve)
        yield context
        await context.close()
        await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tab(web: BrowserContext) -> Page:
    """One tab for the first page of each test: a new one costs more processor time than all that is done in it."""
    return await web.new_page()


@pytest_asyncio.fixture(loop_scope="module")
async def show(web: BrowserContext, tab: Page) -> AsyncIterator[Open]:
    """Open a page of the folder by its file name, or HTML given as text."""
    pages: list[Page] = []

    async def show(what: str) -> Page:
        page = tab if not pages and not tab.is_closed() else await web.new_page()
        pages.append(page)
        if what.lstrip().startswith("<"):
            await page.goto(HOST + "/facts.html")
            await page.set_content(what)
        else:
            await page.goto(f"{HOST}/{what}")
        return page

    yield show
    for page in web.pages:
        if page is tab:
            await page.goto("about:blank")
        else:
            await page.close()
