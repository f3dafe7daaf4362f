"""Texts of the page a prompt speaks of: the text below, the third word, the value of a name, a sum to be worked out.

Owns: reading them out of a look at the page. Must not: act, or answer questions
(``extraction``).
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from fractions import Fraction
from typing import Final

from mock_server.agent.goal import Passage, Target
from mock_server.agent.grounding import ground, is_text_field
from mock_server.agent.lexicon import ALIKE, likeness
from mock_server.agent.observation import Element, Observation
from mock_server.agent.planner.model import Situation

_MOST: Final = 2_000
_WORD_ENDS: Final = ".,;:!?\"'()[]{}"
_PARTS: Final = {
    "sentence": re.compile(r"[^.!?]+[.!?]*"),
    "line": re.compile(r"[^\n]+"),
    "paragraph": re.compile(r"[^\n]+"),
    "letter": re.compile(r"\S"),
    "character": re.compile(r"\S"),
}
_SIGNS: Final = str.maketrans({"×": "*", "x": "*", "÷": "/", "−": "-", "–": "-", "·": "*"})  # noqa: RUF001 - matched against what pages hold, not read by people
_SUM: Final = re.compile(r"(?<![\w.])-?\d+(?:\s*[-+*/×x÷−–·]\s*-?\d+)+(?![\w.])")  # noqa: RUF001 - matched against what pages hold, not read by people
_EQUATION: Final = re.compile(
    r"(?P<left>(?=[^=]*\d)[-+*/()\d\s]*(?<![a-z])(?P<unknown>[a-z])(?![a-z])[-+*/()\d\s]*)=(?P<right>[-+*/()\d\s]*\d[-+*/()\d\s]*)"
)


def read_passage(at: Situation, passage: Passage) -> str:
    """Return the text that is meant, or nothing if the page does not show it."""
    if passage.unit == "answer":
        return _answer(at.page)
    if passage.unit == "value":
        return _value(at.page, passage.name)
    text = _held(at, passage.place) if passage.place is not None else _shown(at.page)
    if not passage.ordinal:
        return text[:_MOST]
    pattern = _PARTS.get(passage.unit)
    parts = [part.strip() for part in pattern.findall(text)] if pattern is not None else text.split()
    if passage.unit == "word":
        parts = [bare for part in parts if (bare := part.strip(_WORD_ENDS))]
    index = passage.ordinal - 1 if passage.ordinal > 0 else len(parts) + passage.ordinal
    return parts[index][:_MOST] if 0 <= index < len(parts) else ""


def holder(at: Situation, place: Target) -> Element | None:
    """Return the element that holds a text: a field with a value first, else whatever is called so."""
    fields = [element for element in at.page.elements if is_text_field(element) and (element.value or place.ordinal)]
    areas = [element for element in fields if element.tag == "textarea"]
    wants_field = "textbox" in place.roles
    if wants_field:
        wanted = areas if "area" in place.phrase.casefold() and areas else fields
        if place.name:
            named = ground(replace(place, roles=()), at.page, "type", pool=wanted).best
            if named is not None:
                return named.element
        index = max(place.ordinal or 1, 1) - 1 if (place.ordinal or 1) > 0 else len(wanted) + (place.ordinal or 0)
        if 0 <= index < len(wanted):
            return wanted[index]
    found = ground(place, at.page, "see").best
    return found.element if found is not None else None


def _held(at: Situation, place: Target) -> str:
    element = holder(at, place)
    if element is not None:
        return element.value or element.text or element.name
    return _shown(at.page)


def _shown(page: Observation) -> str:
    """The text of a page that is no control's name: what an instruction calls *the text below*."""
    names = {text for element in page.elements if element.interactable for text in (element.name, element.text) if text}
    filled = [element.value for element in page.elements if is_text_field(element) and element.value]
    lines = [line for line in page.lines if line.kind not in ("label", "title", "alert")]
    prose = [line.text for line in lines if line.kind != "heading" and not _names_control(line.text, names, page)]
    if prose:
        return prose[0]
    if filled:
        return filled[0]
    return next((line.text for line in lines if line.text not in names), "")


def _names_control(text: str, names: set[str], page: Observation) -> bool:
    """Whether a line is only the caption of a button or the label of a field."""
    if text.rstrip().endswith(":"):
        return True
    buttons = {element.name for element in page.elements if element.interactable and not is_text_field(element)}
    return text in names and text in buttons


def _value(page: Observation, name: str) -> str:
    """What the page gives for a name: in a table, a list of facts, beside a label."""
    facts = [(likeness(name, fact.name), fact.value) for fact in page.facts if fact.value]
    best = max(facts, default=(0.0, ""), key=lambda entry: entry[0])
    if best[0] >= ALIKE:
        return best[1]
    for group in page.groups:
        for record in group.records:
            cells = [cell.text for cell in record.cells if cell.text]
            if len(cells) > 1 and likeness(name, cells[0]) >= ALIKE:
                return cells[1]
    return best[1] if best[0] >= ALIKE - 0.1 else ""


def _answer(page: Observation) -> str:
    """Work out the sum, or the one unknown of the equation, that the page shows."""
    texts = [line.text for line in page.lines]
    for text in (*texts, " ".join(texts)):
        solved = _equation(text.casefold())
        if solved is None and (found := _SUM.search(text)):
            solved = _evaluated(found[0])
        if solved is not None:
            return str(solved.numerator) if solved.denominator == 1 else f"{float(solved):g}"
    return ""


def _equation(text: str) -> Fraction | None:
    """Solve an equation in one unknown that stands in it plainly: two values of it tell the line."""
    match = _EQUATION.search(text.translate(_SIGNS) if "x" not in text else text)
    if match is None:
        return None
    whole = re.sub(r"(?<=\d)\s*(?=[a-z])", "*", f"({match['left']})-({match['right']})")
    at = [_evaluated(whole.replace(match["unknown"], f"({value})")) for value in (0, 1, 2)]
    if at[0] is None or at[1] is None or at[2] is None:
        return None
    slope = at[1] - at[0]
    return -at[0] / slope if slope and at[2] - at[1] == slope else None


def _evaluated(text: str) -> Fraction | None:
    """Work out sums, differences, products and quotients of whole numbers; None for anything else."""
    try:
        return _worked_out(ast.parse(text.translate(_SIGNS).strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError):
        return None


def _worked_out(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() as number) if not isinstance(number, bool):
            return Fraction(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_worked_out(operand)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _worked_out(left) + _worked_out(right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _worked_out(left) - _worked_out(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _worked_out(left) * _worked_out(right)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _worked_out(left) / _worked_out(right)
    raise ValueError("not a sum")
