"""Touching one element: click, type, choose, tick, drag, scroll.

Owns: doing each the way a person would, another way if that does not work, and the check
on the spot. Each returns what it saw, in words; a leading ``!`` says that it did not
work, a leading ``?`` that only a reaction of the page can tell. Must not: wait for what the page does afterwards.
"""

from __future__ import annotations

from typing import Final

import dateparser
from playwright.async_api import ElementHandle, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from mock_server.agent.planner import Move

TIMEOUT_MS: Final = 3_000
_SHOWN: Final = 120
_LOOSE_TYPES: Final = frozenset(("date", "time", "color", "number", "range", "month", "week", "datetime-local"))

_DATES: Final = {"date": "%Y-%m-%d", "month": "%Y-%m", "time": "%H:%M", "datetime-local": "%Y-%m-%dT%H:%M"}
"""Type of a field -> the only form in which it takes its value."""

_VALUE: Final = """element => {
  if (element.tagName === "SELECT")
    return [...element.selectedOptions].map(o => (o.label || o.text).replace(/\\s+/g, " ").trim()).join(", ");
  if (element.type === "checkbox" || element.type === "radio") return element.checked;
  if (element.tagName === "LABEL" && element.control) return element.control.checked;
  if (element.getAttribute("aria-checked")) return element.getAttribute("aria-checked") === "true";
  if ("value" in element && element.value !== undefined) return String(element.value);
  return element.isContentEditable ? element.innerText : null;
}"""
SCROLL: Final = """(element, way) => {
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
_CLICK: Final = (
    "element => element.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true, view: window}))"
)


async def click(handle: ElementHandle, *, double: bool = False) -> str:
    """Click it; if something lies over it for good, at its place; if it has none, by its own event."""
    press = handle.dblclick if double else handle.click
    try:
        await press(timeout=TIMEOUT_MS, no_wait_after=True)
    except PlaywrightTimeoutError:
        if not await handle.evaluate("element => element.isConnected"):
            raise
        try:
            await press(timeout=TIMEOUT_MS, no_wait_after=True, force=True)
        except PlaywrightError:
            await handle.evaluate(_CLICK)
        return "?something lies over it"
    return ""


_SELECT: Final = """(element, text) => {
  if ("select" in element && "value" in element) {
    const start = text ? element.value.indexOf(text) : 0;
    element.focus();
    if (start < 0) return "";
    element.setSelectionRange(start, text ? start + text.length : element.value.length);
    return element.value.slice(element.selectionStart, element.selectionEnd);
  }
  const edited = element.closest("[contenteditable]");
  if (edited && edited.isContentEditable) edited.focus();
  const range = document.createRange();
  range.selectNodeContents(element);
  if (text) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    const whole = nodes.map(node => node.data).join(""), start = whole.indexOf(text);
    if (start < 0) return "";
    let at = 0;
    for (const node of nodes) {
      const end = at + node.data.length;
      if (start >= at && start < end) range.setStart(node, start - at);
      const stop = start + text.length;
      if (stop > at && stop <= end) { range.setEnd(node, stop - at); break; }
      at = end;
    }
  }
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  return String(selection);
}"""
"""A mouse can select only what a line shows of it; a range selects all of it, and is the same to the page."""


async def select_text(handle: ElementHandle, text: str) -> str:
    """Select a text within an element, or all of it."""
    await handle.scroll_into_view_if_needed(timeout=TIMEOUT_MS)
    selected = await handle.evaluate(_SELECT, text)
    return f"selected: {selected[:_SHOWN]!r}" if selected.strip() else "!nothing could be selected there"


async def type_text(page: Page, handle: ElementHandle, move: Move) -> str:
    """Put the move's text into a field and read it back."""
    text = move.text
    if move.by_key:
        await handle.fill("", timeout=TIMEOUT_MS)
        await handle.type(text, timeout=TIMEOUT_MS)
    else:
        await _fill(page, handle, text, move.element.input_type if move.element is not None else "")
    value = await handle.evaluate(_VALUE)
    loose = move.by_key or (move.element is not None and move.element.input_type in _LOOSE_TYPES)
    if isinstance(value, str) and _folded(value) != _folded(text) and not loose:
        await handle.fill("", timeout=TIMEOUT_MS)  # a script rewrote it; key by key it can follow
        await handle.type(text, timeout=TIMEOUT_MS)
        value = await handle.evaluate(_VALUE)
    if move.then_press:
        await handle.press(move.then_press, timeout=TIMEOUT_MS, no_wait_after=True)
    if not isinstance(value, str) or not value.strip():
        return "the text was typed" if not text or value is None else "!the field is still empty"
    shown = value if move.action.text == text else "*" * len(value)
    return f"the field now holds {shown[:_SHOWN]!r}"


