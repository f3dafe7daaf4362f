"""From a prompt to an extraction request.

Owns: finding the clause of a prompt that asks for data, and its verb. Must not: look at a
page; unknown wording lowers the certainty and keeps the nouns.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from mock_server.agent.extraction.parts import single_part
from mock_server.agent.extraction.phrases import clean, split_list, take_order
from mock_server.agent.extraction.questions import read_question
from mock_server.agent.extraction.request import ExtractionRequest
from mock_server.agent.extraction.statements import TELLING, read_statement
from mock_server.agent.extraction.words import stems

Json = Any

_MAX_PROMPT: Final = 4000
_LEAD: Final = re.compile(
    r"^(?:please|kindly|now|then|and|finally|next|also|can you|could you|would you|i want (?:you )?to"
    r"|i need (?:you )?to|i'd like (?:you )?to|i want|i need|your task is to|go to \S+ and|(?:visit|open) \S+ and"
    r"|(?:on|from) (?:this|the) (?:page|site|website),?)\s+",
    re.IGNORECASE,
)
_VERB: Final = re.compile(rf"^(?:{TELLING})\b(?:\s+(?:me|us|out|back|down|up|for))?[:\s]*", re.IGNORECASE)
_SPLIT: Final = re.compile(
    r"(?:(?<=[^\d\s.])(?<!\b[A-Z])[.;!?](?=\s|$)|,?\s+\b(?:and then|then|after that|afterwards)\b,?)\s*", re.IGNORECASE
)
_ASKS: Final = re.compile(
    rf"\b(?:{TELLING})\b|^\s*(?:what|who|whose|when|where|which|how|is|are|does|do|did)\b", re.IGNORECASE
)
_ASKS_PLAINLY: Final = re.compile(
    r"\b(?:extract|get|return|list|tell|give|report|collect|scrape|what|who|how|which|find)\b", re.IGNORECASE
)
_GO_AND_TELL: Final = re.compile(
    r"^(?:go to|open|visit|click|log in|sign in|search|navigate|scroll|accept|close)\b.*?\band\s+"
    r"((?:extract|get|return|list|tell|give|report|find|collect|scrape)\b.+)$",
    re.IGNORECASE,
)
_ONLY: Final = re.compile(r"\((?P<fields>[\w\s]+?)\s+only\)|,?\s+(?:only|just) the\s+(?P<more>[\w\s]+)$", re.IGNORECASE)
_WITHOUT_VERB: Final = 0.7
_AND_OF_IT: Final = re.compile(
    rf"^(?P<what>[^.?!]{{8,200}}?)(?:[.?!]\s+|,?\s+(?:and\s+)?then\s+(?=\w+\s+(?:me\s+)?(?:its|their)\b))"
    rf"(?P<tell>(?:{TELLING})\s+(?:me\s+)?(?:its|their|the|only|just)\b[^.?!]*)[.?!]?$",
    re.IGNORECASE,
)
_FIRST_SHOW: Final = re.compile(r"^(?P<what>(?:show|display|list|find)\b.+?),?\s+first$", re.IGNORECASE)
"""*Show all open tickets first*: what is to be done before, not the first of them."""
_TWO_QUESTIONS: Final = re.compile(
    r"^(?P<what>(?:(?:in|on|at|from|by)\s+)?(?:which|what|who|whose|how|when|where)\b.+?),?\s+and\s+"
    r"(?P<more>(?:(?:in|on|at|from|by)\s+)?(?:which|what|who|how|when|where)\b.+)$",
    re.IGNORECASE,
)
_INDIRECT: Final = re.compile(
    r"^(?P<how>how (?:long|much|tall|high|old|far|heavy)|when|where)\s+"
    r"(?P<what>(?!(?:is|are|do|does|did|was|were)\b).+?)\s+(?P<verb>[a-z]+)$",
    re.IGNORECASE,
)
"""*How long green tea keeps*: a question told as what to find out."""
_OF_IT: Final = re.compile(r"\b(?:it|its|they|their|them|he|she|his|her|that one)\b", re.IGNORECASE)


def parse_request(prompt: str, schema: Json = None) -> ExtractionRequest:
    """Return what a prompt asks to be read from the page. Never raises; any text is some request."""
    goal = " ".join(prompt.split())[:_MAX_PROMPT]
    return replace(_parse(clean(goal)), goal=goal, schema=schema)


def _parse(text: str) -> ExtractionRequest:
    if single_part(_LEAD.sub("", text.strip(" .?!"), count=1)) == "summary":
        return ExtractionRequest("", asked="values", fields=("summary",), certainty=0.9)
    text, order = take_order(text.strip(" .?!"))
    request = _joined(text)
    if order is not None and request.asked in ("list", "values", "one") and request.superlative is None:
        return replace(request, superlative=order, asked="list")
    return request


def _joined(text: str) -> ExtractionRequest:
    """Read "Which post is the latest? Return its author": the thing in one sentence, what to tell of it in the next."""
    asked = _both_asked(text)
    if asked is not None:
        return asked
    both = _AND_OF_IT.match(text)
    if both:
        before = _FIRST_SHOW.match(both["what"].strip())
        thing = _read(before["what"] if before else both["what"].strip())
        fields = split_list(_without_verb(both["tell"].strip(" ."))[0])
        if thing.superlative or thing.ordinal or thing.anchor or thing.asked == "list":
            return replace(thing, fields=tuple(fields))
    return _read(text)


def _both_asked(text: str) -> ExtractionRequest | None:
    """Read "Which line is stopped, and what does it make?": the second question is about the answer to the first."""
    two = _TWO_QUESTIONS.match(text)
    if two is None or not _OF_IT.search(text):
        return None
    thing, more = read_question(two["what"]), read_question(two["more"])
    if thing is None or more is None or not more.fields or more.anchor or more.conditions:
        return None
    single = thing.superlative or thing.ordinal or thing.anchor or thing.conditions
    if thing.asked not in ("one", "list", "values") or not (single or thing.fields):
        return None
    return replace(thing, fields=(*(thing.fields or ("",)), *more.fields), counted=False)


def _read(text: str) -> ExtractionRequest:
    clause = _asking_clause(text)
    question = read_question(_LEAD.sub("", clause, count=1))
    if question is not None:
        return question
    body, spoken = _without_verb(clause)
    indirect = _INDIRECT.match(body) if spoken else None
    if indirect and (question := read_question(_asked_directly(indirect))) is not None:
        return question
    only = _ONLY.search(body)
    if only:
        body = (body[: only.start()] + body[only.end() :]).strip()
    request = read_statement(body.strip(" .:,"))
    if only:
        request = replace(request, fields=tuple(split_list(only["fields"] or only["more"])))
    return request if spoken else replace(request, certainty=request.certainty * _WITHOUT_VERB)


def _asked_directly(indirect: re.Match[str]) -> str:
    """Return "how long is X" for "how long X lasts", "how much does X cost" for "how much X costs"."""
    how, what, verb = indirect["how"].lower(), indirect["what"], indirect["verb"].lower()
    if verb in ("is", "are", "was", "were"):
        return f"{how} {verb} {what}"
    if how == "how long":
        return f"how long does {what} take"
    return f"{how} does {what} {verb.removesuffix('s')}"


def _without_verb(clause: str) -> tuple[str, bool]:
    """Strip politeness and the first verb of asking; say whether there was one."""
    body, spoken = clause, False
    while True:
        shorter = _LEAD.sub("", body, count=1)
        verb = None if spoken else _VERB.match(shorter)
        if verb:
            shorter, spoken = shorter[verb.end() :], True
        if shorter == body:
            return body, spoken
        body = shorter


def _asking_clause(text: str) -> str:
    """Return the part of the prompt that asks for data: the last that plainly does, or all of it."""
    pieces = [piece.strip() for piece in _SPLIT.split(text) if piece and piece.strip()]
    asking = [piece for piece in pieces if _ASKS.search(piece)]
    if not asking:
        return pieces[0] if pieces else text
    clause = ([piece for piece in asking if _ASKS_PLAINLY.search(piece)] or asking)[-1]
    if len(stems(clause)) < 2 and len(asking) > 1:  # "return it": nothing to find in there
        clause = asking[0]
    told = _GO_AND_TELL.match(clause)
    return told[1] if told else clause
