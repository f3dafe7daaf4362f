"""What a person asks to know, as plain data.

Owns: the request's parts and the fields that follow from words and schema. Must not: parse
prose (``grammar`` does) or look at a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from mock_server.agent.extraction.words import CONCEPTS, Concept, concepts_of, stems, tokens

Json = Any

Asked = Literal["list", "one", "values", "count", "check"]
"""Records; one record; single values of the page; how many there are; whether something is so."""

Operator = Literal["contains", "lacks", "lt", "le", "gt", "ge", "eq", "date"]


@dataclass(frozen=True, slots=True)
class Condition:
    """Something an entry must fulfil: ``field`` may be empty when any part of it may."""

    operator: Operator
    value: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Superlative:
    """The cheapest, the highest rated, the latest: the extreme of a field."""

    field: str
    largest: bool
    word: str = ""


@dataclass(frozen=True, slots=True)
class ExtractionRequest:
    """One question to a page. Constructible from the prompt alone by ``parse_request``."""

    goal: str
    schema: Json = None
    asked: Asked = "values"
    subject: str = ""
    """What the entries are: posts, products, invoices; may be empty."""
    fields: tuple[str, ...] = ()
    """What to tell of each, in the prompt's words."""
    count: int | None = None
    ordinal: int | None = None
    """1 the first, 2 the second, -1 the last."""
    conditions: tuple[Condition, ...] = ()
    superlative: Superlative | None = None
    anchor: str = ""
    """A name or phrase that singles out the entry: "the price of *the Foo lamp*"."""
    counted: bool = False
    """A number is asked for: "how many seats does it have"."""
    loose: bool = False
    """The anchor describes the thing ("the backpack"): the page itself may be about it without naming it so."""
    qualifier: str = ""
    """How the entry is called beside its noun (top, latest, cheapest): names the answer."""
    certainty: float = 1.0
    """How sure the grammar is of its reading, 0 to 1."""


_EXTREME: Final = re.compile(
    r"^(?:which|what|who)\b.*?\b(?P<word>most|least|fewest|(?!best|latest|west|rest|test|guest|quest|request|interest|nest|forest"
    r"|protest|harvest|invest|suggest|contest|honest|digest)[a-z]{2,}est)\b",
    re.IGNORECASE,
)


def unread_extreme(request: ExtractionRequest) -> str | None:
    """Return the word for an extreme that is asked for and was not understood: the first entry would be a guess."""
    found = _EXTREME.match(request.goal)
    if found is None or request.superlative is not None or request.ordinal is not None or request.anchor:
        return None
    kept = " ".join((*request.fields, request.subject, request.qualifier)).casefold()
    return None if re.search(rf"\b{re.escape(found['word'].casefold())}\b", kept) else found["word"]


@dataclass(frozen=True, slots=True)
class Want:
    """One field to find: its words, the concept behind them and the type asked for."""

    name: str
    """As the output names it."""
    phrase: str
    """As words: ``number of bedrooms``."""
    concept: Concept | None = None
    schema: Json = None
    hint: str = ""
    """Description text from the schema."""

    @property
    def type(self) -> str:
        kind = self.schema.get("type") if isinstance(self.schema, dict) else None
        if isinstance(kind, list):
            return next((entry for entry in kind if entry != "null"), "")
        return kind if isinstance(kind, str) else ""

    @property
    def is_plain(self) -> bool:
        """Whether its words say no more than the concept: "price" does, "shipping price" does not."""
        if self.concept is None:
            return False
        return not set(stems(self.phrase)) - self.concept.words - _NEUTRAL

    @property
    def is_list(self) -> bool:
        return self.type == "array"


_NEUTRAL = frozenset(
    {
        *("number", "value", "field", "text", "full", "current", "main", "item", "product", "article", "post", "page"),
        *("ad", "listing", "story", "book", "first", "publish", "list", "publication"),
    }
)
"""Words that qualify a field without making it another one."""
_KIND_BY_FORMAT = {
    "date": "date",
    "date-time": "date",
    "uri": "link",
    "url": "link",
    "email": "email",
    "uri-reference": "link",
}


SIGNING: Final = re.compile(
    r"(?:asked|answered|posted|written|edited|modified|viewed|published|submitted|created|updated|by|from|on|in)+",
    re.IGNORECASE,
)
"""Words that stand before a name and are none."""


def want(name: str, phrase: str = "", schema: Json = None, subject: str = "") -> Want:
    """Make a want from a property's or phrase's name."""
    words = phrase or " ".join(tokens(name))
    hint = schema.get("description", "") if isinstance(schema, dict) else ""
    hint = hint if isinstance(hint, str) else ""
    made = Want(name, words, None, schema, hint)
    return Want(name, words, _concept_for(made, subject), schema, hint)


_PLAIN_KINDS = frozenset({"email", "phone"})
"""Kinds whose name decides wherever it stands: an "email address" is no address."""


def _concept_for(made: Want, subject: str) -> Concept | None:
    words = stems(made.phrase)
    candidates = _concepts(reversed(words)) or _concepts(stems(made.hint)[:6] if made.hint else ())
    form = made.schema.get("format") if isinstance(made.schema, dict) else None
    if isinstance(form, str) and form in _KIND_BY_FORMAT:
        kind = _KIND_BY_FORMAT[form]
        return next((concept for concept in (*candidates, *CONCEPTS) if concept.kind == kind), None)
    if made.type in ("", "string") and tokens(made.phrase)[-1:] and tokens(made.phrase)[-1] in _ONE_OF_MANY:
        return next(concept for concept in concepts_of("text") if concept.kind == "text")
    plain = next((concept for concept in candidates if concept.kind in _PLAIN_KINDS), None)
    if plain is not None:
        return plain
    if made.type in ("integer", "number"):
        return next((concept for concept in candidates if concept.kind in _NUMERIC_KINDS), None)
    if words and set(words) <= set(stems(subject)):
        # what is asked of the thing is the thing itself: its name
        return next((concept for concept in candidates if concept.name == "title"), None) or next(
            iter(candidates), None
        )
    return next(iter(candidates), None)


_NUMERIC_KINDS = frozenset({"number", "price", "rating", "code", "duration"})
VALUED: Final = frozenset({"version", "release", "language", "code", "number", "id", "unit", "size", "type"})
"""What is a value of something, not a thing with a name."""
_ONE_OF_MANY = frozenset({"answer", "reply", "response", "comment", "review", "discussion"})
"""What is counted in the plural and read in the singular."""


def _concepts(words: Iterable[str]) -> list[Concept]:
    return list(dict.fromkeys(concept for word in words for concept in concepts_of(word)))
