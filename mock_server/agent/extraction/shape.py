"""The shape a schema asks for, made plain.

Owns: references, unions and loose schemas ("{title: string}") resolved into objects, lists
and leaves; validation of an output. Must not: look at a page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import jsonschema_rs

Json = Any

_KEYWORDS: Final = frozenset(
    [
        "type",
        "properties",
        "items",
        "$ref",
        "anyOf",
        "oneOf",
        "allOf",
        "enum",
        "const",
        "format",
        "required",
        "additionalProperties",
        "$defs",
        "definitions",
        "$schema",
        "title",
        "description",
        "prefixItems",
    ]
)
_TYPES: Final = {
    "string": "string", "str": "string", "text": "string", "number": "number", "float": "number", "decimal": "number",
    "integer": "integer", "int": "integer", "boolean": "boolean", "bool": "boolean", "date": "date", "url": "uri",
    "array": "array", "list": "array", "object": "object", "dict": "object",
}  # fmt: skip
_MAX_DEPTH: Final = 12


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema without references: ``kind`` object, array or leaf."""

    kind: str
    schema: Json
    properties: tuple[tuple[str, Shape], ...] = ()
    required: frozenset[str] = frozenset()
    items: Shape | None = None
    nullable: bool = False


def read_shape(schema: Json) -> Shape | None:
    """Return the shape of a schema, or None if it says nothing about the output."""
    if isinstance(schema, str):
        try:
            schema = json.loads(schema)
        except (ValueError, RecursionError):
            return None
    if isinstance(schema, list):
        schema = {"type": "array", "items": schema[0] if schema else {}}
    if not isinstance(schema, dict) or not schema:
        return None
    if not _is_schema(schema):
        schema = _loose(schema, 0)
    shape = _shape(schema, schema, 0)
    if shape.kind == "object":
        return shape if shape.properties else None
    return shape if shape.kind == "array" or _says_type(shape.schema) else None


def _says_type(schema: dict[str, Json]) -> bool:
    return bool(schema.get("type")) or bool({"enum", "const", "format"} & set(schema))


def _is_schema(value: dict[str, Json]) -> bool:
    if "properties" in value and not isinstance(value["properties"], dict):
        return False
    kind = value.get("type")
    if isinstance(kind, str | list) and ("properties" in value or "items" in value or set(value) <= _KEYWORDS):
        return True
    return any(
        isinstance(value.get(name), dict | list | str)
        for name in ("properties", "items", "$ref", "anyOf", "oneOf", "allOf", "enum", "const")
    )


def _loose(value: Json, depth: int) -> dict[str, Json]:
    """Read ``{"title": "string", "tags": ["string"]}`` or ``{"title": "the post's title"}`` as a schema."""
    if depth > _MAX_DEPTH:
        return {}
    if isinstance(value, dict):
        inner = {str(key): _loose(entry, depth + 1) for key, entry in list(value.items())[:200]}
        return value if _is_schema(value) else {"type": "object", "properties": inner}
    if isinstance(value, list):
        return {"type": "array", "items": _loose(value[0], depth + 1) if value else {}}
    return _loose_leaf(value)


def _loose_leaf(value: Json) -> dict[str, Json]:
    if isinstance(value, str):
        name = _TYPES.get(value.strip().lower().rstrip("?"))
        if name in ("date", "uri"):
            return {"type": "string", "format": name}
        return {"type": name} if name else {"type": "string", "description": value}
    if isinstance(value, bool):
        return {"type": "boolean"}
    return {"type": "number"} if isinstance(value, int | float) else {}


def _shape(schema: Json, root: Json, depth: int) -> Shape:
    if depth > _MAX_DEPTH or not isinstance(schema, dict):
        return Shape("leaf", {})
    schema, nullable = _resolve(schema, root, depth)
    kind = schema.get("type")
    if isinstance(kind, list):
        nullable = nullable or "null" in kind
        kinds = [entry for entry in kind if entry != "null"]
        kind = next(
            (
                entry
                for entry in ("object", "array")
                if entry in kinds and (entry != "object" or "properties" in schema)
            ),
            kinds[0] if kinds else None,
        )
    properties = schema.get("properties")
    if isinstance(properties, dict) and kind in (None, "object"):
        required = schema.get("required")
        return Shape(
            "object",
            schema,
            tuple((str(name), _shape(inner, root, depth + 1)) for name, inner in list(properties.items())[:200]),
            frozenset(str(name) for name in required) if isinstance(required, list) else frozenset(),
            nullable=nullable,
        )
    items = schema.get("items")
    if kind == "array" or (kind is None and items is not None):
        if isinstance(items, list):
            items = items[0] if items else {}
        return Shape(
            "array", schema, items=_shape(items if isinstance(items, dict) else {}, root, depth + 1), nullable=nullable
        )
    if kind == "object":
        return Shape("object", schema, nullable=nullable)
    return Shape("leaf", schema, nullable=nullable)


