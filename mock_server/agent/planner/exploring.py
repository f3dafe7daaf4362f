"""Looking for something that is not in sight.

Owns: the order in which ways onward are tried, each once, within a budget. Must not:
guess; when the ways are used up it says what was looked for and what was seen.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.goal import Target
from mock_server.agent.grounding import FITS, ground, is_text_field
from mock_server.agent.lexicon import ALIKE, ROUGHLY, fold, likeness, passage_likeness, words
from mock_server.agent.observation import Element
from mock_server.agent.planner.model import Decision, Move, Situation, act, give_up

BUDGET: Final = 12
"""Moves of exploration per intent."""
_NEXT: Final = re.compile(
    r"^(?:next(?:\s+page)?|later|older(?:\s+\w+)?|more(?:\s+results)?|load\s+more|show\s+more|[›»→>]|(?:next|later|older)\s*[›»→>]+|\s*[›»→>]+\s*next)$",  # noqa: RUF001 - matched against what pages hold, not read by people
    re.IGNORECASE,
)
_LEAVES: Final = re.compile(
    r"\b(?:log\s*out|sign\s*out|logout|delete|remove|unsubscribe|cancel|buy|pay|order now|reset|clear)\b", re.IGNORECASE
)
_PAYING: Final = re.compile(r"\bcheck\s?-?out\b|\b(?:payment|delivery address|shipping address)\b", re.IGNORECASE)
_BASKET: Final = re.compile(
    r"^(?:\W*(?:my|your|view|show|the|shopping|go to)\b)*\W*(?:basket|cart|bag|trolley)\b", re.IGNORECASE
)
_WAYS: Final = frozenset(("link", "button", "tab", "menuitem", "treeitem"))
_NAV_WORDS: Final = 4
_NAV_LETTERS: Final = 30
_PLAIN: Final = frozenset(("generic", "listitem", "treeitem", "label", "tab"))
_FILE: Final = re.compile(r"\.\w{2,4}$")


def explore(at: Situation, wanted: str, *, entries: bool = False, searchable: str = "", reason: str = "") -> Decision:
    """Return the next way to try for ``wanted``, or the decision to give up.

    ``entries`` says that it may be one entry of a long list, so that next pages count;
    ``searchable`` is what to type into the page's search field, if that could help.
    """
    used = sum(1 for deed in at.deeds if deed.explores)
    if used < BUDGET:
        for way in (
            dismiss(at),
            _next_page(at, wanted) if entries and _has_position(at) else None,
            _named_way(at, wanted),
            _basket(at, wanted),
            _unfold(at, wanted),
            _tab(at),
            _branch(at),
            _search(at, searchable),
            _next_page(at, wanted) if entries else None,
            _menu(at),
            _scroll(at),
        ):
            if way is not None:
                return act(f"{wanted!r} is not in sight here. {way.action.reasoning}", way)
    return give_up(reason or not_found(at, wanted))


def _has_position(at: Situation) -> bool:
    """Whether the entry is counted (*the fifth result*): then the list goes on where it is, not elsewhere."""
    return at.intent.target.ordinal is not None


def not_found(at: Situation, wanted: str) -> str:
    """Return a reason that says what was looked for and what there was instead."""
    seen = ", ".join(repr(name) for name in _names(at)[:8]) or "nothing that can be acted on"
    return (
        f"Nothing on the page {at.page.title!r} ({at.page.url}) fits {wanted!r}, which was not found. What "
        f"can be used there: {seen}. "
        "Name one of these in the prompt, or give the URL of the page that has it."
    )


def _names(at: Situation) -> list[str]:
    names: list[str] = []
    for element in at.page.elements:
        name = (element.name or element.text).strip()
        if element.interactable and name and len(name) <= 50 and name not in names:  # noqa: PLR2004 - long ones are content
            names.append(name)
    return names


def dismiss(at: Situation) -> Move | None:
    """Close something that lies over the page."""
    if not at.page.dialog_open or not any(one.obscured for one in at.page.elements if not one.in_dialog):
        return None
    inside = [element for element in at.page.elements if element.in_dialog and element.interactable]
    for name in ("close", "accept", "no thanks", "ok", "cancel"):
        best = ground(Target(name=name), at.page, "click", pool=inside).best
        if best is not None and not at.tried(best.element):
            return at.move(
                "click",
                f"Close what lies over the page ({best.element.name!r}).",
                best.element,
                completes=False,
                explores=True,
            )
    return None


def _visited(at: Situation, href: str) -> bool:
    if "#" in href:
        return False  # a place on the page, or a link that works by script
    plain = href
    return bool(href) and (
        plain == at.page.url.split("#")[0] or any(plain == seen.split("#")[0] for seen in at.memory.visited)
    )


def _named_way(at: Situation, wanted: str) -> Move | None:
    """A link, tab or menu entry whose own words are among those wanted (*Invoices* for *the latest invoice*)."""
    best: tuple[float, Element] | None = None
    for element in at.page.elements:
        name = (element.name or element.text).strip()
        if not _is_way(at, element, name):
            continue
        covered = passage_likeness(name, wanted)
        score = max(likeness(wanted, name), 0.9 * covered if covered >= ALIKE else 0.0)
        if element.role == "link":
            score += 0.02
        if score >= ROUGHLY and (best is None or score > best[0]):
            best = (score, element)
    if best is None:
        return None
    return at.move(
        "click",
        f"{best[1].name!r} seems to lead there.",
        best[1],
        completes=False,
        explores=True,
        confidence=round(min(best[0], 1.0), 2),
    )


def _basket(at: Situation, wanted: str) -> Move | None:
    """The basket, where the way out is wanted: shops let people pay from there."""
    if not _PAYING.search(wanted):
        return None
    ways = (one for one in at.page.elements if _is_way(at, one, (one.name or one.text).strip()))
    found = next((one for one in ways if _BASKET.search(one.name or one.text)), None)
    if found is None:
        return None
    return at.move("click", "The way to the checkout leads there.", found, completes=False, explores=True)


def _is_way(at: Situation, element: Element, name: str) -> bool:
    if (
        not element.interactable
        or element.disabled
        or element.role not in _WAYS
        or not name
        or len(words(name)) > _NAV_WORDS
    ):
        return False
    if _LEAVES.search(name) or at.tried(element) or (element.form and element.role == "button"):
        return False
    if element.href and (
        _visited(at, element.href) or not element.href.startswith(("http", "file", "javascript", "#"))
    ):
        return False
    if any(deed.element_id == element.id for deed in at.memory.deeds):
        return False
    return not any(deed.name == name and deed.explores for deed in at.deeds)


def _unfold(at: Situation, wanted: str) -> Move | None:
    """Unfold what is folded: what is called most like ``wanted`` first, else in the page's order."""
    asked = set(words(wanted))
    folded = [
        element
        for element in at.page.elements
        if element.expanded is False
        and element.interactable
        and not element.disabled
        and element.role != "combobox"
        and not at.tried(element)
        and not is_text_field(element)
        and not _LEAVES.search(element.name)
    ]
    element = max(folded, key=lambda one: len(asked.intersection(words(one.name))), default=None)
    if element is None:
        return None
    reasoning = f"Unfold {element.name or element.role!r}, it may be inside."
    return at.move("click", reasoning, element, completes=False, explores=True)


