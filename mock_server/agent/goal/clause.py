"""One clause of a prompt read as one intent (seldom two).

Owns: what each kind of instruction takes as arguments. Must not: split sentences
(``text``), read name-value lists (``filling``) or look at a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mock_server.agent.goal import instructions, selections, styling
from mock_server.agent.goal.filling import applied, type_intents
from mock_server.agent.goal.model import FieldValue, Intent, Target
from mock_server.agent.goal.passages import parse_passage
from mock_server.agent.goal.phrases import loops, menu_path, text_of
from mock_server.agent.goal.targets import bare, parse_target, split_list
from mock_server.agent.goal.text import MARK, Source, strip_lead, verb_of
from mock_server.agent.goal.verbs import VERBS
from mock_server.agent.goal.words import KEYS, PRONOUNS, ordinal_of

_PURPOSE: Final = re.compile(
    r"\s*,?\s+(?:in order to|so as to|so that you can|to)\s+(?P<purpose>[a-z].*)$", re.IGNORECASE
)


_READING: Final = re.compile(
    r"(?:an?|the|my)\s+(?P<name>[a-z][a-z -]{1,30}?)\s+of\s+(?P<value>\S{1,40})"
    r"(?:\s+(?:for|on|dated|from)\s+(?P<date>\ue000\d+\ue001|\d{1,2} \w+ \d{4}))?",
    re.IGNORECASE,
)
"""*Submit a reading of 20417 for 2026-11-20*: what is handed in, its value, and its day."""
_BASKET: Final = re.compile(
    r"(?P<what>.+?)\s+(?:in|into)\s+(?P<place>(?:the|my|your)\s+(?:shopping\s+)?(?:cart|basket|bag|trolley))\b(?P<rest>.*)",
    re.IGNORECASE,
)
_ASKING_FOR: Final = frozenset(("operate", "mark", "submit"))
"""Kinds of verbs that ask for a thing which a page has a form for (*book a room with name …*)."""


def read_clause(clause: str, source: Source) -> list[Intent]:
    """Return the intents of one masked clause; an unknown wording becomes the nearest one, with less confidence."""
    verb, rest = verb_of(clause)
    if (not verb or VERBS[verb] in _ASKING_FOR) and (form := applied(clause, source)):
        return [form]
    if not verb:
        return _without_verb(clause, source)
    if verb in ("put", "place") and (basket := _BASKET.fullmatch(rest.strip(" ."))):
        return instructions.operate("add", f"{basket['what']} to {basket['place']}", source)
    if verb == "do" and re.match(r"not\b", rest, re.IGNORECASE):
        return []
    intents = _READERS.get(VERBS[verb], _generic)(verb, rest, source)
    return [replace(intent, text=_cased(intent.text, clause)) for intent in intents]


def _cased(text: str, clause: str) -> str:
    """Give the text its first letter as the prompt wrote it."""
    return clause[0] + text[1:] if text[:1].lower() == clause[:1].lower() else text


def _purpose(rest: str, source: Source) -> tuple[str, list[Intent]]:
    """Take *… to find the price* off the end; an aim that is an instruction of its own becomes intents."""
    match = _PURPOSE.search(rest)
    if match is None:
        return rest, []
    purpose = strip_lead(match["purpose"])
    verb, aim = verb_of(purpose)
    if not verb:
        return rest, []
    kind = VERBS[verb]
    pronoun = aim.split()[0].lower() in PRONOUNS if aim.split() else True
    real = kind in ("extract", "locate", "download", "type", "search", "login", "fill_form") and not pronoun
    return rest[: match.start()], read_clause(purpose, source) if real else []


def _submit(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *submit the form*, *continue*, *proceed to the next step*."""
    value = "" if verb == "submit" else verb
    given = _READING.fullmatch(rest.strip(" ."))
    if given and verb == "submit":
        fields = [FieldValue(source.plain(given["name"]), source.plain(given["value"]))]
        fields.extend([FieldValue("date", source.plain(given["date"]))] if given["date"] else [])
        return [Intent("fill_form", text_of(verb, rest, source), fields=tuple(fields), submit=True)]
    return [Intent("submit", text_of(verb, rest, source), target=parse_target(rest, source), value=value, submit=True)]


