"""Fields of forms: which takes which value, how each is filled, which button sends them.

Owns: pairing values with fields and the move that fills a field of any kind. Must not:
decide whether a form is to be sent.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.goal import FieldValue, Target
from mock_server.agent.grounding import FITS, ground
from mock_server.agent.lexicon import CALLED_SO, EXACT, label_likeness, likeness
from mock_server.agent.observation import Element, Observation
from mock_server.agent.planner.choosing import option_for
from mock_server.agent.planner.model import Move, Situation

SECRET: Final = "*" * 8


FILLABLE: Final = frozenset(
    (
        "textbox",
        "searchbox",
        "combobox",
        "listbox",
        "spinbutton",
        "checkbox",
        "radio",
        "switch",
        "date",
        "time",
        "color",
        "slider",
    )
)


_TRUE: Final = re.compile(r"^(?:yes|true|on|checked|x|1|agree|accept|✓)$", re.IGNORECASE)


_FALSE: Final = re.compile(r"^(?:no|false|off|unchecked|0|none)$", re.IGNORECASE)


_SENDS: Final = (
    "submit",
    "send",
    "save",
    "continue",
    "register",
    "sign up",
    "search",
    "apply",
    "book",
    "confirm",
    "next",
    "log in",
    "place order",
)


_NOT_SENDING: Final = re.compile(
    r"\b(?:cancel|reset|clear|back|close|delete|remove|forgot|show|hide|toggle|upload|browse|add another)\b",
    re.IGNORECASE,
)


_SHOWS: Final = re.compile(r"(?:show|hide|browse|filter|list)\b(?!.*\bpassword)", re.IGNORECASE)
"""What the only button of a form that filters may be called, though elsewhere it unfolds something."""
_JOINTS: Final = re.compile(r"\s*[,;]\s*(?:and\s+)?(?:the\s+)?|\s+(?:and|&)\s+(?:the\s+)?", re.IGNORECASE)
_NO_PAGE: Final = Observation(url="", title="")
"""For scoring an element by itself."""


def is_secret(element: Element) -> bool:
    """Whether what is typed there must not be shown."""
    return element.input_type == "password" or "password" in element.autocomplete


def fill(
    at: Situation, element: Element, value: str, reasoning: str, *, completes: bool, sample: bool = False
) -> Move | None:
    """Return the move that puts ``value`` into a field of any kind; None if the field can't take it."""
    if element.tag == "select" or (element.role == "listbox" and element.options):
        option = option_for(element, Target(phrase=value, name=value))
        if option is None:
            return None
        return at.choice(element, option, reasoning, completes=completes, sample=sample)
    if element.role in ("checkbox", "switch"):
        wanted = not _FALSE.match(value.strip())
        return at.move("checkbox", reasoning, element, is_checked=wanted, completes=completes, sample=sample)
    if element.role == "radio":
        return at.move("checkbox", reasoning, element, is_checked=True, completes=completes, sample=sample)
    shown = SECRET if is_secret(element) else value
    return replace(
        at.move("input_text", reasoning, element, text=shown, completes=completes, sample=sample), text=value
    )


def assign(
    values: tuple[FieldValue, ...], fields: list[Element]
) -> tuple[list[tuple[FieldValue, Element, str]], list[FieldValue]]:
    """Pair values with fields, the surest pairs first; return (pairs in the values' order, values left over)."""
    values = untangle(values, fields)
    scored: list[tuple[float, int, int, str]] = []
    for index, value in enumerate(values):
        for place, element in enumerate(fields):
            score, text = _fit(value, element)
            if score >= FITS:
                scored.append((score, index, place, text))
    scored.sort(key=lambda entry: (-entry[0], entry[1], entry[2]))
    taken: dict[int, tuple[int, str]] = {}
    used: set[int] = set()
    for _, index, place, text in scored:
        if index not in taken and place not in used:
            taken[index] = (place, text)
            used.add(place)
    pairs = [(values[index], fields[place], text) for index, (place, text) in sorted(taken.items())]
    return pairs, [value for index, value in enumerate(values) if index not in taken]


def untangle(values: tuple[FieldValue, ...], fields: list[Element]) -> tuple[FieldValue, ...]:
    """Return the values with those cut apart that hold several, each begun with the name of a field.

    *harbour master Jon Ek and day Friday* is two values where the form has a field *Day*, and one where it has not.
    """
    names = [text for element in fields for text in (element.name, *element.labels[:1], element.placeholder) if text]
    result: list[FieldValue] = []
    for value in _rejoined(values, names):
        pieces = [] if value.quoted else _pieces(value.value, names)
        if len(pieces) <= 1:
            result.append(value)
            continue
        result.append(replace(value, value=pieces[0]))
        result.extend(FieldValue("", piece) for piece in pieces[1:])
    return tuple(result)


