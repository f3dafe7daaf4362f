"""Clauses that choose: select, check, sort, filter.

Owns: reading what is to be chosen, and from what. Must not: look at a page.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.goal.model import Intent, Target
from mock_server.agent.goal.phrases import menu_path, text_of
from mock_server.agent.goal.styling import is_stretch, mark
from mock_server.agent.goal.targets import bare, parse_target, split_list
from mock_server.agent.goal.text import Source
from mock_server.agent.goal.verbs import VERBS

_INFORMATION: Final = re.compile(
    r"^(?:the\s+|a\s+)?(?:current\s+|total\s+)?(?:price|cost|status|availability|weather|temperature|balance|title|name|number|amount|stock|rating|score|"
    r"date|time|address|phone|email|order status|opening hours|version|total|result)s?\b",
    re.IGNORECASE,
)


_CHECKABLE: Final = re.compile(
    r"\b(?:box|boxes|checkbox|checkboxes|option|options|terms|agree|newsletter|consent|privacy|remember)\b|\ue000",
    re.IGNORECASE,
)


def select(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *select X, Y and Z from the list*."""
    text = text_of(verb, rest, source)
    if path := menu_path(verb, rest, source):
        return path
    if verb == "select" and is_stretch(rest):
        return mark(verb, rest, source)
    if re.fullmatch(
        r"nothing|none(?:\s+of\s+(?:them|the\s+\w+))?|no\s+(?:options?|items?|boxes|checkboxes)",
        rest.strip(" ."),
        re.IGNORECASE,
    ):
        return [Intent("select", text, value="nothing")]
    named = re.match(
        r"(?:the\s+)?(?P<name>[^\ue000]{1,60}?)\s+(?:to be|as)\s+(?P<value>\ue000\d+\ue001)$", rest, re.IGNORECASE
    )
    if named:
        return [
            Intent(
                "select", text, target=parse_target(named["name"], source), choices=(_choice(named["value"], source),)
            )
        ]
    rest, place = _place(rest, source)
    whole = parse_target(rest, source)
    if whole.starts or whole.ends or whole.contains:
        return [Intent("select", text, target=place, choices=(whole,))]
    everything = re.match(r"(?:all|every|each)\b", rest, re.IGNORECASE)
    choices = (parse_target(rest, source),) if everything else tuple(_choice(part, source) for part in split_list(rest))
    return [Intent("select", text, target=place, choices=choices)]


def _choice(part: str, source: Source) -> Target:
    target = parse_target(
        re.sub(r"^(?:the\s+)?(?:options?|items?|values?)\s+(?=\S)", "", part, flags=re.IGNORECASE), source
    )
    if target.roles and not target.name and target.ordinal is None:
        return replace(target, name=target.phrase)
    return target


def _place(rest: str, source: Source) -> tuple[str, Target]:
    """Part *X from the Y list* into (X, the Y list)."""
    for pattern in (
        r"\s+(?:from|in|on|under|out of|within)\s+(?P<place>.+)$",
        r"\s+(?:as|for)\s+(?P<place>.+)$",
        r"\s+with\s+(?P<place>(?:the|a)\s+.+)$",
    ):
        match = re.search(pattern, rest, re.IGNORECASE)
        if (
            match
            and rest[: match.start()].strip()
            and not re.match(r"(?:the\s+)?(?:row|dialog)", match["place"], re.IGNORECASE)
        ):
            return rest[: match.start()], parse_target(match["place"], source)
    return rest, Target()


def check(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *check the boxes*; *check the price* is a question, *check that …* a claim."""
    text = text_of(verb, rest, source)
    if re.match(r"(?:if|whether|that)\b", rest, re.IGNORECASE):
        return [Intent("verify", text, value=source.plain(re.sub(r"^\w+\s+", "", rest)))]
    if (
        verb == "check"
        and not _CHECKABLE.search(rest)
        and (_INFORMATION.match(rest) or re.match(r"(?:for|how|what)\b", rest, re.IGNORECASE))
    ):
        return [Intent("extract", text, value=text)]
    kind = VERBS[verb]
    target = parse_target(rest, source)
    if target.every or target.quoted:
        choices = (
            (target,)
            if target.every or len(source.all(rest, "quote")) == 1
            else tuple(_choice(part, source) for part in split_list(rest))
        )
    else:
        choices = tuple(_choice(part, source) for part in split_list(rest))
    return [Intent(kind, text, choices=choices, confidence=1.0 if _CHECKABLE.search(rest) else 0.8)]


def sort(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *sort the list by price from low to high*."""
    text = text_of(verb, rest, source)
    plain = source.plain(rest)
    rest = re.sub(r"\s+by\s+dragging(?:\s+\w+)?$", "", rest.strip(" ."), flags=re.IGNORECASE)
    plain = source.plain(rest)
    match = re.search(r"\b(?:by|on)\s+(?P<key>.+)$", plain, re.IGNORECASE)
    key = match["key"] if match else plain
    thing = re.match(r"(?P<what>.+?)\s+(?:by|on)\s", rest, re.IGNORECASE)
    down = re.search(
        r"\b(?:descending|decreasing|desc|high(?:est)?\s+(?:to\s+low|first)|newest\s+first|largest\s+first|z\s*(?:to|-)\s*a|most\b.*first)\b",
        plain,
        re.IGNORECASE,
    )
    up = re.search(
        r"\b(?:ascending|increasing|asc|low(?:est)?\s+(?:to\s+high|first)|oldest\s+first|cheapest\s+first|smallest\s+first|a\s*(?:to|-)\s*z)\b",
        plain,
        re.IGNORECASE,
    )
    key = re.sub(r"[,(]?\s*(?:in\s+)?(?:descending|ascending|desc|asc)(?:\s+order)?\)?", "", key, flags=re.IGNORECASE)
    direction = "descending" if down else "ascending" if up else ""
    target = parse_target(thing["what"], source) if thing else Target()
    return [Intent("sort", text, target=target, value=bare(key), direction=direction)]


def narrow(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *filter by brand X*, *show only Y*."""
    match = re.search(r"\b(?:by|for|to|on|with)\s+(?P<what>.+)$", rest, re.IGNORECASE)
    what = match["what"] if match else rest
    return [
        Intent(
            "filter",
            text_of(verb, rest, source),
            target=parse_target(what, source),
            value=source.plain(what).strip(" ."),
        )
    ]
