"""Replies that stand below a question: frequently asked questions, forums, help pages.

Owns: finding the question of the page that is the one asked, and what is said below it. Must not:
judge whether a reply is a yes (``checking``), or read values out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mock_server.agent.extraction.words import STOP_WORDS, stem, tokens
from mock_server.agent.observation import Line, Observation

_NEARLY_ALL: Final = 0.75
"""Share of a question's telling words that must be in the other one."""
_LINES: Final = 3
"""Paragraphs a reply may have."""
_LONGEST: Final = 200
_ASKING: Final = frozenset(
    [
        "long",
        "much",
        "many",
        "often",
        "far",
        "can",
        "could",
        "will",
        "would",
        "should",
        "may",
        "must",
        "get",
        "find",
        "out",
    ]
)
"""Words of asking, which say little about what is asked."""


def reply_to(asked: str, seen: Observation) -> str:
    """Return what the page says below the question that is asked; nothing if it has no such question."""
    wanted = _telling(asked)
    lines: Sequence[Line] = seen.lines
    best: tuple[float, int] | None = None
    for place, line in enumerate(lines):
        if not is_question(line.text) or len(line.text) > _LONGEST:
            continue
        own = _telling(line.text)
        shared = len(wanted & own)
        if not own or not shared or shared < _NEARLY_ALL * min(len(own), len(wanted)):
            continue
        score = shared / len(own | wanted)
        if best is None or score > best[0]:
            best = (score, place)
    return _below(lines, best[1]) if best is not None else ""


def is_question(text: str) -> bool:
    """Whether a line asks rather than tells."""
    return text.rstrip().endswith("?")


def _below(lines: Sequence[Line], place: int) -> str:
    told: list[str] = []
    for line in lines[place + 1 : place + 1 + _LINES]:
        if is_question(line.text) or line.level or line.region != lines[place].region:
            break
        told.append(line.text)
    return " ".join(told)


def _telling(text: str) -> frozenset[str]:
    words = frozenset(stem(token) for token in tokens(text) if token not in STOP_WORDS)
    return words - _ASKING
