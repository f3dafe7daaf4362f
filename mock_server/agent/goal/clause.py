"""One clause of a prompt read as one intent (seldom two).

Owns: what each kind of instruction takes as arguments. Must not: split sentences
(``text``), read name-value lists (``filling``) or look at a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mock_server.agent.goal.filling import form_intent, type_intents
from mock_server.agent.goal.model import Intent, Target
from mock_server.agent.goal.targets import bare, parse_target, split_list
from mock_server.agent.goal.text import MARK, Source, strip_lead, verb_of
from mock_server.agent.goal.words import KEYS, NUMBERS, PRONOUNS, VERBS, number_of, ordinal_of

_INFORMATION: Final = re.compile(
    r"^(?:the\s+|a\s+)?(?:current\s+|total\s+)?(?:price|cost|status|availability|weather|temperature|balance|title|name|number|amount|stock|rating|score|"
    r"date|time|address|phone|email|order status|opening hours|version|total|result)s?\b",
    re.IGNORECASE,
)
_CHECKABLE: Final = re.compile(
    r"\b(?:box|boxes|checkbox|checkboxes|option|options|terms|agree|newsletter|consent|privacy|remember)\b|\ue000",
    re.IGNORECASE,
)
_PURPOSE: Final = re.compile(
    r"\s*,?\s+(?:in order to|so as to|so that you can|to)\s+(?P<purpose>[a-z].*)$", re.IGNORECASE
)
_TIMES: Final = re.compile(r"\s*,?\s+(?:(?P<number>\d{1,3}|\w+)\s+times|(?P<word>once|twice))\b", re.IGNORECASE)
_UNTIL: Final = re.compile(r"\s*,?\s+(?:until|till|as long as|while)\s+(?P<until>.+)$", re.IGNORECASE)
_COUNTS: Final = re.compile(
    r"^(?P<number>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:of\s+(?:each|the)\s+)?", re.IGNORECASE
)


def read_clause(clause: str, source: Source) -> list[Intent]:
    """Return the intents of one masked clause; an unknown wording becomes the nearest one, with less confidence."""
    verb, rest = verb_of(clause)
    if not verb:
        return _without_verb(clause, source)
    if verb == "do" and re.match(r"not\b", rest, re.IGNORECASE):
        return []
    intents = _READERS.get(VERBS[verb], _generic)(verb, rest, source)
    return [replace(intent, text=_cased(intent.text, clause)) for intent in intents]


def _cased(text: str, clause: str) -> str:
    """Give the text its first letter as the prompt wrote it."""
    return clause[0] + text[1:] if text[:1].lower() == clause[:1].lower() else text


def _text(verb: str, rest: str, source: Source) -> str:
    return source.written(f"{verb} {rest}").strip()


def _loops(rest: str, source: Source) -> tuple[str, int, str]:
    """Take *until …* and *three times* off the end: (what is left, count, until)."""
    until = ""
    match = _UNTIL.search(rest)
    if match:
        until = seen(source.plain(match["until"]))
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


def _open(verb: str, rest: str, source: Source) -> list[Intent]:
    rest, aims = _purpose(rest, source)
    text = _text(verb, rest, source)
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
        return [Intent("press_key", _text(verb, rest, source), value=KEYS[key])]
    combination = re.fullmatch(r"(?:ctrl|control|alt|shift|cmd|meta)\s*\+\s*\w+", key)
    if combination:
        return [Intent("press_key", _text(verb, rest, source), value=key.replace(" ", "").title())]
    rest, count, until = _loops(rest, source)
    rest, aims = _purpose(rest, source)
    target = parse_target(rest, source)
    if verb in ("focus", "focus on", "focus into") and not target.roles:
        target = replace(target, roles=("textbox", "searchbox", "combobox"))
    names = [] if target.quoted and len(source.all(rest, "quote")) == 1 else split_list(rest)
    if verb in ("click", "click on", "press", "tap") and len(source.all(rest, "quote")) > 1 and len(names) > 1:
        return [
            *(Intent("click", _text(verb, name, source), target=parse_target(name, source)) for name in names),
            *aims,
        ]
    value = (
        "double" if verb.startswith("double") else verb if verb in ("expand", "collapse", "toggle", "unfold") else ""
    )
    click = Intent("click", _text(verb, rest, source), target=target, count=count, until=until, value=value)
    return [click, *aims]


def _close(verb: str, rest: str, source: Source) -> list[Intent]:
    by = re.search(r"\s+by\s+(?:clicking|pressing|tapping|hitting)\s+(?:on\s+)?(?P<what>.+)$", rest, re.IGNORECASE)
    if by:
        target = parse_target(by["what"], source)
        return [Intent("click", _text(verb, rest, source), target=target)]
    return [Intent("close", _text(verb, rest, source), target=parse_target(rest, source))]


def _select(verb: str, rest: str, source: Source) -> list[Intent]:
    text = _text(verb, rest, source)
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


def _check(verb: str, rest: str, source: Source) -> list[Intent]:
    text = _text(verb, rest, source)
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


def _search(verb: str, rest: str, source: Source) -> list[Intent]:
    rest, aims = _purpose(rest, source)
    text = _text(verb, rest, source)
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


def _sort(verb: str, rest: str, source: Source) -> list[Intent]:
    text = _text(verb, rest, source)
    plain = source.plain(rest)
    match = re.search(r"\b(?:by|on)\s+(?P<key>.+)$", plain, re.IGNORECASE)
    key = match["key"] if match else plain
    down = re.search(
        r"\b(?:descending|desc|high(?:est)?\s+(?:to\s+low|first)|newest\s+first|largest\s+first|z\s*(?:to|-)\s*a|most\b.*first)\b",
        plain,
        re.IGNORECASE,
    )
    up = re.search(
        r"\b(?:ascending|asc|low(?:est)?\s+(?:to\s+high|first)|oldest\s+first|cheapest\s+first|smallest\s+first|a\s*(?:to|-)\s*z)\b",
        plain,
        re.IGNORECASE,
    )
    key = re.sub(r"[,(]?\s*(?:in\s+)?(?:descending|ascending|desc|asc)(?:\s+order)?\)?", "", key, flags=re.IGNORECASE)
    return [Intent("sort", text, value=bare(key), direction="descending" if down else "ascending" if up else "")]


def _filter(verb: str, rest: str, source: Source) -> list[Intent]:
    match = re.search(r"\b(?:by|for|to|on|with)\s+(?P<what>.+)$", rest, re.IGNORECASE)
    what = match["what"] if match else rest
    return [
        Intent(
            "filter", _text(verb, rest, source), target=parse_target(what, source), value=source.plain(what).strip(" .")
        )
    ]


def _next_page(verb: str, rest: str, source: Source) -> list[Intent]:
    return [Intent("next_page", _text(verb, rest, source), count=0)]


def _scroll(verb: str, rest: str, source: Source) -> list[Intent]:
    rest, _, until = _loops(rest, source)
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
            _text(verb, rest, source),
            target=target,
            direction=direction or ("" if what else "down"),
            until=until,
        ),
        *aims,
    ]


def _download(verb: str, rest: str, source: Source) -> list[Intent]:
    text = _text(verb, rest, source)
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


def _print(verb: str, rest: str, source: Source) -> list[Intent]:
    if re.match(
        r"(?:out\s+)?(?:the\s+|this\s+|current\s+)*(?:page|document|article|receipt|invoice)?\s*(?:$|as\b|to\b)",
        rest,
        re.IGNORECASE,
    ):
        return [Intent("print", _text(verb, rest, source))]
    return [Intent("extract", _text(verb, rest, source), value=_text(verb, rest, source), confidence=0.8)]


def _operate(verb: str, rest: str, source: Source) -> list[Intent]:
    text = _text(verb, rest, source)
    if verb == "save" and re.search(r"\bpdf\b", rest, re.IGNORECASE) and re.search(r"\bpage\b", rest, re.IGNORECASE):
        return [Intent("print", text)]
    if verb == "save" and re.search(r"\b(?:file|pdf|csv|document|invoice|report)\b", rest, re.IGNORECASE):
        return _download(verb, rest, source)
    count = 1
    counted = _COUNTS.match(rest)
    if counted and verb in ("add", "buy", "order", "purchase", "book", "reserve"):
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
    items = re.match(r"(?:each\s+)?items?\s*:\s*(?P<list>.+)$", rest, re.IGNORECASE)
    choices = tuple(parse_target(part, source) for part in split_list(items["list"])) if items else ()
    target = Target() if choices else parse_target(rest, source)
    return [Intent("operate", text, target=target, value=value, count=count, choices=choices, confidence=0.8)]


def _compose(verb: str, rest: str, source: Source) -> list[Intent]:
    quote = source.first(rest, "quote")
    match = re.match(
        r"(?:to\s+|on\s+|with\s+)*(?P<whom>.*?)\s*(?:\b(?:with|saying|that says|:)\s*(?:the\s+)?(?:text|message|comment|words)?\s*(?P<body>.*))?$",
        rest,
        re.IGNORECASE,
    )
    body = quote.text if quote else source.plain(match["body"] or "") if match else ""
    whom = MARK.sub("", match["whom"]) if match else ""
    text = _text(verb, rest, source)
    if not body:
        return [Intent("operate", text, target=parse_target(whom, source), value=verb, confidence=0.6)]
    return [Intent("compose", text, target=parse_target(whom, source), value=body, direction=verb, submit=True)]


def _wait(verb: str, rest: str, source: Source) -> list[Intent]:
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
            _text(verb, rest, source),
            count=int(match[1]) if match else 0,
            until="" if what.lower() in ("page", "it") else what,
        )
    ]


def _locate(verb: str, rest: str, source: Source) -> list[Intent]:
    target = parse_target(rest, source)
    return [Intent("locate", _text(verb, rest, source), target=target, value=_text(verb, rest, source))]


def _extract(verb: str, rest: str, source: Source) -> list[Intent]:
    text = _text(verb, rest, source)
    if verb == "get" and re.match(r"(?:to|into)\s", rest, re.IGNORECASE):
        return _open("go to", re.sub(r"^\w+\s+", "", rest), source)
    return [Intent("extract", text, value=text)]


def _verify(verb: str, rest: str, source: Source) -> list[Intent]:
    claim = re.sub(r"^(?:that|whether|if)\s+", "", source.plain(rest), flags=re.IGNORECASE)
    if verb == "confirm" and not re.match(r"(?:that|whether|if)\b", rest, re.IGNORECASE):
        return [
            Intent(
                "operate", _text(verb, rest, source), target=parse_target(rest, source), value="confirm", confidence=0.7
            )
        ]
    return [Intent("verify", _text(verb, rest, source), value=claim)]


def _upload(verb: str, rest: str, source: Source) -> list[Intent]:
    match = re.match(r"(?P<what>.+?)\s+(?:to|into|in|as|using)\s+(?P<place>.+)$", rest, re.IGNORECASE)
    what = match["what"] if match else rest
    target = parse_target(match["place"], source) if match else Target()
    return [Intent("upload", _text(verb, rest, source), value=source.plain(bare(what)), target=target)]


def _drag(verb: str, rest: str, source: Source) -> list[Intent]:
    match = re.match(r"(?P<what>.+?)\s+(?:to|into|onto|on|over)\s+(?P<place>.+)$", rest, re.IGNORECASE)
    what, place = (match["what"], match["place"]) if match else (rest, "")
    return [
        Intent(
            "drag", _text(verb, rest, source), target=parse_target(what, source), choices=(parse_target(place, source),)
        )
    ]


def _hover(verb: str, rest: str, source: Source) -> list[Intent]:
    return [
        Intent(
            "hover",
            _text(verb, rest, source),
            target=parse_target(re.sub(r"^(?:over|on)\s+", "", rest, flags=re.IGNORECASE), source),
        )
    ]


def _form(verb: str, rest: str, source: Source) -> list[Intent]:
    if verb == "complete" and not re.search(
        r"\bform|sign|regist|application|survey|questionnaire|details\b", rest, re.IGNORECASE
    ):
        return [
            Intent(
                "operate",
                _text(verb, rest, source),
                target=parse_target(rest, source),
                value="complete",
                confidence=0.5,
            )
        ]
    return [form_intent(verb, rest, source)]


def _simple(verb: str, rest: str, source: Source) -> list[Intent]:
    kind = VERBS[verb]
    target = parse_target(rest, source) if kind == "submit" else Target()
    return [Intent(kind, _text(verb, rest, source), target=target, submit=kind == "submit")]


def _generic(verb: str, rest: str, source: Source) -> list[Intent]:
    return [Intent(VERBS[verb], _text(verb, rest, source), target=parse_target(rest, source), confidence=0.8)]


def _without_verb(clause: str, source: Source) -> list[Intent]:
    """Read a clause that begins with no known verb: a question, a noun phrase to be told, or a verb of the page's own."""
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
    "close": _close,
    "hover": _hover,
    "type": type_intents,
    "select": _select,
    "check": _check,
    "uncheck": _check,
    "search": _search,
    "sort": _sort,
    "filter": _filter,
    "next_page": _next_page,
    "scroll": _scroll,
    "download": _download,
    "upload": _upload,
    "print": _print,
    "operate": _operate,
    "compose": _compose,
    "wait": _wait,
    "locate": _locate,
    "extract": _extract,
    "verify": _verify,
    "drag": _drag,
    "fill_form": _form,
    "submit": _simple,
    "login": _simple,
    "logout": _simple,
    "back": _simple,
    "reload": _simple,
}
