"""Questions: how many, how much, who, when, where, which, what, is it.

Owns: reading a question into a request. Must not: read statements (``statements`` does).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.extraction.phrases import is_plural, read_noun_phrase, split_list
from mock_server.agent.extraction.request import Condition, ExtractionRequest
from mock_server.agent.extraction.statements import make_request, read_statement
from mock_server.agent.extraction.words import concepts_of, stem, stems, tokens

_HOW_MANY: Final = re.compile(
    r"^(?:(?:tell|give|show) me |count |find |get |determine )?"
    r"(?:how many|(?:the )?(?:total )?number of|(?:the )?count of)\s+(?P<what>.+)$",
    re.IGNORECASE,
)
_WRITE: Final = (
    "opened|reported|uploaded|contributed|"
    "wrote|posted|published|created|submitted|authored|said|asked|made|sells|sold|started|writes"
)
_PUBLISH: Final = "published|posted|written|created|released|asked|submitted"
_HAPPEN: Final = f"{_PUBLISH}|updated|take place|held|happen|start|begin"
_ABOUT_ONE: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), field)
    for field, pattern in (
        ("price", r"^how much (?:do|does|did|is|are|would|will)\s+(?P<what>.+?)(?:\s+(?:costs?|be|(?:go|sell) for))?$"),
        ("price", r"^what (?:do|does|did)\s+(?P<what>.+?)\s+cost$"),
        ("author", rf"^who (?:{_WRITE})\s+(?P<what>.+)$"),
        ("author", r"^(?:who|by whom) (?:was|were|is)\s+(?P<what>.+?)\s+(?:written|posted|published|created)(?: by)?$"),
        ("height", r"^how (?:tall|high) (?:is|are|was)\s+(?P<what>.+)$"),
        ("weight", r"^how (?:heavy|much) (?:is|are|does|do)\s+(?P<what>.+?)(?:\s+weigh)$"),
        ("weight", r"^how heavy (?:is|are|was)\s+(?P<what>.+)$"),
        ("age", r"^how old (?:is|are|was)\s+(?P<what>.+)$"),
        ("size", r"^how (?:big|large|wide|long) (?:is|are)\s+(?P<what>.+?)(?= in (?:cm|mm|m|km|inch))"),
        ("distance", r"^how far (?:is|are)\s+(?P<what>.+)$"),
        (
            "location",
            r"^where (?:is|are|was|were|does|do|did)\s+(?P<what>.+?)(?:\s+(?:located|take place|held|happen))?$",
        ),
        ("{verb} time", r"^how long (?:does|do|will) (?P<what>(?!it\b|this\b).+?) take to (?P<verb>\w+)$"),
        ("duration", r"^how long (?:is|does|do|are)\s+(?P<what>(?!it take).+?)(?:\s+take)?$"),
    )
)
_HOW_LONG_TO: Final = re.compile(
    r"^how long (?:does|will|did) (?:it|this) take(?: in total)?(?: to (?P<verb>\w+).*)?$", re.IGNORECASE
)
_WHEN: Final = re.compile(
    r"^when (?:was|were|is|are|did|does|do|will|has|have)\s+(?P<what>.+?)"
    rf"(?:\s+(?:been\s+)?(?P<verb>(?:(?:last|first|next|originally)\s+)?(?:{_HAPPEN}|\w+(?:ed|en)|due|born|built|held"
    r"|made|won|sold|bought|begun?|ends?|closes?|opens?|leaves?|departs?|arrives?|expires?)))?$",
    re.IGNORECASE,
)
_STARTS_AND_ENDS: Final = re.compile(r"\s+(?:\w+)\s+and\s+(?:\w+)$", re.IGNORECASE)
_HOW_MUCH_OF: Final = re.compile(
    r"^how much (?P<field>(?!do\b|does\b|did\b|is\b|are\b|would\b|will\b)[\w -]+?)"
    r"(?:\s+(?:is|are)\s+(?:in|there|on|[a-z]+ed)\b.*|\s+(?:do|does|did)\s+(?P<what>.+?)\s+(?:have|contain|cost"
    r"|need|take|use))?$",
    re.IGNORECASE,
)
_HAPPENS: Final = re.compile(rf"\s+(?:{_HAPPEN}|end|close|open|arrive|leave|cost|costs)$", re.IGNORECASE)
_WHICH: Final = re.compile(
    r"^(?:which|what)\s+(?!is\b|are\b|was\b|were\b)(?P<what>[\w ]+?)\s+"
    r"(?P<rest>(?:is|are|was|were|has|have|had|did|does|do|costs?|can|will|should)\b.*)$",
    re.IGNORECASE,
)
_WHICH_DOES: Final = re.compile(
    r"^(?:which|what)\s+(?P<field>[\w -]+?)\s+(?:does|do|did|will"
    r"|can)\s+(?P<what>.+?)\s+(?P<verb>[a-z]+)(?:\s+(?:in|for|on|at|from|to))?$",
    re.IGNORECASE,
)
_WHICH_VERBS: Final = re.compile(
    r"^(?i:which|what)\s+(?P<field>[\w -]{2,30}?)\s+(?:[a-z]+(?:s|ed))\s+(?P<what>(?:the|a|an|this"
    r"|that)\s.+|[A-Z\"'].*)$",
)
_WHO_DOES: Final = re.compile(r"^who\s+(?!is\b|was\b|are\b|were\b)(?P<verb>[a-z]+)\s+(?P<what>.+)$", re.IGNORECASE)
_SAYS: Final = re.compile(
    r"^what (?:does|do|did)\s+(?P<what>.+?)\s+(?:say|state|read|contain|include|tell)$", re.IGNORECASE
)
_FROM_WHICH: Final = re.compile(
    r"^(?:from|in|on|at|for|by|to|with|under|until|since)\s+(?=(?:which|what|whom)\b)", re.IGNORECASE
)
_WHAT: Final = re.compile(r"^(?:what|who|which)(?:'s|\s+(?:is|are|was|were))\s+(?P<what>.+)$", re.IGNORECASE)
_IS_KNOWN: Final = re.compile(
    r"\s+(?:available|offered|listed|shown|required|needed|included|mentioned|used|given|there|like)$", re.IGNORECASE
)
_WHETHER: Final = re.compile(
    r"^(?:check|verify|confirm|see|tell me|determine|find out)?\s*(?:whether|if)\s+(?P<what>.+)$", re.IGNORECASE
)
_IS_IT: Final = re.compile(r"^(?:is|are|does|do|has|have|can|was|were|did)\s+(?P<what>.+)$", re.IGNORECASE)
_COUNT_TAIL: Final = re.compile(
    r"\s+(?:are|is|were|was|do|does|did|have|has|can)"
    r"(?:\s+(?:there|listed|found|shown|displayed|available|you see|i see|on (?:the|this)|in|it|we)\b.*)?$"
    r"|\s+(?:in total|altogether|found|listed|shown|exist|overall)\b.*$",
    re.IGNORECASE,
)
_COUNT_SO: Final = re.compile(
    r"\s+(?:are|is|were|was)\s+(?:currently\s+|still\s+)?(?P<how>(?:not\s+)?[\w -]{2,30})$", re.IGNORECASE
)
_HAS: Final = re.compile(
    r"^(?P<field>[\w -]+?)\s+(?:does|do|did)\s+(?P<what>.+?)\s+"
    r"(?:have|has|get|got|receive|contain|need|require|offer|include|sell|cover|serve|feed|seat|hold|use|take|fit)$",
    re.IGNORECASE,
)
_COUNT_OF_ONE: Final = re.compile(
    r"^(?P<field>\w+)\s+(?:of|on|for)\s+(?P<what>the (?:top|first|second|third|last|latest)\b.+|[\"'].+)$",
    re.IGNORECASE,
)
_VALUE_KINDS: Final = frozenset({"date", "price", "email", "phone"})
_FEW_WORDS: Final = 2
_SAME: Final = frozenset({"host", "coach", "guide", "judge", "cook", "design"})
"""Verbs that are called as who does it."""
_PLACED: Final = re.compile(r"(?i:on|in|at|from|by|with|for|under|over)\s+(?i:the\s+)?[\dA-Z]")
_END_OF_LIST: Final = re.compile(
    r"^(?:who|what|which(?: [\w ]+)?) (?:is|are|was) (?:at the (?P<end>bottom|top)|(?P<place>first|last))"
    r"(?: of| in| on) the (?:table|list|standings|ranking|rankings|league|page)$",
    re.IGNORECASE,
)
_SAID_BY: Final = re.compile(
    r"^[Ww]hat (?:did|does|has) (?P<who>[A-Z][\w.'-]*(?: [A-Z][\w.'-]*){0,2}) "
    r"(?:say|said|write|written|comment|reply|answer|think)(?: about .+)?$"
)
_NEITHER: Final = frozenset({"there", "cheapest", "best", "most", "least", "highest", "lowest", "largest", "smallest"})
PRONOUNS: Final = frozenset({"it", "this", "that", "they", "he", "she", "one", "these", "those", "we", "i", "you"})
KINDS: Final = frozenset(
    [
        *("page", "site", "website", "product", "item", "article", "post", "recipe", "thread", "topic", "repository"),
        *("repo", "package", "library", "project", "job", "event", "book", "movie", "film", "song", "album", "video"),
        *("story", "paper", "dish", "ad", "listing", "notice", "document", "report", "question", "discussion", "app"),
        *("podcast", "episode", "course", "company", "store", "shop", "restaurant", "house", "property", "apartment"),
        *(
            "car",
            "person",
            "author",
            "city",
            "town",
            "country",
            "game",
            "blog",
            "release",
            "version",
            "module",
            "paste",
        ),
    ]
)
"""What a page can be about as a whole; said alone, such a word means the page's own thing."""


