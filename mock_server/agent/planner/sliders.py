"""Sliders and other values that are moved rather than typed.

Owns: which slider is meant, and what it is to show. Must not: move it (``touching``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.grounding import FITS
from mock_server.agent.lexicon import label_likeness
from mock_server.agent.observation import Element
from mock_server.agent.planner.model import Decision, Situation, act

_KNOB: Final = re.compile(
    r"\b(?:slider|range|rail|track|scrubber)[-_\s]?\w*(?:handle|thumb|knob|grip)|\b(?:slider|range)\b", re.IGNORECASE
)
_KIND: Final = re.compile(r"\b(?:sliders?|value|combination|the|of|to|set)\b", re.IGNORECASE)
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")


def sliders_of(at: Situation) -> list[Element]:
    """Return what can be slid, in the order of the page."""
    return [one for one in at.page.elements if one.interactable and not one.disabled and _is_slider(one)]


def _is_slider(element: Element) -> bool:
    if element.role == "slider" or element.input_type == "range":
        return True
    plain = element.role == "generic" and not (element.name or element.text).strip()
    return plain and bool(_KNOB.search(element.attributes.get("class", "")))


def slide(at: Situation, called: str, value: str) -> Decision | None:
    """Move the slider that is meant to a value, or several to theirs; None where no slider is meant."""
    found, numbers = sliders_of(at), _NUMBER.findall(value)
    if not found or not numbers:
        return None
    if len(numbers) > 1:
        if len(numbers) != len(found):
            return None
        pairs = list(zip(found, numbers, strict=True))
    else:
        one = _meant(at, called, found)
        if one is None:
            return None
        pairs = [(one, numbers[0])]
    moves = [
        at.move(
            "input_text", f"Slide {one.name or 'it'!r} to {number}.", one, text=number, completes=index == len(pairs)
        )
        for index, (one, number) in enumerate(pairs, 1)
    ]
    moves = [replace(move, text=move.action.text or "") for move in moves]
    return act(moves[0].action.reasoning, *moves)


def _meant(at: Situation, called: str, found: list[Element]) -> Element | None:
    name = " ".join(_KIND.sub(" ", called).split())
    if not name:
        return found[0] if len(found) == 1 or "slider" in called.casefold() else None
    scored = [(max(label_likeness(name, text) for text in _names(at, one)), one) for one in found]
    score, best = max(scored, key=lambda entry: entry[0])
    return best if score >= FITS else None


def _names(at: Situation, slider: Element) -> list[str]:
    """What a slider is called: its name, its labels, else the text that stands before it."""
    names = [slider.name, *slider.labels, slider.attributes.get("id", ""), slider.attributes.get("class", "")]
    before = [one for one in at.page.elements if one.text and one.box.y <= slider.box.y + slider.box.height]
    nearest = sorted(before, key=lambda one: abs(one.box.center[1] - slider.box.center[1]))[:2]
    return [name for name in (*names, *(one.text for one in nearest)) if name] or [""]
