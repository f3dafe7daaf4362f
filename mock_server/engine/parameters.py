"""The parameters of a workflow and the values a run has for them.

Owns: defaults, required values and their types. Must not: fill in texts (``templates``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

Json = dict[str, Any]

_TRUE: Final = frozenset(("true", "1", "yes", "on"))
_FALSE: Final = frozenset(("false", "0", "no", "off"))


class ParameterFault(ValueError):  # noqa: N818  # named for what it is
    """A run cannot have these parameters; the message says why."""


def values_for(definition: Mapping[str, Any], sent: Mapping[str, Any] | None) -> Json:
    """Return key -> value for every parameter a request can give, those it leaves out with their default.

    Raises:
        ParameterFault: One has neither value nor default, or a value is not of its type.
    """
    sent = sent or {}
    found: Json = {}
    for parameter in definition["parameters"]:
        if parameter["parameter_type"] != "workflow":
            continue
        key = parameter["key"]
        value = sent[key] if sent.get(key) is not None else parameter["default_value"]
        if value is None:
            if key not in sent:
                raise ParameterFault(f"Missing required value for workflow parameter {key}: it has no default.")
            found[key] = None
        else:
            found[key] = _typed(key, value, parameter["workflow_parameter_type"])
    return found


def known_values(definition: Mapping[str, Any], values: Mapping[str, Any]) -> Json:
    """Return what texts can be filled in with when a run begins: its values, and ids of credentials by their keys."""
    known = dict(values)
    for parameter in definition["parameters"]:
        if parameter["parameter_type"] == "credential":
            known[parameter["key"]] = parameter["credential_id"]
        elif parameter["parameter_type"] == "context" and parameter["source"]["key"] in known:
            known[parameter["key"]] = _part(known[parameter["source"]["key"]], parameter["key"])
    return known


def credential_of(parameters: list[Json], values: Mapping[str, Any]) -> str | None:
    """Return the id of the credential among a block's parameters."""
    for parameter in parameters:
        by_value = parameter.get("workflow_parameter_type") == "credential_id"
        if by_value or parameter["parameter_type"] == "credential":
            found = values.get(parameter["key"])
            return str(found) if found else None
    return None


def payload_of(parameters: list[Json], values: Mapping[str, Any]) -> Json:
    """Return what a block is given to work with: its parameters by key, credentials left out."""
    return {
        parameter["key"]: values[parameter["key"]]
        for parameter in parameters
        if parameter["key"] in values
        and parameter["parameter_type"] in ("workflow", "context", "output")
        and parameter.get("workflow_parameter_type") != "credential_id"
    }


def _part(value: Any, key: str) -> Any:
    """Return what a context parameter takes from its source: the field of its own name, or all of it."""
    return value[key] if isinstance(value, dict) and key in value else value


def _typed(key: str, value: Any, kind: str) -> Any:
    convert = _CONVERSIONS.get(kind)
    if convert is None:
        return value
    try:
        return convert(value)
    except (TypeError, ValueError):
        raise ParameterFault(f"Invalid value for workflow parameter {key}: it is not of the type {kind}.") from None


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().casefold()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise ValueError(text)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


_CONVERSIONS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "string": lambda value: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False),
    "integer": int,
    "float": float,
    "boolean": _boolean,
    "json": _json,
}
