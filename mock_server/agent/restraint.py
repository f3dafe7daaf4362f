"""Keeping a page that misbehaves within bounds.

Owns: counting what a page makes the browser tell (console lines, dialogs, requests,
navigations, tabs, downloads), noticing that it does not answer, and the measures against
too much of it. Must not: judge what the page says, or act for the task.

Every measure is the mildest that helps, and each is told in the run's log: the console is
silenced, a script that never ends is ended, scripts are switched off, navigations are held;
a page that none of this calms is closed, and the run ends with the reason. Without them one
page floods Playwright's driver, and with it every other run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

from playwright.async_api import BrowserContext, CDPSession, ConsoleMessage, Page
from playwright.async_api import Error as PlaywrightError

Kind = Literal["console", "dialog", "request", "navigation", "history", "tab", "download"]

BOUNDS: Final[dict[Kind, tuple[float, float]]] = {
    "console": (800, 150),
    "dialog": (20, 1),
    "request": (600, 60),
    "navigation": (8, 0.2),
    "history": (60, 5),
    "tab": (8, 0.2),
    "download": (10, 0.2),
}
"""How many at once, and how many a second in the long run, before something is done about it."""

CALM_SECONDS: Final = 8.0
"""How long a measure may take to work; what is under way already still comes in that time."""
DIALOG_CALM_SECONDS: Final = 2.0
"""The same for a page that keeps itself busy with dialogs: it can't be reached between them."""
CLOSE_SECONDS: Final = 3.0

_WHAT: Final[dict[Kind, str]] = {
    "console": "wrote to its console",
    "dialog": "opened dialogs",
    "request": "sent requests",
    "navigation": "went to other addresses by itself",
    "history": "changed its address",
    "tab": "opened tabs",
    "download": "started downloads",
}
_OF_ACTIONS: Final[tuple[Kind, ...]] = ("dialog", "navigation", "history", "tab", "download")
"""What an action may set off; a long run has more of these than a page may have by itself."""
_MUTE: Final = "for (const name of Object.keys(console)) console[name] = () => {};"
_ADVICE: Final = "The page was closed. Choose another page; this one can't be worked on."


