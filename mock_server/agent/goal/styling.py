"""Clauses about a stretch of text: highlight it, give it a style.

Owns: which words are meant, and in what style. Must not: look at a page.
"""

from __future__ import annotations

import re
from typing import Final

from mock_server.agent.goal.model import Intent, Target
from mock_server.agent.goal.phrases import text_of
from mock_server.agent.goal.targets import bare, parse_target
from mock_server.agent.goal.text import Source

_STYLES: Final = (
    r"bold(?:ed)?|italics?|italici[sz]ed|underlined?|strike(?:through)?|red|green|blue|yellow|orange|purple|black|white|"
    r"gr[ae]y|pink|brown|larger?|smaller?|centered|heading"
)
_MADE: Final = re.compile(
    rf"^(?P<what>.+?)\s+(?:(?:in|to|as|to be|into)\s+)?(?:the\s+)?(?:style\s+|colou?r\s+|font\s+)?(?P<style>{_STYLES})"
    r"(?:\s+(?:style|colou?r|font|text|type))?$",
    re.IGNORECASE,
)
_GIVEN: Final = re.compile(
    r"^(?P<what>.+?)\s+(?:a\s+|an\s+|the\s+)(?:style\s+|colou?r\s+)?"
    rf"(?P<style>{_STYLES})(?:\s+(?:style|colou?r))?$",
    re.IGNORECASE,
)
_TEXTS: Final = re.compile(r"^(?:everything|all)\b|\b(?:text|words?|phrase|sentence|paragraph)\b|\ue000", re.IGNORECASE)
_STRETCH: Final = re.compile(
    r"(?:all\s+)?(?:of\s+)?(?:the\s+)?(?:text|words?|sentence|phrase|paragraph)\b(?!\s*(?:box|field|area))",
    re.IGNORECASE,
)
_IN: Final = re.compile(r"\s+(?:in|of|from|inside|within)\s+(?P<place>(?:the|this)\s+.+)$", re.IGNORECASE)


def style(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *make the text "X" bold*, *give everything the style italic*; nothing if it is about something else."""
    said = rest.strip(" .")
    match = (_GIVEN if verb == "give" else _MADE).match(said)
    whole = match is not None and re.match(
        r"(?:everything|all|the\s+(?:whole\s+)?text|\ue000)", bare(match["what"]) or "", re.IGNORECASE
    )
    if match is None or not (
        whole or re.search(r"\b(?:text|words?|phrase|sentence|paragraph)\b|\ue000", match["what"])
    ):
        return []
    quoted = source.first(match["what"], "quote")
    text = text_of(verb, rest, source)
    value = quoted.text if quoted else ""
    return [Intent("mark", text, target=Target(), value=value, direction=match["style"].lower())]


def mark(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *highlight the paragraph*, *select the text "X" in the letter*."""
    text = text_of(verb, rest, source)
    quoted = source.first(rest, "quote")
    place = _IN.search(rest)
    what = place["place"] if place else "" if quoted else rest
    target = parse_target(what, source) if what else Target()
    return [Intent("mark", text, target=target, value=quoted.text if quoted else "")]


def is_stretch(rest: str) -> bool:
    """Whether *select …* is about text rather than about a choice."""
    return bool(_STRETCH.match(rest))
