"""Statements that ask: "the title of the top post", "name, price and rating", "product data".

Owns: reading such a phrase into a request: fields of a subject, a subject alone, fields alone.
Must not: know verbs and sentences (``grammar`` does) or questions (``questions`` does).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from mock_server.agent.extraction.parts import listed_part, part_name, single_part
from mock_server.agent.extraction.phrases import NUMBER_WORDS, Phrase, is_plural, read_noun_phrase, split_list
from mock_server.agent.extraction.request import Asked, Condition, ExtractionRequest
from mock_server.agent.extraction.words import concepts_of, stems, tokens

TELLING: Final = (
    r"get|extract|find|return|list|collect|fetch|read|tell me|tell|give me|give|show me|show|scrape|retrieve|report"
    r"|grab|identify|determine|provide|output|capture|pull|note|look up|name|write down|copy|check|gather|record|print"
    r"|see|obtain|parse|save|count|locate|select|pick"
)
"""Verbs of asking, as an alternation for patterns."""

_AND_TELL: Final = re.compile(
    rf"^(?P<what>.+?),?\s+(?:and|to|then)\s+(?:{TELLING})\s+(?:me\s+)?"
    r"(?P<fields>(?:(?:its|their|the|his|her)\b).+)$",
    re.IGNORECASE,
)
_WITH: Final = re.compile(
    r"\s+(?:with|including|along with|together with|incl\.|by their|showing|and (?:its|their))\s+"
    r"(?:the\s+|their\s+|its\s+)?(?P<fields>.+)$",
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
"""Stands for the "of" inside a field's name while the phrase is cut at the others."""
_POSSESSIVE: Final = re.compile(r"^(?:the\s+)?(?P<what>[^']+?)(?:'s|s')\s+(?P<fields>[\w\s,]+)$", re.IGNORECASE)
DATA_WORDS: Final = frozenset(
    {"data", "info", "information", "details", "detail", "records", "content", "contents", "list", "table"}
)
PAGE_WORDS: Final = frozenset({"page", "site", "website", "webpage", "document", "screen"})
_COLUMN_KINDS: Final = frozenset({"title", "price", "email", "phone", "date", "link", "image", "list"})
_FIELD_WORDS: Final = 5
_MAX_WORDS: Final = 6


def read_statement(text: str) -> ExtractionRequest:
    """Return what a phrase without its verb asks for."""
    if single_part(text):
        return ExtractionRequest("", asked="values", fields=(part_name(text),), certainty=0.9)
    told = _AND_TELL.match(text)
    if told:
        request = read_statement(told["what"])
        asked = "one" if request.asked == "values" else request.asked
        return replace(request, fields=tuple(split_list(told["fields"])) or request.fields, asked=asked)
    masked = _UNIT_OF.sub(lambda found: found[1] + _OF_MARK, text)
    return _cut(masked) or _fields_of(masked) or _with(masked) or _bare(_unmask(masked))


def make_request(phrase: Phrase, asked: Asked, fields: Sequence[str]) -> ExtractionRequest:
    """Return the request for a noun phrase and the fields of it."""
    kept = tuple(field for number, field in enumerate(fields) if field or number == 0)
    words = set(tokens(phrase.noun))
    noun = "" if words and words <= DATA_WORDS | PAGE_WORDS else phrase.noun
    if phrase.superlative is not None and not kept and noun and stems(noun) == stems(phrase.superlative.field):
        noun, kept = "", (noun,)  # "the lowest price" asks for the price of the cheapest
    only = asked == "one" and phrase.ordinal is None and phrase.count == 1
    return ExtractionRequest(
        "",
        asked=asked,
        subject=noun,
        fields=kept,
        count=phrase.count if asked != "one" else None,
        ordinal=1 if only else phrase.ordinal,
        conditions=phrase.conditions,
        superlative=phrase.superlative,
        anchor=phrase.anchor,
        qualifier=phrase.qualifier,
        certainty=0.9 if noun or kept else 0.5,
    )


