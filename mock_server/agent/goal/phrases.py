"""What many kinds of clauses have in common: how often, until when, in which words.

Owns: small readings shared by the readers of clauses. Must not: decide what a clause
means.
"""

from __future__ import annotations

import re
from typing import Final

from mock_server.agent.goal.model import Intent, Target
from mock_server.agent.goal.targets import bare
from mock_server.agent.goal.text import Source
from mock_server.agent.goal.words import number_of

_NAME_WORDS: Final = 5
"""Words an entry of a menu may have."""
_TIMES: Final = re.compile(r"\s*,?\s+(?:(?P<number>\d{1,3}|\w+)\s+times|(?P<word>once|twice))\b", re.IGNORECASE)


_UNTIL: Final = re.compile(r"\s*,?\s+(?:until|till|as long as|while)\s+(?P<until>.+)$", re.IGNORECASE)


def text_of(verb: str, rest: str, source: Source) -> str:
    """Return the words of a clause as the prompt wrote them, from its verb and rest."""
    return source.written(f"{verb} {rest}").strip()


def menu_path(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *File > Export > As PDF* as one click after the other; nothing if it is no such path."""
    parts = [bare(source.plain(part)) for part in re.split(r"\s*(?:>+|→|»)\s*", rest.strip(" ."))]
    if len(parts) <= 1 or not all(parts) or any(len(part.split()) > _NAME_WORDS for part in parts):
        return []
    return [
        Intent("click", text_of(verb, part, source), target=Target(phrase=part, name=part, quoted=True))
        for part in parts
    ]


def loops(rest: str, source: Source) -> tuple[str, int, str]:
    """Take *until …* and *three times* off the end: (what is left, count, until)."""
    until = ""
    match = _UNTIL.search(rest)
    if match:
        quoted = source.first(match["until"], "quote")
        until = quoted.text if quoted else seen(source.plain(match["until"]))
        rest = rest[: match.start()]
    count = 1
    times = _TIMES.search(rest)
    if times:
        count = number_of(times["number"] or times["word"] or "1") or 1
        rest = rest[: times.start()] + rest[times.end() :]
    return rest, count, until


def seen(text: str) -> str:
    """Return what is to be seen: *you see "The end" on the page* is *The end*."""
    what = re.sub(
        r"^(?:you|it|the page)\s+(?:can\s+)?(?:see|reach|find|get\s+to|shows?|says?)\s+",
        "",
        text.strip(" ."),
        flags=re.IGNORECASE,
    )
    return bare(
        re.sub(r"\s+(?:appears?|shows?\s+up|is\s+(?:visible|shown|displayed|reached))$", "", what, flags=re.IGNORECASE)
    )
