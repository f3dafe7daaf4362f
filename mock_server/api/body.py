"""Reading request bodies.

Owns: the limit on their size, what counts as JSON and what is said when it is not. Must
not: know what a body should contain.

Faults of the bytes themselves come first, even without an API key, as on the real service.
"""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

from mock_server.api.refusals import Refusal, failure, invalid, refuse

MAX_BODY_BYTES: Final = 10 * 1024 * 1024 + 64 * 1024
"""Room for a file of 10 MB, the largest that can be uploaded, and the form around it."""
_DRAIN_BYTES: Final = 8 * MAX_BODY_BYTES
"""How much of an oversized body is read and thrown away, so that the client gets to see the answer."""


_NOT_JSON: Final = object()


class _NotJsonNumberError(ValueError):
    """NaN or Infinity, which Python's parser would let pass."""


def _refuse_constant(name: str) -> float:
    raise _NotJsonNumberError(name)


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
_LAX_DECODER: Final = json.JSONDecoder()


def too_large(limit: int) -> str:
    """Return the text of the 413."""
    return f"The request body is larger than {limit:,} bytes, the most this server reads."


async def read(receive: Receive) -> bytes:
    """Return the whole body of a request; whoever hands out ``receive`` limits its size."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        return body
    chunks = []
    while message["type"] == "http.request":
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)
        message = await receive()
    raise ClientDisconnect


def decode(scope: Scope, body: bytes, *, lax: bool = False) -> Any:
    """Return what a body says: the value of JSON, the raw bytes of anything else, None if it is empty.

    ``lax`` lets NaN and Infinity pass, as the service does: only saying them again breaks it, so whoever
    asks for it goes on to ``task_request.check_keepable``.

    Raises:
        Refusal: 422 for bad JSON, 400 for bytes that are no text.
    """
    if not body or not _is_json(scope):
        return body or None
    try:
        decoder = _LAX_DECODER if lax else _DECODER
        return decoder.decode(body.decode(json.detect_encoding(body)))
    except json.JSONDecodeError as error:
        raise _bad_json(error) from None
    except _NotJsonNumberError:
        return _NOT_JSON
    except (ValueError, RecursionError):
        raise refuse(400, "There was an error parsing the body") from None


def required(value: Any) -> Any:
    """Return a decoded body unless there is none, or none that could be answered in JSON.

    Raises:
        Refusal: 422 for no body; 500 for NaN and Infinity, as of a server that fails to echo them.
    """
    if value is _NOT_JSON:
        raise failure("Unexpected error: ValueError")
    if value is None:
        raise invalid([{"type": "missing", "loc": ("body",), "msg": "Field required", "input": None}])
    return value


def _is_json(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"content-type":
            kind = value.partition(b";")[0].strip().lower()
            main, _, sub = kind.partition(b"/")
            return bool(main == b"application" and (sub == b"json" or sub.endswith(b"+json")))
    return False


def _bad_json(error: json.JSONDecodeError) -> Refusal:
    fault = {
        "type": "json_invalid",
        "loc": ("body", error.pos),
        "msg": "JSON decode error",
        "input": {},
        "ctx": {"error": error.msg},
    }
    return invalid([fault])


def limited(receive: Receive, limit: int) -> Receive:
    """Return a ``receive`` that stops at ``limit`` bytes with a 413, for bodies of undeclared length."""
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, too_large(limit))
        return message

    return counting


async def drain(receive: Receive) -> None:
    """Read a refused body to its end, within reason."""
    seen = 0
    while seen < _DRAIN_BYTES:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
        seen += len(message.get("body", b""))
