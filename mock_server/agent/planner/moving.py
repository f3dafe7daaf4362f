"""Intents that move about: to a page, along a page, back, away from a dialog, on in time.

Owns: what each needs on the page and when it counts as done. Must not: act on content.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from mock_server.agent.goal import Anchor, Target
from mock_server.agent.grounding import ground
from mock_server.agent.lexicon import ALIKE, CALLED_SO, EXACT, likeness
from mock_server.agent.observation import Element
from mock_server.agent.planner.exploring import next_page_link
from mock_server.agent.planner.model import Decision, Situation, act, give_up, skip
from mock_server.agent.planner.pointing import find, is_seen, lead_on

_ASKED: Final = re.compile(r"\b(?:dialog|alert|question|prompt|confirm\w*|message|popup|pop-up)\b", re.IGNORECASE)
_ENTRIES: Final = frozenset(("listitem", "row", "cell", "gridcell", "option", "treeitem"))
_FILE_NAME: Final = re.compile(r"\w\.\w{1,5}$")
_MOST: Final = 30
"""How often an *until* may repeat."""
_LOOKS: Final = 10
"""How often something that is waited for is looked for."""


def open_page(at: Situation) -> Decision:  # noqa: PLR0911 - one return for each way to get there
    """Go to an address, or follow the way that leads to the page that is named."""
    intent = at.intent
    if intent.value:
        if _same_address(intent.value, at.page.url):
            return skip(f"The page at {intent.value} is already open.")
        address = with_scheme(intent.value)
        return act(
            f"The prompt names the address {address}.",
            at.move("goto_url", f"The prompt says to go to {address}.", url=address),
        )
    wanted = intent.target.name or intent.target.phrase
    if not wanted or likeness(wanted, "home") >= ALIKE:
        parts = urlsplit(at.page.url)
        home = f"{parts.scheme}://{parts.netloc}/"
        link = ground(Target(name="home", roles=("link",)), at.page, "click").best
        if link is not None:
            return act("Go to the home page.", at.move("click", "The link leads to the home page.", link.element))
        return act("Go to the home page.", at.move("goto_url", "The home page is the root of the site.", url=home))
    if at.worked and at.deeds[-1].explores:
        return skip(f"The way to {wanted!r} was followed.")
    if at.worked and (element := at.page.element(at.worked[-1].element_id)) is not None:
        return _open_twice(at, element)
    match = find(at)
    heading = next((line.text for line in at.page.lines if line.kind == "heading" and line.level == 1), "")
    one_of_many = intent.target.extreme is not None or intent.target.ordinal is not None
    here = 0.0 if one_of_many else max(likeness(wanted, at.page.title), likeness(wanted, heading))
    if here >= CALLED_SO and (match is None or match.score < EXACT or _same_address(match.element.href, at.page.url)):
        return skip(f"The page {at.page.title!r} is the one that was named.")
    if match is not None:
        reasoning = (
            f"The prompt says {intent.text!r}; {match.element.role} {match.element.name[:80]!r} fits best: {match.why}."
        )
        completes = not _may_select(match.element)
        return act(reasoning, at.move("click", reasoning, match.element, confidence=match.score, completes=completes))
    return lead_on(at)


def _may_select(element: Element) -> bool:
    """Whether a click may only select it, as in a list of files, where it takes two to open one."""
    native = element.tag in ("a", "button", "input", "summary", "select")
    return not native and (element.role in _ENTRIES or bool(_FILE_NAME.search(element.name)))


def _open_twice(at: Situation, element: Element) -> Decision:
    """Double-click what a click has only selected: nothing new is to be read, and it is still there."""
    last = at.worked[-1]
    opened = last.before != last.after or at.news() or element.expanded or len(at.worked) > 1
    if opened or not _may_select(element):
        return skip(f"{element.name!r} was opened.")
    reasoning = f"A click only selected {element.name!r}; a double click opens it."
    return act(reasoning, at.move("click", reasoning, element, keys=("double",)))


def with_scheme(address: str) -> str:
    """Return an address a browser can open; local hosts get http, others https."""
    if re.match(r"[a-z][a-z0-9+.-]*://", address, re.IGNORECASE) or address.startswith("about:"):
        return address
    local = re.match(r"(?:localhost|127\.|10\.|192\.168\.|\[::1\])|[^/]+:\d+", address)
    return f"{'http' if local else 'https'}://{address}"


def _same_address(left: str, right: str) -> bool:
    def plain(address: str) -> str:
        return re.sub(r"^https?://(?:www\.)?", "", address).split("#")[0].rstrip("/")

    return bool(left) and plain(left) == plain(right)


def close(at: Situation) -> Decision:
    """Close a dialog, a banner or whatever is named."""
    target = at.intent.target
    if at.memory.dialogs and _ASKED.search(target.phrase or "dialog"):
        return skip(f"The dialog {at.memory.dialogs[-1]!r} was answered when it opened.")
    named = target.name if target.name not in ("it", "that", "this", "them") else at.intent.condition
    if named and not at.page.dialog_open:
        scoped = ground(Target(name="close", anchor=Anchor("in", named)), at.page, "click").best
        if scoped is not None:
            return act(
                f"Close {named!r}.", at.move("click", f"{scoped.element.name!r} closes {named!r}.", scoped.element)
            )
    pool = (
        [element for element in at.page.elements if element.in_dialog and element.interactable]
        if at.page.dialog_open
        else None
    )
    verb = at.intent.text.split()[0].casefold() if at.intent.text else "close"
    names = (verb, "close", "accept", "no thanks", "ok", "cancel") if pool is not None else (verb, "close", "no thanks")
    for name in names:
        best = ground(Target(name=name), at.page, "click", pool=pool).best
        if best is not None and best.element.interactable:
            return act(f"Close {named or 'it'!r}.", at.move("click", f"{best.element.name!r} closes it.", best.element))
    if at.page.dialog_open and not at.deeds:
        return act("Close the dialog.", at.move("keypress", "Escape closes most dialogs.", keys=("Escape",)))
    return skip("Nothing is open that could be closed.")


def press_key(at: Situation) -> Decision:
    """Press a key where the focus is; after typing, in the field that was typed into."""
    key = at.intent.value
    last = next((deed for deed in reversed(at.memory.deeds) if deed.element_id), None)
    field = at.page.element(last.element_id) if last is not None and last.action_type == "input_text" else None
    reasoning = f"The prompt says to press {key}."
    return act(reasoning, at.move("keypress", reasoning, field, keys=(key,)))


def scroll(at: Situation) -> Decision:
    """Scroll the page, or a box in it, to an edge or to something."""
    intent = at.intent
    if intent.until:
        if is_seen(at, intent.until):
            return skip(f"The page shows {intent.until!r}.")
        if at.deeds and (not at.deeds[-1].changed or len(at.deeds) >= _MOST):
            return give_up(f"The end of the page was reached without seeing {intent.until!r}.")
        return act(
            "Scroll on.", at.move("scroll", f"Scroll until {intent.until!r} shows.", text="down", completes=False)
        )
    if not intent.target.empty or intent.target.name:
        match = ground(intent.target, at.page, "see", about=intent.about).best
        if match is None:
            return lead_on(at)
        where = intent.direction or "into view"
        return act(
            f"Scroll {match.element.name!r} {where}.",
            at.move("scroll", f"The prompt says {intent.text!r}.", match.element, text=where),
        )
    return act(
        f"Scroll {intent.direction}.",
        at.move("scroll", f"The prompt says {intent.text!r}.", text=intent.direction or "down"),
    )


def next_page(at: Situation) -> Decision:
    """Turn to the next page of a list, or to the one with a number: at once, or page by page."""
    number = at.intent.count
    link = next_page_link(at, number)
    last = link is not None or len(at.worked) + 2 >= number
    if link is None and number:
        link = next_page_link(at)
    if link is None:
        where = f"page {number}" if number else "a next page"
        return give_up(f"The page has no control that leads to {where}, none was found. It may be the last one.")
    reasoning = f"{link.name!r} leads to {f'page {number}' if number and last else 'the next page'}."
    return act(reasoning, at.move("click", reasoning, link, completes=last))


def wait(at: Situation) -> Decision:
    """Wait some seconds, or until something is seen."""
    intent = at.intent
    if intent.until:
        if is_seen(at, intent.until):
            return skip(f"The page shows {intent.until!r}.")
        if len(at.deeds) >= 10:  # noqa: PLR2004 - ten looks
            return give_up(f"{intent.until!r} did not appear on the page while it was waited for.")
        return act("Wait.", at.move("wait", f"Wait for {intent.until!r}.", seconds=0.5, completes=False))
    return act("Wait.", at.move("wait", f"The prompt says {intent.text!r}.", seconds=float(min(intent.count, 60))))


def simple(at: Situation) -> Decision:
    """Go back or reload."""
    action = "go_back" if at.intent.kind == "back" else "reload_page"
    return act(at.intent.text, at.move(action, f"The prompt says {at.intent.text!r}."))
