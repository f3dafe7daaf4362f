"""The published schema, ready to check with.

Owns: finding the operation a request is for, and validators for its parts, each made when
it is first needed. Must not: judge; a fault found here may still be nobody's (see ``deviations``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jsonschema_rs

from mock_server.conformance.deviations import UNPUBLISHED_OPERATIONS, ZONED_TIMES

_MASK: Final = "this value"
_NAIVE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?")
_PARAMETER: Final = re.compile(r"\{[^}]+\}")
_JSON: Final = "application/json"
_NAMED: Final = "#/components/schemas/"
_REFUSED_FIELDS: Final = 422
"""Has a text or a list of faults where nothing is published."""
REFUSAL: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"detail": {"type": "string"}},
    "required": ["detail"],
    "additionalProperties": False,
}
"""The one form of every refusal whose body is not published."""
FAILURE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"error": {"type": "string"}},
    "required": ["error"],
    "additionalProperties": False,
}
"""The same for failures of the server (500 and above)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a value does not fit its schema. ``message`` holds no part of the value."""

    where: str
    """JSON pointer, indexes as ``*``."""
    rule: str
    """Keyword of the schema that is broken: ``required``, ``type``, ``additionalProperties`` ..."""
    message: str
    names: tuple[str, ...] = ()
    """For ``additionalProperties`` and ``required``: the fields."""


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One method of one path."""

    method: str
    template: str
    published: Mapping[str, Any] = field(repr=False)
    components: Mapping[str, Any] = field(repr=False)
    _validators: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def statuses(self) -> frozenset[int]:
        """The statuses that are published for it."""
        return frozenset(int(status) for status in self.published["responses"])

    @property
    def serves_files(self) -> bool:
        """Whether its success is bytes of any kind, which the schema describes as JSON of any kind."""
        return self.template.endswith("/content")

    @property
    def query_parameters(self) -> frozenset[str]:
        """Names of its query parameters."""
        return frozenset(item["name"] for item in self.published.get("parameters", ()) if item["in"] == "query")

    @property
    def takes_json(self) -> bool:
        """Whether a JSON body is published for it."""
        return _JSON in self.published.get("requestBody", {}).get("content", {})

    @property
    def reads_json(self) -> bool:
        """Whether whatever it reads, if anything, is JSON."""
        return self.takes_json or "requestBody" not in self.published

    @property
    def needs_body(self) -> bool:
        """Whether its body may not be left out."""
        return bool(self.published.get("requestBody", {}).get("required"))

    def answer_faults(self, status: int, body: Any) -> Iterator[Fault]:
        """Yield what is wrong with the JSON body of an answer."""
        schema = self._answer_schema(status)
        key: Any
        if schema is None and status == _REFUSED_FIELDS:
            schema, key = {"anyOf": [REFUSAL, {"$ref": "#/components/schemas/HTTPValidationError"}]}, ("answer", status)
        elif schema is None:
            schema = FAILURE if status >= 500 and _is_failure(body) else REFUSAL  # noqa: PLR2004  # HTTP's server errors
            key = ("answer", schema is FAILURE)
        else:
            schema, name = _discriminated(schema, body)
            key = ("answer", status, name)
        yield from self._faults(key, schema, body, is_closed=True)

    def request_faults(self, body: Any) -> Iterator[Fault]:
        """Yield what is wrong with a JSON body that was sent."""
        schema = self.published["requestBody"]["content"][_JSON]["schema"]
        yield from self._faults("request", schema, body, is_closed=False)

    def query_faults(self, query: Mapping[str, list[str]]) -> Iterator[Fault]:
        """Yield what is wrong with query parameters; ``query`` is name -> values as text."""
        for parameter in self.published.get("parameters", ()):
            name = parameter["name"]
            if parameter["in"] == "query" and name in query:
                value = _typed(parameter["schema"], query[name])
                for fault in self._faults(("query", name), parameter["schema"], value, is_closed=False):
                    yield Fault(f"/{name}{fault.where}", fault.rule, fault.message, fault.names)

    def known_fields(self) -> frozenset[str] | None:
        """Return the names of the fields its body may have; None if any."""
        schema = self.published["requestBody"]["content"][_JSON]["schema"]
        for option in (schema, *schema.get("anyOf", ())):
            if "$ref" in option:
                model = self.components["schemas"][option["$ref"].rpartition("/")[2]]
                return frozenset(model["properties"]) if "properties" in model else None
        return None

    def _answer_schema(self, status: int) -> Any:
        answer = self.published["responses"].get(str(status), {})
        return answer.get("content", {}).get(_JSON, {}).get("schema")

    def _faults(self, key: Any, schema: Any, value: Any, *, is_closed: bool) -> Iterator[Fault]:
        validator = self._validators.get(key)
        if validator is None:
            whole = {**schema, "components": {"schemas": _named_by(schema, self.components["schemas"])}}
            validator = self._validators[key] = jsonschema_rs.validator_for(
                closed(whole) if is_closed else whole,
                formats=_FORMATS,
                validate_formats=is_closed,
                mask=_MASK,
            )
        if not validator.is_valid(value):
            for error in validator.iter_errors(value):
                yield from _told(error)