def _unmask(text: str) -> str:
    return text.replace(_OF_MARK, " of ")


def _cut(masked: str) -> ExtractionRequest | None:
    """Fields and subject set apart by "for each", a colon or a possessive."""
    each = _FOR_EACH.match(masked)
    if each:
        phrase = read_noun_phrase(_unmask(each["what"]))
        return make_request(phrase, "list", split_list(_unmask(each["fields"])))
    colon = _COLON.match(masked)
    if colon and not colon["what"][-1].isdigit() and '"' not in colon["what"]:
        phrase = read_noun_phrase(_unmask(colon["what"]))
        fields = split_list(_unmask(colon["fields"]))
        return make_request(phrase, _asked(phrase, fields), fields)
    possessive = _POSSESSIVE.match(masked)
    if possessive and "," not in possessive["what"] and not masked.startswith('"'):
        phrase = read_noun_phrase(possessive["what"])
        return make_request(phrase, _asked(phrase, ()), split_list(_unmask(possessive["fields"])))
    return None


def _with(masked: str) -> ExtractionRequest | None:
    """``the quotes with the author and the tags``: the quote itself is asked for as well."""
    found = _WITH.search(masked)
    their = found is not None and re.search(r"\b(?:their|its)\s", found.group()) is not None
    if not found or not (_names_fields(found["fields"]) or their):
        return None
    phrase = read_noun_phrase(_unmask(masked[: found.start()]))
    whole = read_noun_phrase(_unmask(masked))
    if not their and (whole.conditions, whole.superlative) != (phrase.conditions, phrase.superlative):
        return None  # "with status shipped", "with the most comments": which ones, not what of them
    fields = split_list(_unmask(found["fields"]))
    return make_request(phrase, _asked(phrase, fields), ("", *fields))


def _names_fields(text: str) -> bool:
    parts = split_list(_unmask(text))
    if not parts or any(len(part.split()) >= _FIELD_WORDS or re.search(r"\d", part) for part in parts):
        return False
    return len(parts) > 1 or any(concepts_of(word) for word in stems(parts[0]))


def _fields_of(masked: str) -> ExtractionRequest | None:
    """``the title, points and author of the top 3 posts``; fields may also follow the subject."""
    for split in _OF.finditer(masked):
        left, right = masked[: split.start()], masked[split.end() :]
        fields = split_list(_unmask(left))
        if not fields or any(len(field.split()) > _FIELD_WORDS for field in fields) or '"' in left:
            continue
        if re.search(r"\b(?:top|first|last|latest)\s+\d", left) or _counts(fields[0]):
            return None  # "the top 3 posts from ...": what follows only says where
        subject, *more = _apart(right)
        phrase = read_noun_phrase(_unmask(subject))
        words = tokens(phrase.noun)
        if set(words) & PAGE_WORDS and len(words) <= 2:  # "of the page", "of this web page"
            made = _bare(_unmask(left))
            names = tuple("page title" if stems(field) == ("title",) else field for field in made.fields or fields)
            return made if made.asked == "list" else replace(made, fields=names)
        if len(fields) == 1 and phrase.anchor and is_plural(fields[0]) and not _is_field(fields[0]):
            # "the invoices of Blue Door Ltd": things and whose they are
            told = replace(make_request(read_noun_phrase(left), "list", ()), certainty=0.8)
            return replace(told, conditions=(*phrase.conditions, Condition("contains", phrase.anchor)))
        fields.extend(split_list(_unmask(" and ".join(more))))
        if all(set(tokens(field)) <= DATA_WORDS | {"the", "all", "full"} for field in fields):
            fields = []
        return make_request(phrase, _asked(phrase, fields), fields)
    return None


def _counts(field: str) -> bool:
    words = tokens(field)
    return any(word in NUMBER_WORDS or word.isdigit() for word in words[:3]) or (bool(words) and words[0] == "all")


