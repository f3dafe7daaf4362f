"""A list that goes on over several pages, gathered page by page.

Owns: when to go on to the next page for more entries, and putting the pages' answers together.
Must not: read a page (``extraction`` does), or go on where the prompt asks for one page only.
"""

from __future__ import annotations

import re
from typing import Any, Final

from mock_server.agent.extraction import Extraction, ExtractionRequest
from mock_server.agent.planner.exploring import next_page_link
from mock_server.agent.planner.model import Decision, Situation, act

Json = Any

_ACROSS: Final = re.compile(
    r"\b(?:all|every|each(?: of the)?|the whole|multiple|across|several)\s+(?:of\s+)?(?:the\s+)?"
    r"(?:search\s+|results?\s+|list\s+|available\s+|product\s+)?pages?\b(?!\s+(?:title|url|heading|link))",
    re.IGNORECASE,
)
_THE_FIRST: Final = re.compile(r"\bfirst\s+(?P<count>\d{1,2}|two|three|four|five|six|ten)\s+pages\b", re.IGNORECASE)
_WORDS: Final = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
MOST_PAGES: Final = 40
_LONG_ENOUGH: Final = 3
"""A list of fewer entries is not one that goes on."""


def pages_asked(prompt: str) -> int:
    """Return on how many pages a prompt asks to look: 1 for the one that is open, at most ``MOST_PAGES``."""
    first = _THE_FIRST.search(prompt)
    if first:
        word = first["count"].lower()
        return min(_WORDS.get(word) or int(word), MOST_PAGES)
    return MOST_PAGES if _ACROSS.search(prompt) else 1


def gather(at: Situation, request: ExtractionRequest, answer: Extraction) -> Decision | None:
    """Go on to the next page for more, or tell all that was gathered; None where this page is all there is to it."""
    before = at.memory.gathered
    whole = joined([*before, answer.output]) if answer.found else joined(before)
    asked = pages_asked(at.goal.prompt)
    wanted = request.count if request.asked == "list" and request.ordinal is None else None
    rows = len(longest(whole))
    if asked == 1 and not before and (wanted is None or not _LONG_ENOUGH <= rows < wanted):
        return None
    link = next_page_link(at)
    new = answer.found and rows > len(longest(joined(before)))
    open_end = asked > 1 or (wanted is not None and rows < wanted)
    more = (
        new
        and open_end
        and len(before) + 1 < max(asked, MOST_PAGES if asked == 1 else 0)
        and rows < (wanted or rows + 1)
    )
    if link is not None and more:
        reasoning = f"{rows} entries were gathered so far; {link.name[:60]!r} leads to the next page of the list."
        return act(reasoning, at.move("click", reasoning, link, completes=False, gathers=answer.output))
    if not before:
        return None
    output = cut(whole, wanted)
    reasoning = f"{len(longest(output))} entries of {len(before) + new} pages. {answer.reason}".strip()
    goal = at.intent.value or at.intent.text
    return act(reasoning, at.move("extract", reasoning, extraction_goal=goal, output=output))


def joined(outputs: Any) -> Json:
    """Return the pages' answers as one: lists one after the other, entries that were there already left out."""
    whole: Json = None
    for output in outputs:
        whole = output if whole is None else _both(whole, output)
    return whole


def _both(one: Json, other: Json) -> Json:
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *(entry for entry in other if entry not in one)]
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _both(one.get(key), other.get(key)) for key in dict.fromkeys((*one, *other))}
    return other if one is None else one


def longest(output: Json) -> list[Json]:
    """Return the longest list an answer holds; empty if it holds none."""
    if isinstance(output, list):
        return output
    if isinstance(output, dict):
        return max((longest(value) for value in output.values()), key=len, default=[])
    return []


def cut(output: Json, count: int | None) -> Json:
    """Return an answer with no more entries than were asked for."""
    if count is None:
        return output
    if isinstance(output, list):
        return output[:count]
    if isinstance(output, dict):
        return {key: cut(value, count) for key, value in output.items()}
    return output
