"""Any prompt, any schema, any page: no exception, and never an invalid answer called found."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server.agent.extraction import describe, extract, parse_request
from mock_server.agent.extraction.values import coerce, moment, number
from mock_server.agent.observation import Cell, Element, Fact, Line, Observation, Record, RecordGroup

QUICK = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])

words = st.sampled_from(
    [
        "get",
        "extract",
        "the",
        "top",
        "3",
        "posts",
        "title",
        "price",
        "of",
        "and",
        "with",
        "each",
        "first",
        "cheapest",
        "over",
        "$100",
        "by",
        "Ada",
        '"Blue',
        'Door"',
        "how",
        "many",
        "date",
        "in",
        "2018",
        "stock",
        "rating",
        "products",
        "page",
        "all",
        "number",
        "is",
        "there",
        "a",
        "author",
        "names",
        ":",
        ",",
        "?",
        "latest",
    ]
)
prompts = st.one_of(st.text(max_size=80), st.lists(words, max_size=14).map(" ".join))
texts = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["$5.00", "March 3, 2024", "4.5 out of 5", "In stock", "87 points", "by Ada", "2 hours ago", "a@b.example", ""]
    ),
)
names = st.sampled_from(["title", "price", "author", "date", "rating", "x", ""])
leaf = st.sampled_from(
    [
        {"type": "string"}, {"type": "number"}, {"type": "integer"}, {"type": "boolean"}, {"type": ["string", "null"]},
        {"type": "string", "format": "date"}, {"enum": ["a", "b", None]}, {"type": "null"}, {},
        {"anyOf": [{"type": "number"}, {"type": "null"}]}, {"type": "string", "minLength": 3},
        {"type": "integer", "minimum": 0},
    ]
)  # fmt: skip


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(st.sampled_from(["title", "price", "items", "author", "in_stock"]), inner, max_size=3)
    return st.one_of(
        st.builds(
            lambda found, need: {"type": "object", "properties": found, "required": list(found) if need else []},
            properties,
            st.booleans(),
        ),
        inner.map(lambda items: {"type": "array", "items": items}),
    )


schemas = st.recursive(leaf, _objects, max_leaves=6)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "properties", "items", "$ref", "anyOf", "required", "enum", "format", "k"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
cells = st.builds(
    Cell,
    text=texts,
    key=names,
    kind=st.sampled_from(["text", "heading", "link", "image", "number", "price", "rating", "date"]),
    href=st.sampled_from(["", "http://h.test/1"]),
    path=st.sampled_from(["a", "b", "c/d", "td[1]", "c/d[2]"]),
    hints=st.lists(names, max_size=2).map(tuple),
)
groups = st.builds(
    lambda rows, kind, region, title: RecordGroup(
        "ul>li.post",
        kind,
        tuple(Record(tuple(row), " ".join(cell.text for cell in row), index=place) for place, row in enumerate(rows)),
        region=region,
        title=title,
    ),
    st.lists(st.lists(cells, max_size=4), min_size=1, max_size=5),
    st.sampled_from(["table", "list", "grid"]),
    st.sampled_from(["main", "navigation", ""]),
    texts,
)
pages = st.builds(
    Observation,
    url=st.sampled_from(["http://site.test/", ""]),
    title=texts,
    elements=st.lists(
        st.builds(Element, id=st.just("a1"), tag=st.just("p"), role=st.just("paragraph"), name=texts, text=texts),
        max_size=3,
    ).map(tuple),
    lines=st.lists(
        st.builds(Line, text=texts, kind=st.just("paragraph"), level=st.integers(0, 2), size=st.just(16.0)), max_size=5
    ).map(tuple),
    groups=st.lists(groups, max_size=3).map(tuple),
    facts=st.lists(
        st.builds(Fact, name=names, value=texts, source=st.sampled_from(["dl", "meta", "text"])), max_size=4
    ).map(tuple),
    structured=st.lists(
        st.dictionaries(st.sampled_from(["@type", "name", "offers"]), texts, max_size=3), max_size=2
    ).map(tuple),
)


@QUICK
@given(prompts)
def test_any_text_is_some_request(prompt):
    """Parsing never fails and always keeps the goal."""
    assert parse_request(prompt).goal == " ".join(prompt.split())[:4000]


@QUICK
@given(prompts, schemas, pages)
def test_what_is_found_fulfils_the_schema(prompt, schema, seen):
    """An answer that is said to be found validates; one that does not names what is missing."""
    answer = extract(parse_request(prompt, schema), seen)
    json.dumps(answer.output)
    if answer.found and schema:
        assert jsonschema_rs.validator_for(schema).is_valid(answer.output)
    if not answer.found:
        assert answer.reason


@QUICK
@given(prompts, junk, pages)
def test_a_nonsense_schema_is_survived(prompt, schema, seen):
    """A schema of any JSON, valid or not, gives an answer and no exception."""
    json.dumps(extract(parse_request(prompt, schema), seen).output)


@QUICK
@given(prompts, pages)
def test_nothing_is_made_up(prompt, seen):
    """Every string of a free answer stands somewhere on the page."""
    shown = json.dumps(
        [
            seen.title,
            seen.url,
            *(cell.text for group in seen.groups for record in group.records for cell in record.cells),
        ]
    )
    shown += json.dumps(
        [
            *(line.text for line in seen.lines),
            *(fact.value for fact in seen.facts),
            *(element.text for element in seen.elements),
        ]
    )
    shown += json.dumps([list(item.values()) for item in seen.structured]) + "http://h.test/1"
    known = "".join(shown.split())
    stack = [extract(parse_request(prompt), seen).output]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
        elif isinstance(value, str):
            assert "".join(json.dumps(value).strip('"').split()) in known


@QUICK
@given(pages, st.integers(0, 500))
def test_a_description_keeps_to_its_limit(seen, limit):
    """Whatever the page, the text is no longer than asked for."""
    assert len(describe(seen, limit)) <= limit


@QUICK
@given(st.text(max_size=40), leaf)
def test_values_are_of_their_type_or_null(text, schema):
    """Coercion of any text gives None or a value the schema takes, length and range limits aside."""
    number(text)
    moment(text)
    value = coerce(text, schema, "http://site.test/")
    bare = {key: inner for key, inner in schema.items() if key in ("type", "enum")}
    assert value is None or not bare or jsonschema_rs.validator_for(bare).is_valid(value)
