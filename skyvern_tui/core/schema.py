"""JSON Schema, as far as a person who writes or checks one needs it.

Owns: whether a schema is one and where it isn't, what an empty result of it looks like, and
whether an output keeps to it. Must not: fetch what a schema refers to, or raise for any
JSON value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import unquote

from skyvern_tui.core.text import ELLIPSIS, inert, shorten

MAX_FAULTS: Final = 20
"""Faults of an output that are told."""
MAX_REASON: Final = 120
"""Characters of one reason."""
_VALUE: Final = 40
"""Characters of the value at the beginning of a reason that is too long."""
MAX_DEPTH: Final = 60
"""Levels of a schema or an output that are checked."""
_MAX_EMPTY: Final = 500
"""Values an empty result is made of at most."""
_MAX_EMPTY_DEPTH: Final = 12
_DRAFTS: Final = {"draft-04": 4, "draft-06": 6, "draft-07": 7, "2019-09": 201909, "2020-12": 202012}


class State(StrEnum):
    """How an output stands to the schema that was asked for."""

    none = "no schema"
    kept = "follows the schema"
    broken = "does not follow the schema"
    unusable = "the schema can't be checked"


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where an output is not what the schema says. ``path`` is like ``items[2].price``; empty at the top."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an output follows a schema; at most :data:`MAX_FAULTS` faults in safe text."""

    state: State
    faults: tuple[Fault, ...] = ()


def schema_fault(schema: Mapping[str, Any]) -> str:
    """Return where and why ``schema`` is no JSON Schema, as ``properties.price.type: …``; empty when it is one."""
    from jsonschema_rs import ReferencingError, ValidationError  # noqa: PLC0415 - loaded when first needed

    if _is_deep(schema):
        return f"nested more than {MAX_DEPTH} levels"
    try:
        _validator(schema)
    except ValidationError as error:
        path = path_text(error.instance_path)
        return _reason(error.message) if not path else f"{path}: {_reason(error.message)}"
    except (ReferencingError, ValueError, OverflowError) as error:
        return _reason(str(error))
    return ""


def verdict(output: Any, schema: Any) -> Verdict:
    """Check ``output`` against ``schema``, whatever both are.

    A schema may come as its JSON text. One that is a list, prose or no schema can't be checked against.
    """
    from jsonschema_rs import ReferencingError, ValidationError  # noqa: PLC0415 - loaded when first needed

    if schema is None or schema == {}:
        return Verdict(State.none)
    schema = _parsed(schema)
    if not isinstance(schema, dict) or _is_deep(schema) or _is_deep(output):
        return Verdict(State.unusable)
    faults = []
    try:
        for error in _validator(schema).iter_errors(output):
            faults.append(Fault(path_text(error.instance_path), _reason(error.message)))
            if len(faults) == MAX_FAULTS:
                break
    except (ReferencingError, ValidationError, ValueError, TypeError, OverflowError) as error:
        return Verdict(State.unusable, (Fault("", _reason(str(error))),))
    return Verdict(State.broken if faults else State.kept, tuple(faults))


def path_text(path: Sequence[str | int]) -> str:
    """Return a path into a JSON value as safe text: ``items[2].price``, ``["odd key"]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.isidentifier():
            text += f".{part}" if text else part
        else:
            text += f"[{json.dumps(part, ensure_ascii=False)}]"
    return shorten(inert(text), MAX_REASON)


def _parsed(schema: Any) -> Any:
    if not isinstance(schema, str):
        return schema
    try:
        return json.loads(schema)
    except (ValueError, RecursionError):
        return None


def _reason(message: str) -> str:
    """Return the first line, without the checker's own terms."""
    line = message.split("\n", 1)[0].rsplit("ValueError: ", 1)[-1]
    line = line.replace(" under any of the schemas listed in the 'anyOf' keyword", " here")
    if len(line) > MAX_REASON:
        # It begins with the value, which may be long, and ends with what is wrong with it.
        line = f"{line[:_VALUE]}{ELLIPSIS}{line[_VALUE + 1 - MAX_REASON :]}"
    return shorten(inert(line), MAX_REASON)


