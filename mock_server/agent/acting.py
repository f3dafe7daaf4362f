"""The hands: does one move in the browser and sees what came of it.

Owns: the order touch -> settle -> check, opening addresses, and the words for what was
seen. Must not: decide what to do.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from playwright.async_api import ElementHandle, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from mock_server.agent import sliding, touching, watching
from mock_server.agent.observer import StaleElementError, resolve
from mock_server.agent.planner import Move
from mock_server.agent.pulse import Pulse
from mock_server.agent.receiving import DOWNLOAD_WAIT_S, File, downloaded, shown
from mock_server.agent.watching import Watch

MOVE_SECONDS: Final = 60.0
"""How long a move may take with all it sets off; a page whose scripts never rest must not hold the run for ever."""
NO_REACTION_S: Final = 0.7
"""How long a page that shows no reaction yet is given, in case it works with a timer."""
_QUIET: Final = frozenset(("input_text", "select_option", "checkbox", "hover"))
"""Moves whose effect is on the element itself and was checked there."""
_HTTP_ERROR: Final = 400


class NavigationError(Exception):
    """An address could not be opened; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a move."""

    ok: bool
    effect: str
    """What the check saw, in words."""
    changed: bool = True
    """Whether anything at all was different afterwards."""
    navigated: bool = False
    before: str = ""
    """Address before."""
    after: str = ""
    """Address after."""
    files: tuple[File, ...] = ()
    dialogs: tuple[str, ...] = ()


class Hands:
    """Acts on the page a :class:`Watch` has in hand."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    @property
    def page(self) -> Page:
        """The page in hand."""
        return self._watch.page

    async def goto(self, url: str) -> Outcome:
        """Open an address. Raises :class:`NavigationError` when it does not answer with a page."""
        before, watch = self.page.url, self._watch
        watch.clear()
        watch.endless = False
        limit = watching.NAVIGATION_TIMEOUT_MS
        try:
            response = await self.page.goto(url, wait_until="commit", timeout=limit)
            watch.endless = not await self._arrive()
        except PlaywrightTimeoutError as error:
            raise NavigationError(
                watch.restraint.ended
                or f"Failed to navigate to URL. URL:{url}, Error:Page.goto: Timeout {limit:g}ms exceeded. "
                "The page did not load in that time. Check that the site answers, or try again later."
            ) from error
        except PlaywrightError as error:
            if watch.restraint.ended:
                raise NavigationError(watch.restraint.ended) from error
            aborted = "Download is starting" in error.message or "ERR_ABORTED" in error.message
            if not (aborted and await watch.until(lambda: bool(watch.downloads), 1)):
                raise NavigationError(_why_unreachable(url, error.message)) from error
            files = await downloaded(watch)
            return Outcome(
                bool(files), "the address handed out a file", before=before, after=self.page.url, files=files
            )
        await watch.loaded()
        await watch.settled()
        files = await shown(watch, None)
        status = response.status if response is not None else 0
        effect = f"the page {await self._title()!r} opened" + (
            f" with status {status}" if status >= _HTTP_ERROR else ""
        )
        return Outcome(ok=True, effect=effect, navigated=True, before=before, after=self.page.url, files=files)

    async def _arrive(self) -> bool:
        """Wait for the page's text; tell whether it came to its end. If not, it is taken as far as it came.

        Raises:
            playwright.async_api.TimeoutError: Nothing came.
        """
        try:
            limit = min(watching.DOCUMENT_TIMEOUT_MS, watching.NAVIGATION_TIMEOUT_MS)
            await self.page.wait_for_load_state("domcontentloaded", timeout=limit)
        except PlaywrightTimeoutError:
            await self._watch.restraint.stop_loading(self.page, limit / 1000)
            if not await self._watch.has_text():
                raise
            return False
        return True

    async def _title(self) -> str:
        with suppress(PlaywrightError, TimeoutError):
            return await asyncio.wait_for(self.page.title(), watching.ANSWER_TIMEOUT_S)
        return ""

    async def settled(self) -> None:
        """Wait until the page is quiet."""
        await self._watch.settled()

    async def do(self, move: Move, handle: ElementHandle | None = None, place: ElementHandle | None = None) -> Outcome:
        """Do a move, wait until the page has settled, and say what is different.

        ``handle`` and ``place`` are the move's elements, where they were not found by a look at the page.
        """
        watch = self._watch
        watch.clear()
        before, navigations = self.page.url, watch.navigations
        try:
            async with asyncio.timeout(MOVE_SECONDS):
                if move.action.action_type == "goto_url":
                    return await self.goto(move.action.url or "")
                pulse = None if _is_quiet(move) else await watch.pulse()
                effect = await self._touch(move, handle, place)
                return await self._check(move, effect, pulse, before, navigations)
        except TimeoutError:
            effect = f"the page did not answer within {MOVE_SECONDS:g} s"
            return Outcome(ok=False, effect=effect, changed=False, before=before, after=self.page.url)
        except (StaleElementError, NavigationError) as error:
            return Outcome(ok=False, effect=str(error), changed=False, before=before, after=self.page.url)
        except PlaywrightError as error:
            if self.page.is_closed() and not await watch.follow_tabs():
                raise
            return Outcome(ok=False, effect=_short(error.message), changed=False, before=before, after=self.page.url)

    async def _touch(self, move: Move, handle: ElementHandle | None, place: ElementHandle | None) -> str:
        """Touch the page; return what was verified on the spot, if anything."""
        kind = move.action.action_type
        if move.element is not None:
            handle = handle or await resolve(self.page, move.element)
            if place is None and move.place is not None:
                place = await resolve(self.page, move.place)
            try:
                return await self._touch_element(move, handle, place)
            finally:
                with suppress(PlaywrightError):
                    await handle.dispose()
        if kind == "keypress":
            for key in move.action.keys:
                await self.page.keyboard.press(key)
        elif kind == "scroll":
            return await touching.scroll(self.page, None, move.action.text or "down")
        elif kind == "go_back":
            await self.page.go_back(wait_until="domcontentloaded", timeout=watching.NAVIGATION_TIMEOUT_MS)
        elif kind == "reload_page":
            await self.page.reload(wait_until="domcontentloaded", timeout=watching.NAVIGATION_TIMEOUT_MS)
        return ""

    async def _touch_element(self, move: Move, handle: ElementHandle, place: ElementHandle | None) -> str:
        match move.action.action_type:
            case "input_text":
                effect = await self._put_in(move, handle)
            case "select_option":
                effect = await touching.choose(handle, move.values)
            case "checkbox":
                effect = await touching.tick(handle, wanted=bool(move.action.is_checked))
            case "scroll":
                effect = await touching.scroll(self.page, handle, move.action.text or "into view")
            case "drag" if place is not None or move.by is not None:
                effect = await touching.drag(self.page, handle, place, drop=move.drop, by=move.by)
            case "hover":
                await handle.hover(timeout=touching.TIMEOUT_MS)
                effect = "the pointer is over it"
            case "keypress":
                for key in move.action.keys:
                    await handle.press(key, timeout=touching.TIMEOUT_MS, no_wait_after=True)
                effect = ""
            case "upload_file":
                await handle.set_input_files(list(move.values), timeout=touching.TIMEOUT_MS)
                effect = f"the field holds {move.action.text!r}"
            case _:
                effect = await self._press(move, handle)
        return effect

    async def _press(self, move: Move, handle: ElementHandle) -> str:
        if "select" in move.action.keys:
            return await touching.select_text(handle, move.action.text or "")
        return await touching.click(handle, double="double" in move.action.keys)

    async def _put_in(self, move: Move, handle: ElementHandle) -> str:
        if move.element is not None and sliding.is_slid(move.element):
            return await sliding.slide(self.page, handle, float(move.text))
        return await touching.type_text(self.page, handle, move)

    # -- checking -------------------------------------------------------------------------

    async def _check(self, move: Move, effect: str, pulse: Pulse | None, before: str, navigations: int) -> Outcome:
        """Wait for what the move sets off and say what is different from before."""
        watch, download = self._watch, move.action.download
        quiet = _is_quiet(move)
        now = None if quiet and not watch.stirred else await watch.settled()
        if not quiet and not self._reacted(pulse, now, navigations) and move.action.action_type != "scroll":
            now = await self._reaction(pulse, navigations)
        if download and not watch.downloads:
            await watch.until(
                lambda: bool(watch.downloads or watch.popups), DOWNLOAD_WAIT_S if watch.stirred else NO_REACTION_S
            )
        tab = await watch.follow_tabs()
        files = await downloaded(watch)
        if not files and (download or tab or watch.navigations != navigations):
            files = await shown(watch, move.action.url if download and not tab else None)
        after = self.page.url
        reacted = bool(files or tab) or after != before or (not quiet and self._reacted(pulse, now, navigations))
        saw = [effect.lstrip("!?")] if effect.lstrip("!?") else []
        saw += _told(files, watch.dialogs, tab, before, after, reloaded=watch.navigations != navigations)
        if download and not files:
            saw.append("no file came")
        if not saw or effect.startswith("?"):
            saw.append("the page changed" if reacted else "nothing on the page changed that can be seen")
        return Outcome(
            ok=not effect.startswith("!") and (reacted or not effect.startswith("?")) and (bool(files) or not download),
            effect="; ".join(saw),
            changed=reacted or (quiet and not effect.startswith("!")) or "scrolled" in effect,
            navigated=watch.navigations != navigations or bool(tab),
            before=before,
            after=after,
            files=files,
            dialogs=tuple(watch.dialogs),
        )

    def _reacted(self, before: Pulse | None, now: Pulse | None, navigations: int) -> bool:
        watch = self._watch
        return (
            watch.navigations != navigations or bool(watch.dialogs or watch.downloads or watch.popups) or before != now
        )

    async def _reaction(self, pulse: Pulse | None, navigations: int) -> Pulse | None:
        """Give a page that has not reacted yet a moment: some work with timers."""
        now = pulse
        with suppress(TimeoutError):
            async with asyncio.timeout(NO_REACTION_S):
                while not self._reacted(pulse, now, navigations):
                    now = await self._watch.quieten(80, 200)
        return await self._watch.settled() if self._reacted(pulse, now, navigations) else now


