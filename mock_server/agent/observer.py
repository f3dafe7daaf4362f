"""One look at a live page, and the way back from what was seen to the live element.

Owns: the only use of Playwright for reading. The page is not changed: numbers of elements
are kept in an object that only our handle reaches. Must not: act on the page.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final
from weakref import WeakKeyDictionary

import orjson
from playwright.async_api import ElementHandle, Frame, JSHandle, Page
from playwright.async_api import Error as PlaywrightError

from mock_server.agent.apart import evaluate_apart
from mock_server.agent.observation import Capture, Element
from mock_server.agent.reading import FrameView, read
from mock_server.agent.trees import artifacts_of

LIMITS: Final = {
    "nodes": 15_000,
    "letters": 600_000,
    "text": 6_000,
    "siblings": 2_500,
    "depth": 180,
    "source": 6_000_000,
}
MAX_FRAMES: Final = 40
_SCRIPTS: Final = ("dom.js", "names.js", "head.js", "walk.js")
LOOK_SECONDS: Final = 10.0
"""How long one look may take. Pages of 15,000 elements take two; a busy script may take the rest."""
_FRAME_TIMEOUT: Final = 3.0
_SETTLE_TIMEOUT_MS: Final = 10_000
_ATTEMPTS: Final = 3
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FIND: Final = """(memory, serial) => {
  const found = memory.refs.get(serial)?.deref();
  return found && found.isConnected ? found : null;
}"""
_SAME: Final = """(found, [tag, text, style]) => found.localName === tag && found.isConnected &&
  found.textContent.replace(/\\s+/g, " ").trim() === text &&
  (text !== "" || (found.getAttribute("class") || "") === style)"""
_HAND_OVER: Final = """memory => {
  const out = [memory.json, memory.html];
  memory.json = memory.html = "";
  return out;
}"""
SPOILT: Final = (
    "The page cannot be read: its scripts have replaced functions of the browser that reading needs. "
    "Choose another page."
)
_APART: Final = "options => { const memory = (%s)(options); return [memory.json, memory.html]; }"
_GONE: Final = ("context was destroyed", "navigat", "only in the context", "frame was detached", "Cannot find context")


class ObservationError(RuntimeError):
    """The page cannot be read: it is closed, crashed, or does not answer."""


class BusyPageError(ObservationError):
    """The page does not answer: a script of its own is busy."""


class StaleElementError(LookupError):
    """The element is no longer on the page; look at it again before acting."""


StaleElement = StaleElementError


@dataclass(slots=True)
class _Seen:
    """What is remembered of one frame's document."""

    handle: JSHandle | None
    """None where the page was read apart from its scripts."""
    names: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Memory:
    """What is remembered of one page; ids are never used twice in its life."""

    frames: WeakKeyDictionary[Frame, _Seen] = field(default_factory=WeakKeyDictionary)
    places: dict[str, tuple[Frame, int]] = field(default_factory=dict)
    count: int = 0

    def name(self, frame: Frame, frame_number: int, serial: int) -> str:
        seen = self.frames[frame]
        found = seen.names.get(serial)
        if found is None:
            self.count += 1
            found = _DIGITS[(10 + frame_number) % 62] + _base62(self.count)
            seen.names[serial] = found
            self.places[found] = (frame, serial)
        return found

    def remember(self, frame: Frame, handle: JSHandle | None, *, same: bool) -> None:
        seen = self.frames.get(frame)
        if seen is not None and same:
            seen.handle = handle
            return
        if seen is not None:
            for name in seen.names.values():
                self.places.pop(name, None)
        self.frames[frame] = _Seen(handle)


_memories: WeakKeyDictionary[Page, _Memory] = WeakKeyDictionary()


@cache
def _script() -> str:
    folder = files("mock_server.agent") / "js"
    body = "\n".join((folder / name).read_text("utf-8") for name in _SCRIPTS)
    return "({previous, limits}) => {\n" + body + "\nreturn look(previous, limits);\n}"


def _base62(number: int) -> str:
    out = ""
    while number:
        number, digit = divmod(number, 62)
        out = _DIGITS[digit] + out
    return out.rjust(3, "0")


async def observe(page: Page) -> Capture:
    """Return what the page shows now: the observation and the raw material of its artifacts.

    A navigation in the middle is waited out and the look taken again. Raises
    :class:`ObservationError` if the page is closed or does not answer.
    """
    memory = _memories.setdefault(page, _Memory())
    for attempt in range(_ATTEMPTS):
        try:
            return await _look(page, memory)
        except TimeoutError as error:
            raise BusyPageError(
                f"The page did not answer within {LOOK_SECONDS:g} s: a script is busy, or a dialog waits to be closed."
            ) from error
        except PlaywrightError as error:
            if page.is_closed():
                raise ObservationError("The page was closed while it was being read.") from error
            if attempt == _ATTEMPTS - 1 or not any(sign in error.message for sign in _GONE):
                raise ObservationError(f"The page cannot be read: {error.message.splitlines()[0]}") from error
            with contextlib.suppress(PlaywrightError):
                await page.wait_for_load_state("domcontentloaded", timeout=_SETTLE_TIMEOUT_MS)
    raise ObservationError(
        "The page kept navigating and could not be read."
    )  # pragma: no cover - the loop returns or raises


