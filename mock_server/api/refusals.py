"""How the service says no.

Owns: the exceptions the routes raise and the bodies they become: ``{"detail": text}``,
``{"detail": [faults]}`` for validation, ``{"error": text}`` for failures of the server
itself. Must not: know which rule was broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from mock_server.api.wire import SECURITY_HEADERS, Answer, RawHeaders, holds_no_number, to_json


class Refusal(Exception):  # noqa: N818  # the answer is no; that is not an error of the program
    """The request is answered with ``status`` and ``body`` and nothing is done.

    It is no ValueError, so that one raised inside a validator wins over every other fault.
    """

    def __init__(self, status: int, body: Mapping[str, Any], headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers: RawHeaders = list(headers)

    def answer(self) -> Answer:
        """Return the response."""
        return Answer(self.status, to_json(self.body), self.headers)


def refuse(status: int, detail: str) -> Refusal:
    """Return a refusal with the body ``{"detail": text}``."""
    return Refusal(status, {"detail": detail})


def failure(message: str) -> Refusal:
    """Return the answer to a request that broke something here: 500, ``{"error": text}``.

    The security headers come first on these; real servers add them in that order.
    """
    return Refusal(500, {"error": message}, SECURITY_HEADERS)


def unexpected(error: BaseException) -> Refusal:
    """Return the answer to a request that ended in an exception nobody expected."""
    return failure(f"Unexpected error: {type(error).__name__}")


def invalid(faults: Sequence[Mapping[str, Any]]) -> Refusal:
    """Return the 422 for faults as pydantic lists them, each with its full ``loc``.

    Like the service, it breaks on values that cannot be repeated in JSON.
    """
    told = [_fault(fault) for fault in faults]
    if any(holds_no_number(fault["input"]) for fault in told):
        return failure("Unexpected error: ValueError")
    return Refusal(422, {"detail": told})


def invalid_body(error: ValidationError) -> Refusal:
    """Return the 422 for a request body that does not fit its model."""
    faults = error.errors(include_url=False)
    return invalid([{**fault, "loc": ("body", *fault["loc"])} for fault in faults])


def invalid_secret(faults: Sequence[Mapping[str, Any]]) -> Refusal:
    """Return the 422 for a request whose values must not be repeated: where and why, and nothing of what."""
    shown = [{"loc": list(fault["loc"]), "msg": fault["msg"], "type": fault["type"]} for fault in faults]
    return Refusal(422, {"detail": shown})


def _fault(fault: Mapping[str, Any]) -> dict[str, Any]:
    """Return one fault as it goes out: no ``url``, exceptions and raw bytes made plain."""
    found = {
        "type": fault["type"],
        "loc": list(fault["loc"]),
        "msg": fault["msg"],
        "input": _plain(fault.get("input")),
    }
    if "ctx" in fault:
        found["ctx"] = {name: {} if isinstance(value, Exception) else value for name, value in fault["ctx"].items()}
    return found


def _plain(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
