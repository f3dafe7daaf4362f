"""Decides which runs follow a script, and which.

Owns: the order in which it is looked for (request headers, the tenant's scripts, the server's
scenario files, the server's progression) and the headers' form. Must not: move a run.

Headers make every language able to script a run without another call::

    x-mock-progression: polls=2
    x-mock-end: failed; reason=The shop is closed.
    x-mock-script: {"phases": [{"status": "running", "seconds": 90}], "ending": {"output": {"n": 1}}}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from mock_server.scenarios.book import Book
from mock_server.scenarios.script import Script
from mock_server.scenarios.state import beginning
from mock_server.scenarios.tenants import Tenant, Tenants

PREFIX: Final = b"x-mock-"
PROGRESSION: Final = "x-mock-progression"
END: Final = "x-mock-end"
SCRIPT: Final = "x-mock-script"

_HEADERS: Final = {name.encode(): name for name in (PROGRESSION, END, SCRIPT)}
_PART: Final = re.compile(r";\s*(?=(?:reason|output|summary|steps|errors|unchecked)\s*=)")
_END_HELP: Final = (
    "write a status, then what goes with it: failed; reason=TEXT; output=JSON; summary=TEXT; steps=N; errors=JSON; "
    "unchecked=true"
)

RawHeaders = Iterable[tuple[bytes, bytes]]
Fault = dict[str, Any]


class BadScriptError(Exception):
    """A script cannot be read; ``faults`` are in the form of the service's validation errors."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults))
        self.faults = list(faults)


class Casting:
    """Gives tasks their scripts."""

    def __init__(self, tenants: Tenants, scenarios: Sequence[Script] = (), progression: str | None = None) -> None:
        self._tenants = tenants
        self._scenarios = tuple(scenarios)
        self._books: dict[str, Book] = {}
        self._default = None if progression is None else Script(progression=progression)
        tenants.on_reset(self._forget)

    def script_for(self, tenant: Tenant, request: Mapping[str, Any], headers: RawHeaders = ()) -> dict[str, Any] | None:
        """Return what the run's record has to hold for its script to be followed; None if the agent does the task.

        ``request`` is validated, ``headers`` are those of the HTTP request. A script it takes is counted.

        Raises:
            BadScriptError: The headers make no sense.
        """
        asked = {_HEADERS[name]: _text(value) for name, value in headers if name in _HEADERS}
        if not (asked or len(tenant.scripts) or self._scenarios or self._default):
            return None
        script = _read(asked[SCRIPT]) if SCRIPT in asked else self._laid_ready(tenant, request)
        script = _changed(script, asked)
        return None if script is None or script.by_agent else beginning(script)

    def _laid_ready(self, tenant: Tenant, request: Mapping[str, Any]) -> Script | None:
        if len(tenant.scripts):
            script = tenant.scripts.take(request)
            self._tenants.keep(tenant)
            if script is not None:
                return script
        if self._scenarios:
            book = self._books.get(tenant.organization_id)
            if book is None:
                book = self._books[tenant.organization_id] = Book(self._scenarios)
            if (script := book.take(request)) is not None:
                return script
        return self._default

    async def _forget(self, tenant: Tenant) -> None:
        """Count from the beginning again."""
        self._books.pop(tenant.organization_id, None)


def parse(value: Any, loc: Sequence[str | int] = ("body",)) -> Script:
    """Return the script that JSON values say.

    Raises:
        BadScriptError: They say none.
    """
    try:
        return Script.model_validate(value)
    except ValidationError as error:
        raise BadScriptError(_faults(error, loc)) from None


def _faults(error: ValidationError, loc: Sequence[str | int]) -> list[Fault]:
    return [{**fault, "loc": (*loc, *fault["loc"])} for fault in error.errors(include_url=False)]


def _read(text: str) -> Script:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise _bad(SCRIPT, text, f"this is no JSON: {error}") from None
    return parse(value, ("header", SCRIPT))


def _changed(script: Script | None, asked: Mapping[str, str]) -> Script | None:
    """Return the script with what the headers say instead."""
    changes: dict[str, Any] = {}
    if PROGRESSION in asked:
        changes.update(progression=asked[PROGRESSION].strip(), phases=None)
    if END in asked:
        changes.update(_ending(asked[END]))
    if not changes:
        return script
    before = {} if script is None else script.dump()
    if script is not None and script.by_agent and PROGRESSION not in asked:
        changes["progression"] = None  # An end that is said is a script, whatever would have been done otherwise.
    try:
        return Script.model_validate({**before, **changes})
    except ValidationError as error:
        header = END if END in asked and "progression" not in str(error) else PROGRESSION
        faults = [{**fault, "loc": ("header", header, *fault["loc"])} for fault in error.errors(include_url=False)]
        raise BadScriptError(faults) from None


def _ending(text: str) -> dict[str, Any]:
    status, *parts = (part.strip() for part in _PART.split(text))
    if not status or ";" in status or "=" in status:
        raise _bad(END, text, _END_HELP)
    ending: dict[str, Any] = {"status": status}
    changes: dict[str, Any] = {"ending": ending}
    for part in parts:
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name in ("output", "errors"):
            try:
                ending[name] = json.loads(value)
            except ValueError as error:
                raise _bad(END, text, f"{name} is no JSON: {error}") from None
        elif name == "unchecked":
            changes["unchecked"] = value == "true"
        else:
            ending[{"reason": "failure_reason", "steps": "step_count"}.get(name, name)] = value
    return changes


def _bad(header: str, text: str, message: str) -> BadScriptError:
    return BadScriptError([{"type": "value_error", "loc": ("header", header), "msg": message, "input": text}])


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
