"""Where an element is, in the words a person would use: role and name, label, text; a path only at last.

Owns: spots (plain JSON), making one for a live element, and finding the element of a spot
again, in a browser or as Python source. Must not: act on the page.

A spot is ``{"frames": [css, ...], "chain": [part, ...], "nth": int | None}``; a part is
``{"by": "role" | "label" | "placeholder" | "text" | "css", ...}``, where a role may carry
``name`` or ``has_text``.
"""

from __future__ import annotations

from typing import Any, Final

from playwright.async_api import ElementHandle, Frame, Locator, Page
from playwright.async_api import Error as PlaywrightError

from mock_server.agent.observation import Element
from mock_server.agent.scripting.recipe import quoted

Spot = dict[str, Any]
Part = dict[str, Any]

_ROLES: Final = frozenset(
    (
        "button", "link", "textbox", "searchbox", "combobox", "listbox", "checkbox", "radio", "switch", "tab",
        "menuitem", "menuitemcheckbox", "menuitemradio", "option", "slider", "spinbutton", "treeitem", "gridcell",
        "img",
    )
)  # fmt: skip
"""Roles by which Playwright finds what the observation calls so."""
_FIELDS: Final = frozenset(("input", "select", "textarea"))
_SHORT: Final = 80

_WHICH: Final = "(found, element) => [found.length, found.indexOf(element)]"
_PATH: Final = """element => {
  const one = (selector, node) => { const found = node.getRootNode().querySelectorAll(selector);
    return found.length === 1 && found[0] === node; };
  const parts = [];
  for (let node = element; node && node.localName !== "body" && node.localName !== "html"; node = node.parentElement) {
    if (/^[A-Za-z][\\w-]*$/.test(node.id) && !/\\d{3}/.test(node.id) && one("#" + node.id, node)) {
      parts.unshift("#" + node.id); return parts.join(" > ");
    }
    const name = node.getAttribute("name");
    if (name && /^[\\w-]+$/.test(name) && one(`${node.localName}[name="${name}"]`, node)) {
      parts.unshift(`${node.localName}[name="${name}"]`); return parts.join(" > ");
    }
    const siblings = node.parentElement ? [...node.parentElement.children] : [node];
    const alike = siblings.filter(other => other.localName === node.localName);
    parts.unshift(alike.length === 1 ? node.localName : `${node.localName}:nth-of-type(${alike.indexOf(node) + 1})`);
  }
  return parts.join(" > ");
}"""
_AROUND: Final = """element => {
  const roles = {li: "listitem", tr: "row", article: "article"};
  const fold = text => (text || "").replace(/\\s+/g, " ").trim();
  for (let node = element.parentElement; node; node = node.parentElement) {
    const role = node.getAttribute("role") || roles[node.localName];
    if (!["listitem", "row", "article"].includes(role)) continue;
    for (const inner of node.querySelectorAll("h1,h2,h3,h4,h5,h6,th,td,a,b,strong")) {
      const text = fold(inner.textContent);
      if (text && text.length <= 80 && !inner.contains(element) && inner !== element) return {role, text};
    }
  }
  return null;
}"""


async def spot_of(handle: ElementHandle, element: Element) -> Spot | None:
    """Return the plainest spot that leads to this element and to no other; None if it went away meanwhile."""
    try:
        frame = await handle.owner_frame()
        if frame is None:
            return None
        frames = await _frames(frame)
        for chain in _candidates(element):
            count, index = await _which(frame, chain, handle)
            if count == 1 and index == 0:
                return {"frames": frames, "chain": chain, "nth": None}
            if index >= 0 and chain[-1].get("name"):
                return await _among_equals(frame, frames, chain, index, handle)
        path = await handle.evaluate(_PATH)
        count, index = await _which(frame, [{"by": "css", "css": path}], handle)
    except PlaywrightError:
        return None
    nth = None if count == 1 else index
    return {"frames": frames, "chain": [{"by": "css", "css": path}], "nth": nth} if index >= 0 else None