async def resolve(page: Page, element: Element) -> ElementHandle:
    """Return the live element that was seen; raises :class:`StaleElementError` if it is gone."""
    memory = _memories.get(page)
    place = memory.places.get(element.id) if memory is not None else None
    what = f"{element.role} {element.name!r} ({element.id})"
    if memory is None or place is None or place[0] not in memory.frames:
        raise StaleElementError(f"The {what} belongs to a document that was left; observe the page again.")
    frame, serial = place
    held = memory.frames[frame].handle
    try:
        if held is None:
            found = await frame.query_selector(f"css={element.css}") if element.css else None
            if found is None:
                raise StaleElementError(f"The {what} is not where it was; observe the page again.")
            return found
        handle = await held.evaluate_handle(_FIND, serial)
    except PlaywrightError as error:
        raise StaleElementError(f"The {what} belongs to a document that was left; observe the page again.") from error
    live = handle.as_element()
    if live is None:
        await handle.dispose()
        again = await _drawn_anew(frame, element)
        if again is None:
            raise StaleElementError(f"The {what} was removed from the page; observe the page again.")
        return again
    return live


async def _drawn_anew(frame: Frame, element: Element) -> ElementHandle | None:
    """Return what stands in place of an element that was drawn anew: the same kind with the same words."""
    with contextlib.suppress(PlaywrightError):
        found = await frame.query_selector(f"css={element.css}") if element.css else None
        if found is not None and await found.evaluate(
            _SAME, [element.tag, element.text, element.attributes.get("class", "")]
        ):
            return found
    return None


async def _look(page: Page, memory: _Memory) -> Capture:
    main = page.main_frame
    others = [frame for frame in page.frames if frame is not main and not frame.is_detached()][: MAX_FRAMES - 1]
    try:
        raw, html = await asyncio.wait_for(_read_frame(main, memory), LOOK_SECONDS)
    except (PlaywrightError, ObservationError) as error:
        if page.is_closed() or any(sign in str(error) for sign in _GONE):
            raise
        raw, html = await asyncio.wait_for(_read_apart(page, memory), LOOK_SECONDS)
    views = [FrameView(raw, 0)]
    numbers: dict[Frame, int] = {main: 0}
    if others and raw.get("root"):
        answers = await asyncio.gather(*(_read_child(frame, memory) for frame in others))
        for frame, answer in zip(others, answers, strict=True):
            parent = frame.parent_frame
            if answer is not None and parent is not None and parent in numbers:
                numbers[frame] = len(numbers)
                views.append(FrameView(answer[0], numbers[frame], numbers[parent], answer[1]))
    by_number = {number: frame for frame, number in numbers.items()}
    reading = read(views, lambda number, serial: memory.name(by_number[number], number, serial))
    return artifacts_of(reading, html)


async def _read_frame(frame: Frame, memory: _Memory) -> tuple[dict[str, object], str]:
    seen = memory.frames.get(frame)
    same = seen is not None
    previous = seen.handle if seen is not None else None
    try:
        handle = await frame.evaluate_handle(_script(), {"previous": previous, "limits": LIMITS})
    except PlaywrightError as error:
        if previous is None or "only in the context" not in error.message:
            raise
        same = False
        handle = await frame.evaluate_handle(_script(), {"previous": None, "limits": LIMITS})
    view, html = _understood(await handle.evaluate(_HAND_OVER))
    memory.remember(frame, handle, same=same)
    if previous is not None:
        with contextlib.suppress(PlaywrightError):
            await previous.dispose()
    return view, html


async def _read_apart(page: Page, memory: _Memory) -> tuple[dict[str, object], str]:
    """Read the main frame where the page's scripts have no influence; what is seen is found again by its place."""
    view, html = _understood(await evaluate_apart(page, _APART % _script(), {"previous": None, "limits": LIMITS}))
    memory.remember(page.main_frame, None, same=False)
    return view, html


def _understood(answer: object) -> tuple[dict[str, object], str]:
    """Return what the script read, and the source; a page that has replaced the language's functions may spoil it."""
    match answer:
        case [str(text), str(html)]:
            with contextlib.suppress(orjson.JSONDecodeError):
                view = orjson.loads(text)
                if isinstance(view, dict):
                    return view, html
    raise ObservationError(SPOILT)


async def _read_child(frame: Frame, memory: _Memory) -> tuple[dict[str, object], int] | None:
    """Return what a child frame shows and the number of its iframe element; None if it cannot be read."""
    try:
        async with asyncio.timeout(_FRAME_TIMEOUT):
            raw, _ = await _read_frame(frame, memory)
            holder = await frame.frame_element()
            parent = frame.parent_frame
            if parent is None or parent not in memory.frames or (held := memory.frames[parent].handle) is None:
                return None
            serial = await held.evaluate("(memory, element) => memory.ids.get(element) || 0", holder)
            await holder.dispose()
            return (raw, int(serial)) if serial else None
    except (PlaywrightError, TimeoutError):
        return None
