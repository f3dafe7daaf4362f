"""What the browser does by itself: navigations, requests, dialogs, downloads, new tabs.

Owns: listening to one page (and the pages it opens), and waiting until what is going on
has settled. Waiting goes by events, never by a fixed pause, and always has an end. Must
not: act on the page.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from playwright.async_api import Dialog, Download, Frame, Page, Request, Response
from playwright.async_api import Error as PlaywrightError

from mock_server.agent.pulse import FILLED, HAS_TEXT, PULSE, QUIETEN, SHOWS, Pulse, read_pulse
from mock_server.agent.restraint import Restraint

NAVIGATION_TIMEOUT_MS: float = 20_000
"""How long an address may take to answer with a page. A setting: tests and the server may change it."""
DOCUMENT_TIMEOUT_MS: Final = 8_000
"""How long a page that has answered may take to send its text; what came by then is worked on."""
CUT_TIMEOUT_MS: Final = 500
"""The same for one that was cut off after that time."""
LOAD_TIMEOUT_MS: Final = 5_000
"""How long images and the like may keep the page loading after its text is there."""
ANSWER_TIMEOUT_S: Final = 4.0
"""How long the page may take to answer a question of ours; a busy script can keep it from it."""
REQUEST_WAIT_S: Final = 6.0
"""How long the answers to requests an action caused are waited for."""
BODY_WAIT_S: Final = 0.3
"""How long after its headers an answer counts as under way; some are never read to their end."""
QUIET_MS: Final = 40
QUIET_LIMIT_MS: Final = 1_500
SETTLE_LIMIT_S: Final = 6.0
"""How long a page that never rests is waited for; it is then taken as it is."""
BLANK_LIMIT_S: Final = 20.0
"""How long a document that has scripts and shows nothing yet is waited for: an application that is starting."""
FILL_LIMIT_S: Final = 4.0
"""How long a part that says it is loading is waited for, once for a document that never gets there."""
_PACE: Final = 8
"""How many times as long as its last answer took a page must be at rest: on a busy machine all takes longer."""
_QUIET_MOST_MS: Final = 400
_ROUNDS: Final = 6
_WATCHED: Final = frozenset(("document", "xhr", "fetch"))
_GONE: Final = ("Execution context was destroyed", "navigat", "Cannot find context", "frame was detached")


class Watch:
    """Watches one page, and the pages it opens.

    ``page`` is the page in hand; it changes when a new tab opens or the present one
    closes. Listeners are taken off by :meth:`release`.
    """

    def __init__(self, page: Page, *, dismiss_dialogs: bool = False) -> None:
        self.page = page
        self.context = page.context
        self.dialogs: list[str] = []
        self.downloads: list[Download] = []
        self.popups: list[Page] = []
        self.navigations = 0
        """Of the main frame, since the beginning."""
        self._pending: dict[Request, float] = {}
        """Requests under way -> when they count as answered: when finished, or soon after their headers."""
        self._stirred = asyncio.Event()
        self._dismiss = dismiss_dialogs
        self._shown = -1
        """The navigation whose document has been seen to show something."""
        self._stuck = -1
        """The navigation whose document says for ever that it is loading."""
        self._pace_ms = 0.0
        """How long the page took for its last answer."""
        self._unanswered = 0
        """Questions in a row the page did not answer in time."""
        self.endless = False
        """Whether the present document was cut off because it did not come to its end."""
        self.restraint: Final = Restraint(self.context, lambda: self.page)
        self._openers: list[Page] = []
        self._listeners: list[tuple[Any, str, Callable[..., Any]]] = []
        for name, handler in (
            ("request", self._on_request),
            ("response", self._on_response),
            ("requestfinished", self._on_request_done),
            ("requestfailed", self._on_request_done),
            ("dialog", self._on_dialog),
            ("page", self._on_page),
        ):
            self._listen(self.context, name, handler)
        self._listen_to(page)

    def release(self) -> None:
        """Stop listening; the page stays open."""
        for source, name, handler in self._listeners:
            source.remove_listener(name, handler)
        self._listeners.clear()
        self.restraint.release()

    def clear(self) -> None:
        """Forget what happened so far; what happens from now on belongs to the next action."""
        self.dialogs.clear()
        self.downloads.clear()
        self.popups.clear()
        self._pending.clear()
        self._stirred.clear()
        self.restraint.begin()

    @property
    def stirred(self) -> bool:
        """Whether anything happened since :meth:`clear`."""
        return self._stirred.is_set() or bool(self._pending)

    # -- what the browser tells -----------------------------------------------------------

    def _listen(self, source: Any, name: str, handler: Callable[..., Any]) -> None:
        source.on(name, handler)
        self._listeners.append((source, name, handler))

    def _listen_to(self, page: Page) -> None:
        self._listen(page, "framenavigated", self._on_navigated)
        self._listen(page, "download", self._on_download)
        self.restraint.look_after(page)

    def _on_request(self, request: Request) -> None:
        page = _page_of(request)
        self.restraint.within("request", page)
        if page is not None and _is_new_page(request):
            self.restraint.within("navigation", page)
        if request.resource_type in _WATCHED:
            self._pending[request] = math.inf
            self._stirred.set()

    def _on_response(self, response: Response) -> None:
        if response.request in self._pending:
            self._pending[response.request] = asyncio.get_running_loop().time() + BODY_WAIT_S
            self._stirred.set()

    def _on_request_done(self, request: Request) -> None:
        if self._pending.pop(request, None) is not None:
            self._stirred.set()

    def _on_navigated(self, frame: Frame) -> None:
        if frame.parent_frame is None:
            self.restraint.within("history", frame.page)
            self.navigations += 1
            self._pending = {request: due for request, due in self._pending.items() if request.is_navigation_request()}
            self._stirred.set()

    async def _on_dialog(self, dialog: Dialog) -> None:
        if self.restraint.within("dialog", dialog.page):
            self.dialogs.append(dialog.message)
        self._stirred.set()
        with suppress(PlaywrightError):
            await (dialog.dismiss() if self._dismiss and dialog.type != "alert" else dialog.accept())

    def _on_page(self, page: Page) -> None:
        if not self.restraint.within("tab", self.page):
            self.restraint.start(_close_if_opened(page))
            return
        self.popups.append(page)
        self._listen_to(page)
        self._stirred.set()

    def _on_download(self, download: Download) -> None:
        if not self.restraint.within("download", download.page):
            self.restraint.start(download.cancel())
            return
        self.downloads.append(download)
        self._stirred.set()

    # -- waiting --------------------------------------------------------------------------

    async def until(self, happened: Callable[[], bool], seconds: float) -> bool:
        """Wait until something the browser tells makes ``happened`` true; False if it does not in that time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not happened():
                    self._stirred.clear()
                    await self._stirred.wait()
        return happened()

    async def loaded(self) -> None:
        """Wait for the document and for what it loads, each bounded, and begin to count the page's changes."""
        limit = CUT_TIMEOUT_MS if self.endless else DOCUMENT_TIMEOUT_MS
        with suppress(PlaywrightError):
            await self.page.wait_for_load_state("domcontentloaded", timeout=limit)
            await self.page.wait_for_load_state("load", timeout=LOAD_TIMEOUT_MS)
        await self.pulse()

    async def pulse(self) -> Pulse | None:
        """Return the page's outer state, starting to count its changes if need be; None while it can't answer."""
        clock = asyncio.get_running_loop().time
        for _ in range(3):
            asked = clock()
            try:
                pulse = await asyncio.wait_for(self.page.evaluate(PULSE), ANSWER_TIMEOUT_S)
            except TimeoutError:
                if not await self.rouse(ANSWER_TIMEOUT_S):
                    return None
            except PlaywrightError as error:
                if self.page.is_closed() or not any(sign in error.message for sign in _GONE):
                    return None
                with suppress(PlaywrightError):
                    await self.page.wait_for_load_state("domcontentloaded", timeout=DOCUMENT_TIMEOUT_MS)
            else:
                self._unanswered, self._pace_ms = 0, (clock() - asked) * 1000
                return read_pulse(pulse)
        return None

    async def has_text(self) -> bool:
        """Whether anything has come of the document by now; a page too busy to answer counts as one that came."""
        try:
            return bool(await asyncio.wait_for(self.page.evaluate(HAS_TEXT), ANSWER_TIMEOUT_S))
        except TimeoutError:
            await self.rouse(ANSWER_TIMEOUT_S, patience=0)
        except PlaywrightError:
            pass
        return not self.restraint.ended

    async def rouse(self, seconds: float, *, patience: int = 1) -> bool:
        """Note that the page did not answer for so long; end what keeps it busy if that is not the first time.

        Tells whether it is worth asking again. A page that computes for a while is left alone:
        ``patience`` is how often it may fail to answer.
        """
        self._unanswered += 1
        if self._unanswered <= patience:
            return False
        self._unanswered = 0
        return await self.restraint.interrupt(self.page, seconds)

    async def quieten(self, quiet: float = QUIET_MS, limit: float = QUIET_LIMIT_MS) -> Pulse | None:
        """Wait until the page has not changed for ``quiet`` ms; None if it went away meanwhile."""
        if self.restraint.is_still(self.page):
            return await self.pulse()  # Its timers don't run, and ours would not either.
        wait = self.page.evaluate(QUIETEN, {"quiet": quiet, "limit": limit})
        seconds = limit / 1000 + ANSWER_TIMEOUT_S
        try:
            pulse = read_pulse(await asyncio.wait_for(wait, seconds))
        except TimeoutError:
            return await self.pulse() if await self.rouse(seconds) else None
        except PlaywrightError:
            return None
        self._unanswered = 0
        return pulse

    async def settled(self) -> Pulse | None:
        """Wait until requests are answered and the page stops changing; return its last pulse."""
        pulse: Pulse | None = None
        clock = asyncio.get_running_loop().time
        end = clock() + SETTLE_LIMIT_S
        for _ in range(_ROUNDS):
            await self._answered()
            seen = self.navigations
            pulse = await self.quieten(min(max(QUIET_MS, _PACE * self._pace_ms), _QUIET_MOST_MS))
            if pulse is None or self.navigations != seen:
                if self.page.is_closed():
                    return None
                await self.loaded()
            elif not self._pending:
                break
            if clock() > end:
                break
        if self._shown != self.navigations:
            self._shown = self.navigations
            if not await self._shows():
                pulse = await self.quieten()
        if self._stuck != self.navigations and not await self._filled():
            pulse = await self.quieten()
        return pulse

    async def _shows(self) -> bool:
        """Wait for a document that is still blank, such as the shell of an application; tell whether it was not."""
        if self.restraint.is_still(self.page):
            return True  # Its timers don't run, and nothing would come.
        with suppress(PlaywrightError, TimeoutError):
            if await asyncio.wait_for(self.page.evaluate(SHOWS), ANSWER_TIMEOUT_S) is not False:
                return True
            waiting = self.page.wait_for_function(SHOWS, timeout=BLANK_LIMIT_S * 1000, polling=50)
            await (await asyncio.wait_for(waiting, BLANK_LIMIT_S + ANSWER_TIMEOUT_S)).dispose()
            await self._answered()
            return False
        return True

    async def _filled(self) -> bool:
        """Wait for parts that say they are loading; tell whether there were none, or none that get there."""
        if self.restraint.is_still(self.page):
            return True
        with suppress(PlaywrightError, TimeoutError):
            if await asyncio.wait_for(self.page.evaluate(FILLED), ANSWER_TIMEOUT_S) is not False:
                return True
            self._stuck = self.navigations
            waiting = self.page.wait_for_function(FILLED, timeout=FILL_LIMIT_S * 1000, polling=50)
            await (await asyncio.wait_for(waiting, FILL_LIMIT_S + ANSWER_TIMEOUT_S)).dispose()
            self._stuck = -1
            return False
        return True

    async def _answered(self) -> None:
        """Wait for the answers to what is under way; a page that polls or streams for ever has an end here."""
        navigates = any(request.is_navigation_request() for request in self._pending)
        clock = asyncio.get_running_loop().time
        with suppress(TimeoutError):
            async with asyncio.timeout(NAVIGATION_TIMEOUT_MS / 1000 if navigates else REQUEST_WAIT_S):
                while self._pending and not self.downloads and (rest := max(self._pending.values()) - clock()) > 0:
                    self._stirred.clear()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._stirred.wait(), None if math.isinf(rest) else rest)
        self._pending.clear()

    # -- tabs -----------------------------------------------------------------------------

    async def follow_tabs(self) -> str:
        """Take the tab that opened in hand, or the one before when the present one closed; say which, or nothing."""
        for popup in reversed(self.popups):
            if popup.is_closed() or popup is self.page:
                continue
            with suppress(PlaywrightError):
                await popup.wait_for_load_state("domcontentloaded", timeout=DOCUMENT_TIMEOUT_MS)
            if popup.is_closed() or (popup.url in ("", "about:blank") and self.downloads):
                continue
            self._openers.append(self.page)
            self.page = popup
            self.popups.clear()
            await self.loaded()
            await self.settled()
            return "a new tab opened"
        if self.page.is_closed():
            others = [page for page in (*self._openers, *self.context.pages) if not page.is_closed()]
            if others:
                self.page = others[-1]
                return "the tab closed"
        return ""


def _page_of(request: Request) -> Page | None:
    """Return the page a request comes from; None for one of a worker, or of a page that is only coming."""
    with suppress(PlaywrightError):
        return request.frame.page
    return None


def _is_new_page(request: Request) -> bool:
    """Whether the tab sets out for another address; hops on the way do not count, the browser bounds them."""
    first = request.redirected_from is None and request.is_navigation_request()
    return first and request.frame.parent_frame is None


async def _close_if_opened(page: Page) -> None:
    """Close a tab that a page opened; of somebody's own browser the other tabs are not ours to close."""
    if await page.opener() is not None:
        await page.close()