def _is_quiet(move: Move) -> bool:
    return move.action.action_type in _QUIET and not move.then_press and not move.by_key


def _told(
    files: tuple[File, ...], dialogs: list[str], tab: str, before: str, after: str, *, reloaded: bool
) -> list[str]:
    """Say what the browser told, in words."""
    saw: list[str] = []
    if files:
        saw.append("the file " + ", ".join(repr(file.name) for file in files) + " was downloaded")
    if dialogs:
        saw.append(f"a dialog said {dialogs[0][:120]!r}")
    if tab:
        saw.append(tab)
    if after != before:
        saw.append(f"the address changed to {after}")
    elif reloaded:
        saw.append("the page loaded anew")
    return saw


_ADVICE: Final = {
    "ERR_NAME_NOT_RESOLVED": "The host name is not known here; check its spelling and the network.",
    "ERR_CONNECTION_REFUSED": "Nothing listens at that address; start the site, or correct host and port.",
    "ERR_CERT": "The site's certificate is not accepted; correct it, or use http.",
    "ERR_SSL": "The site does not speak https there; use http, or correct the port.",
    "ERR_BLOCKED": "The address is blocked here.",
}


def _why_unreachable(url: str, message: str) -> str:
    advice = next(
        (text for sign, text in _ADVICE.items() if sign in message), "Check the address and that the site is running."
    )
    return f"Failed to navigate to URL. URL:{url}, Error:{_short(message)}. {advice}"


def _short(message: str) -> str:
    """The first line of Playwright's message, without its call log."""
    return message.partition("\n")[0].strip()[:300]
