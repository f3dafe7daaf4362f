"""Moving a slider to a value: by its keys, else with the mouse, reading it after each move.

Owns: how a slider shows its value and what moves it. Must not: decide which one.
"""

from __future__ import annotations

from typing import Final

from playwright.async_api import ElementHandle, Page

from mock_server.agent.observation import Element

TIMEOUT_MS: Final = 3_000
_ROUNDS: Final = 4
_MOST_KEYS: Final = 400
_PROBE: Final = 24.0
"""Pixels of the first move with the mouse, which tells how much a pixel is."""
_READ: Final = r"""element => {
  const now = element.getAttribute("aria-valuenow");
  if (now !== null && now !== "") return Number(now);
  if (element.tagName === "INPUT") return Number(element.value);
  const plain = node => { const text = (node.value ?? node.textContent ?? "").trim();
    return /^-?\d+(\.\d+)?\s*%?$/.test(text) ? parseFloat(text) : null; };
  let around = element;
  for (let hops = 0; hops < 4 && around; hops++) {
    for (const node of [around, around.previousElementSibling, around.nextElementSibling]) {
      if (!node) continue;
      for (const one of [node, ...node.querySelectorAll("*")]) {
        if (one.children.length) continue;
        const value = plain(one);
        if (value !== null) return value;
      }
    }
    around = around.parentElement;
  }
  return null;
}"""


def is_slid(element: Element) -> bool:
    """Whether an element is a slider that takes no text."""
    if element.input_type:
        return False
    return element.role == "slider" or (
        element.tag not in ("input", "textarea", "select") and element.role == "generic"
    )


async def slide(page: Page, handle: ElementHandle, wanted: float) -> str:
    """Move it until it shows the value; tell what it shows."""
    now = await _value(handle)
    if now is None:
        return "!the slider does not show its value anywhere"
    now = await _by_keys(page, handle, now, wanted)
    if now != wanted:
        now = await _by_mouse(page, handle, now, wanted)
    return f"the slider is at {now:g}" if now == wanted else f"!the slider is at {now:g}, not at {wanted:g}"


async def _value(handle: ElementHandle) -> float | None:
    value = await handle.evaluate(_READ)
    return float(value) if isinstance(value, (int, float)) else None


async def _by_keys(page: Page, handle: ElementHandle, now: float, wanted: float) -> float:
    await handle.focus()
    for _ in range(_ROUNDS):
        if now == wanted:
            return now
        await page.keyboard.press("ArrowRight" if wanted > now else "ArrowLeft")
        after = await _value(handle) or 0.0
        step = abs(after - now)
        if step == 0 or (after > now) != (wanted > now):
            return after
        now = after
        key = "ArrowRight" if wanted > now else "ArrowLeft"
        for _ in range(min(round(abs(wanted - now) / step), _MOST_KEYS)):
            await page.keyboard.press(key)
        now = await _value(handle) or 0.0
    return now


async def _by_mouse(page: Page, handle: ElementHandle, now: float, wanted: float) -> float:
    per_pixel = 0.0
    for _ in range(2 * _ROUNDS):
        if now == wanted:
            break
        box = await handle.bounding_box()
        if box is None:
            break
        away = (wanted - now) / per_pixel if per_pixel else (_PROBE if wanted > now else -_PROBE)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        await page.mouse.move(x, y)
        await page.mouse.down()
        await page.mouse.move(x + away / 2, y, steps=3)
        await page.mouse.move(x + away, y, steps=3)
        await page.mouse.up()
        after = await _value(handle) or 0.0
        if after == now:
            if not per_pixel:
                break
            per_pixel /= 1.5  # less than one step: go further next time
        else:
            per_pixel = abs((after - now) / away)
        now = after
    return now