def read_question(text: str) -> ExtractionRequest | None:
    """Return what a question asks for, or None if the text is none."""
    text = _FROM_WHICH.sub("", text.strip(" ?."))
    many = _HOW_MANY.match(text)
    if many and "," not in many["what"]:
        return _how_many(many["what"])
    end = _END_OF_LIST.match(text)
    if end:
        word = (end["end"] or end["place"]).lower()
        return ExtractionRequest("", asked="one", ordinal=-1 if word in ("bottom", "last") else 1, certainty=0.8)
    said = _SAID_BY.match(text)
    if said:
        return ExtractionRequest("", asked="one", fields=("comment",), anchor=said["who"], certainty=0.8)
    return _about_one(text) or _of_which(text) or _of_what(text)


def _about_one(text: str) -> ExtractionRequest | None:
    long = _HOW_LONG_TO.match(text)
    if long:
        field = f"{long['verb']} time" if long["verb"] else "total time"
        return ExtractionRequest("", asked="values", fields=(field,), certainty=0.8)
    for pattern, field in _ABOUT_ONE:
        found = pattern.match(text)
        if found:
            return _one(found["what"], field.format(**found.groupdict()))
    when = _WHEN.match(text)
    if when:
        return _when(when["what"], when["verb"] or "")
    much = _HOW_MUCH_OF.match(text)
    if much:
        return _one(much["what"] or "it", much["field"])
    says = _SAYS.match(text)
    if says and not re.search(r"\bcost$", text):
        return _one("it", read_noun_phrase(says["what"]).noun or says["what"])
    return None