def find(page: Page, spot: Spot) -> Locator:
    """Return the locator of a spot."""
    scope: Any = page
    for css in spot["frames"]:
        scope = scope.frame_locator(css)
    for part in spot["chain"]:
        scope = _step(scope, part)
    found: Locator = scope if spot["nth"] is None else scope.nth(spot["nth"])
    return found


def written(spot: Spot, page: str = "page") -> str:
    """Return the spot as Python source of Playwright."""
    code = page
    for css in spot["frames"]:
        code += f".frame_locator({quoted(css)})"
    for part in spot["chain"]:
        code += _written_part(part)
    return code if spot["nth"] is None else f"{code}.nth({spot['nth']})"


def in_words(spot: Spot) -> str:
    """Return the spot as a sentence can name it."""
    part = spot["chain"][-1]
    kind = part.get("role", "element" if part["by"] == "css" else "field")
    return f"{kind} {part.get('name') or part.get('text') or part.get('css')!r}"


# -- inside ---------------------------------------------------------------------------------


def _candidates(element: Element) -> list[list[Part]]:
    name = element.name.strip()
    found: list[list[Part]] = []
    usable = bool(name) and len(name) <= _SHORT and "*" * 4 not in name
    if usable and element.role in _ROLES:
        found.append([{"by": "role", "role": element.role, "name": name}])
    if usable and (element.tag in _FIELDS):
        found.append([{"by": "label", "text": name}])
    if element.placeholder:
        found.append([{"by": "placeholder", "text": element.placeholder}])
    if usable and element.role not in _ROLES and element.tag not in _FIELDS:
        found.append([{"by": "text", "text": name}])
    return found


async def _among_equals(frame: Frame, frames: list[str], chain: list[Part], index: int, handle: ElementHandle) -> Spot:
    """Several elements have this name: take the one in the entry that says something of its own, else by number."""
    around = await handle.evaluate(_AROUND)
    if around is not None:
        inside = [{"by": "role", "role": around["role"], "has_text": around["text"]}, *chain]
        if await _which(frame, inside, handle) == (1, 0):
            return {"frames": frames, "chain": inside, "nth": None}
    return {"frames": frames, "chain": chain, "nth": index}


async def _which(frame: Frame, chain: list[Part], handle: ElementHandle) -> tuple[int, int]:
    """Return how many elements a chain finds, and the place of this one among them, -1 if it is none."""
    scope: Any = frame
    for part in chain:
        scope = _step(scope, part)
    count, index = await scope.evaluate_all(_WHICH, handle)
    return count, index


async def _frames(frame: Frame) -> list[str]:
    """Return how to get to a frame from the page: a selector of each frame element on the way."""
    path: list[str] = []
    while frame.parent_frame is not None:
        holder = await frame.frame_element()
        path.insert(0, await holder.evaluate(_PATH))
        frame = frame.parent_frame
    return path


def _step(scope: Any, part: Part) -> Any:
    match part["by"]:
        case "role":
            name = part.get("name")
            found = scope.get_by_role(part["role"], name=name, exact=True) if name else scope.get_by_role(part["role"])
            return found.filter(has_text=part["has_text"]) if part.get("has_text") else found
        case "label":
            return scope.get_by_label(part["text"], exact=True)
        case "placeholder":
            return scope.get_by_placeholder(part["text"], exact=True)
        case "text":
            return scope.get_by_text(part["text"], exact=True)
        case _:
            return scope.locator(part["css"])


def _written_part(part: Part) -> str:
    match part["by"]:
        case "role":
            name = f", name={quoted(part['name'])}, exact=True" if part.get("name") else ""
            code = f".get_by_role({quoted(part['role'])}{name})"
            return f"{code}.filter(has_text={quoted(part['has_text'])})" if part.get("has_text") else code
        case "label" | "placeholder" | "text":
            return f".get_by_{part['by']}({quoted(part['text'])}, exact=True)"
        case _:
            return f".locator({quoted(part['css'])})"