def _resolve(schema: dict[str, Json], root: Json, depth: int) -> tuple[dict[str, Json], bool]:
    nullable = False
    for _ in range(_MAX_DEPTH):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            target = _target(reference, root)
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**(target if isinstance(target, dict) else {}), **rest}
            continue
        union = schema.get("anyOf") or schema.get("oneOf")
        if isinstance(union, list) and union:
            options = [option for option in union if isinstance(option, dict)]
            nullable = nullable or any(option.get("type") == "null" for option in options)
            real = [option for option in options if option.get("type") != "null"]
            rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
            schema = {**rest, **(real[0] if real else {})}
            continue
        parts = schema.get("allOf")
        if isinstance(parts, list) and parts:
            merged = {key: value for key, value in schema.items() if key != "allOf"}
            for part in parts:
                if isinstance(part, dict):
                    inner, _ = _resolve(part, root, depth + 1) if depth < _MAX_DEPTH else (part, False)
                    both = {**_mapping(inner.get("properties")), **_mapping(merged.get("properties"))}
                    merged = {**inner, **merged, **({"properties": both} if both else {})}
            schema = merged
            continue
        break
    return schema, nullable


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _target(reference: str, root: Json) -> Json:
    current = root
    for step in reference.lstrip("#").strip("/").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(current, dict) or name not in current:
            return {}
        current = current[name]
    return current


def is_valid(output: Json, schema: Json) -> bool:
    """Return True if the output fulfils the schema, or the schema is none."""
    if isinstance(schema, str):
        try:
            schema = json.loads(schema)
        except (ValueError, RecursionError):
            return True
    if not isinstance(schema, dict) or not _is_schema(schema):
        return True
    if re.search(r"\"\$ref\":\s*\"(?!#)", _dumped(schema)):
        return True
    try:
        return bool(jsonschema_rs.validator_for(schema).is_valid(output))
    except (ValueError, TypeError, jsonschema_rs.ReferencingError):
        return True


def _dumped(schema: Json) -> str:
    try:
        return json.dumps(schema)
    except (TypeError, ValueError, RecursionError):
        return ""


def lacking(shape: Shape, output: Json, path: str = "") -> list[str]:
    """Return the required values that are null or absent."""
    if shape.kind == "object":
        if not isinstance(output, dict):
            return [] if shape.nullable else [path or "data"]
        out: list[str] = []
        for name, inner in shape.properties:
            where = f"{path}.{name}" if path else name
            value = output.get(name)
            if name in shape.required and not inner.nullable and value in (None, [], ""):
                out.append(where)
            elif value not in (None, []):
                out.extend(lacking(inner, value, where))
        return out
    if shape.kind == "array" and isinstance(output, list) and shape.items is not None:
        each = [lacking(shape.items, entry, f"{path}[]") for entry in output]
        if each and all(each):
            return each[0]
    return []


def pruned(shape: Shape, output: Json) -> Json:
    """Return the output without optional nulls and without entries that lack a required value."""
    if shape.kind == "object" and isinstance(output, dict):
        inner = dict(shape.properties)
        return {
            name: pruned(inner[name], value) if name in inner else value
            for name, value in output.items()
            if value is not None or name in shape.required or (name in inner and inner[name].nullable)
        }
    if shape.kind == "array" and isinstance(output, list) and shape.items is not None:
        kept = [entry for entry in output if not lacking(shape.items, entry)]
        return [pruned(shape.items, entry) for entry in kept]
    return output


def leaves(shape: Shape, prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Shape]]:
    """Yield the paths of an object's scalar and list-of-scalar properties, nested objects opened."""
    for name, inner in shape.properties:
        if inner.kind == "object" and inner.properties:
            yield from leaves(inner, (*prefix, name))
        else:
            yield (*prefix, name), inner


def is_rows(shape: Shape) -> bool:
    """Return True for a list of objects."""
    return (
        shape.kind == "array"
        and shape.items is not None
        and shape.items.kind == "object"
        and bool(shape.items.properties)
    )


def put(out: dict[str, Json], path: tuple[str, ...], value: Json) -> None:
    """Set the value at a path of nested mappings, making them as needed."""
    for name in path[:-1]:
        out = out.setdefault(name, {})
    out[path[-1]] = value


def dig(value: Json, path: tuple[str, ...]) -> Json:
    """Return the value at a path of nested mappings, or None."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
