"""The check of one exchange.

Owns: deciding who is to blame for what does not fit. Must not: keep findings or know how
an exchange came about.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from mock_server.conformance.deviations import BROKEN_BODY, OWN_STATUSES, UNABLE, UNPUBLISHED_STATUSES, excuse
from mock_server.conformance.findings import Blame, Finding
from mock_server.conformance.published import Fault, Operation

_JSON: Final = "application/json"
_REFUSED_FIELDS: Final = 422
_NEVER_TAKEN: Final = frozenset({"required", "enum", "minimum", "maximum", "minItems", "maxItems", "minLength"})
"""Rules the service enforces as they are written. About types it is laxer: ``"7"`` is a number to it."""
_BEYOND_A_SCHEMA: Final = frozenset(
    {"value_error", "assertion_error", "json_invalid", "string_pattern_mismatch", "too_long"}
)
"""Types of faults in a 422 that no JSON schema of the request could have foreseen, or that this one does not state."""
_SILENT: Final = frozenset({204, 304, 307, 416})


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request for a published operation and its answer."""

    operation: Operation
    status: int
    answer_type: str
    """Content type of the answer."""
    answer: bytes | None
    """None: not looked at."""
    query: Mapping[str, list[str]] = field(default_factory=dict)
    request_type: str = _JSON
    request: bytes | None = b""


def check(exchange: Exchange) -> Iterator[Finding]:
    """Yield what is not as published."""
    operation, status = exchange.operation, exchange.status
    let_in = status != 403  # noqa: PLR2004  # a request without a key is not looked at any further, by the service neither
    faults = list(_request_faults(exchange)) if let_in else []
    for part, fault in faults:
        yield _finding("client", exchange, part, fault)
        # 200 for a request the service would refuse; reading a body is up to each operation, so only plain rules count.
        if status < 300 and fault.rule in _NEVER_TAKEN:  # noqa: PLR2004  # HTTP's successes
            yield _finding("mock", exchange, part, fault, "was taken, though: ")
    is_broken = any(fault.rule == "syntax" for _, fault in faults)
    yield from _status(exchange, is_broken=is_broken)
    if exchange.answer is not None and not (operation.serves_files and status < 400):  # noqa: PLR2004  # HTTP's errors
        yield from _answer(exchange, has_faults=bool(faults))


def _request_faults(exchange: Exchange) -> Iterator[tuple[Literal["request", "query"], Fault]]:
    operation = exchange.operation
    for fault in operation.query_faults(exchange.query):
        yield "query", fault
    for name in sorted(exchange.query.keys() - operation.query_parameters):
        yield "query", Fault(f"/{name[:60]}", "unknown", "there is no such parameter; it has no effect")
    if operation.takes_json and exchange.request is not None:
        for fault in _body_faults(operation, exchange.request, exchange.request_type):
            yield "request", fault


def _body_faults(operation: Operation, sent: bytes, content_type: str) -> Iterator[Fault]:
    if not sent:
        if operation.needs_body:
            yield Fault("", "required", "there is no body")
        return
    if not is_json(content_type):
        yield Fault("", "type", "the content type is not application/json")
        return
    try:
        body = _strict_json(sent)
    except (ValueError, RecursionError):
        yield Fault("", "syntax", "the body is not JSON")
        return
    yield from operation.request_faults(body)
    known = operation.known_fields()
    if known is not None and isinstance(body, dict):
        for name in sorted(body.keys() - known):
            yield Fault(f"/{name[:60]}", "unknown", "there is no such field; it has no effect")


def _status(exchange: Exchange, *, is_broken: bool) -> Iterator[Finding]:
    if exchange.status in exchange.operation.statuses:
        return
    reason = UNPUBLISHED_STATUSES.get(exchange.status) or OWN_STATUSES.get(exchange.status)
    if exchange.status == 500 and is_broken:  # noqa: PLR2004  # HTTP's Internal Server Error
        reason = BROKEN_BODY
    elif exchange.status == 500:  # noqa: PLR2004  # as above
        reason = UNABLE.get(exchange.operation.template)
    blame: Blame = "schema" if reason else "mock"
    yield _finding(blame, exchange, "status", Fault("", "status", "the status is not published"), reason=reason)


def _answer(exchange: Exchange, *, has_faults: bool) -> Iterator[Finding]:
    if exchange.status in _SILENT:
        if exchange.answer:
            yield _finding("mock", exchange, "answer", Fault("", "empty", "there must be no body"))
        return
    if exchange.answer_type != _JSON:
        yield _finding("mock", exchange, "answer", Fault("", "type", "the content type is not application/json"))
        return
    try:
        body = json.loads(exchange.answer or b"")
    except ValueError:
        yield _finding("mock", exchange, "answer", Fault("", "syntax", "the body is not JSON"))
        return
    for fault in exchange.operation.answer_faults(exchange.status, body):
        reason = excuse(exchange.operation.template, exchange.status, fault.where, fault.rule, fault.names)
        yield _finding("schema" if reason else "mock", exchange, "answer", fault, reason=reason)
    is_surprise = exchange.status == _REFUSED_FIELDS and exchange.operation.reads_json and not has_faults
    if is_surprise and _could_have_been_foreseen(body):
        yield _finding("mock", exchange, "request", Fault("", "422", "the request fits, and was refused for its form"))


def _could_have_been_foreseen(body: Any) -> bool:
    """Tell whether a 422 lists a fault that the published schema would have shown as well."""
    detail = body.get("detail") if isinstance(body, dict) else None
    if not isinstance(detail, list):
        return False
    return any(isinstance(fault, dict) and fault.get("type") not in _BEYOND_A_SCHEMA for fault in detail)


def _strict_json(text: bytes) -> Any:
    """Return a JSON value; half surrogate pairs are let pass, which the service can be sent, NaN and 1e400 are not."""

    def number(digits: str) -> float:
        if not math.isfinite(value := float(digits)):
            raise ValueError(digits)
        return value

    return json.loads(text, parse_constant=number, parse_float=number)


def is_json(content_type: str) -> bool:
    """Tell whether the service reads a body of this type as JSON."""
    main, _, sub = content_type.partition(";")[0].strip().lower().partition("/")
    return main == "application" and (sub == "json" or sub.endswith("+json"))


def _finding(
    blame: Blame,
    exchange: Exchange,
    part: Literal["request", "query", "status", "answer"],
    fault: Fault,
    prefix: str = "",
    *,
    reason: str | None = None,
) -> Finding:
    return Finding(
        blame, str(exchange.operation), exchange.status, part, fault.where, prefix + fault.message, reason=reason
    )
