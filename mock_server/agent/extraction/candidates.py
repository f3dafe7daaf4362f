"""Candidates for a single value, and whether they can be one at all.

Owns: the candidate and its plausibility for a want. Must not: find candidates.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mock_server.agent.extraction.request import SIGNING, Want
from mock_server.agent.extraction.values import moment, number
from mock_server.agent.records.kinds import DATE, EMAIL, PRICE, RATING, RELATIVE_DATE, phones_in

_MAX_TITLE: Final = 300
_MAX_NAME: Final = 80
_NAME_WORDS: Final = 6
_SHORT: Final = 20
_MOST_STARS: Final = 10
_SENTENCE: Final = 60


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value with where it was found and how well it fits."""

    text: str
    score: float
    where: str
    href: str = ""
    src: str = ""
    machine: str = ""


def plausible(wanted: Want, candidate: Candidate) -> float:
    """Return how far a candidate can be a value of the wanted kind, 0 to 1."""
    if wanted.type in ("integer", "number") and number(candidate.text) is None:
        return 0.0
    if wanted.type in ("integer", "number") and len(candidate.text) > _SENTENCE:
        return 0.4
    test = _TESTS.get(wanted.concept.kind) if wanted.concept else None
    if test is _rating and wanted.phrase.endswith("s"):  # stars may be counted like votes
        test = _number
    return test(candidate) if test is not None else 1.0


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _price(candidate: Candidate) -> float:
    if PRICE.search(candidate.text):
        return 1.0
    return 0.75 if _has_digit(candidate.text) and len(candidate.text) < _SHORT else 0.2


def _date(candidate: Candidate) -> float:
    text = candidate.text
    if _has_digit(text) and (DATE.search(text) or moment(text[:60])):
        return 1.0
    return 0.5 if RELATIVE_DATE.match(text) else 0.15


def _number(candidate: Candidate) -> float:
    return 1.0 if number(candidate.text) is not None else 0.2


def _rating(candidate: Candidate) -> float:
    value = number(candidate.text)
    if value is None:
        return 0.2
    return 1.0 if RATING.search(candidate.text) or value <= _MOST_STARS or "%" in candidate.text else 0.3


def _person(candidate: Candidate) -> float:
    text = candidate.text
    if SIGNING.fullmatch(text):
        return 0.0
    named = len(text.split()) <= _NAME_WORDS and len(text) <= _MAX_NAME and not re.fullmatch(r"[\d\W]+", text)
    return 1.0 if named else 0.2


_TESTS: Final[dict[str, Callable[[Candidate], float]]] = {
    "price": _price,
    "date": _date,
    "rating": _rating,
    "number": _number,
    "person": _person,
    "email": lambda candidate: float(bool(EMAIL.search(candidate.text) or EMAIL.search(candidate.href))),
    "phone": lambda candidate: float(bool(phones_in(candidate.text)) or candidate.href.startswith("tel:")),
    "image": lambda candidate: float(bool(candidate.src) or candidate.text.startswith(("http", "/"))),
    "title": lambda candidate: 1.0 if len(candidate.text) <= _MAX_TITLE else 0.3,
}
