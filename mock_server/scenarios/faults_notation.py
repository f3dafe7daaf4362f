"""How a fault is written down: as an object, or on one line.

Owns: reading both forms, and what is said about one that cannot be read. Must not: know what
the kinds mean.

One line: ``get_run:every=5:status=503:retry_after=1``. Its parts stand between colons or
semicolons; one without ``=`` is an operation or a kind; ``status=…`` alone is of the kind
``status``; ``header.NAME=VALUE`` sets a header. What holds a colon is written as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from mock_server.scenarios.faults import FaultError
from mock_server.scenarios.faults_kinds import ADAPTER, MODELS, _Fault
from mock_server.scenarios.operations import ANY, OPERATIONS

if TYPE_CHECKING:
    from mock_server.scenarios.faults_kinds import Fault

_SEPARATOR: Final = re.compile(r"[:;]")
_HEADER: Final = "header."
_TRIGGERS: Final = ("run_id", "calls", "every", "times")
_COMMON: Final = frozenset(_Fault.model_fields)


def from_anything(given: object) -> Fault:
    """Return the fault an object or a line of text describes.

    Raises:
        FaultError: As the others, or it is neither.
    """
    if isinstance(given, str):
        return from_text(given)
    if isinstance(given, Mapping):
        return from_mapping(given)
    raise FaultError('A fault is an object such as {"operation": "get_run", "calls": [2], "kind": "reset"}.')


def from_mapping(given: Mapping[str, Any]) -> Fault:
    """Return the fault an object describes: ``{"kind": "reset", "operation": "get_run", "calls": [2]}``.

    Without ``kind`` it is ``status`` if there is a ``status``.

    Raises:
        FaultError: There is no such kind, operation or parameter, or a value is not what it should be.
    """
    whole = dict(given)
    if "kind" not in whole and "status" in whole:
        whole["kind"] = "status"
    try:
        return ADAPTER.validate_python(whole)
    except ValidationError as error:
        faults = [_plain(fault, whole) for fault in error.errors(include_url=False)]
        raise FaultError(" ".join(_sentence(fault) for fault in faults), faults) from None


def from_text(text: str) -> Fault:
    """Return the fault one line describes, in the short notation or as a JSON object.

    Raises:
        FaultError: As above, or the line cannot be read.
    """
    text = text.strip()
    if text.startswith("{"):
        try:
            return from_mapping(json.loads(text))
        except (json.JSONDecodeError, RecursionError) as error:
            raise FaultError(f"This is no JSON object: {error}.") from None
    given: dict[str, Any] = {}
    for part in filter(None, map(str.strip, _SEPARATOR.split(text))):
        _take(part, given)
    return from_mapping(given)


def from_header(text: str) -> Fault:
    """Return the fault a request asks for itself: as :func:`from_text`, without what chooses among calls.

    Raises:
        FaultError: As above.
    """
    fault = from_text(text)
    if given := [name for name in _TRIGGERS if name in fault.model_fields_set]:
        raise FaultError(
            f"The header is about this one request, so {' and '.join(given)} cannot be given. "
            "Set such a fault with POST /_mock/faults."
        )
    return fault


def described(fault: Fault) -> dict[str, Any]:
    """Return a fault as an object: what was given, its kind and what it is of."""
    whole = fault.model_dump(mode="json")
    return {
        name: value
        for name, value in whole.items()
        if name in ("kind", "operation", "when") or name in fault.model_fields_set
    }


def _take(part: str, given: dict[str, Any]) -> None:
    name, equals, value = part.partition("=")
    name = name.strip()
    if not equals:
        if name in MODELS:
            given["kind"] = name
        elif name == ANY or name in OPERATIONS or "operation" not in given:
            given["operation"] = name
        else:
            raise FaultError(f"{part!r} is neither a kind ({', '.join(MODELS)}) nor an operation nor NAME=VALUE.")
    elif name.startswith(_HEADER):
        given.setdefault("headers", {})[name.removeprefix(_HEADER)] = value.strip()
    elif name == "value":
        given[name] = _value(value)
    else:
        given[name] = value.strip()


def _value(text: str) -> Any:
    """Take JSON for what it says and anything else for text."""
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text.strip()


def _plain(fault: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return pydantic's fault without the kind in its ``loc`` and with the choice of kinds said well."""
    loc = tuple(fault["loc"])
    if loc and loc[0] in MODELS:
        loc = loc[1:]
    plain = {**fault, "loc": loc}
    if fault["type"] in ("union_tag_not_found", "union_tag_invalid"):
        kinds = ", ".join(MODELS)
        said = f"{given['kind']!r} is no kind of fault." if "kind" in given else "It needs a kind."
        plain |= {"loc": ("kind",), "msg": f"{said} There are {kinds}."}
        plain.pop("ctx", None)
    elif fault["type"] == "extra_forbidden":
        model = MODELS.get(str(given.get("kind")))
        own = [name for name in model.model_fields if name not in _COMMON and name != "kind"] if model else []
        others = sorted(_COMMON | set(own))
        plain["msg"] = f"A {given.get('kind')} fault has no such parameter. It has {', '.join(others)}."
    return plain


def _sentence(fault: Mapping[str, Any]) -> str:
    message = str(fault["msg"]).removeprefix("Value error, ").rstrip(".")
    where = ".".join(map(str, fault["loc"]))
    return f"{where}: {message}." if where else f"{message}."
