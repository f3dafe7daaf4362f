"""Whether something is so: in stock, open, allowed, there at all.

Owns: answering yes or no from what the page says. Must not: take silence for a no.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mock_server.agent.extraction.headline import ASIDE
from mock_server.agent.extraction.questions import KINDS, PRONOUNS
from mock_server.agent.extraction.replies import reply_to
from mock_server.agent.extraction.values import truth
from mock_server.agent.extraction.words import stem, stems, tokens
from mock_server.agent.observation import Observation

_DENIED: Final = re.compile(r"\b(?:no|not|none|never|without|out of|sold out|un\w+able|cannot)\b|n't\b", re.IGNORECASE)
_YES: Final = re.compile(r"^\W*(?:yes|sure|of course|certainly|absolutely)\b", re.IGNORECASE)
_NO: Final = re.compile(r"^\W*(?:no|not|never|unfortunately)\b", re.IGNORECASE)
_STOCK: Final = re.compile(r"\b(?:in stock|available|availability|sold out|out of stock|instock)\b", re.IGNORECASE)
_EMPTY: Final = frozenset(
    {"there", "any", "currently", "still", "now", "available", "in", "stock", "out", "sold", "allow", "possible", "be"}
)
_KINDS: Final = frozenset(stem(word) for word in KINDS | PRONOUNS)
_LONGEST: Final = 400

Answer = tuple[bool, str]
"""Yes or no, and the words it rests on."""


def is_stock(question: str) -> bool:
    """Return True if a question is about whether a thing can be had."""
    return bool(_STOCK.search(question))


def check(question: str, seen: Observation) -> Answer | None:
    """Return whether a claim is so and the text that says it, or None if the page does not speak of it."""
    if (told := _replied(question, seen)) is not None:
        return told
    words = {word for word in stems(question) if word not in _EMPTY}
    own = words - _KINDS - (words & set(stems(seen.title)) if len(words) > 1 else set())
    for wanted in dict.fromkeys((frozenset(words), frozenset(own))):
        if wanted:
            found = next(_answers(wanted, seen), None)
            if found is not None:
                return found
    return None


def _replied(question: str, seen: Observation) -> Answer | None:
    """Return what the page's own reply to the question comes to: a yes, a no, or a first sentence that denies it."""
    reply = reply_to(question, seen)
    if _YES.match(reply):
        return True, reply
    first = re.split(r"(?<=[.!;])\s", reply, maxsplit=1)[0]
    return (False, reply) if _NO.match(reply) or _DENIED.search(first) else None


def _answers(wanted: frozenset[str], seen: Observation) -> Iterator[Answer]:
    for fact in seen.facts:
        if wanted <= set(stems(fact.name)) and (told := truth(fact.value)) is not None:
            yield told, f"{fact.name}: {fact.value}"
    lines = [line for line in seen.lines if line.region not in ASIDE and len(line.text) <= _LONGEST]
    for place, line in enumerate(lines):
        if not wanted <= set(stems(line.text)):
            continue
        if line.text.rstrip().endswith("?"):
            reply = lines[place + 1].text if place + 1 < len(lines) else ""
            if _YES.match(reply) or _NO.match(reply):
                yield bool(_YES.match(reply)), reply
            continue
        if not line.level:
            yield not _DENIED.search(line.text), line.text


def stock_claim(text: str) -> bool | None:
    """Return whether a line says that something can be had, or None if it is about something else."""
    if not _STOCK.search(text) or len(tokens(text)) > 14:  # a sentence about delivery, not a state
        return None
    told = truth(text)
    return told if told is not None else truth(re.split(r"\s+[\u2014\u2013-]\s+|[,;(]", text, maxsplit=1)[0])