def _open(verb: str, rest: str, source: Source) -> list[Intent]:
    if path := menu_path(verb, rest, source):
        return path
    rest, aims = _purpose(rest, source)
    text = text_of(verb, rest, source)
    address = source.first(rest, "url")
    if address is not None:
        return [Intent("open", text, value=address.text), *aims]
    if re.match(r"(?:the\s+)?(?:previous|last|prior)\s+page", rest, re.IGNORECASE):
        return [Intent("back", text), *aims]
    if re.match(r"(?:the\s+)?next\s+page", rest, re.IGNORECASE):
        return [Intent("next_page", text, count=0), *aims]
    page = re.match(r"(?:the\s+)?page\s+(?:number\s+|#)?(\d{1,4})\b", rest, re.IGNORECASE)
    if page:
        return [Intent("next_page", text, count=int(page[1])), *aims]
    rest = re.sub(
        r"\s+(?:page|website|web\s*site|site|section|area|screen|view)$", "", rest.strip(" ."), flags=re.IGNORECASE
    )
    return [Intent("open", text, target=parse_target(rest, source), confidence=0.9), *aims]


def _click(verb: str, rest: str, source: Source) -> list[Intent]:
    key = re.sub(
        r"^(?:the\s+|on\s+)?|\s+(?:key|button on (?:the|your) keyboard)$", "", source.plain(rest).strip(" .").lower()
    )
    quoted = MARK.fullmatch(rest.strip(" ."))
    if (
        verb in ("press", "hit", "tap", "push")
        and not quoted
        and (
            key in ("enter", "return", "escape", "esc", "tab")
            or (key in KEYS and rest.rstrip(" .").lower().endswith("key"))
        )
    ):
        return [Intent("press_key", text_of(verb, rest, source), value=KEYS[key])]
    combination = re.fullmatch(r"(?:ctrl|control|alt|shift|cmd|meta)\s*\+\s*\w+", key)
    if combination:
        return [Intent("press_key", text_of(verb, rest, source), value=key.replace(" ", "").title())]
    if verb == "accept":
        overlay = rest.strip(" .").casefold() in PRONOUNS or re.search(
            r"\bcookies?|dialog|banner|popup|all\b", rest, re.IGNORECASE
        )
        return instructions.close(verb, rest, source) if overlay else selections.check("check", rest, source)
    if path := menu_path(verb, rest, source):
        return path
    rest, count, until = loops(rest, source)
    rest, aims = _purpose(rest, source)
    target = parse_target(rest, source)
    if verb in ("focus", "focus on", "focus into") and not target.roles:
        target = replace(target, roles=("textbox", "searchbox", "combobox"))
    names = [] if target.quoted and len(source.all(rest, "quote")) == 1 else split_list(rest)
    if (
        verb in ("click", "click on", "press", "tap")
        and len(source.all(rest, "quote")) > 1
        and len(names) > 1
        and not _patterned(target)
    ):
        return [
            *(Intent("click", text_of(verb, name, source), target=parse_target(name, source)) for name in names),
            *aims,
        ]
    value = (
        "double" if verb.startswith("double") else verb if verb in ("expand", "collapse", "toggle", "unfold") else ""
    )
    click = Intent("click", text_of(verb, rest, source), target=target, count=count, until=until, value=value)
    return [click, *aims]


def _patterned(target: Target) -> bool:
    return bool(target.starts or target.ends or target.contains)


def _search(verb: str, rest: str, source: Source) -> list[Intent]:
    rest, aims = _purpose(rest, source)
    text = text_of(verb, rest, source)
    rest = re.sub(r"^(?:for|up)\s+", "", rest, flags=re.IGNORECASE)
    within = re.match(r"(?P<place>.+?)\s+for\s+(?P<query>.+)$", rest, re.IGNORECASE) if verb == "search" else None
    if within and not MARK.match(rest):
        rest = within["query"]
    placed = re.match(
        r"(?P<query>.+?)\s+(?:in|using|with|on|via)\s+(?:the\s+)?(?:search\s+(?:box|bar|field)|(?:this\s+)?(?:site|page|website|shop|store|catalogue|catalog))$",
        rest,
        re.IGNORECASE,
    )
    if placed:
        rest = placed["query"]
    quoted = source.first(rest, "quote")
    query = quoted.text if quoted else bare(source.plain(rest))
    return [Intent("search", text, value=query, confidence=1.0 if quoted else 0.9), *aims]


