"""Trying a browser: does it start, and does it show a page?

Owns: one launch, one rendered page, one picture of it. Must not: decide which browser.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import async_playwright

from mock_server.browser.discovery import BrowserFound
from mock_server.browser.hardening import LAUNCH_ARGS

_SECONDS: Final = 60.0

_PAGE: Final = "<title>probe</title><span>iiii</span><br><span>WWWW</span>"

_WIDTHS: Final = "() => [...document.querySelectorAll('span')].map(span => span.getBoundingClientRect().width)"


@dataclass(frozen=True, slots=True)
class Probed:
    """How a browser did. ``problem`` is None if it started and rendered."""

    problem: str | None
    version: str | None = None
    has_fonts: bool = False
    """Whether text is drawn with a font; without one every letter is the same box."""


async def probe(found: BrowserFound) -> Probed:
    """Start ``found``, render a page, take a picture of it, and end it again."""
    try:
        async with asyncio.timeout(_SECONDS), async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=found.path, args=list(LAUNCH_ARGS))
            try:
                page = await browser.new_page()
                await page.set_content(_PAGE)
                narrow, wide = await page.evaluate(_WIDTHS)
                picture = await page.screenshot()
                return Probed(None if picture else "it took no screenshot", browser.version, 0 < narrow < wide)
            finally:
                await browser.close()
    except TimeoutError:
        return Probed(f"it did not start and render a page within {_SECONDS:.0f} seconds")
    except (PlaywrightError, OSError) as error:
        return Probed(_gist(str(error)))


def _gist(message: str) -> str:
    """Return the first line, and the first line of the browser's own that names an error."""
    lines = [line.strip(" -═║╔╗╚╝\t") for line in message.splitlines()]
    lines = [line for line in lines if line]
    told = next((line for line in lines[1:] if "error while loading" in line or "ERROR" in line), "")
    return " / ".join(line for line in (lines[0] if lines else "no message", told) if line)