def as_field_takes(text: str, kind: str) -> str:
    """Return a date or time in the one form a field of that type takes; any other text as it is."""
    if kind not in _DATES:
        return text
    parsed = dateparser.parse(text, languages=["en"])
    return text if parsed is None else parsed.strftime(_DATES[kind])


async def _fill(page: Page, handle: ElementHandle, text: str, kind: str) -> None:
    try:
        await handle.fill(text, timeout=TIMEOUT_MS)
        if kind not in _DATES or await handle.evaluate("element => element.value"):
            return
    except PlaywrightTimeoutError:
        raise
    except PlaywrightError:
        if kind not in _DATES:  # nothing that takes a value as a whole: type into it
            await handle.click(timeout=TIMEOUT_MS)
            await page.keyboard.press("Control+A")
            await page.keyboard.type(text)
            return
    await handle.fill(as_field_takes(text, kind), timeout=TIMEOUT_MS)


async def choose(handle: ElementHandle, labels: tuple[str, ...]) -> str:
    """Choose the options with these labels in a native list; the page may go on to another one at once."""
    await handle.select_option(label=list(labels), timeout=TIMEOUT_MS)
    try:
        return f"the list now shows {await handle.evaluate(_VALUE)!r}"
    except PlaywrightError:
        return f"{', '.join(labels)!r} was chosen"


async def tick(handle: ElementHandle, *, wanted: bool) -> str:
    """Tick or untick it; one that is hidden behind its label, by the label."""
    if await handle.evaluate(_VALUE) is not wanted:
        try:
            await handle.click(timeout=TIMEOUT_MS / 2, no_wait_after=True)
        except PlaywrightError:
            await handle.evaluate("element => (element.labels && element.labels[0] || element).click()")
    state = await handle.evaluate(_VALUE)
    if isinstance(state, bool) and state is not wanted:
        return f"!it is still {'ticked' if state else 'not ticked'}"
    return f"it is now {'ticked' if wanted else 'not ticked'}"


async def drag(
    page: Page,
    handle: ElementHandle,
    place: ElementHandle | None,
    *,
    drop: str = "center",
    by: tuple[float, float] | None = None,
) -> str:
    """Drag an element with the mouse: onto another one, before or after it, or by so many CSS pixels."""
    await handle.scroll_into_view_if_needed(timeout=TIMEOUT_MS)
    source = await handle.bounding_box()
    goal = await place.bounding_box() if place is not None else source
    if source is None or goal is None:
        return "!it could not be dragged, as one of the two is not visible"
    x, y = source["x"] + source["width"] / 2, source["y"] + source["height"] / 2
    to_x, to_y = goal["x"] + goal["width"] / 2, goal["y"] + goal["height"] / 2
    if by is not None:
        to_x, to_y = max(1.0, x + by[0]), max(1.0, y + by[1])
    elif drop != "center":
        share = 0.08 if drop == "before" else 0.92
        if abs(to_x - x) > abs(to_y - y):
            to_x = goal["x"] + goal["width"] * share
        else:
            to_y = goal["y"] + goal["height"] * share
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + (to_x - x) / 12, y + (to_y - y) / 12, steps=2)
    await page.mouse.move(to_x, to_y, steps=10)
    await page.mouse.move(to_x, to_y + 1, steps=2)
    await page.mouse.move(to_x, to_y, steps=1)
    await page.mouse.up()
    return "?"


async def scroll(page: Page, handle: ElementHandle | None, way: str) -> str:
    """Scroll a box, or the page, to an edge, by most of a screen, or an element into view."""
    if handle is None:
        moved = await page.evaluate(f"way => ({SCROLL})(null, way)", way or "down")
        return "the page scrolled" if moved else "the page did not scroll any further"
    return "it scrolled" if await handle.evaluate(SCROLL, way) else "it is in view"


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()
