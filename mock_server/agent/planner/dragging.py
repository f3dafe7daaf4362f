"""Things that are dragged: onto another thing, to a place in their list, in a direction, into order.

Owns: what is taken, where it is let go, and whether it got there. Must not: move the
mouse (``touching``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.goal import Target
from mock_server.agent.grounding import FITS, ground
from mock_server.agent.observation import Element
from mock_server.agent.planner.model import Decision, Move, Situation, act, give_up, skip
from mock_server.agent.planner.pointing import lead_on
from mock_server.agent.planner.sliders import slide

_FAR: Final = 120.0
"""Pixels something is dragged that is only given a direction."""
_TRIES: Final = 3
_WAYS: Final = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
_NUMBER: Final = re.compile(r"-?\d+(?:[.,]\d+)?")
_BY: Final = re.compile(r"\bby\s+(?!drag|hand\b|mouse\b)", re.IGNORECASE)
_SPOT: Final = re.compile(r"^(?:position|place|spot|slot|row|line|item|one)?$", re.IGNORECASE)


def drag(at: Situation) -> Decision:  # noqa: PLR0911 - one return for each way to say where to
    """Drag what is named to where it belongs."""
    intent = at.intent
    if intent.target.every:
        return _each(at)
    if intent.choices and (moved := slide(at, intent.target.phrase, intent.choices[0].phrase)) is not None:
        return moved
    source = _source(at, intent.target)
    if source is None:
        return lead_on(at)
    place = intent.choices[0] if intent.choices else Target()
    if intent.direction:
        ways = _WAYS[intent.direction]
        reasoning = f"Drag {source.name or source.role!r} {intent.direction}."
        return act(reasoning, at.move("drag", reasoning, source, by=(ways[0] * _FAR, ways[1] * _FAR)))
    if place.ordinal is not None and _SPOT.match(place.name):
        return _to_position(at, source, place.ordinal)
    goal = _goal(at, place, source)
    if goal is None:
        return lead_on(replace(at, intent=replace(intent, target=place)))
    side = _side(place)
    reasoning = (
        f"Drag {source.name or source.role!r} {'onto' if side == 'center' else side} {goal.name or goal.role!r}."
    )
    return act(reasoning, at.move("drag", reasoning, source, place=goal, drop=side))


def _source(at: Situation, target: Target) -> Element | None:
    best = ground(target, at.page, "hover", about=at.intent.about).best or ground(target, at.page, "see").best
    return best.element if best is not None else None


def _goal(at: Situation, place: Target, source: Element) -> Element | None:
    """Where it is to go: the thing beside which it belongs, or the box that is named."""
    if place.anchor is not None and not place.name and not place.roles:
        place = Target(phrase=place.anchor.phrase, name=place.anchor.phrase)
    others = [element for element in at.page.elements if element.id != source.id]
    for name in (place, Target(phrase=place.phrase, name=place.phrase)):
        best = ground(replace(name, roles=()), at.page, "see", pool=others).best
        if best is not None:
            return best.element
    return None


def _side(place: Target) -> str:
    relation = place.anchor.relation if place.anchor is not None else "in"
    return {"above": "before", "left_of": "before", "below": "after", "right_of": "after"}.get(relation, "center")


def _each(at: Situation) -> Decision:
    """Drag all that are called so, one after the other."""
    intent = at.intent
    place = intent.choices[0] if intent.choices else Target()
    one = replace(intent.target, every=False)
    found = [match.element for match in ground(one, at.page, "hover", most=40).matches if match.score >= FITS]
    if not found:
        kind = intent.target.name.rstrip("s").casefold()
        found = [one for one in at.page.elements if kind and kind in one.attributes.get("class", "").casefold().split()]
    goal = _goal(at, place, found[0]) if found else None
    left = [element for element in found if not at.tried(element) and (goal is None or element.id != goal.id)]
    if not left:
        return skip("All of them were dragged.") if at.worked else lead_on(at)
    if goal is None:
        return lead_on(replace(at, intent=replace(intent, target=place)))
    reasoning = f"Drag {left[0].name or left[0].role!r} to {goal.name or goal.role!r}; {len(left)} to go."
    return act(reasoning, at.move("drag", reasoning, left[0], place=goal, completes=len(left) == 1))


def siblings_of(at: Situation, element: Element) -> list[Element]:
    """The entries of the list an element is one of, in the order they stand."""
    place = element.xpath.rpartition("/")[0]
    return [one for one in at.page.elements if one.tag == element.tag and one.xpath.rpartition("/")[0] == place]


def _to_position(at: Situation, source: Element, ordinal: int) -> Decision:
    row = siblings_of(at, source)
    now = next(index for index, element in enumerate(row) if element.id == source.id)
    wanted = ordinal - 1 if ordinal > 0 else len(row) + ordinal
    if not 0 <= wanted < len(row):
        return give_up(f"The list of {source.name!r} has {len(row)} entries, so no position {ordinal}.")
    if now == wanted:
        return skip(f"{source.name!r} is number {wanted + 1}.")
    if len(at.deeds) >= _TRIES:
        return give_up(f"{source.name!r} was dragged {_TRIES} times and is number {now + 1} still.")
    return act(f"Drag {source.name!r} to position {wanted + 1}.", _moved(at, row, now, wanted))


def _moved(at: Situation, row: list[Element], now: int, wanted: int) -> Move:
    side = "before" if wanted < now else "after"
    reasoning = f"Drag {row[now].name!r} {side} {row[wanted].name!r}."
    return at.move("drag", reasoning, row[now], place=row[wanted], drop=side, completes=False)


def put_in_order(at: Situation) -> Decision | None:
    """Drag the entries of a list into order; None where no list of numbers stands on the page."""
    rows: dict[str, list[Element]] = {}
    for element in at.page.elements:
        if _NUMBER.fullmatch((element.text or element.name).strip()):
            rows.setdefault(f"{element.tag} {element.xpath.rpartition('/')[0]}", []).append(element)
    row = max(rows.values(), key=len, default=[])
    if len(row) < 3:  # noqa: PLR2004 - a list
        return None
    if _BY.search(at.intent.text) and not all(_is_loose(element) for element in row):
        return None  # "by amount" names a column of something else than these numbers
    values = [float((element.text or element.name).strip().replace(",", ".")) for element in row]
    goal = sorted(values, reverse=at.intent.direction == "descending")
    if values == goal:
        return skip("The entries stand in that order.")
    if len(at.deeds) > 2 * len(row):
        return None
    wanted = next(index for index, value in enumerate(values) if value != goal[index])
    now = values.index(goal[wanted], wanted)
    return act(f"Put {row[now].name!r} in place {wanted + 1}.", _moved(at, row, now, wanted))


def _is_loose(element: Element) -> bool:
    """Whether the page says of an element that it can be dragged."""
    words = element.attributes.get("class", "").casefold()
    return element.attributes.get("draggable") == "true" or "sortable" in words or "drag" in words
