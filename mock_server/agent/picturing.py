"""Pictures and papers of a page: screenshots, source, PDF.

Owns: taking each in a way that survives a page on the move. Must not: act on the page or
wait longer than it takes.
"""

from __future__ import annotations

import asyncio
import base64
from contextlib import suppress
from typing import Any, Final

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from mock_server.agent.watching import ANSWER_TIMEOUT_S, LOAD_TIMEOUT_MS

MAX_HEIGHT: Final = 12_000
"""CSS pixels of a full page that are pictured."""
_TRIES: Final = 4
_SHOT_SECONDS: Final = 5.0
MAX_SOURCE: Final = 6_000_000
"""Characters of a page's source that are kept."""
_SOURCE: Final = """limit => {
  const root = Object.getOwnPropertyDescriptor(Document.prototype, "documentElement").get.call(document);
  const type = document.doctype instanceof DocumentType ? `<!DOCTYPE ${document.doctype.name}>` : "";
  const source = type + (root ? root.outerHTML : "");
  if (source.length <= limit) return source;
  return `${source.slice(0, limit)}\n<!-- The source is longer; it is cut off here. -->`;
}"""


class Camera:
    """Pictures pages, one debugging session for each."""

    def __init__(self) -> None:
        self._sessions: dict[Page, CDPSession] = {}

    async def shot(self, page: Page, *, full: bool = False, height: float = MAX_HEIGHT) -> bytes | None:
        """Return a PNG of the viewport or of the whole page down to ``height``; None if it can't be pictured.

        A picture right after a navigation may fail, so it is tried again.
        """
        for attempt in range(_TRIES):
            try:
                async with asyncio.timeout(_SHOT_SECONDS):
                    if attempt == _TRIES - 1:
                        return await page.screenshot(full_page=full)
                    return await self._capture(page, full=full, height=height)
            except TimeoutError:
                self._sessions.pop(page, None)
                # One that takes so long takes as long again: a page of which every part moves.
                return await self.shot(page) if full else None
            except PlaywrightError:
                self._sessions.pop(page, None)
                if page.is_closed():
                    return None
                with suppress(PlaywrightError):
                    await page.wait_for_load_state("domcontentloaded", timeout=LOAD_TIMEOUT_MS)
        return None

    async def _capture(self, page: Page, *, full: bool, height: float) -> bytes:
        """Take the picture over the debugging protocol: half the time of the library's own, for a third more bytes."""
        session = self._sessions.get(page)
        if session is None:
            session = self._sessions[page] = await page.context.new_cdp_session(page)
        options: dict[str, Any] = {"format": "png", "optimizeForSpeed": True}
        if full:
            size = (await session.send("Page.getLayoutMetrics"))["cssContentSize"]
            clip = {
                "x": 0,
                "y": 0,
                "width": max(1, size["width"]),
                "height": max(1, min(size["height"], height)),
                "scale": 1,
            }
            options |= {"captureBeyondViewport": True, "clip": clip}
        answer = await session.send("Page.captureScreenshot", options)
        return await asyncio.to_thread(base64.b64decode, answer["data"])


async def source_of(page: Page) -> str:
    """Return the page's source as it is now; empty if it can't be read."""
    for _ in range(2):
        try:
            return str(await asyncio.wait_for(page.evaluate(_SOURCE, MAX_SOURCE), ANSWER_TIMEOUT_S))
        except (PlaywrightError, TimeoutError):
            with suppress(PlaywrightError):
                await page.wait_for_load_state("domcontentloaded", timeout=LOAD_TIMEOUT_MS)
    return ""


async def pdf_of(page: Page) -> bytes | None:
    """Return the page as PDF; None where the browser can't print (a window on a screen)."""
    with suppress(PlaywrightError):
        return await page.pdf(print_background=True)
    return None