def _rejoined(values: tuple[FieldValue, ...], names: list[str]) -> list[FieldValue]:
    """Put *street* and *number: 7 Low Lane* together again where the form has a field *Street and number*."""
    result: list[FieldValue] = []
    for value in values:
        before = result[-1] if result else None
        both = f"{before.value} and {value.name}" if before is not None and not before.name and value.name else ""
        if both and any(label_likeness(both, name) >= EXACT for name in names):
            result[-1] = replace(value, name=both)
        else:
            result.append(value)
    return result


def _pieces(text: str, names: list[str]) -> list[str]:
    """Cut a text before each comma or *and* behind which the name of a field begins."""
    pieces: list[str] = []
    start = 0
    for joint in _JOINTS.finditer(text):
        if _named_ahead(text[joint.end() :], names):
            pieces.append(text[start : joint.start()].strip())
            start = joint.end()
    pieces.append(text[start:].strip())
    return [piece for piece in pieces if piece]


def _named_ahead(text: str, names: list[str]) -> bool:
    parts = text.split()
    return any(
        label_likeness(" ".join(parts[:cut]), name) >= EXACT for cut in range(1, min(len(parts), 5)) for name in names
    )


def _fit(value: FieldValue, element: Element) -> tuple[float, str]:
    """How well a value's name fits a field, and the text to fill in."""
    if value.name:
        if element.role in ("radio", "checkbox") and element.group:
            group = max(
                (label_likeness(value.name, label) for label in (*element.labels[1:], element.context[:80]) if label),
                default=0.0,
            )
            own = likeness(value.value, element.name)
            if own >= CALLED_SO and group >= FITS and not _TRUE.match(value.value):
                return min(1.0, 0.5 * own + 0.5 * group), value.value
        found = ground(Target(phrase=value.name, name=value.name), _NO_PAGE, "select", pool=[element])
        return (found.matches[0].score if found.matches else 0.0), value.value
    parts = value.value.split()
    best = (0.0, value.value)
    for cut in range(1, min(len(parts), 5)):
        name = " ".join(parts[:cut])
        score = max(
            (label_likeness(name, text) for text in (element.name, *element.labels[:2], element.placeholder) if text),
            default=0.0,
        )
        if score >= EXACT and score >= best[0]:
            best = (score, " ".join(parts[cut:]))
    return best


def fillable(at: Situation) -> list[Element]:
    """Everything that can be filled in, what is in the open dialog first."""
    found = [
        element
        for element in at.page.elements
        if element.interactable
        and not element.disabled
        and not element.readonly
        and element.role in FILLABLE
        and element.input_type != "file"
    ]
    if at.page.dialog_open and any(element.in_dialog for element in found):
        return [element for element in found if element.in_dialog]
    return found


def offer(fields: list[Element]) -> str:
    """Say which fields there are, for a reason."""
    names = ", ".join(repr(element.name or element.placeholder or element.role) for element in fields[:12])
    return f"It has fields for: {names}." if names else "It has no fields at all."


def submit_button(at: Situation, fields: list[Element]) -> Element | None:
    """Return the button that sends the form these fields belong to."""
    key = fields[0].form if fields else ""
    inside = [
        element
        for element in at.page.elements
        if element.interactable
        and not element.disabled
        and element.role in ("button", "link")
        and (element.form == key if key else not element.form)
    ]
    kinds = [
        element
        for element in inside
        if element.input_type in ("submit", "image") and not _NOT_SENDING.search(element.name)
    ]
    buttons = [element for element in inside if not _NOT_SENDING.search(element.name) and (element.role == "button")]
    named: list[tuple[float, Element]] = [
        (max(likeness(word, element.name) for word in (*_SENDS, at.intent.target.name or "send")), element)
        for element in [*kinds, *buttons]
    ]
    good = [entry for entry in named if entry[0] >= FITS]
    if good:
        return max(good, key=lambda entry: entry[0])[1]
    if kinds:
        return kinds[-1]
    if buttons and key:
        return buttons[-1]
    if len(buttons) == 1:
        return buttons[0]
    shows = [
        one
        for one in inside
        if key and one.role == "button" and one.input_type in ("", "submit") and _SHOWS.match(one.name)
    ]
    return shows[0] if len(shows) == 1 else None
