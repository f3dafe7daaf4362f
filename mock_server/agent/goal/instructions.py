"""Clauses that say to do something to the page: close, download, add, reply, wait and their kind.

Owns: what each of them takes as arguments. Must not: look at a page.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.goal.filling import form_intent
from mock_server.agent.goal.model import FieldValue, Intent, Target
from mock_server.agent.goal.passages import parse_passage
from mock_server.agent.goal.phrases import text_of
from mock_server.agent.goal.targets import bare, parse_target, split_list
from mock_server.agent.goal.text import MARK, Source
from mock_server.agent.goal.words import NUMBERS, PRONOUNS, number_of

_COUNTS: Final = re.compile(
    r"^(?P<number>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:of\s+(?:each|the)\s+)?", re.IGNORECASE
)

_BEGINS_THING: Final = re.compile(
    r"(?:a|an|the|another|\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)\s+\w", re.IGNORECASE
)
_COUNTABLE: Final = frozenset(("add", "buy", "order", "purchase", "book", "reserve"))


def close(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *close the dialog*, *close it by clicking x*."""
    by = re.search(r"\s+by\s+(?:clicking|pressing|tapping|hitting)\s+(?:on\s+)?(?P<what>.+)$", rest, re.IGNORECASE)
    if by:
        target = parse_target(by["what"], source)
        return [Intent("click", text_of(verb, rest, source), target=target)]
    return [Intent("close", text_of(verb, rest, source), target=parse_target(rest, source))]