class Bucket:
    """Lets through so many at once, and so many a second in the long run."""

    def __init__(self, size: float, per_second: float) -> None:
        self._size = self._left = size
        self._rate = per_second
        self._at = 0.0

    def take(self, now: float) -> bool:
        """Tell whether one more is within bounds. ``now`` is in seconds, on any clock that only goes forward."""
        self._left = min(self._size, self._left + max(0.0, now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def refill(self) -> None:
        """Begin anew."""
        self._left = self._size


@dataclass(slots=True)
class _Ward:
    """A page that is looked after, and what was done to it."""

    session: asyncio.Task[CDPSession]
    muted: bool = False
    interrupted: bool = False
    still: bool = False
    held: bool = False
    closed: bool = False


class Restraint:
    """Watches over the pages of one run. ``in_hand`` returns the one the run works on."""

    def __init__(self, context: BrowserContext, in_hand: Callable[[], Page]) -> None:
        self.ended = ""
        """Why the page in hand was closed; empty while it was not."""
        self._notes: list[str] = []
        self._context = context
        self._in_hand = in_hand
        self._wards: dict[Page, _Ward] = {}
        self._buckets = {kind: Bucket(*bound) for kind, bound in BOUNDS.items()}
        self._acting: set[Kind] = set()
        """What something is being done about at the moment."""
        self._tasks: set[asyncio.Task[Any]] = set()

    def look_after(self, page: Page) -> None:
        """Take a page under restraint."""
        if page not in self._wards:
            self._wards[page] = _Ward(self.start(self._context.new_cdp_session(page)))
            page.on("console", self._on_console)

    def release(self) -> None:
        """Let go of all pages; what was switched off stays off as long as they are open."""
        for page in self._wards:
            page.remove_listener("console", self._on_console)
        for task in self._tasks:
            task.cancel()

    def tell(self, note: str) -> None:
        """Add a sentence to what the run's log says."""
        self._notes.append(note)

    def take_notes(self) -> list[str]:
        """Return what was done since the last time, in sentences."""
        notes, self._notes = self._notes, []
        return notes

    def is_still(self, page: Page) -> bool:
        """Tell whether the page's scripts were switched off."""
        ward = self._wards.get(page)
        return ward is not None and ward.still

    def begin(self) -> None:
        """The run does something, and what comes of that is not the page's own doing."""
        for kind in _OF_ACTIONS:
            self._buckets[kind].refill()

    def within(self, kind: Kind, page: Page | None) -> bool:
        """Count one event of a page; tell whether that is within bounds, and see to it if not."""
        if self._buckets[kind].take(asyncio.get_running_loop().time()):
            return True
        if page is not None and page in self._wards and kind not in self._acting:
            self._acting.add(kind)
            self.start(self._act(kind, page))
        return False

    async def interrupt(self, page: Page, seconds: float) -> bool:
        """See to a page that did not answer for so long; tell whether it may be asked again."""
        ward = self._wards.get(page)
        if ward is None or ward.closed or page.is_closed():
            return False
        why = f"The page did not answer for {seconds:g} s"
        if ward.interrupted and ward.still:
            await self._close(page, ward, f"{why}, although its scripts were switched off.")
            return False
        try:
            async with asyncio.timeout(DIALOG_CALM_SECONDS):
                session = await asyncio.shield(ward.session)
                self.start(session.send("Runtime.terminateExecution"))  # Answered only when a script has ended.
                if ward.interrupted:
                    await self._still(ward, session, f"{why} again")
                ward.interrupted = True
                await session.send("Runtime.evaluate", {"expression": "0"})
                if not ward.still:
                    self._notes.append(f"{why}, so the script that kept it busy was ended.")
        except (PlaywrightError, TimeoutError):
            if not page.is_closed():
                await self._close(page, ward, f"{why}, and what kept it busy could not be ended.")
            return False
        return True

    async def stop_loading(self, page: Page, seconds: float) -> None:
        """End a page's text that has not come to its end for so long."""
        self._notes.append(f"The page did not come to its end within {seconds:g} s; what came by then is worked on.")
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                session = await asyncio.shield(self._wards[page].session)
                await session.send("Page.stopLoading")

    # -- what is done -------------------------------------------------------------------

    async def _act(self, kind: Kind, page: Page) -> None:
        """Do the mildest thing that was not done yet."""
        ward = self._wards[page]
        seconds = DIALOG_CALM_SECONDS if kind == "dialog" else CALM_SECONDS
        why = f"The page {_WHAT[kind]} without end"
        if kind == "console":
            page.remove_listener("console", self._on_console)
        try:
            async with asyncio.timeout(seconds):
                worked = await self._calm(kind, ward, why)
        except TimeoutError:
            worked = False
        except PlaywrightError:
            worked = page.is_closed()  # Nothing is left to be calmed.
        if not worked:
            await self._close(page, ward, f"{why}, and could not be stopped.")
        elif kind == "console" and not page.is_closed():
            page.on("console", self._on_console)
        self._buckets[kind].refill()
        self._acting.discard(kind)

    async def _calm(self, kind: Kind, ward: _Ward, why: str) -> bool:
        session = await asyncio.shield(ward.session)
        if kind == "console" and not ward.muted:
            ward.muted = True
            await session.send("Runtime.evaluate", {"expression": _MUTE})
            self._notes.append(f"{why}, so the console was silenced.")
        elif kind == "navigation" and not ward.held:
            ward.held = True
            session.on("Fetch.requestPaused", lambda event: self.start(_refuse(session, event["requestId"])))
            await asyncio.gather(
                session.send("Fetch.enable", {"patterns": [{"urlPattern": "*", "resourceType": "Document"}]}),
                self._still(ward, session, why),
            )
        elif not ward.still:
            await self._still(ward, session, why)
        else:
            return kind in ("tab", "download")  # Those beyond the bound are closed and cancelled one by one.
        return True

    async def _still(self, ward: _Ward, session: CDPSession, why: str) -> None:
        """Switch the page's scripts off; reading and clicking go on working."""
        ward.still = True
        await session.send("Emulation.setScriptExecutionDisabled", {"value": True})
        self._notes.append(f"{why}, so its scripts were switched off.")

    async def _close(self, page: Page, ward: _Ward, reason: str) -> None:
        if ward.closed:
            return
        ward.closed = True
        self._notes.append(f"{reason} It was closed.")
        if page is self._in_hand():
            self.ended = f"{reason} {_ADVICE}"
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await page.close()

    def _on_console(self, message: ConsoleMessage) -> None:
        self.within("console", message.page)

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Do something beside the run; what becomes of it does not matter."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # A page may be gone before it is under restraint, and needs none then.


async def _refuse(session: CDPSession, request_id: str) -> None:
    """Stop a navigation as if it had never begun: the page stays what it is."""
    with suppress(PlaywrightError):
        await session.send("Fetch.failRequest", {"requestId": request_id, "errorReason": "Aborted"})
