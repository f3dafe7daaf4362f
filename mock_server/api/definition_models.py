"""The models of a workflow's definition, made from the published schema.

Owns: turning that schema's structure into pydantic models, so that a faulty definition is told
as the service tells it, and each kind of block and parameter with the fields it has in answers.
Must not: know what a block does.

A definition has 33 kinds of blocks with some six hundred fields, nearly all of which this server only
keeps and shows again. They are read from the packaged schema when the first definition comes.
"""

from __future__ import annotations

import json
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import GenericAlias
from typing import Annotated, Any, Final, Literal, Union

from pydantic import BaseModel, ConfigDict, Field, create_model

from mock_server.api.task_request import GeoTarget, ProxyLocation, RunEngine

REQUEST: Final = "WorkflowRequest"

_OWN: Final[dict[str, Any]] = {"ProxyLocation": ProxyLocation, "GeoTarget": GeoTarget, "RunEngine": RunEngine}
"""What this server has models of already."""
_PLAIN: Final = {"string": str, "integer": int, "number": float, "boolean": bool, "null": None}
_EMPTY: Final[dict[Any, Any]] = {"array": [], "object": {}}
"""Defaults that are not published: a list that may be left out is empty."""
_LIMITS: Final = {
    "minimum": "ge",
    "maximum": "le",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
}


@cache
def schemas() -> dict[str, Any]:
    """Return the published models, name -> JSON Schema."""
    document = json.loads((files("mock_server.conformance") / "skyvern-v1.json").read_bytes())
    found: dict[str, Any] = document["components"]["schemas"]
    return found


@cache
def request_model() -> type[BaseModel]:
    """Return the model of the body of ``POST /v1/agents``."""
    return _Models().model(REQUEST)


@cache
def kinds(model: str, field: str) -> dict[str, dict[str, Any]]:
    """Return the kinds of things a list of a published model may hold: tag -> properties, in the order of the wire."""
    items = schemas()[model]["properties"][field]["items"]
    mapping = items["discriminator"]["mapping"]
    return {tag: schemas()[_name(reference)]["properties"] for tag, reference in mapping.items()}


class _Model(BaseModel):
    model_config = ConfigDict(validate_default=True)


class _Models:
    """Makes models that refer to one another, some of them to themselves."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = dict(_OWN)
        self._waiting: list[str] = []

    def model(self, name: str) -> type[BaseModel]:
        self._refer(name)
        while self._waiting:
            self._make(self._waiting.pop())
        for made in self._made.values():
            if issubclass(made, BaseModel):
                made.model_rebuild(_types_namespace=self._made)
        model: type[BaseModel] = self._made[name]
        return model

    def _make(self, name: str) -> None:
        if name in self._made:
            return
        schema = schemas()[name]
        if "enum" in schema:
            self._made[name] = StrEnum(name, {value.upper(): value for value in schema["enum"]})
            return
        needed = schema.get("required", ())
        fields: dict[str, Any] = {
            field: (
                self._annotation(told),
                ... if field in needed else told.get("default", _EMPTY.get(told.get("type"))),
            )
            for field, told in schema.get("properties", {}).items()
        }
        self._made[name] = create_model(name, __base__=_Model, **fields)

    def _refer(self, name: str) -> Any:
        if name in self._made:
            return self._made[name]
        self._waiting.append(name)
        return name  # a forward reference

    def _annotation(self, schema: dict[str, Any]) -> Any:
        limits = {_LIMITS[key]: _whole(value) for key, value in schema.items() if key in _LIMITS}
        found = self._type(schema)
        return Annotated[found, Field(**limits)] if limits else found  # type: ignore[call-overload]  # names made just now

    def _type(self, schema: dict[str, Any]) -> Any:  # noqa: PLR0911  # one return for each form of a schema
        if "$ref" in schema:
            return self._refer(_name(schema["$ref"]))
        if "const" in schema:
            return Literal[schema["const"]]
        if "anyOf" in schema and (tag := _tag(schema["anyOf"])) is not None:
            # Published without a discriminator within loops; trying every kind would take time that doubles
            # with every loop in a loop.
            return self._type({"oneOf": schema["anyOf"], "discriminator": {"propertyName": tag}})
        if "anyOf" in schema:
            return Union[tuple(self._annotation(option) for option in schema["anyOf"])]  # noqa: UP007  # of a tuple
        if "oneOf" in schema:
            options: Any = Union[tuple(self._annotation(option) for option in schema["oneOf"])]  # noqa: UP007  # of a tuple
            return Annotated[options, Field(discriminator=schema["discriminator"]["propertyName"])]
        kind = schema.get("type")
        if kind == "array":
            return GenericAlias(list, (self._annotation(schema.get("items", {})),))
        if kind == "object":
            inner = schema.get("additionalProperties")
            value: Any = self._annotation(inner) if isinstance(inner, dict) else Any
            return GenericAlias(dict, (str, value))
        return _PLAIN.get(kind, Any) if isinstance(kind, str) else Any


def _tag(options: list[dict[str, Any]]) -> str | None:
    """Return the field that tells the options of a choice apart, if they are all kinds of blocks."""
    models = [schemas()[_name(option["$ref"])] if "$ref" in option else {} for option in options]
    return "block_type" if all("block_type" in model.get("properties", ()) for model in models) else None


def _default(told: dict[str, Any]) -> Any:
    return told.get("default", _EMPTY.get(told.get("type")))


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _whole(value: float) -> float:
    return int(value) if value == int(value) else value
