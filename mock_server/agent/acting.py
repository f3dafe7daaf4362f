"""The hands: does one move in the browser and sees what came of it.

Owns: every way of touching the page, waiting for it to settle, and the check after each
action. Waiting goes by events (navigations, requests, mutations), never by a fixed pause,
and always has an end. Must not: decide what to do.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from playwright.async_api import (
    CDPSession,
    Dialog,
    Download,
    ElementHandle,
    Frame,
    Page,
    Request,
    TimeoutError as PlaywrightTimeoutError,
)
from playwright.async_api import Error as PlaywrightError

from mock_server.agent.observer import StaleElementError, resolve
from mock_server.agent.planner import Move

NAVIGATION_TIMEOUT_MS: float = 20_000
"""How long an address may take to answer with a page. A setting: tests and the server may change it."""
LOAD_TIMEOUT_MS: float = 5_000
"""How long images and the like may keep the page loading after its text is there."""
ACTION_TIMEOUT_MS: Final = 4_000
REQUEST_WAIT_S: Final = 6.0
"""How long answers to requests an action caused are waited for."""
DOWNLOAD_WAIT_S: Final = 30.0
NO_REACTION_S: Final = 0.7
"""How long a page that shows no reaction yet is given, in case it works with a timer."""
QUIET_MS: Final = 40
QUIET_LIMIT_MS: Final = 1_500
MAX_SHOT_HEIGHT: Final = 12_000
SHOT_TRIES: Final = 4
_WATCHED: Final = frozenset(("document", "xhr", "fetch"))
_GONE: Final = (
    "Execution context was destroyed",
    "navigation",
    "Cannot find context",
    "frame was detached",
    "Inspected target navigated",
)

_PULSE: Final = """() => {
  const key = Symbol.for("agent.pulse");
  let pulse = window[key];
  if (!pulse) {
    pulse = {count: 0, last: performance.now()};
    new MutationObserver(list => { pulse.count += list.length; pulse.last = performance.now(); })
      .observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
    Object.defineProperty(window, key, {value: pulse, enumerable: false});
  }
  return {count: pulse.count, url: location.href, title: document.title, x: scrollX, y: scrollY,
          height: document.documentElement ? document.documentElement.scrollHeight : 0};
}"""
_QUIETEN: Final = """({quiet, limit}) => new Promise(resolve => {
  const pulse = window[Symbol.for("agent.pulse")] || {count: 0, last: 0};
  const start = performance.now();
  const look = () => {
    const now = performance.now();
    const rest = quiet - (now - Math.max(pulse.last, start - quiet / 2));
    if (rest <= 0 || now - start >= limit) {
      resolve({count: pulse.count, url: location.href, title: document.title, x: scrollX, y: scrollY,
               height: document.documentElement ? document.documentElement.scrollHeight : 0});
    } else setTimeout(look, Math.max(5, Math.min(rest, 50)));
  };
  look();
})"""
_VALUE: Final = """element => {
  if (element.tagName === "SELECT") return [...element.selectedOptions].map(o => (o.label || o.text).replace(/\\s+/g, " ").trim()).join(", ");
  if (element.type === "checkbox" || element.type === "radio") return element.checked;
  if (element.getAttribute("aria-checked")) return element.getAttribute("aria-checked") === "true";
  if ("value" in element && element.value !== undefined) return String(element.value);
  return element.isContentEditable ? element.innerText : null;
}"""
_SCROLL: Final = """(element, way) => {
  const box = element || document.scrollingElement || document.documentElement;
  const before = [box.scrollTop, box.scrollLeft];
  const page = element ? element.clientHeight : innerHeight;
  if (way === "bottom") box.scrollTop = box.scrollHeight;
  else if (way === "top") box.scrollTop = 0;
  else if (way === "down") box.scrollTop += page * 0.85;
  else if (way === "up") box.scrollTop -= page * 0.85;
  else if (way === "left") box.scrollLeft -= innerWidth * 0.85;
  else if (way === "right") box.scrollLeft += innerWidth * 0.85;
  else if (element) element.scrollIntoView({block: "center"});
  return before[0] !== box.scrollTop || before[1] !== box.scrollLeft;
}"""


class NavigationError(Exception):
    """An address could not be opened; the message says which and why."""


@dataclass(frozen=True, slots=True)
class File:
    """A file the page handed out."""

    name: str
    data: bytes
    url: str


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
    after: str = ""
    files: tuple[File, ...] = ()
    dialogs: tuple[str, ...] = ()


@dataclass(slots=True)
class _Watch:
    """What happened in the browser since the last move."""

    pending: set[Request] = field(default_factory=set)
    navigations: int = 0
    dialogs: list[str] = field(default_factory=list)
    downloads: list[Download] = field(default_factory=list)
    popups: list[Page] = field(default_factory=list)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)


class Hands:
    """Acts on one page, and on the pages it opens.

    ``page`` is the page in hand; it changes when a new tab opens or the present one
    closes. Listeners are taken off by :meth:`release`.
    """

    def __init__(self, page: Page, *, dismiss_dialogs: bool = False) -> None:
        self.page = page
        self._dismiss = dismiss_dialogs
        self._watch = _Watch()
        self._context = page.context
        self._sessions: dict[Page, CDPSession] = {}
        self._opener: list[Page] = []
        self._handlers: list[tuple[str, Callable[..., Any]]] = [
            ("request", self._on_request),
            ("requestfinished", self._on_request_done),
            ("requestfailed", self._on_request_done),
            ("dialog", self._on_dialog),
            ("page", self._on_page),
        ]
        for name, handler in self._handlers:
            self._context.on(name, handler)  # type: ignore[call-overload]  # one loop over names of several overloads
        self._page_handlers: list[tuple[Page, str, Callable[..., Any]]] = []
        self._listen(page)

    def release(self) -> None:
        """Stop listening; the page stays open."""
        for name, handler in self._handlers:
            self._context.remove_listener(name, handler)
        for page, name, handler in self._page_handlers:
            page.remove_listener(name, handler)

    def _listen(self, page: Page) -> None:
        for name, handler in (("framenavigated", self._on_navigated), ("download", self._on_download)):
            page.on(name, handler)  # type: ignore[call-overload]  # as above
            self._page_handlers.append((page, name, handler))

    # -- what the browser tells -----------------------------------------------------------

    def _on_request(self, request: Request) -> None:
        if request.resource_type in _WATCHED:
            self._watch.pending.add(request)
            self._watch.stirred.set()

    def _on_request_done(self, request: Request) -> None:
        self._watch.pending.discard(request)
        self._watch.stirred.set()

    def _on_navigated(self, frame: Frame) -> None:
        if frame.parent_frame is None:
            self._watch.navigations += 1
            self._watch.pending = {request for request in self._watch.pending if request.is_navigation_request()}
            self._watch.stirred.set()

    async def _on_dialog(self, dialog: Dialog) -> None:
        self._watch.dialogs.append(dialog.message)
        self._watch.stirred.set()
        with suppress(PlaywrightError):
            await (dialog.dismiss() if self._dismiss and dialog.type != "alert" else dialog.accept())

    def _on_page(self, page: Page) -> None:
        self._watch.popups.append(page)
        self._listen(page)
        self._watch.stirred.set()

    def _on_download(self, download: Download) -> None:
        self._watch.downloads.append(download)
        self._watch.stirred.set()

    # -- going somewhere ------------------------------------------------------------------

    async def goto(self, url: str) -> Outcome:
        """Open an address. Raises :class:`NavigationError` when it does not answer with a page."""
        before = self.page.url
        self._watch.downloads.clear()
        try:
            response = await self.page.goto(url, wait_until="domcontentloaded", timeout=NAVIGATION_TIMEOUT_MS)
        except PlaywrightTimeoutError as error:
            raise NavigationError(
                f"Failed to navigate to URL. URL:{url}, Error:Page.goto: Timeout {NAVIGATION_TIMEOUT_MS:g}ms exceeded. "
                "The page did not load in that time. Check that the site answers, or try again later."
            ) from error
        except PlaywrightError as error:
            if "Download is starting" in error.message or (
                "ERR_ABORTED" in error.message and await self._download_begins()
            ):
                files = await self._files()
                return Outcome(
                    bool(files), "the address handed out a file", before=before, after=self.page.url, files=files
                )
            raise NavigationError(_why_unreachable(url, error.message)) from error
        await self._load()
        status = response.status if response is not None else 0
        effect = f"the page {await self._title()!r} opened" + (f" with status {status}" if status >= 400 else "")  # noqa: PLR2004 - HTTP errors
        return Outcome(ok=True, effect=effect, navigated=True, before=before, after=self.page.url)

    async def _download_begins(self) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                while not self._watch.downloads:
                    self._watch.stirred.clear()
                    await self._watch.stirred.wait()
        return bool(self._watch.downloads)

    async def _title(self) -> str:
        with suppress(PlaywrightError):
            return await self.page.title()
        return ""

    async def _load(self) -> None:
        """Wait for the document, then for what it loads, then for it to be quiet; each bounded."""
        with suppress(PlaywrightError):
            await self.page.wait_for_load_state("domcontentloaded", timeout=NAVIGATION_TIMEOUT_MS)
        with suppress(PlaywrightError):
            await self.page.wait_for_load_state("load", timeout=LOAD_TIMEOUT_MS)
        await self._pulse()
        await self._settle()

    # -- settling -------------------------------------------------------------------------

    async def _pulse(self) -> dict[str, Any] | None:
        """Return the page's count of changes and place, starting to count if need be; None while it is between documents."""
        for _ in range(3):
            try:
                return dict(await asyncio.wait_for(self.page.evaluate(_PULSE), ACTION_TIMEOUT_MS / 1000))
            except PlaywrightError as error:
                if self.page.is_closed() or not any(sign in error.message for sign in _GONE):
                    return None
                with suppress(PlaywrightError):
                    await self.page.wait_for_load_state("domcontentloaded", timeout=NAVIGATION_TIMEOUT_MS)
            except TimeoutError:
                return None
        return None

    async def _quieten(self) -> dict[str, Any] | None:
        try:
            return dict(
                await asyncio.wait_for(
                    self.page.evaluate(_QUIETEN, {"quiet": QUIET_MS, "limit": QUIET_LIMIT_MS}),
                    QUIET_LIMIT_MS / 1000 + ACTION_TIMEOUT_MS / 1000,
                )
            )
        except (PlaywrightError, TimeoutError):
            return None

    async def _settle(self) -> dict[str, Any] | None:
        """Wait until requests are answered and the page stops changing; return its last pulse."""
        pulse: dict[str, Any] | None = None
        for _ in range(6):
            await self._requests()
            seen = self._watch.navigations
            pulse = await self._quieten()
            if pulse is None or self._watch.navigations != seen:
                with suppress(PlaywrightError):
                    await self.page.wait_for_load_state("domcontentloaded", timeout=NAVIGATION_TIMEOUT_MS)
                with suppress(PlaywrightError):
                    await self.page.wait_for_load_state("load", timeout=LOAD_TIMEOUT_MS)
                await self._pulse()
                if self.page.is_closed():
                    return None
                continue
            if not self._watch.pending:
                break
        return pulse

    async def _requests(self) -> None:
        """Wait for the answers to what is under way; a page that goes on for ever (polling, streams) has an end here."""
        limit = (
            NAVIGATION_TIMEOUT_MS / 1000
            if any(request.is_navigation_request() for request in self._watch.pending)
            else REQUEST_WAIT_S
        )
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):
                while self._watch.pending and not self._watch.downloads:
                    self._watch.stirred.clear()
                    await self._watch.stirred.wait()
                return
        self._watch.pending.clear()

    # -- one move -------------------------------------------------------------------------

    async def do(self, move: Move) -> Outcome:
        """Do a move, wait until the page has settled, and say what is different."""
        self._watch.dialogs.clear()
        self._watch.downloads.clear()
        self._watch.popups.clear()
        self._watch.pending.clear()
        before_url, navigations = self.page.url, self._watch.navigations
        kind = move.action.action_type
        try:
            if kind == "goto_url":
                return await self.goto(move.action.url or "")
            pulse = await self._pulse()
            effect = await self._act(move)
        except StaleElementError as error:
            return Outcome(ok=False, effect=str(error), changed=False, before=before_url, after=self.page.url)
        except NavigationError as error:
            return Outcome(ok=False, effect=str(error), changed=False, before=before_url, after=self.page.url)
        except PlaywrightError as error:
            if self.page.is_closed() and not await self._other_page():
                raise
            return Outcome(
                ok=False, effect=_short(error.message), changed=False, before=before_url, after=self.page.url
            )
        return await self._check(move, effect, pulse, before_url, navigations)

    async def _act(self, move: Move) -> str:
        """Touch the page; return what was verified on the spot, if anything."""
        kind = move.action.action_type
        if move.element is not None:
            handle = await resolve(self.page, move.element)
            try:
                return await self._act_on(move, handle)
            finally:
                with suppress(PlaywrightError):
                    await handle.dispose()
        if kind == "keypress":
            for key in move.action.keys:
                await self.page.keyboard.press(key)
        elif kind == "scroll":
            moved = await self.page.evaluate(f"way => ({_SCROLL})(null, way)", move.action.text or "down")
            return "the page scrolled" if moved else "the page did not scroll any further"
        elif kind == "go_back":
            await self.page.go_back(wait_until="domcontentloaded", timeout=NAVIGATION_TIMEOUT_MS)
        elif kind == "reload_page":
            await self.page.reload(wait_until="domcontentloaded", timeout=NAVIGATION_TIMEOUT_MS)
        return ""

    async def _act_on(self, move: Move, handle: ElementHandle) -> str:  # noqa: C901, PLR0911 - one line for each kind of action
        kind, text = move.action.action_type, move.text
        if kind == "input_text":
            return await self._type(move, handle, text)
        if kind == "select_option":
            await handle.select_option(label=list(move.values), timeout=ACTION_TIMEOUT_MS)
            return f"the list now shows {await handle.evaluate(_VALUE)!r}"
        if kind == "checkbox":
            return await self._tick(handle, wanted=bool(move.action.is_checked))
        if kind == "hover":
            await handle.hover(timeout=ACTION_TIMEOUT_MS)
            return "the pointer is over it"
        if kind == "scroll":
            way = move.action.text or "into view"
            moved = await handle.evaluate(_SCROLL, way)
            return "it scrolled" if moved else "it is in view"
        if kind == "keypress":
            for key in move.action.keys:
                await handle.press(key, timeout=ACTION_TIMEOUT_MS)
            return ""
        if kind == "upload_file":
            await handle.set_input_files(list(move.values), timeout=ACTION_TIMEOUT_MS)
            return f"the field holds {move.action.text!r}"
        if kind == "drag" and move.place is not None:
            return await self._drag(handle, await resolve(self.page, move.place))
        await self._click(handle, double="double" in move.action.keys)
        return ""

    async def _click(self, handle: ElementHandle, *, double: bool = False) -> None:
        """Click the way a person does; if something lies over it for good, by the element itself."""
        try:
            await (
                handle.dblclick(timeout=ACTION_TIMEOUT_MS)
                if double
                else handle.click(timeout=ACTION_TIMEOUT_MS, no_wait_after=True)
            )
        except PlaywrightTimeoutError:
            if not await handle.evaluate("element => element.isConnected"):
                raise
            await handle.evaluate("element => { element.scrollIntoView({block: 'center'}); element.click(); }")

    async def _type(self, move: Move, handle: ElementHandle, text: str) -> str:
        if move.by_key:
            await handle.fill("", timeout=ACTION_TIMEOUT_MS)
            await handle.type(text, timeout=ACTION_TIMEOUT_MS)
        else:
            try:
                await handle.fill(text, timeout=ACTION_TIMEOUT_MS)
            except PlaywrightError as error:
                if "Malformed value" in error.message:
                    await handle.fill(_iso_date(text) or text, timeout=ACTION_TIMEOUT_MS)
                else:
                    await handle.click(timeout=ACTION_TIMEOUT_MS)
                    await self.page.keyboard.press("Control+A")
                    await self.page.keyboard.type(text)
        value = await handle.evaluate(_VALUE)
        if (
            isinstance(value, str)
            and _folded(value) != _folded(text)
            and not move.by_key
            and move.element is not None
            and move.element.input_type not in ("date", "time", "color", "number", "range")
        ):
            await handle.fill("", timeout=ACTION_TIMEOUT_MS)
            await handle.type(text, timeout=ACTION_TIMEOUT_MS)
            value = await handle.evaluate(_VALUE)
        if move.then_press:
            await handle.press(move.then_press, timeout=ACTION_TIMEOUT_MS, no_wait_after=True)
        if not isinstance(value, str) or not value.strip():
            return "the text was typed" if not text or value is None else "!the field is still empty"
        shown = value if move.action.text == move.text else "*" * len(value)
        return f"the field now holds {shown[:120]!r}"

    async def _tick(self, handle: ElementHandle, *, wanted: bool) -> str:
        if await handle.evaluate(_VALUE) is not wanted:
            try:
                await handle.set_checked(wanted, timeout=ACTION_TIMEOUT_MS / 2)
            except PlaywrightError:
                await handle.evaluate("element => (element.labels && element.labels[0] || element).click()")
        state = await handle.evaluate(_VALUE)
        if isinstance(state, bool) and state is not wanted:
            return f"!it is still {'ticked' if state else 'not ticked'}"
        return f"it is now {'ticked' if wanted else 'not ticked'}"

    async def _drag(self, handle: ElementHandle, place: ElementHandle) -> str:
        source, goal = await handle.bounding_box(), await place.bounding_box()
        if source is None or goal is None:
            return "!it could not be dragged, as one of the two is not visible"
        mouse = self.page.mouse
        await mouse.move(source["x"] + source["width"] / 2, source["y"] + source["height"] / 2)
        await mouse.down()
        await mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + goal["height"] / 2, steps=8)
        await mouse.up()
        return ""

    # -- checking -------------------------------------------------------------------------

    async def _check(
        self, move: Move, effect: str, pulse: dict[str, Any] | None, before_url: str, navigations: int
    ) -> Outcome:
        """Wait for what the move sets off and say what is different from before."""
        kind = move.action.action_type
        quiet = kind in ("input_text", "select_option", "checkbox", "hover") and not move.then_press and not move.by_key
        if (
            quiet
            and not self._watch.pending
            and not self._watch.stirred.is_set()
            and self._watch.navigations == navigations
        ):
            now = await self._pulse()
        else:
            now = await self._settle()
        self._watch.stirred.clear()
        if not quiet and not self._reacted(pulse, now, navigations) and (kind != "scroll"):
            now = await self._reaction(pulse, navigations)
        if move.action.download and not self._watch.downloads:
            await self._awaited_download()
        switched = await self._other_page()
        files = await self._files()
        if move.action.download and not files and not switched:
            files = await self._file_in_view(move)
        elif switched and (move.action.download or not files):
            files = files or await self._file_in_view(move)
        after = self.page.url
        dialogs = tuple(self._watch.dialogs)
        changed = bool(files or dialogs or switched) or self._reacted(pulse, now, navigations) or after != before_url
        ok = not effect.startswith("!")
        said = effect.removeprefix("!")
        words = [said] if said else []
        if files:
            words.append("the file " + ", ".join(repr(file.name) for file in files) + " was downloaded")
        if dialogs:
            words.append(f"a dialog said {dialogs[0][:120]!r}")
        if switched:
            words.append("a new tab opened" if switched == "opened" else "the tab closed")
        if after != before_url:
            words.append(f"the address changed to {after}")
        elif self._watch.navigations != navigations:
            words.append("the page loaded anew")
        elif changed and not words:
            words.append("the page changed")
        if move.action.download and not files:
            ok = False
            words.append("no file came")
        if not words:
            words.append("nothing on the page changed that can be seen")
        moved = self._watch.navigations != navigations or bool(switched)
        return Outcome(
            ok,
            "; ".join(words),
            changed=changed or quiet or "scrolled" in said,
            navigated=moved,
            before=before_url,
            after=after,
            files=files,
            dialogs=dialogs,
        )

    def _reacted(self, before: dict[str, Any] | None, now: dict[str, Any] | None, navigations: int) -> bool:
        if self._watch.navigations != navigations or self._watch.dialogs or self._watch.downloads or self._watch.popups:
            return True
        if before is None or now is None:
            return before is not now
        return any(before[key] != now[key] for key in ("count", "url", "title", "x", "y", "height"))

    async def _reaction(self, pulse: dict[str, Any] | None, navigations: int) -> dict[str, Any] | None:
        """Give a page that has not reacted yet a moment: some work with timers."""
        now = pulse
        with suppress(TimeoutError, PlaywrightError):
            async with asyncio.timeout(NO_REACTION_S):
                while not self._reacted(pulse, now, navigations):
                    now = await self.page.evaluate(_QUIETEN, {"quiet": 80, "limit": 200})
        return await self._settle() if self._reacted(pulse, now, navigations) else now

    async def _awaited_download(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(NO_REACTION_S if not self._watch.pending else DOWNLOAD_WAIT_S):
                while not self._watch.downloads and not self._watch.popups:
                    self._watch.stirred.clear()
                    await self._watch.stirred.wait()

    async def _files(self) -> tuple[File, ...]:
        files: list[File] = []
        for download in list(self._watch.downloads):
            with suppress(PlaywrightError, OSError, TimeoutError):
                path = await asyncio.wait_for(download.path(), DOWNLOAD_WAIT_S)
                data = await asyncio.to_thread(path.read_bytes)
                files.append(File(download.suggested_filename or "download", data, download.url))
        return tuple(files)

    async def _file_in_view(self, move: Move) -> tuple[File, ...]:
        """A file the browser shows instead of saving it (a PDF, an image) is fetched as the page would."""
        shown = await self._content_type()
        wanted = move.action.url if move.action.download else None
        address = self.page.url if shown and not shown.startswith(("text/html", "application/xhtml")) else wanted
        if not address or not address.startswith("http"):
            return ()
        if address == wanted and shown.startswith("text/html") and not _looks_like_file(address):
            return ()
        try:
            response = await self._context.request.get(address, timeout=DOWNLOAD_WAIT_S * 1000)
            if not response.ok or response.headers.get("content-type", "").startswith("text/html"):
                return ()
            name = _file_name(response.headers.get("content-disposition", ""), response.url)
            return (File(name, await response.body(), response.url),)
        except PlaywrightError:
            return ()

    async def _content_type(self) -> str:
        with suppress(PlaywrightError, TimeoutError):
            return str(await asyncio.wait_for(self.page.evaluate("document.contentType"), ACTION_TIMEOUT_MS / 1000))
        return ""

    async def _other_page(self) -> str:
        """Follow a tab that opened, or go back to the one before when the present one closed."""
        for popup in reversed(self._watch.popups):
            if popup.is_closed() or popup is self.page:
                continue
            with suppress(PlaywrightError):
                await popup.wait_for_load_state("domcontentloaded", timeout=NAVIGATION_TIMEOUT_MS)
            if popup.is_closed() or (popup.url in ("", "about:blank") and self._watch.downloads):
                continue
            self._opener.append(self.page)
            self.page = popup
            self._watch.popups.clear()
            await self._load()
            return "opened"
        if self.page.is_closed():
            others = [page for page in [*self._opener, *self._context.pages] if not page.is_closed()]
            if others:
                self.page = others[-1]
                return "closed"
        return ""

    # -- pictures and papers --------------------------------------------------------------

    async def shot(self, *, full: bool = False) -> bytes | None:
        """Return a PNG of the viewport or of the whole page; None if the page can't be pictured."""
        for attempt in range(SHOT_TRIES):
            try:
                async with asyncio.timeout(10):
                    return (
                        await self._capture(full=full)
                        if attempt < SHOT_TRIES - 1
                        else await self.page.screenshot(full_page=full, timeout=8_000)
                    )
            except (PlaywrightError, TimeoutError):
                if self.page.is_closed():
                    return None
                with suppress(PlaywrightError):
                    await self.page.wait_for_load_state("domcontentloaded", timeout=LOAD_TIMEOUT_MS)
        return None

    async def _capture(self, *, full: bool) -> bytes:
        """Take the picture over the debugging protocol: half the time of the library's own, for a third more bytes."""
        session = self._sessions.get(self.page)
        if session is None:
            session = await self._context.new_cdp_session(self.page)
            self._sessions[self.page] = session
        options: dict[str, Any] = {"format": "png", "optimizeForSpeed": True}
        if full:
            size = (await session.send("Page.getLayoutMetrics"))["cssContentSize"]
            clip = {
                "x": 0,
                "y": 0,
                "width": max(1, size["width"]),
                "height": max(1, min(size["height"], MAX_SHOT_HEIGHT)),
                "scale": 1,
            }
            options |= {"captureBeyondViewport": True, "clip": clip}
        answer = await session.send("Page.captureScreenshot", options)
        return await asyncio.to_thread(base64.b64decode, answer["data"])

    async def html(self) -> str:
        """Return the page's source as it is now; empty if it can't be read."""
        for _ in range(2):
            try:
                return await asyncio.wait_for(self.page.content(), ACTION_TIMEOUT_MS / 1000)
            except (PlaywrightError, TimeoutError):
                with suppress(PlaywrightError):
                    await self.page.wait_for_load_state("domcontentloaded", timeout=LOAD_TIMEOUT_MS)
        return ""

    async def pdf(self) -> bytes | None:
        """Return the page as PDF; None where the browser can't print (a window on a screen)."""
        with suppress(PlaywrightError):
            return await self.page.pdf(print_background=True)
        return None


def _why_unreachable(url: str, message: str) -> str:
    line = _short(message)
    advice = "Check the address and that the site is running."
    if "ERR_NAME_NOT_RESOLVED" in message:
        advice = "The host name is not known here; check its spelling and the network."
    elif "ERR_CONNECTION_REFUSED" in message:
        advice = "Nothing listens at that address; start the site, or correct host and port."
    elif "ERR_CERT" in message or "ERR_SSL" in message:
        advice = "The site's certificate is not accepted; correct it, or use http."
    elif "ERR_BLOCKED" in message:
        advice = "The address is blocked here."
    return f"Failed to navigate to URL. URL:{url}, Error:{line}. {advice}"


def _short(message: str) -> str:
    """The first line of Playwright's message, without its call log."""
    return message.split("\nCall log")[0].split("\n")[0].strip()[:300]


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()


def _iso_date(text: str) -> str:
    """Return the date in the form date fields take, or nothing."""
    import dateparser  # noqa: PLC0415 - slow to import, and seldom needed

    parsed = dateparser.parse(text, languages=["en"])
    return parsed.date().isoformat() if parsed is not None else ""


def _looks_like_file(address: str) -> bool:
    return "." in urlsplit(address).path.rsplit("/", 1)[-1]


def _file_name(disposition: str, url: str) -> str:
    for part in disposition.split(";"):
        key, _, value = part.strip().partition("=")
        if key.lower() == "filename*":
            return unquote(value.split("''", 1)[-1]).replace("/", "_") or "download"
        if key.lower() == "filename":
            return value.strip('"').replace("/", "_") or "download"
    return unquote(urlsplit(url).path.rsplit("/", 1)[-1]) or "download"


__all__ = ["File", "Hands", "NavigationError", "Outcome"]
