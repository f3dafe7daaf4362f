"""Questions: how many, how much, who, when, where, which, what, is it.

Owns: reading a question into a request. Must not: read statements (``statements`` does).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.extraction.phrases import is_plural, read_noun_phrase
from mock_server.agent.extraction.request import ExtractionRequest
from mock_server.agent.extraction.statements import make_request, read_statement
from mock_server.agent.extraction.words import concepts_of, stems

_HOW_MANY: Final = re.compile(
    r"^(?:(?:tell|give|show) me |count |find |get |determine )?"
    r"(?:how many|(?:the )?(?:total )?number of|(?:the )?count of)\s+(?P<what>.+)$",
    re.IGNORECASE,
)
_WRITE: Final = "wrote|posted|published|created|submitted|authored|said|asked|made|sells|sold|started"
_HAPPEN: Final = "published|posted|written|created|released|updated|take place|held|happen|start|begin"
_ABOUT_ONE: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), field)
    for field, pattern in (
        ("price", r"^how much (?:do|does|did|is|are|would|will)\s+(?P<what>.+?)(?:\s+(?:costs?|be|(?:go|sell) for))?$"),
        ("price", r"^what (?:do|does|did)\s+(?P<what>.+?)\s+cost$"),
        ("author", rf"^who (?:{_WRITE})\s+(?P<what>.+)$"),
        ("date", rf"^when (?:was|were|is|are|did|does|do)\s+(?P<what>.+?)(?:\s+(?:{_HAPPEN}))?$"),
        (
            "location",
            r"^where (?:is|are|was|were|does|do|did)\s+(?P<what>.+?)(?:\s+(?:located|take place|held|happen))?$",
        ),
        ("duration", r"^how long (?:is|does|do|are)\s+(?P<what>.+?)(?:\s+take)?$"),
    )
)
_HAPPENS: Final = re.compile(rf"\s+(?:{_HAPPEN}|end|close|open|arrive|leave|cost|costs)$", re.IGNORECASE)
_WHICH: Final = re.compile(
    r"^(?:which|what)\s+(?P<what>[\w ]+?)\s+"
    r"(?P<rest>(?:is|are|was|were|has|have|had|did|does|do|costs?|can|will|should)\b.*)$",
    re.IGNORECASE,
)
_WHAT: Final = re.compile(r"^(?:what|who|which)(?:'s|\s+(?:is|are|was|were))\s+(?P<what>.+)$", re.IGNORECASE)
_WHETHER: Final = re.compile(
    r"^(?:check|verify|confirm|see|tell me|determine|find out)?\s*(?:whether|if)\s+(?P<what>.+)$", re.IGNORECASE
)
_IS_IT: Final = re.compile(r"^(?:is|are|does|do|has|have|can)\s+(?P<what>.+)$", re.IGNORECASE)
_COUNT_TAIL: Final = re.compile(
    r"\s+(?:are|is|were|was|do|does|did|have|has|can)"
    r"(?:\s+(?:there|listed|found|shown|displayed|available|you see|i see|on|in|it|we).*)?$"
    r"|\s+(?:in total|altogether|found|listed|shown|exist|overall)\b.*$",
    re.IGNORECASE,
)
_HAS: Final = re.compile(
    r"^(?P<field>[\w ]+?)\s+(?:does|do|did)\s+(?P<what>.+?)\s+(?:have|has|get|got|receive)$", re.IGNORECASE
)
_COUNT_OF_ONE: Final = re.compile(
    r"^(?P<field>\w+)\s+(?:of|on|for)\s+(?P<what>the (?:top|first|second|third|last|latest)\b.+|[\"'].+)$",
    re.IGNORECASE,
)
_VALUE_KINDS: Final = frozenset({"date", "price", "email", "phone"})


def read_question(text: str) -> ExtractionRequest | None:
    """Return what a question asks for, or None if the text is none."""
    text = text.strip(" ?.")
    many = _HOW_MANY.match(text)
    if many and "," not in many["what"]:
        return _how_many(many["what"])
    for pattern, field in _ABOUT_ONE:
        found = pattern.match(text)
        if found:
            return _one(found["what"], field)
    which = _WHICH.match(text)
    if which:
        return _which(which["what"], which["rest"])
    what = _WHAT.match(text)
    if what:
        return read_statement(what["what"])
    check = _WHETHER.match(text) or _IS_IT.match(text)
    if check:
        return ExtractionRequest("", asked="check", anchor=check["what"], subject=check["what"], certainty=0.5)
    return None


def _how_many(what: str) -> ExtractionRequest:
    has = _HAS.match(what)
    if has:
        return _one(has["what"], has["field"])
    what = _COUNT_TAIL.sub("", what)
    of_one = _COUNT_OF_ONE.match(what)
    if of_one:
        return _one(of_one["what"], of_one["field"])
    return make_request(read_noun_phrase(what), "count", ())


def _which(what: str, rest: str) -> ExtractionRequest:
    """``which product is the cheapest`` asks for a thing, ``which dates did they meet`` for a value."""
    several = is_plural(what)
    if any(concept.kind in _VALUE_KINDS for word in stems(what)[-1:] for concept in concepts_of(word)):
        more = read_noun_phrase(re.sub(r"^(?:did|does|do|is|are|was|were)\s+", "", rest))
        if not several:
            return _one(_HAPPENS.sub("", more.noun if not more.anchor else more.anchor), what)
        return replace(make_request(more, "list", (what,)), subject=what)
    having = re.match(r"^(?:has|have|had)\s+(.+)$", rest)
    tail = f"with {having[1]}" if having else re.sub(r"^(?:is|are|was|were)(?: the)?", "", rest)
    phrase = read_noun_phrase(f"{what} {tail}".strip())
    return replace(make_request(phrase, "list" if several and phrase.superlative is None else "one", ()), subject=what)


def _one(what: str, field: str) -> ExtractionRequest:
    phrase = read_noun_phrase(what)
    made = make_request(phrase, "one", (field,))
    named = made.anchor or phrase.ordinal is not None or phrase.superlative is not None
    return made if named else replace(made, anchor=phrase.noun)