def _apart(right: str) -> list[str]:
    """Split ``the paste, the user who posted it and the date`` into its subject and further fields."""
    parts = re.split(r",\s+(?=(?:the|its|their|and)\b)|\s+and\s+(?=(?:the|its|their)\b)", right)
    if len(parts) > 1 and not re.search(r"\b(?:each|all|every)\b", parts[0]):
        return [parts[0], *(re.sub(r"^and\s+", "", part) for part in parts[1:])]
    return [right]


def _asked(phrase: Phrase, fields: Sequence[str]) -> Asked:
    if (phrase.count and phrase.count > 1) or phrase.every:
        return "list"
    if phrase.ordinal is not None or phrase.superlative is not None:
        several = phrase.plural and phrase.count is None and phrase.superlative is None
        return "list" if several else "one"
    if phrase.anchor:
        return "one"
    if phrase.plural or re.match(r"(?:everyone|everybody|all|everything)\b", phrase.noun, re.IGNORECASE):
        return "list"
    return "one" if phrase.noun or fields else "values"


def _bare(text: str) -> ExtractionRequest:  # noqa: PLR0911 - the order of the forms is the grammar, and is seen in one place
    """A request without "of": only fields, or only a subject."""
    phrase = read_noun_phrase(text)
    counted = phrase.count is not None or phrase.ordinal is not None or phrase.superlative is not None
    picked = counted or phrase.every
    parts = split_list(text)
    if not picked and len(parts) > 1 and all(len(part.split()) <= _MAX_WORDS for part in parts):
        return _only_fields(parts)
    words = tokens(phrase.noun)
    if re.match(
        r"(?:the\s+)?(?:(?:total|average|overall|current)\s+)?(?:number|amount|sum|count)\s+of\s", text, re.IGNORECASE
    ):
        return ExtractionRequest("", asked="values", fields=(re.sub(r"^the\s+", "", text),), certainty=0.9)
    if phrase.noun and listed_part(phrase.noun):
        return replace(make_request(phrase, "list", ()), subject=phrase.noun)
    if len(words) > 1 and words[-1] in DATA_WORDS:
        return replace(make_request(phrase, "list", ()), subject=phrase.noun.rsplit(" ", 1)[0])
    if phrase.every and len(parts) > 1 and all(is_plural(part) for part in parts):
        fields = [re.sub(r"^(?:all|every|the)\s+", "", part) for part in parts]
        return replace(make_request(phrase, "list", fields), subject=" ".join(fields[0].split()[:-1]))
    if not picked and not phrase.conditions and not phrase.plural:
        return _only_fields(parts or [text])
    if not counted and phrase.plural and not phrase.conditions and _is_field(phrase.noun):
        return replace(make_request(phrase, "list", (phrase.noun,)), subject="", certainty=0.8)
    return make_request(phrase, _asked(phrase, ()), ())


def _is_field(noun: str) -> bool:
    """Return True for a plural that names values (prices, e-mail addresses) rather than things."""
    words = stems(noun)
    if any(concept.kind in ("email", "phone") for word in words for concept in concepts_of(word)):
        return True
    last = words[-1:]
    return bool(last) and any(concept.kind in _COLUMN_KINDS for concept in concepts_of(last[0]))


def _only_fields(parts: Sequence[str]) -> ExtractionRequest:
    fields = tuple(part for part in parts if part)
    if len(fields) > 1 and all(is_plural(part) for part in fields):
        return ExtractionRequest("", asked="list", fields=fields, certainty=0.8)
    first = read_noun_phrase(fields[0]) if fields else Phrase()
    words = first.noun.split()
    # "the recipe title, prep time ..." names its subject in front of the first field
    owned = len(words) > 1 and len(fields) > 1 and concepts_of(words[-1]) and not concepts_of(words[0])
    subject = " ".join(words[:-1]) if owned else ""
    return ExtractionRequest("", asked="values", subject=subject, fields=fields, conditions=first.conditions)
