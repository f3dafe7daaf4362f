"""From a prompt to an extraction request.

Owns: the grammar of asking: verbs, counts, ordinals, superlatives, fields of a subject,
conditions, questions. Must not: look at a page; unknown wording lowers the certainty and
keeps the nouns.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from mock_server.agent.extraction.phrases import (
    NUMBER_WORDS,
    ORDINALS,
    Phrase,
    clean,
    is_plural,
    read_noun_phrase,
    split_list,
)
from mock_server.agent.extraction.request import Asked, ExtractionRequest
from mock_server.agent.extraction.words import concepts_of, stem, stems, tokens

Json = Any

_VERBS: Final = (
    r"get|extract|find|return|list|collect|fetch|read|tell me|tell|give me|give|show me|show|scrape|retrieve|report|grab|identify|"
    r"determine|provide|output|capture|pull|note|look up|name|write down|copy|check|gather|record|print|see|obtain|parse|save|count|locate|select|pick"
)
_LEAD: Final = re.compile(
    r"^(?:please|kindly|now|then|and|finally|next|also|can you|could you|would you|i want (?:you )?to|i need (?:you )?to|i'd like (?:you )?to|"
    r"i want|i need|your task is to|go to \S+ and|(?:visit|open) \S+ and|on (?:this|the) (?:page|site|website),?|from (?:this|the) (?:page|site|website),?)\s+",
    re.IGNORECASE,
)
_VERB: Final = re.compile(rf"^(?:{_VERBS})\b(?:\s+(?:me|us|out|back|down|up|for))?[:\s]*", re.IGNORECASE)
_SPLIT: Final = re.compile(
    r"(?:(?<=[^\d\s.])[.;!?](?=\s|$)|,?\s+\b(?:and then|then|after that|afterwards)\b,?)\s*", re.IGNORECASE
)
_ASK: Final = re.compile(
    rf"\b(?:{_VERBS})\b|^\s*(?:what|who|whose|when|where|which|how|is|are|does|do|did)\b", re.IGNORECASE
)
_AND_TELL: Final = re.compile(
    rf"^(?P<what>.+?),?\s+(?:and|to|then)\s+(?:{_VERBS})\s+(?:me\s+)?(?P<fields>(?:(?:its|their|the|his|her)\b).+)$",
    re.IGNORECASE,
)
_WITH: Final = re.compile(
    r"\s+(?:with|including|along with|together with|incl\.|by their|showing|and (?:its|their))\s+(?:the\s+|their\s+|its\s+)?(?P<fields>.+)$",
    re.IGNORECASE,
)
_COLON: Final = re.compile(r"^(?P<what>[^:]{3,80}?)\s*(?::| - )\s+(?P<fields>\S.+)$")
_FOR_EACH: Final = re.compile(
    r"^(?P<fields>.+?)\s+(?:for|of|from)\s+(?:each|every|all)(?: of)?(?: the)?\s+(?P<what>.+)$", re.IGNORECASE
)
_OF: Final = re.compile(r"\s+(?:of|for|from|about)\s+", re.IGNORECASE)
_UNIT_OF: Final = re.compile(
    r"\b(number|count|date|place|time|type|kind|terms|table|point|proof|range|out|level|year|state|country|city|cost"
    r"|amount) of (?=[a-z])(?!the\b|this\b|that\b|each\b|all\b|every\b|first\b|top\b|last\b)",
    re.IGNORECASE,
)
_OF_MARK: Final = "\u0001"
_POSSESSIVE: Final = re.compile(r"^(?:the\s+)?(?P<what>[^']+?)(?:'s|s')\s+(?P<fields>[\w\s,]+)$", re.IGNORECASE)
_DATA_WORDS: Final = frozenset(
    {"data", "info", "information", "details", "detail", "records", "content", "contents", "list", "table"}
)
_PAGE_WORDS: Final = frozenset({"page", "site", "website", "webpage", "document", "screen"})
_ONLY: Final = re.compile(r"\((?P<fields>[\w\s]+?)\s+only\)|,?\s+(?:only|just) the\s+(?P<more>[\w\s]+)$", re.IGNORECASE)


def parse_request(prompt: str, schema: Json = None) -> ExtractionRequest:
    """Return what a prompt asks to be read from the page. Never raises; any text is some request."""
    goal = " ".join(prompt.split())[:4000]
    request = _parse(clean(goal))
    return replace(request, goal=goal, schema=schema)


def _parse(text: str) -> ExtractionRequest:
    clause = _asking_clause(text)
    question = _question(clause)
    if question is not None:
        return question
    body = clause
    verbs = 0
    while True:
        shorter = _LEAD.sub("", body, count=1)
        verb = _VERB.match(shorter)
        shorter = shorter[verb.end() :] if verb and verbs == 0 else shorter
        verbs += 1 if verb else 0
        if shorter == body:
            break
        body = shorter
    only = _ONLY.search(body)
    fields: tuple[str, ...] = ()
    if only:
        fields = tuple(split_list(only.group("fields") or only.group("more")))
        body = (body[: only.start()] + body[only.end() :]).strip()
    request = _body(body.strip(" .:,"))
    if fields:
        request = replace(request, fields=fields)
    return request if verbs else replace(request, certainty=request.certainty * 0.7)


def _asking_clause(text: str) -> str:
    """Return the part of the prompt that asks for data: the last that does, or all of it."""
    pieces = [piece.strip() for piece in _SPLIT.split(text) if piece and piece.strip()]
    asking = [piece for piece in pieces if _ASK.search(piece)]
    if not asking:
        return pieces[0] if pieces else text
    strong = [
        piece
        for piece in asking
        if re.search(
            r"\b(?:extract|get|return|list|tell|give|report|collect|scrape|what|who|how|which|find)\b",
            piece,
            re.IGNORECASE,
        )
    ]
    clause = (strong or asking)[-1]
    # "return it as JSON", "do this quickly": nothing to find in there
    if len(stems(clause)) < 2 and len(asking) > 1:  # noqa: PLR2004
        clause = asking[0]
    both = re.match(
        r"^(?:go to|open|visit|click|log in|sign in|search|navigate|scroll|accept|close)\b.*?\band\s+((?:extract|get|return|list|tell|give|report|find|collect|scrape)\b.+)$",
        clause,
        re.IGNORECASE,
    )
    return both.group(1) if both else clause


# questions -----------------------------------------------------------------------------------


def _question(text: str) -> ExtractionRequest | None:
    text = text.strip(" ?.")
    count = re.match(
        r"^(?:(?:tell|give|show) me |count |find |get |determine )?(?:how many|(?:the )?(?:total )?number of|(?:the )?count of)\s+(?P<what>.+)$",
        text,
        re.IGNORECASE,
    )
    if count and "," not in count.group("what") and not re.search(r"\b(?:does|did) .+ have$", text):
        return _counted(count.group("what"))
    for pattern, fields in _QUESTIONS:
        found = pattern.match(text)
        if found:
            return _one_of(found.group("what"), fields)
    which = re.match(
        r"^(?:which|what)\s+(?P<what>[\w ]+?)\s+(?P<rest>(?:is|are|was|were|has|have|had|did|does|do|cost|costs|can|will|should)\b.*)$",
        text,
        re.IGNORECASE,
    )
    if which:
        return _which(which.group("what"), which.group("rest"))
    what = re.match(r"^(?:what|who|which)(?:'s|\s+(?:is|are|was|were))\s+(?P<what>.+)$", text, re.IGNORECASE)
    if what:
        return _body(what.group("what"))
    check = re.match(
        r"^(?:check|verify|confirm|see|tell me|determine|find out)?\s*(?:whether|if)\s+(?P<what>.+)$|^(?:is|are|does|do|has|have|can)\s+(?P<that>.+)$",
        text,
        re.IGNORECASE,
    )
    if check:
        what_text = check.group("what") or check.group("that")
        return ExtractionRequest("", asked="check", anchor=what_text, subject=what_text, certainty=0.5)
    return None


_QUESTIONS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), fields)
    for pattern, fields in (
        (
            r"^how much (?:do|does|did|is|are|would|will)\s+(?P<what>.+?)(?:\s+(?:cost|costs|go for|sell for|be))?$",
            ("price",),
        ),
        (r"^what (?:do|does|did)\s+(?P<what>.+?)\s+cost$", ("price",)),
        (
            r"^who (?:wrote|posted|published|created|submitted|authored|said|asked|made|sells|sold|started)\s+(?P<what>.+)$",
            ("author",),
        ),
        (
            r"^when (?:was|were|is|are|did|does|do)\s+(?P<what>.+?)(?:\s+(?:published|posted|written|created|released|updated|take place|held|happen|start|begin))?$",
            ("date",),
        ),
        (
            r"^where (?:is|are|was|were|does|do|did)\s+(?P<what>.+?)(?:\s+(?:located|take place|held|happen))?$",
            ("location",),
        ),
        (r"^how (?:long) (?:is|does|do|are)\s+(?P<what>.+?)(?:\s+take)?$", ("duration",)),
    )
)


def _counted(what: str) -> ExtractionRequest:
    what = re.sub(
        r"\s+(?:are|is|were|was|do|does|did|have|has|can)(?:\s+(?:there|listed|found|shown|displayed|available|you see|i see|on|in|it|we).*)?$|\s+(?:in total|altogether|found|listed|shown|exist|overall)\b.*$",
        "",
        what,
        flags=re.IGNORECASE,
    )
    have = re.match(
        r"^(?P<field>[\w ]+?)\s+(?:does|do|did)\s+(?P<what>.+?)\s+(?:have|has|get|got|receive)$", what, re.IGNORECASE
    )
    if have:
        return _one_of(have.group("what"), (have.group("field"),))
    of = re.match(
        r"^(?P<field>\w+)\s+(?:of|on|for)\s+(?P<what>the (?:top|first|second|third|last|latest)\b.+|['\"\u201c].+)$",
        what,
        re.IGNORECASE,
    )
    if of:
        return _one_of(of.group("what"), (of.group("field"),))
    phrase = read_noun_phrase(what)
    return _request(phrase, "count", ())


def _which(what: str, rest: str) -> ExtractionRequest:
    plural = is_plural(what)
    having = re.match(r"^(?:has|have|had)\s+(.+)$", rest)
    phrase = read_noun_phrase(
        f"{what} with {having.group(1)}"
        if having
        else f"{what} {re.sub(r'^(?:is|are|was|were|has|have|had)(?: the)?', '', rest)}".strip()
    )
    field = stems(what)
    named = tuple(
        concept
        for word in field[-1:]
        for concept in concepts_of(word)
        if concept.kind in ("date", "price", "email", "phone")
    )
    if named:
        more = read_noun_phrase(re.sub(r"^(?:did|does|do|is|are|was|were)\s+", "", rest))
        made = _request(more, "list" if plural else "one", (what,))
        return replace(made, subject=what if plural else made.subject)
    made = _request(phrase, "list" if plural and phrase.superlative is None else "one", ())
    return replace(made, subject=what)


def _one_of(what: str, fields: tuple[str, ...]) -> ExtractionRequest:
    phrase = read_noun_phrase(what)
    made = _request(phrase, "one", fields)
    if not made.anchor and phrase.ordinal is None and phrase.superlative is None:
        made = replace(made, anchor=phrase.noun)
    return made


# statements ----------------------------------------------------------------------------------


def _body(text: str) -> ExtractionRequest:
    told = _AND_TELL.match(text)
    if told:
        request = _body(told.group("what"))
        fields = split_list(told.group("fields"))
        return replace(
            request, fields=tuple(fields) or request.fields, asked="one" if request.asked == "values" else request.asked
        )
    masked = _UNIT_OF.sub(lambda found: f"{found.group(1)}{_OF_MARK}", text)
    each = _FOR_EACH.match(masked)
    if each:
        phrase = read_noun_phrase(_unmask(each.group("what")))
        return _request(phrase, "list", tuple(split_list(_unmask(each.group("fields")))))
    colon = _COLON.match(masked)
    if colon and not re.search(r"\d$", colon.group("what")) and '"' not in colon.group("what"):
        phrase = read_noun_phrase(_unmask(colon.group("what")))
        fields = split_list(_unmask(colon.group("fields")))
        return _request(phrase, _number_of(phrase, fields), tuple(fields))
    possessive = _POSSESSIVE.match(masked)
    if possessive and "," not in possessive.group("what") and not masked.startswith('"'):
        phrase = read_noun_phrase(possessive.group("what"))
        return _request(phrase, _number_of(phrase, ()), tuple(split_list(_unmask(possessive.group("fields")))))
    owned = _fields_of(masked)
    if owned is not None:
        return owned
    with_fields = _WITH.search(masked)
    if with_fields and _names_fields(with_fields.group("fields")):
        phrase = read_noun_phrase(_unmask(masked[: with_fields.start()]))
        fields = split_list(_unmask(with_fields.group("fields")))
        return _request(phrase, _number_of(phrase, fields), ("", *fields))
    return _bare(_unmask(masked))


def _unmask(text: str) -> str:
    return text.replace(_OF_MARK, " of ")


def _names_fields(text: str) -> bool:
    parts = split_list(_unmask(text))
    return (
        bool(parts)
        and all(len(part.split()) <= 4 and not re.search(r"\d", part) for part in parts)
        and (len(parts) > 1 or any(concepts_of(word) for word in stems(parts[0])))
    )


def _fields_of(masked: str) -> ExtractionRequest | None:
    """``the title, points and author of the top 3 posts``; fields may also follow the subject."""
    for split in _OF.finditer(masked):
        left, right = masked[: split.start()], masked[split.end() :]
        fields = split_list(_unmask(left))
        if not fields or any(len(field.split()) > 5 for field in fields) or '"' in left:  # noqa: PLR2004
            continue
        if re.search(r"\b(?:top|first|last|latest)\s+\d", left) or _counts(fields[0]):
            return None  # "the top 3 posts from Hacker News": what follows only says where
        subject, *more = _apart(right)
        phrase = read_noun_phrase(_unmask(subject))
        if set(tokens(phrase.noun)) & _PAGE_WORDS and len(tokens(phrase.noun)) <= 2:  # noqa: PLR2004 - "of the page"
            made = _bare(_unmask(left))
            return replace(
                made,
                fields=tuple(_page_field(field) for field in made.fields or fields)
                if made.asked != "list"
                else made.fields,
            )
        fields.extend(split_list(_unmask(" and ".join(more)))) if more else None
        if _data_only(fields):
            fields = []
        return _request(phrase, _number_of(phrase, fields), tuple(fields))
    return None


def _page_field(field: str) -> str:
    return "page title" if stems(field) == ("title",) else field


def _data_only(fields: list[str]) -> bool:
    return all(set(tokens(field)) <= _DATA_WORDS | {"the", "all", "full"} for field in fields)


def _counts(field: str) -> bool:
    words = tokens(field)
    return any(word in NUMBER_WORDS or word.isdigit() for word in words[:3]) or (bool(words) and words[0] == "all")


def _apart(right: str) -> list[str]:
    """Split ``the paste, the user who posted it and the date`` into its subject and further fields."""
    parts = re.split(r",\s+(?=(?:the|its|their|and)\b)|\s+and\s+(?=(?:the|its|their)\b)", right)
    if len(parts) > 1 and not re.search(r"\b(?:each|all|every)\b", parts[0]):
        return [parts[0], *(re.sub(r"^and\s+", "", part) for part in parts[1:])]
    return [right]


def _number_of(phrase: Phrase, fields: Any) -> Asked:
    if phrase.count and phrase.count > 1:
        return "list"
    if phrase.ordinal is not None or phrase.superlative is not None:
        return "one" if not (phrase.plural and phrase.count is None and phrase.superlative is None) else "list"
    if phrase.anchor:
        return "one"
    if phrase.plural:
        return "list"
    return "one" if phrase.noun or fields else "values"


def _bare(text: str) -> ExtractionRequest:
    """A request without "of": only fields, or only a subject."""
    phrase = read_noun_phrase(text)
    explicit = phrase.count is not None or phrase.ordinal is not None or phrase.superlative is not None or phrase.every
    parts = split_list(text)
    if not explicit and len(parts) > 1 and all(len(part.split()) <= 6 for part in parts):  # noqa: PLR2004
        return _only_fields(parts)
    words = tokens(phrase.noun)
    if words and words[-1] in _DATA_WORDS and len(words) > 1:
        noun = phrase.noun.rsplit(" ", 1)[0]
        asked: Asked = "list"
        return replace(_request(phrase, asked, ()), subject=noun)
    if not explicit and not phrase.conditions and not phrase.plural:
        return _only_fields(parts or [text])
    if phrase.every and len(parts) > 1 and all(is_plural(part) for part in parts):
        fields = [re.sub(r"^(?:all|every|the)\s+", "", part) for part in parts]
        lead = fields[0].split()
        return replace(_request(phrase, "list", tuple(fields)), subject=" ".join(lead[:-1]))
    if not explicit and phrase.plural and not phrase.conditions and _is_field_plural(phrase.noun):
        made = _request(phrase, "list", (phrase.noun,))
        return replace(made, subject="", certainty=0.8)
    return _request(phrase, _number_of(phrase, ()), ())


def _is_field_plural(noun: str) -> bool:
    last = stems(noun)[-1:]
    return (
        bool(last)
        and last[0] != "post"
        and any(
            last[0] in concept.words
            for concept in concepts_of(last[0])
            if concept.kind in ("title", "price", "email", "phone", "date", "link", "image", "list")
        )
    )


def _only_fields(parts: list[str]) -> ExtractionRequest:
    fields = tuple(part for part in parts if part)
    plural = sum(is_plural(part) for part in fields)
    if len(fields) > 1 and plural == len(fields):
        return ExtractionRequest("", asked="list", fields=fields, certainty=0.8)
    first = read_noun_phrase(fields[0]) if fields else Phrase()
    subject = ""
    words = first.noun.split()
    # "the recipe title, prep time ..." names its subject in front of the first field
    if len(words) > 1 and concepts_of(words[-1]) and not concepts_of(words[0]) and len(fields) > 1:
        subject = " ".join(words[:-1])
    return ExtractionRequest("", asked="values", subject=subject, fields=fields, conditions=first.conditions)


def _request(phrase: Phrase, asked: Asked, fields: tuple[str, ...]) -> ExtractionRequest:
    kept = tuple(field for number, field in enumerate(fields) if field or number == 0)
    noun = phrase.noun
    words = tokens(noun)
    if words and set(words) <= _DATA_WORDS | _PAGE_WORDS:
        noun = ""
    ordinal = phrase.ordinal
    if asked == "one" and ordinal is None and phrase.count == 1:
        ordinal = 1
    return ExtractionRequest(
        "",
        asked=asked,
        subject=noun,
        fields=kept,
        count=phrase.count if asked != "one" else None,
        ordinal=ordinal,
        conditions=phrase.conditions,
        superlative=phrase.superlative,
        anchor=phrase.anchor,
        qualifier=phrase.qualifier,
        certainty=0.9 if noun or kept else 0.5,
    )


def ordinal_of(word: str) -> int | None:
    """Return 2 for second, -1 for last, None for other words."""
    return ORDINALS.get(stem(word)) or ORDINALS.get(word.lower())