def _refuse(uri: str) -> Any:
    raise ValueError(f"refers to {uri}, which is not fetched")


def _validator(schema: Mapping[str, Any]) -> Any:
    import jsonschema_rs  # noqa: PLC0415 - loaded when first needed

    named = schema.get("$schema")
    number = next((n for part, n in _DRAFTS.items() if isinstance(named, str) and part in named), 202012)
    # The declared dialect is chosen here: one the checker does not know, it would try to fetch.
    plain = {key: value for key, value in schema.items() if key != "$schema"}
    return getattr(jsonschema_rs, f"Draft{number}Validator")(plain, retriever=_refuse)


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [child for child in value.values() if isinstance(child, (dict, list))]
    return [child for child in value if isinstance(child, (dict, list))] if isinstance(value, list) else []


def empty_result(schema: Any) -> Any:
    """Return the smallest result that shows the shape a schema asks for: ``{"title": "", "price": 0}``.

    Lists get one entry. Anything that is no schema gives None; what is nested too deeply, or goes round, is left out.
    """
    return _Empty(schema).value(schema, 0) if isinstance(schema, dict) else None


class _Empty:
    """Makes the empty result of one schema."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._left = _MAX_EMPTY
        self._open: list[str] = []

    def value(self, schema: Any, depth: int) -> Any:
        """Return the empty value of a part of the schema."""
        self._left -= 1
        if not isinstance(schema, dict) or depth > _MAX_EMPTY_DEPTH or self._left < 0:
            return None
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return self._value(schema, depth)
        if reference in self._open:  # it goes round
            return None
        self._open.append(reference)
        try:
            return self._value(schema, depth)
        finally:
            self._open.pop()

    def _value(self, schema: dict[str, Any], depth: int) -> Any:
        schema = self._merged(schema, depth)
        for key in ("const", "default"):
            if key in schema:
                return schema[key]
        for key in ("enum", "examples"):
            if isinstance(schema.get(key), list) and schema[key]:
                return schema[key][0]
        for key in ("anyOf", "oneOf"):
            if "type" not in schema and isinstance(schema.get(key), list) and schema[key]:
                return self.value(self._likeliest(schema[key]), depth + 1)
        return self._of_type(schema, depth)

    def _of_type(self, schema: Mapping[str, Any], depth: int) -> Any:
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((one for one in kind if one != "null"), None)
        properties = schema.get("properties")
        if kind == "object" or (kind is None and isinstance(properties, dict)):
            named = properties if isinstance(properties, dict) else {}
            return {str(name): self.value(part, depth + 1) for name, part in named.items() if self._left > 0}
        if kind == "array" or (kind is None and "items" in schema):
            items = schema.get("items")
            one = self.value(items, depth + 1) if isinstance(items, dict) and items else None
            return [] if one is None else [one]
        empties: dict[Any, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False}
        return empties.get(kind) if isinstance(kind, str) else None

    @staticmethod
    def _likeliest(options: list[Any]) -> Any:
        """Return the first option that is more than "or nothing"."""
        return next((o for o in options if isinstance(o, dict) and o.get("type") != "null"), options[0])

    def _merged(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        """Follow a reference within the schema and join the parts of ``allOf``."""
        seen = 0
        while isinstance(schema.get("$ref"), str) and seen < _MAX_EMPTY_DEPTH:
            target = self._at(schema["$ref"])
            if not isinstance(target, dict):
                break
            schema, seen = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}, seen + 1
        parts = schema.get("allOf")
        if not isinstance(parts, list) or depth > _MAX_EMPTY_DEPTH:
            return schema
        whole: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
        for part in parts:
            self._left -= 1
            if not isinstance(part, dict) or self._left < 0:
                continue
            one = self._merged(part, depth + 1)
            both = {**_properties(one), **_properties(whole)}
            whole = {**one, **whole, **({"properties": both} if both else {})}
        return whole

    def _at(self, reference: str) -> Any:
        if not reference.startswith("#"):
            return None
        place: Any = self._root
        for part in reference[1:].split("/")[1:]:
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            place = place.get(name) if isinstance(place, dict) else None
        return place


def _properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}