def next_page(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *next page*."""
    return [Intent("next_page", text_of(verb, rest, source), count=0)]


def download(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *download the latest invoice from the billing page*."""
    text = text_of(verb, rest, source)
    if re.search(r"\b(?:this|the|current|entire|whole)\s+page\b.*\b(?:as|to)\b.*\bpdf\b", rest, re.IGNORECASE):
        return [Intent("print", text)]
    rest = re.sub(
        r"\s+(?:as|to|in)\s+(?:an?\s+)?(?:pdf|csv|excel|file|disk|xlsx|json)(?:\s+(?:file|format))?$",
        "",
        rest.strip(" ."),
        flags=re.IGNORECASE,
    )
    place = re.search(r"\s+(?:from|on)\s+(?:the\s+)?(?P<page>.+?)\s+(?:page|section|tab)$", rest, re.IGNORECASE)
    aims: list[Intent] = []
    if place:
        rest = rest[: place.start()]
        aims = [Intent("open", text, target=parse_target(place["page"], source), confidence=0.8)]
    return [*aims, Intent("download", text, target=parse_target(rest, source))]


def print_page(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *print the page*; printing anything else is telling it."""
    if re.match(
        r"(?:out\s+)?(?:the\s+|this\s+|current\s+)*(?:page|document|article|receipt|invoice)?\s*(?:$|as\b|to\b)",
        rest,
        re.IGNORECASE,
    ):
        return [Intent("print", text_of(verb, rest, source))]
    return [Intent("extract", text_of(verb, rest, source), value=text_of(verb, rest, source), confidence=0.8)]


def operate(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read a verb the page has a control for, with the thing it is done to: *add two mugs to the cart*."""
    text = text_of(verb, rest, source)
    if verb == "save" and re.search(r"\bpdf\b", rest, re.IGNORECASE) and re.search(r"\bpage\b", rest, re.IGNORECASE):
        return [Intent("print", text)]
    if verb == "save" and re.search(r"\b(?:file|pdf|csv|document|invoice|report)\b", rest, re.IGNORECASE):
        return download(verb, rest, source)
    count = 1
    counted = _COUNTS.match(rest)
    if counted and verb in _COUNTABLE:
        count = NUMBERS.get(counted["number"].lower()) or number_of(counted["number"]) or 1
        rest = rest[counted.end() :]
    into = re.match(
        r"(?P<what>.+?)\s+(?P<place>(?:to|into|in|from|as)\s+(?:the\s+|my\s+|your\s+)?(?P<noun>[\w\s-]+))$",
        rest,
        re.IGNORECASE,
    )
    value = verb
    if into and verb in ("add", "remove", "mark", "save"):
        preposition = into["place"].split()[0].lower()
        value = f"{verb} {preposition} {bare(source.plain(into['noun']))}"
        rest = into["what"]
        if verb == "add" and (several := _each(rest, value, text, source)):
            return several
    amounts = _amounts(rest, count, source) if counted and verb in _COUNTABLE else ()
    if amounts:
        return [Intent("operate", text, value=value, fields=amounts, confidence=0.8)]
    items = re.match(
        r"(?:of\s+)?(?:each\b\s*)?(?:(?:of\s+)?(?:the\s+)?(?:following\s+)?items?\s*)?:\s*(?P<list>.+)$",
        rest,
        re.IGNORECASE,
    )
    choices = tuple(parse_target(part, source) for part in split_list(items["list"])) if items else ()
    said = rest.strip(" .")
    pronoun = Target(phrase=said, name=said) if said.casefold() in PRONOUNS else None
    target = Target() if choices else pronoun or parse_target(rest, source)
    return [Intent("operate", text, target=target, value=value, count=count, choices=choices, confidence=0.8)]


def _each(rest: str, value: str, text: str, source: Source) -> list[Intent]:
    """Read *a loaf and two tarts*, *the lamp and the rug* as one deed for each; nothing if it is one thing."""
    parts = split_list(rest)
    begun = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", rest.strip(" ."))
    if len(parts) <= 1 or len(parts) != len(begun) or not all(_BEGINS_THING.match(part) for part in begun[1:]):
        return []
    found: list[Intent] = []
    for part in begun:
        counted = _COUNTS.match(part)
        count = (NUMBERS.get(counted["number"].lower()) or number_of(counted["number"]) or 1) if counted else 1
        target = parse_target(part[counted.end() :] if counted else part, source)
        found.append(Intent("operate", text, target=target, value=value, count=count, confidence=0.8))
    return found


def _amounts(rest: str, count: int, source: Source) -> tuple[FieldValue, ...]:
    """Read *(3) apples and 2 pears* as two amounts; nothing if only one thing is counted."""
    parts = split_list(rest)
    counts = [_COUNTS.match(part) for part in parts]
    if len(parts) <= 1 or not all(counts[1:]):
        return ()
    found = [FieldValue(source.plain(parts[0]).strip(" ."), str(count))]
    for part, number in zip(parts[1:], counts[1:], strict=True):
        if number is not None:
            amount = NUMBERS.get(number["number"].lower()) or number_of(number["number"]) or 1
            found.append(FieldValue(source.plain(part[number.end() :]).strip(" ."), str(amount)))
    return tuple(found)


def compose(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *reply to them with the text …*."""
    quote = source.first(rest, "quote")
    match = re.match(
        (
            r"(?:to\s+|on\s+|with\s+)*(?P<whom>.*?)\s*(?:\b(?:with|saying|that says|:)\s*(?:the\s+)?(?:text|"
            r"message|comment|words)?\s*(?P<body>.*))?$"
        ),
        rest,
        re.IGNORECASE,
    )
    body = quote.text if quote else source.plain(match["body"] or "") if match else ""
    whom = MARK.sub("", match["whom"]) if match else ""
    text = text_of(verb, rest, source)
    if verb in ("forward", "pass on"):
        return [_forwarded(verb, rest, source)]
    if not body:
        return [Intent("operate", text, target=parse_target(whom, source), value=verb, confidence=0.6)]
    return [Intent("compose", text, target=parse_target(whom, source), value=body, direction=verb, submit=True)]


def _forwarded(verb: str, rest: str, source: Source) -> Intent:
    """Read *forward the mail from X to Y*: what, and to whom."""
    to = re.match(r"(?P<what>.*?)\s*\b(?:on\s+)?to\s+(?P<whom>[^,]+)$", rest, re.IGNORECASE)
    what, whom = (to["what"], source.plain(bare(to["whom"]))) if to else (rest, "")
    target = parse_target(what, source) if what.strip().casefold() not in PRONOUNS else Target()
    text = text_of(verb, rest, source)
    if not whom:
        return Intent("operate", text, target=target, value="forward", confidence=0.6)
    return Intent("compose", text, target=target, fields=(FieldValue("to", whom),), direction="forward", submit=True)


def wait(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *wait three seconds*, *wait for the results to appear*."""
    match = re.search(r"(\d{1,3})\s*(?:s|sec|second)", rest, re.IGNORECASE)
    until = re.search(
        r"\b(?:for|until|till)\s+(?P<what>.+?)(?:\s+(?:to\s+)?(?:appears?|is\s+visible|loads?|shows?(?:\s+up)?|has\s+loaded|finish(?:es|ed)?))?$",
        rest,
        re.IGNORECASE,
    )
    what = "" if match or not until else bare(source.plain(until["what"]))
    return [
        Intent(
            "wait",
            text_of(verb, rest, source),
            count=int(match[1]) if match else 0,
            until="" if what.lower() in ("page", "it") else what,
        )
    ]


def locate(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *find X in the list*: where the next instruction is to act."""
    text = text_of(verb, rest, source)
    if verb not in ("find", "locate", "look for"):
        return [Intent("locate", text, value=text)]
    within = re.match(r"(?P<what>.+?)\s+(?:in|on|from|within)\s+(?:the|this|my)\s+(?P<place>.+)$", rest, re.IGNORECASE)
    about_text = re.search(r"\b(?:word|line|sentence|paragraph|number|letter|text)\b", rest, re.IGNORECASE)
    what = within["what"] if within and not about_text else rest
    passage = parse_passage(rest, source)
    return [Intent("locate", text, target=parse_target(what, source), value=text, passage=passage)]


def verify(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *make sure that …*; *confirm the order* is a control of the page."""
    claim = re.sub(r"^(?:that|whether|if)\s+", "", source.plain(rest), flags=re.IGNORECASE)
    if verb == "confirm" and not re.match(r"(?:that|whether|if)\b", rest, re.IGNORECASE):
        return [
            Intent(
                "operate",
                text_of(verb, rest, source),
                target=parse_target(rest, source),
                value="confirm",
                confidence=0.7,
            )
        ]
    return [Intent("verify", text_of(verb, rest, source), value=claim)]


def upload(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *upload report.pdf to the attachment field*."""
    match = re.match(r"(?P<what>.+?)\s+(?:to|into|in|as|using)\s+(?P<place>.+)$", rest, re.IGNORECASE)
    what = match["what"] if match else rest
    target = parse_target(match["place"], source) if match else Target()
    return [Intent("upload", text_of(verb, rest, source), value=source.plain(bare(what)), target=target)]


def drag(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *drag X to Y*, *to the third position*, *above Y*, *to the left*, *all X into Y*."""
    text = text_of(verb, rest, source)
    rest = re.sub(
        r"\s+(?:by\s+dragging|with\s+the\s+mouse)(?:\s+(?:it|them))?$", "", rest.strip(" ."), flags=re.IGNORECASE
    )
    way = re.search(
        r"\s+(?:to\s+the\s+|towards?\s+the\s+)?(?P<way>left|right|up|down)(?:wards?)?$", rest, re.IGNORECASE
    )
    if way:
        target = parse_target(rest[: way.start()], source)
        return [Intent("drag", text, target=target, direction=way["way"].lower())]
    beside = re.match(
        r"(?P<what>.+?)\s+(?:to\s+)?(?P<place>(?:just\s+|directly\s+)?(?:above|below|under|before|after|next\s+to|beside|"
        r"(?:to\s+)?(?:the\s+)?(?:left|right)\s+of)\s+.+)$",
        rest,
        re.IGNORECASE,
    )
    if beside:
        place = re.sub(r"^(?:just\s+|directly\s+)?before\s", "above ", beside["place"], flags=re.IGNORECASE)
        place = re.sub(r"^(?:just\s+|directly\s+)?after\s", "below ", place, flags=re.IGNORECASE)
        spot = replace(parse_target(f"spot {place}", source), name="")
        return [Intent("drag", text, target=parse_target(beside["what"], source), choices=(spot,))]
    match = re.match(r"(?P<what>.+?)\s+(?:to|into|onto|on|over|inside|in)\s+(?P<place>.+)$", rest, re.IGNORECASE)
    what, place = (match["what"], match["place"]) if match else (rest, "")
    return [Intent("drag", text, target=parse_target(what, source), choices=(parse_target(place, source),))]


def hover(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *hover over X*."""
    return [
        Intent(
            "hover",
            text_of(verb, rest, source),
            target=parse_target(re.sub(r"^(?:over|on)\s+", "", rest, flags=re.IGNORECASE), source),
        )
    ]


def form(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *complete the form with …*, *sign up as …*."""
    if verb == "complete" and not re.search(
        r"\bform|sign|regist|application|survey|questionnaire|details\b", rest, re.IGNORECASE
    ):
        return [
            Intent(
                "operate",
                text_of(verb, rest, source),
                target=parse_target(rest, source),
                value="complete",
                confidence=0.5,
            )
        ]
    return [form_intent(verb, rest, source)]
