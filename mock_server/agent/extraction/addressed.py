"""The entry a request means by what one of its cells says: "high water *on Tuesday*".

Owns: finding, behind a preposition of the prompt, the text of a cell that one row of a table has to itself.
Must not: rank groups or choose among entries that are told apart by anything else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from mock_server.agent.extraction.headline import ASIDE
from mock_server.agent.extraction.phrases import is_plural
from mock_server.agent.extraction.request import ExtractionRequest
from mock_server.agent.extraction.words import stems
from mock_server.agent.observation import Observation, RecordGroup

_BEHIND: Final = re.compile(r"\b(?:on|for|in|at|of|from|by|to|with|during|under)\s+(?:the\s+)?(?=\w)", re.IGNORECASE)
_WHO: Final = re.compile(r"^who(?:'s| is| are| was) (?:the |your |our |their )?(?P<what>[\w -]+)\W*$", re.IGNORECASE)
_WITHIN: Final = re.compile(r"^(?P<what>.+?) (?:in|under|from|of|at) (?:the )?(?P<place>.+)$", re.IGNORECASE)
_MOST_WORDS: Final = 5
_SHORTEST: Final = 3
_DAYS: Final = frozenset(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
_ENDING: Final = " .,;:?!'\""


def addressed(request: ExtractionRequest, seen: Observation) -> ExtractionRequest:
    """Return the request with its entry named, where a cell of one row says what the prompt singles it out by."""
    if request.anchor or request.ordinal or request.superlative or request.conditions:
        return request
    if request.asked in ("count", "check"):
        return request
    who = _WHO.match(request.goal)
    if who and (cell := _role(who["what"].strip(_ENDING), seen)):
        return replace(request, anchor=cell, asked="one", fields=("name",), subject="")
    if (part := _part(request.subject, seen)) and request.fields:
        return replace(request, subject=part, asked="list")
    phrases = sorted(dict.fromkeys(_phrases(request.goal)), key=len, reverse=True)
    for phrase in phrases:
        cell = _cell(phrase, seen)
        if cell:
            return _about(request, phrase, cell)
    return request


def _phrases(goal: str) -> Iterator[str]:
    """Yield the one to five words behind each preposition."""
    goal = " ".join(goal.split())
    for found in _BEHIND.finditer(goal):
        behind = goal[found.end() :].split()
        for length in range(1, min(len(behind), _MOST_WORDS) + 1):
            phrase = " ".join(behind[:length]).strip(_ENDING)
            if len(phrase) >= _SHORTEST and any(letter.isalpha() for letter in phrase):
                yield phrase


def _role(phrase: str, seen: Observation) -> str:
    """Return the cell that says what somebody is (*director*), unless the page gives a name to that word itself."""
    if any(fact.name.casefold() == phrase.casefold() for fact in seen.facts):
        return ""
    return _cell(phrase, seen, alone=True)


def _part(subject: str, seen: Observation) -> str:
    """Return the heading of the list that is meant by *the people in administration*; empty if none is called so."""
    within = _WITHIN.match(subject)
    if within is None or not is_plural(within["what"]):
        return ""
    place = stems(within["place"])
    return next((group.title for group in seen.groups if stems(group.title) == place and len(group.records) > 1), "")


def _cell(phrase: str, seen: Observation, *, alone: bool = False) -> str:
    """Return the text of the cell that says ``phrase`` in just one of several rows of a table; empty if none does.

    Entries of other lists count where they have several parts, and the phrase is more than a word or asked ``alone``.
    """
    named = any(fact.name.casefold() == phrase.casefold() for fact in seen.facts)  # by the page, a value of its own
    lists = not named and (alone or " " in phrase)
    for group in seen.groups:
        if len(group.records) < 2 or (group.kind != "table" and not (lists and _is_told(group))):
            continue
        said: Counter[str] = Counter()
        for record in group.records:
            said.update({cell.text for cell in record.cells if _says(cell.text, phrase)})
        if sum(said.values()) == 1:
            return next(iter(said))
    return ""


def _is_told(group: RecordGroup) -> bool:
    """Whether the entries of a list say several things each, and are not ways to other pages."""
    return group.region not in ASIDE and all(len(record.cells) > 1 for record in group.records)


def _says(text: str, phrase: str) -> bool:
    """Whether a cell is the phrase; a day of the week may be short, and stand before its date."""
    text, phrase = text.casefold().strip(), phrase.casefold()
    if text == phrase:
        return True
    first = text.replace(",", " ").split()[:1]
    return phrase in _DAYS and bool(first) and first[0].rstrip(".") in (phrase, phrase[:3])


def _about(request: ExtractionRequest, phrase: str, cell: str) -> ExtractionRequest:
    """The request, about that entry: what names it is no longer part of what is asked."""
    own = re.compile(rf"\s*(?:{_BEHIND.pattern})?{re.escape(phrase)}(?!\w)", re.IGNORECASE)
    fields = tuple(field for told in request.fields if (field := own.sub("", told).strip()))
    subject = own.sub("", request.subject).strip()
    if not fields and subject:
        fields, subject = (subject,), ""
    return replace(request, anchor=cell, asked="one", fields=fields, subject=subject)
