"""Bytes on the wire: compact JSON and whole answers.

Owns: how a value becomes a JSON body, and :class:`Answer`, the response of the routes that
are served without a framework around them. Must not: know what is said.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

RawHeaders = list[tuple[bytes, bytes]]

JSON: Final = "application/json"

SECURITY_HEADERS: Final[RawHeaders] = [
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
]
"""On every answer of the API, after everything else."""


def complete(headers: RawHeaders, extra: RawHeaders) -> RawHeaders:
    """Return an answer's headers with those every answer has; what a route has set itself stays."""
    own = {name for name, _ in headers}
    return [*headers, *extra, *(header for header in SECURITY_HEADERS if header[0] not in own)]


def to_json(value: Any) -> bytes:
    """Return ``value`` as compact UTF-8 JSON.

    Datetimes are naive UTC; a zero fraction of a second is dropped. Whole numbers of any
    size and half surrogate pairs, which only the standard library takes, are kept.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_standard_form)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), default=_standard_form).encode()


def _standard_form(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def holds_no_number(value: Any) -> bool:
    """Tell whether NaN or an infinity is anywhere in a value: Python's JSON can read them, and none can say them."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, float):
            if not math.isfinite(item):
                return True
        elif isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list | tuple):
            waiting += item
    return False


class JsonAnswer(Response):
    """A Starlette response whose body is :func:`to_json` of the content."""

    media_type = JSON

    def render(self, content: Any) -> bytes:
        return to_json(content)


class Answer:
    """A whole response in the form ASGI sends it: no work is left when it is served again."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        self.status = status
        self.body = body
        self.headers: RawHeaders = [
            *headers,
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"application/json"),
        ]

    def response(self) -> Response:
        """Return the answer in the framework's form."""
        response = Response(self.body, self.status)
        response.raw_headers = list(self.headers)
        return response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": self.status, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": self.body})