def _scroll(verb: str, rest: str, source: Source) -> list[Intent]:
    rest, _, until = loops(rest, source)
    rest, aims = _purpose(rest, source) if not re.match(r"to\s", rest, re.IGNORECASE) else (rest, [])
    edge = re.search(
        r"\b(?:to\s+)?(?:the\s+)?(?:very\s+)?(?P<edge>top|bottom|end)\b(?:\s+of\s+(?P<what>.+))?", rest, re.IGNORECASE
    )
    way = re.search(r"\b(up|down|left|right)\b", rest, re.IGNORECASE)
    direction = ("top" if edge["edge"].lower() == "top" else "bottom") if edge else way[1].lower() if way else ""
    within = re.match(r"(?P<what>(?:the\s+)?[\w\s-]+?)\s+(?:down|up|to)\b", rest, re.IGNORECASE)
    to = re.search(r"\b(?:to|until you (?:see|reach)|into view)\s+(?P<what>.+)$", rest, re.IGNORECASE)
    what = ""
    if within and not re.match(r"(?:down|up|to|all|the page)\b", within["what"], re.IGNORECASE):
        what = within["what"]
    elif (
        edge
        and edge["what"]
        and not re.match(r"(?:the\s+|this\s+)?(?:page|screen|site|text)\b", edge["what"], re.IGNORECASE)
    ):
        what = edge["what"]
    elif to and not edge:
        what = to["what"]
    target = parse_target(what, source) if what else Target()
    return [
        Intent(
            "scroll",
            text_of(verb, rest, source),
            target=target,
            direction=direction or ("" if what else "down"),
            until=until,
        ),
        *aims,
    ]


def _extract(verb: str, rest: str, source: Source) -> list[Intent]:
    text = text_of(verb, rest, source)
    if verb == "give" and (styled := styling.style(verb, rest, source)):
        return styled
    paged = re.search(r"\s+(?:on|from)\s+page\s+(?:number\s+|#)?(\d{1,4})\b", rest, re.IGNORECASE)
    if paged and paged[1] != "1":
        text = text_of(verb, rest[: paged.start()] + rest[paged.end() :], source)
        return [Intent("next_page", f"go to page {paged[1]}", count=int(paged[1])), Intent("extract", text, value=text)]
    if verb == "get" and re.match(r"(?:to|into)\s", rest, re.IGNORECASE):
        return _open("go to", re.sub(r"^\w+\s+", "", rest), source)
    passage = parse_passage(rest, source) if verb == "copy" else None
    return [Intent("extract", text, value=text, passage=passage)]


def _mark(verb: str, rest: str, source: Source) -> list[Intent]:
    """Read *highlight X*, *make X bold*; *make a reservation* is a control of the page."""
    if verb == "highlight":
        return styling.mark(verb, rest, source)
    return styling.style(verb, rest, source) or instructions.operate(verb, rest, source)


def _simple(verb: str, rest: str, source: Source) -> list[Intent]:
    kind = VERBS[verb]
    target = parse_target(rest, source) if kind == "submit" else Target()
    return [Intent(kind, text_of(verb, rest, source), target=target, submit=kind == "submit")]


def _generic(verb: str, rest: str, source: Source) -> list[Intent]:
    return [Intent(VERBS[verb], text_of(verb, rest, source), target=parse_target(rest, source), confidence=0.8)]


def _without_verb(clause: str, source: Source) -> list[Intent]:
    """Read a clause without a known verb: a question, a noun phrase to be told, or a verb of the page's own."""
    words = source.plain(clause).split()
    text = source.written(clause)
    if not words:
        return []
    if (
        clause.endswith("?")
        or ordinal_of(words[0]) is not None
        or words[0].lower() in ("the", "all", "every", "each", "names", "prices", "title")
    ):
        return [Intent("extract", text, value=text, confidence=0.6)]
    if (
        len(words) > 1
        and re.fullmatch(r"[a-z][a-z-]{2,15}", words[0], re.IGNORECASE)
        and not words[0].lower().endswith(("s", "ed", "ing", "ly"))
        and words[1].lower() in ("the", "a", "an", "my", "this", "all")
    ):
        rest = clause.split(None, 1)[1]
        return [Intent("operate", text, target=parse_target(rest, source), value=words[0].lower(), confidence=0.4)]
    return [Intent("extract", text, value=text, confidence=0.4)]


_READERS: Final[dict[str, Callable[[str, str, Source], list[Intent]]]] = {
    "open": _open,
    "click": _click,
    "close": instructions.close,
    "hover": instructions.hover,
    "type": type_intents,
    "select": selections.select,
    "check": selections.check,
    "uncheck": selections.check,
    "search": _search,
    "sort": selections.sort,
    "filter": selections.narrow,
    "next_page": instructions.next_page,
    "scroll": _scroll,
    "download": instructions.download,
    "upload": instructions.upload,
    "print": instructions.print_page,
    "operate": instructions.operate,
    "compose": instructions.compose,
    "wait": instructions.wait,
    "locate": instructions.locate,
    "extract": _extract,
    "verify": instructions.verify,
    "drag": instructions.drag,
    "mark": _mark,
    "fill_form": instructions.form,
    "submit": _submit,
    "login": _simple,
    "logout": _simple,
    "back": _simple,
    "reload": _simple,
}
