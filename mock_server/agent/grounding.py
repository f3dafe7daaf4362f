"""Words matched to things on the page.

Owns: scoring elements for a description, with the reasons, and the choice by position and
neighbourhood. Must not: choose among records (``recognition``), act, touch a browser, or
decide what to do when nothing fits; it says how sure it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from mock_server.agent.goal import Anchor, Target
from mock_server.agent.lexicon import MOSTLY, contains, label_likeness, likeness, passage_likeness
from mock_server.agent.observation import Box, Element, Observation
from mock_server.agent.recognition import find_record

Use = Literal["click", "type", "select", "check", "hover", "upload", "see"]

FITS: Final = 0.55
"""Below this nothing on the page is meant; the planner looks elsewhere."""
MARGIN: Final = 0.08
"""How far ahead the best must be of another one with a different name to be called sure."""
_CLASS_NAMES: Final = 80
"""Letters of class names that may say what a thing is; more are instructions for its looks."""
_LETTER: Final = 0.95
"""Named to the letter."""
_SILENT: Final = frozenset(("generic", "listitem", "cell", "row", "label"))
"""Roles that say nothing about whether the page listens to them."""
_SHARE: Final = 0.2
"""A name that is less of a text than this is only mentioned in it."""
_TEXT_ROLES: Final = frozenset(("textbox", "searchbox", "combobox", "spinbutton", "date", "time", "color"))
_TEXT_TYPES_OUT: Final = frozenset(("checkbox", "radio", "button", "submit", "reset", "image", "file", "hidden"))
_CHOOSING: Final = frozenset(
    (
        "combobox",
        "listbox",
        "radio",
        "checkbox",
        "option",
        "menuitem",
        "menuitemradio",
        "menuitemcheckbox",
        "switch",
        "tab",
        "button",
        "gridcell",
    )
)
_CLICKING: Final = frozenset(
    ("button", "link", "tab", "menuitem", "option", "checkbox", "radio", "switch", "summary", "treeitem", "gridcell")
)


@dataclass(frozen=True, slots=True)
class Match:
    """An element and how well it fits."""

    element: Element
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Grounding:
    """What a description may mean on this page, best first."""

    matches: tuple[Match, ...] = ()
    reason: str = ""

    @property
    def best(self) -> Match | None:
        """The element meant, or None when nothing fits."""
        return self.matches[0] if self.matches and self.matches[0].score >= FITS else None

    @property
    def sure(self) -> bool:
        """Whether the best is clearly ahead of the next one that is called something else."""
        if self.best is None:
            return False
        rival = next((match for match in self.matches[1:] if match.element.name != self.matches[0].element.name), None)
        return rival is None or self.matches[0].score - rival.score >= MARGIN


def is_text_field(element: Element) -> bool:
    """Whether text can be typed into it."""
    if element.tag == "select" or element.input_type in _TEXT_TYPES_OUT or not element.interactable:
        return False
    editable = element.tag in ("input", "textarea") or element.attributes.get("contenteditable", "false") != "false"
    return element.role in _TEXT_ROLES and (
        editable or element.role in ("textbox", "searchbox", "spinbutton") or element.tag == "input"
    )


def ground(
    target: Target,
    observation: Observation,
    use: Use = "click",
    *,
    about: str = "",
    pool: Iterable[Element] | None = None,
    most: int = 12,
) -> Grounding:
    """Return what ``target`` means here.

    ``about`` is what the sentence was about: elements that belong to it are preferred.
    ``pool`` limits the choice to some elements, ``most`` the number of matches told.
    """
    elements = [element for element in (observation.elements if pool is None else pool) if _usable(element, use)]
    scope, scope_reason = _scope(target.anchor, about, observation, elements)
    scored: list[Match] = []
    for element in elements:
        score, why = _score(target, element, use, observation)
        if score <= 0:
            continue
        if scope is not None:
            score = min(1.0, score + 0.1) if element.id in scope else score * (0.5 if target.anchor else 0.75)
        scored.append(Match(element, round(score, 4), why))
    scored.sort(key=lambda match: -match.score)
    if target.anchor is not None and target.anchor.relation != "in":
        scored = _by_place(scored, target.anchor, observation)
    chosen = _by_position(target, scored, elements, scope)
    return Grounding(tuple(chosen[:most]), scope_reason)


def _usable(element: Element, use: Use) -> bool:
    if use == "see":
        return True
    if element.disabled and use != "click":
        return False
    if use == "type":
        return is_text_field(element)
    if use == "upload":
        return element.input_type == "file" or element.role == "file"
    if use == "check":
        return element.interactable and (
            element.role in ("checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio", "option")
            or element.checked is not None
        )
    return True


def _score(target: Target, element: Element, use: Use, observation: Observation) -> tuple[float, str]:
    score, why = _named(target, element, use)
    if score <= 0:
        return 0.0, ""
    if target.roles:
        if element.role in target.roles or element.tag in target.roles:
            score, why = min(1.0, score + 0.06), f"{why}; it is a {element.role}"
        elif {element.role, *target.roles} <= {"button", "link", "tab", "menuitem", "img"}:
            score *= 0.93
        else:
            # a div with a click handler may be meant as anything, and a page need not show that it listens
            silent = element.role in _SILENT and score >= _LETTER
            unsaid = element.role == "generic" and element.interactable
            score *= 0.97 if unsaid else 0.72 if element.interactable else 0.9 if silent else 0.6
    if use in ("click", "hover") and not element.interactable:
        score *= 0.64
    if (
        use == "click"
        and not target.roles
        and is_text_field(element)
        and score < _LETTER
        and not why.startswith("its kind")
    ):
        score *= 0.6  # a field called almost so is seldom what is to be clicked
    if use == "click" and element.role == "generic":
        score *= 0.98  # of two with the same name, the one that is a button or a link
    if element.disabled and use != "see":
        score *= 0.75
    if observation.dialog_open and not element.in_dialog and element.obscured:
        score *= 0.7
    return score, why


def _named(target: Target, element: Element, use: Use) -> tuple[float, str]:
    """Score the element's names for the target's; ``why`` says which of them fitted."""
    if target.starts or target.ends or target.contains:
        return _patterned(target, element)
    if not target.name:
        fits = bool(target.roles) and (element.role in target.roles or element.tag in target.roles)
        return (
            (0.7, "it has the role")
            if fits or (target.ordinal is not None and element.interactable and not target.roles)
            else (0.0, "")
        )
    compare = label_likeness if use in ("type", "select", "check", "upload") else likeness
    best, why = 0.0, ""
    for text, weight, what in _texts(element, use):
        if not text:
            continue
        score = weight * compare(target.name, text)
        if target.quoted:
            score = weight * max(_quoted(target.name, text), 0.85 * compare(target.name, text))
        if score > best:
            best, why = score, f"its {what} is {text[:60]!r}"
    if best < FITS and not element.name and element.context and use in ("type", "select"):
        score = 0.7 * compare(target.name, element.context)
        if score > best:
            best, why = score, "the text around it says so"
    return best, why


def _texts(element: Element, use: Use) -> list[tuple[str, float, str]]:
    """The texts an element goes by, each with how much it counts."""
    field = use in ("type", "select", "check", "upload")
    found = [(element.name, 1.0, "name")]
    if element.text != element.name:
        found.append((element.text, 0.97, "text"))
    found.extend(
        (label, (0.98 if field else 0.9) - 0.04 * index, "label") for index, label in enumerate(element.labels[:5])
    )
    found.append((element.placeholder, 0.92, "placeholder"))
    if element.tag in ("input", "button") and not is_text_field(element):
        found.append((element.value, 0.95, "value"))
    if field:
        found.append((element.autocomplete.replace("-", " "), 0.9, "autocomplete purpose"))
        if element.input_type in ("email", "tel", "password", "url", "date", "search"):
            found.append(({"tel": "phone", "url": "website"}.get(element.input_type, element.input_type), 0.88, "type"))
    attributes = element.attributes
    if not any(letter.isalnum() for letter in element.name):  # a sign: its title says what it is
        found.append((attributes.get("title", ""), 0.97, "title"))
    found.extend(
        (attributes.get(key, ""), 0.86, key)
        for key in ("title", "alt", "aria-label", "name", "id", "data-testid", "data-test")
    )
    if element.interactable and len(attributes.get("class", "")) < _CLASS_NAMES:
        unnamed = not (element.name or element.text)  # an icon: its class may be all that says what it is
        found.extend((word, 0.86 if unnamed else 0.74, "class") for word in attributes.get("class", "").split()[:6])
    if element.tag in ("input", "textarea", "select"):
        found.append((element.tag if element.tag != "input" else element.input_type, 0.72, "kind"))
    elif element.tag not in ("a", "div", "span", "p", "li", "td", "button"):
        found.append((element.tag, 0.6, "kind"))
    return found


def _quoted(name: str, text: str) -> float:
    """A quotation is meant to the letter: all of the name, or words inside it."""
    if name == text:
        return 1.0
    if name.casefold().strip() == text.casefold().strip():
        return 0.98
    if contains(text, name):
        share = len(name) / max(len(text), 1)
        return 0.8 + 0.12 * share if share > _SHARE else 0.7  # a sentence that mentions it is not called so
    return 0.0


def _patterned(target: Target, element: Element) -> tuple[float, str]:
    for text in (element.name, element.text, element.value):
        low = text.casefold().strip()
        if (
            low
            and low.startswith(target.starts.casefold())
            and low.endswith(target.ends.casefold())
            and target.contains.casefold() in low
        ):
            return (0.95, f"it reads {text[:60]!r}")
    return 0.0, ""


def _scope(
    anchor: Anchor | None, about: str, observation: Observation, elements: Sequence[Element]
) -> tuple[frozenset[str] | None, str]:
    """Return the ids of the elements that belong to the anchor (or to what the talk is about), or None without one."""
    phrase = anchor.phrase if anchor is not None and anchor.relation == "in" else about if anchor is None else ""
    if not phrase:
        return None, ""
    if re.search(r"\b(?:dialog|modal|popup|pop-up)\b", phrase, re.IGNORECASE):
        return frozenset(element.id for element in elements if element.in_dialog), "in the dialog"
    found = find_record(phrase, observation)
    if found is not None:
        record = found[1]
        inside = {
            element.id for element in elements if element.id in record.element_ids or _inside(element.box, record.box)
        }
        if inside:
            return frozenset(inside), f"in the entry {record.text[:60]!r}"
    best = max((passage_likeness(phrase, element.context) for element in elements if element.context), default=0.0)
    if best >= MOSTLY:
        chosen = [
            element for element in elements if element.context and passage_likeness(phrase, element.context) >= best
        ]
        shortest = min(len(element.context) for element in chosen)
        return frozenset(
            element.id for element in chosen if len(element.context) <= 2 * shortest
        ), f"where it says {phrase!r}"
    return None, ""


def _inside(inner: Box, outer: Box) -> bool:
    x, y = inner.center
    return outer.width > 0 and outer.x <= x <= outer.x + outer.width and outer.y <= y <= outer.y + outer.height


def _by_place(scored: list[Match], anchor: Anchor, observation: Observation) -> list[Match]:
    """Order by distance from the anchor, on the side that was named."""
    fix = ground(Target(phrase=anchor.phrase, name=anchor.phrase), observation, "see").best
    if fix is None:
        return scored
    ax, ay = fix.element.box.center
    good = [
        match
        for match in scored
        if match.score >= FITS
        and match.element.id != fix.element.id
        and _beside(match.element.box, fix.element.box, anchor)
    ]
    good.sort(key=lambda match: (match.element.box.center[0] - ax) ** 2 + (match.element.box.center[1] - ay) ** 2)
    return good or scored


def _beside(box: Box, anchor_box: Box, anchor: Anchor) -> bool:
    """Whether the box lies on the side of the anchor that was named."""
    (x, y), (ax, ay) = box.center, anchor_box.center
    sides = {"below": y > ay, "above": y < ay, "left_of": x < ax, "right_of": x > ax}
    return sides.get(anchor.relation, True)


def _by_position(
    target: Target, scored: list[Match], order: Sequence[Element], scope: frozenset[str] | None
) -> list[Match]:
    """Apply *the third*, *the last*."""
    if target.ordinal is None or not scored:
        return scored
    top = scored[0].score
    alike = [
        match
        for match in scored
        if match.score >= max(FITS - 0.05, top - 0.12) and (scope is None or match.element.id in scope or not scope)
    ]
    places = {element.id: index for index, element in enumerate(order)}
    alike.sort(key=lambda match: places[match.element.id])
    index = target.ordinal - 1 if target.ordinal > 0 else len(alike) + target.ordinal
    if not 0 <= index < len(alike):
        return []
    picked = alike[index]
    return [
        Match(picked.element, max(picked.score, FITS + 0.1), f"{picked.why}; number {index + 1} of {len(alike)} alike")
    ]
