"""How many there are.

Owns: counts the page states and counts of records. Must not: shape outputs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mock_server.agent.extraction.choose import choose
from mock_server.agent.extraction.request import ExtractionRequest
from mock_server.agent.extraction.result import Notes
from mock_server.agent.extraction.values import number
from mock_server.agent.extraction.words import stems
from mock_server.agent.observation import Line, Observation

_AMOUNT: Final = re.compile(r"(?<![\w.#$\u20ac\u00a3])((?:\d[\d,. ]*\d|\d)[kKmM]?)(?:\+)?(?=\s|$|\))")
_ALONE: Final = re.compile(r"\d[\d,. ]*")
_STATED: Final = re.compile(r"\b(?:found|total|results?|of|all|matching)\b", re.IGNORECASE)
_RANGE_AFTER: Final = re.compile(r"\s*(?:-|to|\u2013)\s*\d")
_RANGE_BEFORE: Final = re.compile(r"(?:-|to|\u2013|page)\s*$", re.IGNORECASE)
_ANYTHING: Final = frozenset({"result", "item", "entry", "match", "record", "hit"})
"""What pages call whatever they list."""
_SURE: Final = 0.75
_MAX_LINE: Final = 240
_LABEL: Final = 60
_SHORT: Final = 25


def count(request: ExtractionRequest, seen: Observation, notes: Notes) -> int | None:
    """Return how many there are: as the page says it, or counted; None if it shows no such things."""
    if not request.conditions:
        best = max(_stated(request, seen), default=(0.0, 0, ""))
        if best[0] >= _SURE:
            notes.evidence.append(f"the page says {best[2][:80]!r}")
            notes.scores.append(min(best[0], 1.0))
            return best[1]
    chosen = choose(seen, request, [])
    if chosen is None:
        return None
    if not chosen.records and any(condition.field == "status" for condition in request.conditions):
        return None  # no entry is said to be so; whether that means none is, the page does not tell
    group = chosen.matched.group
    notes.evidence.append(f"counted in the {group.kind} of {len(group.records)}")
    notes.scores.append(0.6)
    return len(chosen.records)


def _stated(request: ExtractionRequest, seen: Observation) -> Iterator[tuple[float, int, str]]:
    """Yield the numbers the page puts beside the subject's name, each with how surely it counts it."""
    words = set(stems(request.subject)) or {"result"}
    for fact in seen.facts:
        amount = number(fact.value) if words <= set(stems(fact.name)) and _ALONE.fullmatch(fact.value.strip()) else None
        if amount is not None and amount == int(amount):
            yield 1.2 - 0.2 * len(set(stems(fact.name)) - words), int(amount), f"{fact.name}: {fact.value}"
    for line in seen.lines:
        if len(line.text) > _MAX_LINE:
            continue
        for found in _AMOUNT.finditer(line.text):
            amount = number(found.group(1))
            if amount is not None and amount == int(amount):
                score = _counts(words, line, found.start(), found.end())
                if score:
                    yield score, int(amount), line.text


def _counts(words: set[str], line: Line, start: int, end: int) -> float:
    after, before = line.text[end : end + 40], line.text[:start]
    behind = stems(" ".join(after.split()[:3]))
    ahead = stems(" ".join(before.split()[-4:]))
    named = [behind.index(word) for word in words if word in behind]
    if named:
        score = 1.0 - 0.1 * min(named)
    elif behind[:1] and behind[0] in _ANYTHING:
        score = 0.55
    elif words & set(ahead) and len(line.text) < _LABEL:
        score = 0.8 if set(ahead) <= words and not after.strip() else 0.6
    elif re.search(r"\bof\s+$|\btotal:?\s+$", before):
        score = 0.5
    else:
        return 0.0
    score += 0.3 if _STATED.search(line.text) else 0.0
    score += 0.2 if re.search(r"\bof\s+$", before) else 0.0
    score -= 0.3 if _RANGE_AFTER.match(after) or _RANGE_BEFORE.search(before) else 0.0
    score += 0.1 if line.level else 0.0
    score += 0.1 if len(line.text) < _SHORT else 0.0
    score -= 0.3 if line.region in ("navigation", "contentinfo") else 0.0
    return score