def _when(what: str, verb: str) -> ExtractionRequest:
    both = _STARTS_AND_ENDS.search(f"{what} {verb}".strip()) if not re.search(r"(?:ed|en)$", verb) else None
    if both:
        spoken = f"{what} {verb}".strip()
        first, last = both.group().split()[0], both.group().split()[-1]
        return replace(_one(spoken[: both.start()], f"{first} date"), fields=(f"{first} date", f"{last} date"))
    named = read_noun_phrase(what)
    if (
        not verb
        and named.noun
        and not named.anchor
        and not set(tokens(what)) & (KINDS | PRONOUNS)
        and len(tokens(named.noun)) <= _FEW_WORDS
    ):
        noun = re.sub(r"^(?:the|a|an|our|your)\s+", "", what, flags=re.IGNORECASE)
        return ExtractionRequest("", asked="values", fields=(f"{noun} date",), certainty=0.8)
    plain = not verb or bool(re.fullmatch(rf"{_PUBLISH}|updated|take place|held|happen", verb, re.IGNORECASE))
    return _one(what, "date" if plain else f"date {verb}")


def _of_which(text: str) -> ExtractionRequest | None:
    who = _WHO_DOES.match(text)
    if who:
        return _one(who["what"], _agent(who["verb"]))
    does = _WHICH_DOES.match(text)
    if does and not is_plural(does["field"]) and not _names_value(does["field"]):
        return _one(does["what"], does["field"])
    which = _WHICH.match(text)
    if which:
        return _which(which["what"], which["rest"])
    verbs = _WHICH_VERBS.match(text)
    if verbs and not is_plural(verbs["field"]):
        return _one(verbs["what"], verbs["field"])
    return None


