"""Reading a page from a world of our own.

Owns: running a script beside the page's own scripts, where nothing they have replaced is
seen. Must not: know what the script reads. It costs three round trips, and what it finds
can't be touched; so it is for pages that spoil the usual way.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import orjson
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

_WORLD: Final = "agent"


async def evaluate_apart(page: Page, function: str, argument: Any) -> Any:
    """Return what a function of one argument says about the main document; both are plain JSON.

    Raises:
        playwright.async_api.Error: The page is gone, or the function failed.
    """
    session = await page.context.new_cdp_session(page)
    try:
        tree = await session.send("Page.getFrameTree")
        world = await session.send(
            "Page.createIsolatedWorld", {"frameId": tree["frameTree"]["frame"]["id"], "worldName": _WORLD}
        )
        answer = await session.send(
            "Runtime.evaluate",
            {
                "expression": f"({function})({orjson.dumps(argument).decode()})",
                "contextId": world["executionContextId"],
                "returnByValue": True,
            },
        )
    finally:
        with suppress(PlaywrightError):
            await session.detach()
    if "exceptionDetails" in answer:
        raise PlaywrightError(str(answer["exceptionDetails"].get("text", "the script failed")))
    return answer["result"].get("value")
