"""Words that stand for a text of the page: *the text below*, *the third word of the paragraph*, *your answer*.

Owns: telling such words from text that is meant as it stands. Must not: look at a page;
the planner reads what is meant.
"""

from __future__ import annotations

import re
from typing import Final

from mock_server.agent.goal.model import Passage, Target
from mock_server.agent.goal.targets import bare, parse_target
from mock_server.agent.goal.text import MARK, Source
from mock_server.agent.goal.words import ordinal_of

_UNITS: Final = (
    r"text|words?|codes?|numbers?|characters?|letters?|strings?|phrases?|sentences?|lines?|paragraphs?|captcha|"
    r"contents?|value"
)
_SHOWN: Final = (
    r"(?:that\s+(?:is|are|you\s+see)\s+|which\s+(?:is|are)\s+|as\s+|you\s+see\s+)?"
    r"(?:shown|displayed|written|given|printed|seen)?"
)
_BELOW: Final = re.compile(
    rf"^(?P<unit>{_UNITS})\s*{_SHOWN}\s*(?:just\s+)?"
    r"(?P<where>below|above|on (?:the|this) (?:page|screen)|here|shown|displayed)$",
    re.IGNORECASE,
)
_COUNTED: Final = re.compile(
    r"^(?P<which>[\w-]+)\s+(?P<unit>word|line|sentence|paragraph|letter|character)(?:\s+(?:in|of|from|on|inside|within)\s+(?P<place>.+))?$",
    re.IGNORECASE,
)
_HELD: Final = re.compile(
    rf"^(?P<unit>{_UNITS})\s+(?:that\s+is\s+|which\s+is\s+)?(?P<link>in|of|from|inside|within)\s+(?P<place>.+)$",
    re.IGNORECASE,
)
_FACT: Final = re.compile(r"^(?:value|content)\s+(?:of|for|next to|beside)\s+(?P<name>.+)$", re.IGNORECASE)
_ANSWER: Final = re.compile(
    r"^(?:your\s+|the\s+|correct\s+|right\s+)*(?:answer|result|solution|sum|value of [a-z])(?:\s+to\s+.+)?$",
    re.IGNORECASE,
)


def parse_passage(text: str, source: Source) -> Passage | None:
    """Return what part of the page the masked words stand for; None if they are text of their own."""
    said = text.strip(" .,;:")
    if _ANSWER.match(said):
        return Passage("answer")
    rest = bare(said)
    counted = _COUNTED.match(rest)
    if counted and (number := ordinal_of(counted["which"])) is not None:
        return Passage(counted["unit"].lower(), number, _place(counted["place"], source))
    fact = _FACT.match(rest)
    if fact and not _is_field(fact["name"], source):
        return Passage("value", name=source.plain(bare(fact["name"])))
    below = _BELOW.match(rest)
    if below and said != rest:  # *the text below*: without an article it may be meant as it stands
        return Passage("text", below=below["where"].lower() == "below")
    held = _HELD.match(rest)
    if held and held["link"].lower() == "of" and not held["unit"].lower().startswith(("text", "content", "value")):
        held = None  # *the number of guests* is no text of the page
    if held and said != rest and not MARK.search(held["unit"]):
        return Passage("text", place=_place(held["place"], source))
    return None


def _is_field(name: str, source: Source) -> bool:
    target = parse_target(name, source)
    return bool(target.roles) and "textbox" in target.roles


def _place(text: str | None, source: Source) -> Target | None:
    if not text:
        return None
    place = re.sub(r"\s+(?:below|above|on (?:the|this) page)$", "", source.plain(text), flags=re.IGNORECASE)
    return parse_target(place, source)