def _of_what(text: str) -> ExtractionRequest | None:
    what = _WHAT.match(text)
    if what:
        return read_statement(_IS_KNOWN.sub("", what["what"]))
    check = _WHETHER.match(text) or _IS_IT.match(text)
    if check:
        return ExtractionRequest("", asked="check", anchor=check["what"], subject=check["what"], certainty=0.5)
    return None


def _agent(verb: str) -> str:
    """Return who does what the verb says: ``operates`` -> ``operator``, ``manages`` -> ``manager``."""
    root = stem(verb.lower())
    if root in _SAME:
        return root
    root = root.rstrip("e")
    return f"{root}or" if root.endswith("at") else f"{root}er"


def _names_value(what: str) -> bool:
    return any(concept.kind in _VALUE_KINDS for word in stems(what)[-1:] for concept in concepts_of(word))


def _how_many(what: str) -> ExtractionRequest:
    has = _HAS.match(what)
    if has:
        fields = tuple(split_list(has["field"]))
        return replace(_one(has["what"], has["field"]), counted=True, fields=fields or (has["field"],))
    so = _COUNT_SO.search(what)
    if so and _PLACED.match(so["how"]):  # "matches are on 28 November": as "matches on 28 November"
        return make_request(read_noun_phrase(f"{what[: so.start()]} {so['how']}"), "count", ())
    if so and not _COUNT_TAIL.search(what) and tokens(so["how"])[0] not in _NEITHER:
        made = make_request(read_noun_phrase(what[: so.start()]), "count", ())
        return replace(made, conditions=(*made.conditions, _state(so["how"])))
    what = _COUNT_TAIL.sub("", what)
    of_one = _COUNT_OF_ONE.match(what)
    if of_one:
        return replace(_one(of_one["what"], of_one["field"]), counted=True)
    return make_request(read_noun_phrase(what), "count", ())


def _state(how: str) -> Condition:
    denied = re.match(r"not\s+", how, re.IGNORECASE)
    return Condition("lacks" if denied else "contains", how[denied.end() :] if denied else how, "status")


def _which(what: str, rest: str) -> ExtractionRequest:
    """``which product is the cheapest`` asks for a thing, ``which dates did they meet`` for a value."""
    several = is_plural(what)
    if _names_value(what):
        more = read_noun_phrase(re.sub(r"^(?:did|does|do|is|are|was|were)\s+", "", rest))
        if not several:
            return _one(_HAPPENS.sub("", more.noun if not more.anchor else more.anchor), what)
        return replace(make_request(more, "list", (what,)), subject=what)
    so = re.fullmatch(r"(?:is|are|was|were)\s+(?:currently\s+|still\s+)?(?P<how>(?:not\s+)?[\w -]{2,40})", rest)
    tail_words = tokens(so["how"]) if so else ()
    if so and not {"the", "most", "least"} & set(tail_words):
        phrase = read_noun_phrase(f"{what} {so['how']}")
        if so["how"][:1].isupper() and not several and phrase.superlative is None:
            return _one(so["how"], what)  # "which shelf is Clay and Kiln on"
        if not phrase.conditions and phrase.superlative is None:
            made = make_request(read_noun_phrase(what), "list" if several else "one", ())
            return replace(made, conditions=(*made.conditions, _state(so["how"])))
    having = re.match(r"^(?:has|have|had)\s+(.+)$", rest)
    tail = f"with {having[1]}" if having else re.sub(r"^(?:is|are|was|were)(?: the)?", "", rest)
    phrase = read_noun_phrase(f"{what} {tail}".strip())
    return replace(make_request(phrase, "list" if several and phrase.superlative is None else "one", ()), subject=what)


def _one(what: str, field: str) -> ExtractionRequest:
    """A field of one thing: named, described, or the page's own."""
    phrase = read_noun_phrase(what)
    made = make_request(phrase, "one", (field,))
    if made.anchor or phrase.ordinal is not None or phrase.superlative is not None:
        return made
    words = set(tokens(phrase.noun))
    if phrase.conditions and not words <= PRONOUNS:  # "the tickets with high priority": told by what they are like
        return replace(made, asked="list") if phrase.plural else made
    if not words or words <= PRONOUNS:
        return replace(made, subject="")
    if words <= KINDS:
        return made
    return replace(made, anchor=phrase.noun, loose=True)
