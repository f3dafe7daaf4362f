"""Intents that arrange a list: sort and filter.

Owns: finding the control that does it: a list of orders, a column header, a tick box, a
field. Must not: choose for its own sake (``choosing``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.goal import FieldValue, Target
from mock_server.agent.grounding import FITS, ground
from mock_server.agent.lexicon import EXACT, contains, likeness
from mock_server.agent.observation import Element, Option
from mock_server.agent.planner.choosing import option_for
from mock_server.agent.planner.dragging import put_in_order
from mock_server.agent.planner.exploring import explore, not_found
from mock_server.agent.planner.fields import assign, fill, fillable, submit_button
from mock_server.agent.planner.model import Decision, Situation, act, skip

_TELLING: Final = 3
"""Letters a choice must have to be meant by a word of the phrase."""
_ONLY: Final = re.compile(r"\b(?:only|show|just)\b", re.IGNORECASE)
_OF_THEM: Final = re.compile(r"\b(?:its|their|them|it|they)\b", re.IGNORECASE)


def sort(at: Situation) -> Decision:
    """Put a list in order by the control the page has for it: a list of orders, else a column header or link."""
    intent = at.intent
    ways = {
        "ascending": ("ascending", "low to high", "lowest first", "oldest first", "a to z", "a-z"),
        "descending": ("descending", "high to low", "highest first", "newest first", "z to a", "z-a"),
    }
    wanted = [intent.value, *(f"{intent.value} {way}" for way in ways.get(intent.direction, ()))]
    best: tuple[float, Element, Option] | None = None
    for element in at.page.elements:
        for option in element.options if element.tag == "select" else ():
            score = max(likeness(phrase, option.label) for phrase in wanted)
            other = ways["descending" if intent.direction == "ascending" else "ascending"] if intent.direction else ()
            if any(likeness(way, option.label) >= EXACT or way in option.label.casefold() for way in other):
                score -= 0.4
            if best is None or score > best[0]:
                best = (score, element, option)
    if best is not None and best[0] >= FITS:
        if best[2].selected:
            return skip(f"The list is already sorted by {best[2].label!r}.")
        reasoning = f"{best[1].name or 'A list'!r} offers the order {best[2].label!r}."
        return act(
            reasoning,
            at.choice(best[1], best[2], reasoning),
        )
    key = re.sub(
        r"\b(?:low|high|lowest|highest|oldest|newest|to|from|first|order)\b", " ", intent.value, flags=re.IGNORECASE
    ).strip()
    heads = [
        element
        for element in at.page.elements
        if element.interactable and element.role in ("link", "button", "columnheader", "tab", "menuitem", "radio")
    ]
    match = ground(Target(name=key or intent.value), at.page, "click", pool=heads).best
    if match is None and (put := put_in_order(at)) is not None:
        return put
    if match is None:
        return explore(at, intent.target.phrase or f"sort by {intent.value}", reason=not_found(at, f"sort by {key}"))
    again = (
        not at.worked
        and intent.direction == "descending"
        and match.element.attributes.get("aria-sort", "") != "ascending"
    )
    reasoning = f"{match.element.name!r} sorts the list."
    return act(reasoning, at.move("click", reasoning, match.element, completes=not again))


def _set(at: Situation, field: Element, option: Option) -> Decision:
    reasoning = f"The list {field.name or field.role!r} offers {option.label!r}."
    return act(reasoning, at.choice(field, option, reasoning, completes=_applies(at, field) is None))


def _applies(at: Situation, field: Element) -> Element | None:
    """The button that has to be pressed for the filter to apply; None where there is none."""
    return submit_button(at, [field]) if field.form else None


def _named_field(at: Situation) -> Decision | None:
    """*State Returned*, *the brand to Acme*: a field of the page and what goes into it, said together."""
    for value, field, text in assign((FieldValue("", at.intent.value.replace(" to ", " ")),), fillable(at))[0]:
        option = option_for(field, Target(phrase=text, name=text)) if field.tag == "select" else None
        if option is not None:
            return _set(at, field, option)
        reasoning = f"{field.name!r} is the field to filter by."
        move = fill(at, field, text, reasoning, completes=_applies(at, field) is None) if value.value != text else None
        if move is not None:
            return act(reasoning, move)
    return None


def _applied(at: Situation) -> Decision:
    """Press the button that applies a filter, unless the page did it of its own accord."""
    last = at.worked[-1]
    field = at.page.element(last.element_id)
    button = _applies(at, field) if field is not None and last.before == last.after else None
    if button is None or last.action_type == "click":
        return skip("The list is filtered.")
    reasoning = f"{button.name!r} applies the filter."
    return act(reasoning, at.move("click", reasoning, button))


def narrow(at: Situation) -> Decision:
    """Filter a list: by a choice, a tick box, a link, or a field to type into."""
    if at.worked:
        return _applied(at)
    for element in at.page.elements:
        option = option_for(element, at.intent.target) if element.tag == "select" and at.intent.target.name else None
        if option is not None:
            return _set(at, element, option)
    return _named_field(at) or _by_parts(at) or _by_control(at)


def _by_parts(at: Situation) -> Decision | None:
    """*Full-time jobs in Bergen* where one control is called *Full-time* and another one offers *Bergen*."""
    said, why = at.intent.value, "It is part of what is to be shown."
    moves = []
    for element in at.page.elements:
        if not element.interactable or element.disabled:
            continue
        if element.tag == "select":
            named = (one for one in element.options if len(one.label) >= _TELLING and contains(said, one.label))
            option = next((one for one in named if not (one.selected or one.disabled)), None)
            if option is not None:
                moves.append(at.choice(element, option, why, completes=False))
        elif element.role in ("checkbox", "switch") and not element.checked:
            name = _ONLY.sub(" ", element.name).strip()
            if len(name) >= _TELLING and contains(said, name):
                moves.append(at.move("checkbox", why, element, is_checked=True, completes=False))
    if not moves:
        return None
    field = moves[-1].element
    done = field is None or _applies(at, field) is None
    return act(f"The page filters by parts of {said!r}.", *moves[:-1], replace(moves[-1], completes=done))


def _by_control(at: Situation) -> Decision:
    """Filter by what is called so: a box, a link, or a field that filters."""
    intent = at.intent
    ticked = ground(intent.target, at.page, "check").best
    if ticked is not None:
        return act(
            "Filter.", at.move("checkbox", f"{ticked.element.name!r} filters by it.", ticked.element, is_checked=True)
        )
    match = ground(intent.target, at.page, "click").best
    if match is not None and match.element.interactable:
        return act("Filter.", at.move("click", f"{match.element.name!r} filters by it: {match.why}.", match.element))
    field = ground(Target(name="filter"), at.page, "type").best
    if field is not None:
        move = at.move(
            "input_text", f"{field.element.name!r} filters what is listed.", field.element, text=intent.value
        )
        return act("Filter.", replace(move, text=intent.value))
    if at.following is not None and at.following.kind == "extract" and _OF_THEM.search(at.following.text):
        return skip("The page has no control for it; only what fits will be read.")
    return explore(at, intent.value)