def _tab(at: Situation) -> Move | None:
    """The next tab that was not looked behind."""
    for element in at.page.elements:
        closed = element.role == "tab" and element.interactable and not (element.selected or element.disabled)
        if closed and not at.tried(element):
            reasoning = f"Look behind the tab {element.name!r}."
            return at.move("click", reasoning, element, completes=False, explores=True)
    return None


def _branch(at: Situation) -> Move | None:
    """The next entry of a menu, tree or row of tabs that is no link: what is wanted may be inside or behind it."""
    siblings: dict[str, list[Element]] = {}
    for element in at.page.elements:
        listens = element.interactable and element.role in _PLAIN and not element.href and not element.disabled
        if listens and not element.form and element.attributes.get("draggable") != "true":
            siblings.setdefault(f"{element.tag}.{element.attributes.get('class', '')}", []).append(element)
    rows = [row for row in siblings.values() if len(row) > 1]
    last = next((deed.element_id for deed in reversed(at.deeds) if deed.explores), "")
    for row in rows:
        keys = [element.id for element in row]
        start = keys.index(last) + 1 if last in keys else 0
        for element in (*row[start:], *row[:start]):  # what an opened one shows comes after it
            name = (element.text or element.name).strip()
            short = name and len(words(name)) <= _NAV_WORDS and len(name) <= _NAV_LETTERS and re.search(r"\w", name)
            if short and not at.tried(element) and not _LEAVES.search(name) and not _FILE.search(name):
                return at.move("click", f"{name!r} may hold it.", element, completes=False, explores=True)
    return None


