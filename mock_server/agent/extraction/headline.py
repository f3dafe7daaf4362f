"""What a page is about, in its own words.

Owns: finding the line that heads the page, and a page's description in few words. Must not:
look for other values.
"""

from __future__ import annotations

import re
from typing import Any, Final

from mock_server.agent.extraction.words import stems, tokens
from mock_server.agent.observation import Line, Observation

ASIDE: Final = frozenset({"navigation", "contentinfo", "complementary", "banner"})
"""Regions that are beside the matter of a page."""
_LEVELS: Final = {1: 3.0, 2: 1.6, 3: 0.8}
_MAX_HEADLINE: Final = 300
_SET_APART: Final = re.compile(r"\s+[-|\u00b7\u2022\u2013\u2014:]\s+")


def find_headline(seen: Observation, subject: str = "") -> int:
    """Return the index of the line that names what the page is about; -1 if none does."""
    scored = [(_score(line, place, seen.title, subject), -place) for place, line in enumerate(seen.lines)]
    best = max(scored, default=(0.0, 0))
    return -best[1] if best[0] > 0 else -1


def _score(line: Line, place: int, title: str, subject: str) -> float:
    if not 1 < len(line.text) <= _MAX_HEADLINE:
        return 0.0
    score = _LEVELS.get(line.level, 0.0) + min(line.size, 60.0) / 20
    if title:
        shared, said, own = shared_words(line.text, title), len(tokens(title)), len(tokens(line.text))
        score += 2.2 * min(shared / max(min(own, said), 1), 1.0) * min(shared / max(said, 1) + 0.35, 1.0)
    if subject and len(tokens(line.text)) <= 2 and set(stems(subject)) & set(stems(line.text)):
        score -= 0.5  # "Article" alone heads the kind, not the thing
    if line.region in ASIDE:
        score -= 2.2
    return score - min(place, 400) / 400


def shared_words(one: str, other: str) -> int:
    """Return the length in words of the longest run two texts share."""
    first, second = tokens(one), tokens(other)
    best = 0
    lengths = [0] * (len(second) + 1)
    for word in first:
        previous = 0
        for place, candidate in enumerate(second):
            kept = lengths[place + 1]
            lengths[place + 1] = previous + 1 if word == candidate else 0
            previous = kept
            best = max(best, lengths[place + 1])
    return best


def without_trimmings(heading: str, title: str) -> str:
    """Return the piece of a heading that the document's title repeats, if the rest is set apart or a price."""
    pieces = [piece.strip() for piece in _SET_APART.split(heading)]
    if len(pieces) < 2:
        return heading
    best = max(pieces, key=lambda piece: (shared_words(piece, title), len(piece)))
    whole = shared_words(best, title) == len(tokens(best)) >= 2  # a word alone is often the site's name
    return best if whole and shared_words(heading, title) <= shared_words(best, title) else heading


def describe_page(observation: Observation) -> str:
    """Return in a few words what a page shows, for reasons people read."""
    heading = next((line.text for line in observation.lines if line.level == 1), "") or observation.title
    groups = sorted(observation.groups, key=lambda group: -group.area)[:2]
    lists = ", ".join(
        f"{len(group.records)} entries{f' under {group.title!r}' if group.title else ''}" for group in groups
    )
    parts = [part for part in (f"{heading[:80]!r}" if heading else "", lists) if part]
    return " with ".join(parts) or "no readable text"


def any_value(value: Any) -> bool:
    """Return True if an output holds at least one value that is not null or empty."""
    if isinstance(value, dict):
        return any(any_value(inner) for inner in value.values())
    if isinstance(value, list):
        return any(any_value(inner) for inner in value)
    return value not in (None, "")