class Published:
    """All operations of the published schema, and those known without being published."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document: Final = document
        self._plain: dict[tuple[str, str], Operation] = {}
        self._patterns: list[tuple[re.Pattern[str], str, Operation]] = []
        components = _with_zoned_times(document["components"])
        for paths in (document["paths"], UNPUBLISHED_OPERATIONS):
            for template, methods in paths.items():
                for method, published in methods.items():
                    self._add(Operation(method.upper(), template, published, components))

    def _add(self, operation: Operation) -> None:
        template = operation.template
        self._plain[operation.method, template] = operation
        if "{" in template:
            pattern = "[^/]+".join(re.escape(part) for part in _PARAMETER.split(template))
            self._patterns.append((re.compile(pattern), operation.method, operation))

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._plain.values())

    def operation(self, method: str, path: str) -> Operation | None:
        """Return the operation a request is for; None if it is for nothing published."""
        path = path.removesuffix("/")
        found = self._plain.get((method, path))
        if found is not None or "{" in path:
            return found
        for pattern, of_method, operation in self._patterns:
            if of_method == method and pattern.fullmatch(path):
                return operation
        return None


def schema_document() -> dict[str, Any]:
    """Return the published schema as it is packaged."""
    found: dict[str, Any] = json.loads((files(__package__) / "skyvern-v1.json").read_bytes())
    return found


@cache
def published() -> Published:
    """Return the published schema; read once."""
    return Published(schema_document())


def closed(schema: Any) -> Any:
    """Return a schema whose objects may have no fields but those they name; the published one does not mind others."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(value) for name, value in schema.items()}
    if "properties" in found and found.get("type") == "object":
        found.setdefault("additionalProperties", False)
    return found


def _named_by(schema: Any, schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the named schemas that a schema leads to; with all of them, each validator took megabytes."""
    found: dict[str, Any] = {}
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            waiting += part.values()
            target = part.get("$ref")
            name = target.removeprefix(_NAMED) if isinstance(target, str) else None
            if name is not None and name not in found:
                found[name] = schemas[name]
                waiting.append(schemas[name])
    return found


def _told(error: jsonschema_rs.ValidationError) -> Iterator[Fault]:
    """Yield an error; where none of several schemas fits, what keeps the value from the one it comes closest to."""
    for inner in _closest(getattr(error.kind, "context", None) or ()):
        yield from _told(inner)
        return
    where = "".join(f"/{'*' if isinstance(step, int) else step}" for step in error.instance_path)
    names = getattr(error.kind, "unexpected", None) or getattr(error.kind, "property", None) or ()
    yield Fault(where, error.kind.name, error.message, (names,) if isinstance(names, str) else tuple(names))


def _closest(branches: Sequence[Sequence[jsonschema_rs.ValidationError]]) -> Sequence[jsonschema_rs.ValidationError]:
    """Return the errors of the branch that goes deepest into the value; none if every branch fails at its top."""

    def depth(branch: Sequence[jsonschema_rs.ValidationError]) -> int:
        return max((len(error.instance_path) for error in branch), default=0)

    shallow = min(map(depth, branches), default=0)
    deepest = max(branches, key=depth, default=())
    if depth(deepest) == shallow and not any(error.kind.name == "additionalProperties" for error in deepest):
        return ()
    return deepest


def _discriminated(schema: Mapping[str, Any], body: Any) -> tuple[Mapping[str, Any], str | None]:
    """Return the one model the body says it is, so that a fault is told of that and not of every model."""
    mapping = schema.get("discriminator", {}).get("mapping")
    if mapping and isinstance(body, dict):
        name = body.get(schema["discriminator"]["propertyName"])
        if isinstance(name, str) and name in mapping:
            return {"$ref": mapping[name]}, name
    return schema, None


def _typed(schema: Mapping[str, Any], values: list[str]) -> Any:
    options = [schema, *schema.get("anyOf", ())]
    kinds = {option.get("type") for option in options}
    if "array" in kinds:
        return values
    text = values[-1]
    if "integer" in kinds:
        return int(text) if re.fullmatch(r"[+-]?\d{1,18}", text.strip()) else text
    if "boolean" in kinds:
        return {"true": True, "false": False, "1": True, "0": False}.get(text.lower(), text)
    return text


def _is_failure(body: Any) -> bool:
    return isinstance(body, dict) and "error" in body


def _with_zoned_times(components: Mapping[str, Any]) -> dict[str, Any]:
    """Return the components with the few times marked that do name their zone."""
    text = json.dumps(components)
    found: dict[str, Any] = json.loads(text)
    for model, name in ZONED_TIMES:
        schema = found["schemas"][model]["properties"][name]
        for option in (schema, *schema.get("anyOf", ())):
            if option.get("format") == "date-time":
                option["format"] = "zoned-date-time"
    return found


def _is_naive(text: str) -> bool:
    """Tell whether a datetime has the service's form: UTC without a zone, microseconds or none."""
    return bool(_NAIVE.fullmatch(text))


def _is_zoned(text: str) -> bool:
    return _is_naive(text.removesuffix("Z"))


_FORMATS: Final = {"date-time": _is_naive, "zoned-date-time": _is_zoned}