def search_field(at: Situation) -> Element | None:
    """Return the page's search field, if it has one."""
    fields = [element for element in at.page.elements if is_text_field(element) and not element.disabled]
    for element in fields:
        if element.role == "searchbox" or element.input_type == "search":
            return element
    best = ground(Target(name="search"), at.page, "type", pool=fields).best
    if best is not None:
        return best.element
    for element in fields:
        if element.form and len([other for other in fields if other.form == element.form]) == 1:
            button = next(
                (other for other in at.page.elements if other.form == element.form and other.role == "button"), None
            )
            if button is not None and likeness("search", button.name) >= FITS:
                return element
    return None


def _search(at: Situation, query: str) -> Move | None:
    if not query or any(deed.action_type == "input_text" and deed.explores for deed in at.deeds):
        return None
    field = search_field(at)
    if field is None:
        return None
    move = at.move("input_text", f"Search the site for {query!r}.", field, text=query, completes=False, explores=True)
    return replace(move, text=query, sends=True, then_press="Enter")


def next_page_link(at: Situation, number: int = 0) -> Element | None:
    """Return the control that leads to the next page (or to page ``number``)."""
    ways = [
        element
        for element in at.page.elements
        if element.interactable and not element.disabled and element.role in _WAYS
    ]
    if number:
        named = (str(number), f"page {number}", f"go to page {number}")
        return next(
            (element for element in ways if fold(element.name) in named or fold(element.text) == str(number)), None
        )
    for element in ways:
        if "next" in element.attributes.get("rel", "").split():
            return element
    return next(
        (element for element in ways if _NEXT.match(element.name.strip()) or _NEXT.match(element.text.strip())), None
    )


def _next_page(at: Situation, wanted: str) -> Move | None:
    link = next_page_link(at)
    turned = [deed for deed in at.deeds if deed.explores and deed.element_id == (link.id if link else "")]
    if link is None or (link.href and _visited(at, link.href)) or (turned and not turned[-1].changed):
        return None
    shown = max(
        (len(group.records) for group in at.page.groups if group.region not in ("navigation", "banner", "contentinfo")),
        default=0,
    )
    return at.move(
        "click", f"Go on to the next page to look for {wanted!r}.", link, completes=False, explores=True, passed=shown
    )


def _menu(at: Situation) -> Move | None:
    best = ground(Target(name="menu", roles=("button",)), at.page, "click").best
    if best is None or at.tried(best.element) or best.element.expanded or best.element.href:
        return None
    return at.move("click", "Open the menu, it may be inside.", best.element, completes=False, explores=True)


def _scroll(at: Situation) -> Move | None:
    below = at.page.page_height - at.page.viewport[1] - at.page.scroll_y
    tried = [deed for deed in at.deeds if deed.action_type == "scroll" and deed.after == at.page.url]
    if below < at.page.viewport[1] / 2 or (tried and not tried[-1].changed):
        return None
    return at.move(
        "scroll", "Scroll down in case more of the page loads.", completes=False, explores=True, text="bottom"
    )
