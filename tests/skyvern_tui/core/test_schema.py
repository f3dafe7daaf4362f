"""Claims about checking with JSON Schema."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.core.schema import Fault, State, empty_result, path_text, schema_fault, verdict
from tests.skyvern_tui.core.requests import HOSTILE, JSON

POSTS = {
    "type": "array",
    "items": {"type": "object", "properties": {"title": {"type": "string"}, "points": {"type": "integer"}}},
}
SCHEMAS = st.recursive(
    st.fixed_dictionaries({}, optional={"type": st.sampled_from(["string", "null", "object", "odd"]), "enum": JSON}),
    lambda child: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(HOSTILE, child, max_size=2),
            "items": child,
            "anyOf": st.lists(child, max_size=2),
            "allOf": st.lists(child, max_size=2),
            "$ref": st.sampled_from(["#", "#/properties/a", "https://example.com/schema.json", "#/%zz"]),
            "$schema": st.sampled_from(["http://json-schema.org/draft-07/schema#", "https://example.com/odd"]),
        },
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        (POSTS, ""),
        ({}, ""),
        ({"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}, ""),
        ({"properties": {"price": {"type": "numbr"}}}, "properties.price.type: "),
        ({"required": "title"}, "required: "),
        ({"pattern": "("}, "pattern: "),
        ({"$ref": "https://example.com/schema.json"}, "is not fetched"),
        ({"$ref": "#/nowhere"}, "/nowhere"),
    ],
)
def test_a_schema_that_is_none_says_where(schema, fault):
    """A valid schema has no fault; an invalid one names the place; nothing is fetched."""
    said = schema_fault(schema)
    assert (said == "") == (fault == "")
    assert fault in said


def test_an_output_is_held_to_its_schema():
    """The verdict names each place that is not as asked."""
    assert verdict([{"title": "a", "points": 1}], POSTS).state is State.kept
    broken = verdict([{"title": "a"}, {"title": 3}], POSTS)
    assert broken.state is State.broken
    assert broken.faults == (Fault("[1].title", '3 is not of type "string"'),)
    assert verdict(None, None).state is verdict(1, {}).state is State.none
    assert verdict(1, "tell me the price").state is verdict(1, ["title"]).state is State.unusable
    assert verdict("x", '{"type": "integer"}').state is State.broken


def test_an_empty_result_shows_the_shape():
    """Objects have their keys, lists one entry, and choices the first; what goes round ends."""
    assert empty_result(POSTS) == [{"title": "", "points": 0}]
    tree = {
        "$defs": {
            "node": {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}
        },
        "$ref": "#/$defs/node",
    }
    assert empty_result(tree) == {"kids": []}
    either = {"properties": {"a": {"anyOf": [{"type": "null"}, {"type": "number"}]}, "b": {"enum": ["x", "y"]}}}
    assert empty_result(either) == {"a": 0, "b": "x"}
    joined = {
        "allOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "boolean"}}}],
        "type": "object",
    }
    assert empty_result(joined) == {"a": "", "b": False}
    assert empty_result("prose") is None


@given(SCHEMAS, JSON)
def test_no_schema_and_no_output_is_too_odd(schema, output):
    """Checking and previewing never raise, and what they say is safe to show."""
    said = [schema_fault(schema), *(str(fault) for fault in verdict(output, schema).faults)]
    assert all(text.isprintable() for text in said)
    shown = empty_result(schema)
    if schema_fault(schema) == "" and "$ref" not in str(schema):
        assert shown is None or verdict(shown, schema).state is not State.unusable


def test_depth_is_bounded():
    """A schema or output nested without end is called so instead of being followed."""
    deep: dict = {}
    place = deep
    for _ in range(5000):
        place["not"] = place = {}
    assert "nested" in schema_fault(deep)
    assert verdict(deep, {"type": "object"}).state is State.unusable
    assert empty_result(deep) is None


def test_paths_read_like_code():
    """A path is written as one would write it in a program."""
    assert path_text(["items", 2, "price", "odd key"]) == 'items[2].price["odd key"]'
