"""Schemas made plain: references, unions, loose forms, and what breaks them."""

from __future__ import annotations

import json

import pytest

from mock_server.agent.extraction.shape import is_rows, is_valid, lacking, pruned, read_shape

ITEM = {"type": "object", "properties": {"name": {"type": "string"}, "price": {"type": "number"}}, "required": ["name"]}


def test_references_and_unions_are_resolved():
    """$ref into $defs, anyOf with null and allOf end as plain objects with their properties."""
    shape = read_shape(
        {
            "type": "object",
            "properties": {
                "item": {"anyOf": [{"$ref": "#/$defs/item"}, {"type": "null"}]},
                "both": {"allOf": [{"$ref": "#/$defs/item"}, {"properties": {"size": {"type": "integer"}}}]},
            },
            "$defs": {"item": ITEM},
        }
    )
    item, both = (dict(shape.properties)[name] for name in ("item", "both"))
    assert item.nullable
    assert [name for name, _ in item.properties] == ["name", "price"]
    assert {name for name, _ in both.properties} == {"name", "price", "size"}


def test_a_reference_to_itself_ends():
    """A recursive schema is cut at a depth, not followed forever."""
    shape = read_shape(
        {"$ref": "#/$defs/n", "$defs": {"n": {"type": "object", "properties": {"next": {"$ref": "#/$defs/n"}}}}}
    )
    assert shape.kind == "object"


@pytest.mark.parametrize(
    "loose",
    [
        {"title": "string", "price": "number"},
        {"title": "the title", "price": 0},
        json.dumps({"title": "string", "price": "float"}),
    ],
)
def test_a_loose_description_is_a_hint_of_shape(loose):
    """An object that is no JSON Schema says by its keys what is wanted."""
    shape = read_shape(loose)
    assert [(name, inner.schema["type"]) for name, inner in shape.properties] == [
        ("title", "string"),
        ("price", "number"),
    ]


@pytest.mark.parametrize("empty", [None, {}, "", "not json", 7, {"type": "object"}, {"type": []}, []])
def test_what_says_nothing_is_no_shape(empty):
    """An empty or unusable schema leaves the shape to the prompt."""
    shape = read_shape(empty)
    assert shape is None or shape.kind == "array"


def test_lists_of_objects_are_rows():
    """An array of objects is a list of records; an array of strings is not."""
    assert is_rows(read_shape({"type": "array", "items": ITEM}))
    assert not is_rows(read_shape({"type": "array", "items": {"type": "string"}}))


def test_required_values_that_are_null_are_named_by_path():
    """The path says where: in the object, or in every entry of a list."""
    assert lacking(read_shape(ITEM), {"name": None, "price": 3}) == ["name"]
    listed = read_shape({"type": "object", "properties": {"items": {"type": "array", "items": ITEM}}})
    assert lacking(listed, {"items": [{"name": None}, {"name": None}]}) == ["items[].name"]
    assert lacking(listed, {"items": [{"name": "a"}, {"name": None}]}) == []


def test_pruning_makes_a_partial_answer_valid():
    """Optional nulls and entries without a required value go; what is left fulfils the schema."""
    schema = {"type": "array", "items": ITEM}
    output = [{"name": "a", "price": None}, {"name": None, "price": 2.0}]
    assert not is_valid(output, schema)
    left = pruned(read_shape(schema), output)
    assert left == [{"name": "a"}]
    assert is_valid(left, schema)


def test_a_schema_that_cannot_be_compiled_is_not_enforced():
    """A broken schema shapes the answer but cannot make it invalid."""
    assert is_valid({"a": 1}, {"type": "object", "properties": {"a": {"type": "nonsense"}}})
    assert is_valid({"a": 1}, {"$ref": "https://elsewhere.example/schema.json"})
