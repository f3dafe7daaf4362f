"""How a value is told once it is found: cut to what was asked, in plain types.

Owns: turning a cell's or candidate's text into the text or number an output holds. Must not:
choose between values.
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urljoin

from mock_server.agent.extraction.candidates import Candidate
from mock_server.agent.extraction.request import Want
from mock_server.agent.extraction.shape import Shape
from mock_server.agent.extraction.values import coerce, in_unit, narrow, number, unit_of
from mock_server.agent.extraction.words import stems
from mock_server.agent.observation import Cell, Record

Json = Any

_ELLIPSIS: Final = re.compile(r"(?:\.\.\.|\u2026)\s*$")
_LEADING_BY: Final = re.compile(r"^(?:posted |written |submitted |asked )?by:?\s+", re.IGNORECASE)
_RANK: Final = re.compile(r"^(\d{1,4})[.)]?\s+(?=\S)")
_SHORT: Final = 40
"""Texts up to this length are values; longer ones are sentences a value stands in."""
_UNIT_WORDS: Final = (2, 3)


def cell_text(cell: Cell, made: Want, record: Record, base: str) -> str:
    """Return what a cell says for a want: the whole title of a cut one, the link behind a text, the amount alone."""
    kind = made.concept.kind if made.concept else ""
    if kind == "link" and cell.href:
        return urljoin(base, cell.href)
    if kind == "image" and cell.src:
        return urljoin(base, cell.src)
    text = cell.text
    if _ELLIPSIS.search(text):
        text = _whole(text, cell, record)
    rank = _RANK.match(text) if kind in ("title", "", "text", "place") else None
    if rank and any(other.text.rstrip(".)") == rank.group(1) for other in record.cells):
        text = text[rank.end() :]
    text = trimmed(text, kind)
    if kind == "number" or (made.concept is None and cell.kind == "number"):
        text = _without_unit(text, made)
    return text


def _whole(text: str, cell: Cell, record: Record) -> str:
    """Return the full form of a text that is cut short, if the entry holds it: in a title or an image's text."""
    start = _ELLIPSIS.sub("", text).strip().lower()
    hints = [hint[6:] for other in (cell, *record.cells) for hint in other.hints if hint.startswith("title:")]
    known = [*hints, *(other.text for other in record.cells)]
    return next(
        (full for full in known if len(full) > len(start) and full.lower().startswith(start) and full != text), text
    )


def trimmed(text: str, kind: str) -> str:
    """Return the part of a text that is the value: the name behind "by", the price in a sentence."""
    if kind == "person":
        return _LEADING_BY.sub("", text)
    if kind in ("price", "email", "phone") or (kind == "date" and len(text) > _SHORT):
        return narrow(text, kind)
    return text


def candidate_value(candidate: Candidate, made: Want, shape: Shape, base: str) -> Json:
    """Return a single value of the page in the type the shape asks for, or None."""
    kind = made.concept.kind if made.concept else ""
    text = candidate.text if made.type in ("number", "integer") else trimmed(candidate.text, kind)
    if kind == "link" and candidate.href:
        text = candidate.href
    if kind == "image":
        text = urljoin(base, candidate.src or candidate.text)
    return typed(text, shape, base, candidate.machine, candidate.href, unit=unit_of(made.phrase))


def typed(text: str, shape: Shape, base: str, machine: str = "", href: str = "", *, unit: str = "") -> Json:
    """Return the text in the shape's type; as it is where the shape names none."""
    if shape.schema.get("type") is None and not set(shape.schema) & {"enum", "const"}:
        return text or None
    if shape.schema.get("type") in ("number", "integer") and unit:
        counted = in_unit(text, unit)
        if counted is not None:
            return coerce(f"{counted:g}", shape.schema, base)
    return coerce(text, shape.schema, base, machine, href)


def plain(text: str, made: Want, kind: str) -> Json:
    """Return a value without a schema: counts and ratings as numbers, all else as it is shown."""
    if not text:
        return None
    concept = made.concept.kind if made.concept else ""
    if (concept in ("number", "rating") or kind == "rating") and len(text) < _SHORT and not text.endswith("+"):
        value = number(text)
        if value is not None:
            return int(value) if value == int(value) else value
    return text


def _without_unit(text: str, made: Want) -> str:
    """Return "87" of "87 points" when points were asked for."""
    parts = text.split()
    if len(parts) not in _UNIT_WORDS or not any(character.isdigit() for character in parts[0]):
        return text
    unit = set(stems(" ".join(parts[1:])))
    asked = set(stems(made.phrase)) | (made.concept.words if made.concept else frozenset())
    return parts[0] if unit & asked else text
