"""What a person asks to know, as plain data.

Owns: the request's parts and the fields that follow from words and schema. Must not: parse
prose (``grammar`` does) or look at a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from mock_server.agent.extraction.words import Concept, concepts_of, stems, tokens

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
    qualifier: str = ""
    """How the entry is called beside its noun (top, latest, cheapest): names the answer."""
    certainty: float = 1.0
    """How sure the grammar is of its reading, 0 to 1."""


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
    def is_list(self) -> bool:
        return self.type == "array"


_KIND_BY_FORMAT = {
    "date": "date",
    "date-time": "date",
    "uri": "link",
    "url": "link",
    "email": "email",
    "uri-reference": "link",
}


def want(name: str, phrase: str = "", schema: Json = None, subject: str = "") -> Want:
    """Make a want from a property's or phrase's name."""
    words = phrase or " ".join(tokens(name))
    hint = schema.get("description", "") if isinstance(schema, dict) else ""
    hint = hint if isinstance(hint, str) else ""
    made = Want(name, words, None, schema, hint)
    return Want(name, words, _concept_for(made, subject), schema, hint)


def _concept_for(made: Want, subject: str) -> Concept | None:
    words = stems(made.phrase)
    own = set(stems(subject))
    kind = (
        _KIND_BY_FORMAT.get(made.schema.get("format", ""), "")
        if isinstance(made.schema, dict) and isinstance(made.schema.get("format"), str)
        else ""
    )
    candidates: list[Concept] = []
    for word in (*reversed(words),):
        candidates.extend(concept for concept in concepts_of(word) if concept not in candidates)
    if not candidates and made.hint:
        for word in stems(made.hint)[:6]:
            candidates.extend(concept for concept in concepts_of(word) if concept not in candidates)
    if kind:
        return next((concept for concept in candidates if concept.kind == kind), None)
    numeric = made.type in ("integer", "number")
    fitting = [
        concept for concept in candidates if not numeric or concept.kind in ("number", "price", "rating", "code")
    ]
    if numeric and not fitting:
        return None
    if own & set(words) and len(set(words) - own) == 0 and not fitting:
        return next((concept for concept in candidates if concept.name == "title"), None)
    return fitting[0] if fitting else None
