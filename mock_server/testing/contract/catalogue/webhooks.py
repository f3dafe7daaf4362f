"""Deliveries, genuine and forged.

Owns: these cases. Must not: send one; a client is handed bytes and headers.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from mock_server.testing.contract.case import Case
from mock_server.testing.contract.verdict import verified
from mock_server.webhooks import signature

KEY: Final = "the-key-of-the-receiver"
_BODY: Final = '{"run_id":"tsk_v2_1","status":"completed","output":{"title":"Grüße 🌍","price":10}}'.encode()
_CHANGED: Final = _BODY.replace(b"completed", b"failed")
_SPACED: Final = b'{ "status": "completed",\n  "run_id": "tsk_v2_1", "output": {"price": 10.0} }'


def _signed(body: bytes, key: str = KEY) -> dict[str, str]:
    # The signature does not cover the time, so any will do that a receiver's tolerance lets pass.
    now = datetime.now(UTC).replace(tzinfo=None)
    return {"content-type": "application/json", **signature.headers(key, body, now)}


def _case(name: str, title: str, why: str, body: bytes, headers: Mapping[str, str], *, genuine: bool) -> Case:
    command: dict[str, Any] = {
        "body_base64": base64.b64encode(body).decode(),
        "headers": dict(headers),
        "api_key": KEY,
    }
    return Case(
        id=f"webhooks.{name}",
        title=title,
        why=why,
        do="verify_webhook",
        command=command,
        judge=verified(genuine=genuine),
    )


def _without(headers: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key.lower() != name}


_ACCEPTED: Final = "Whoever can reach the receiver can tell it that a run has ended."

CASES: Final = (
    _case("genuine", "A delivery as it was sent", "It is signed with the key.", _BODY, _signed(_BODY), genuine=True),
    _case(
        "spaced",
        "A genuine body in another layout",
        "The bytes are signed; whoever parses them and writes them again signs something else.",
        _SPACED,
        _signed(_SPACED),
        genuine=True,
    ),
    _case(
        "header_case",
        "The headers' names in capitals",
        "Proxies and frameworks change the case of names.",
        _BODY,
        {name.title(): value for name, value in _signed(_BODY).items()},
        genuine=True,
    ),
    _case("other_key", "Signed with another key", _ACCEPTED, _BODY, _signed(_BODY, "another-key"), genuine=False),
    _case("changed", "The body was changed", _ACCEPTED, _CHANGED, _signed(_BODY), genuine=False),
    _case(
        "relaid",
        "The same JSON in another layout than was signed",
        "Only a receiver that compares what it parsed instead of what it got takes this for signed.",
        _BODY.replace(b":", b": "),
        _signed(_BODY),
        genuine=False,
    ),
    _case(
        "any_digest",
        "A signature of the right length",
        _ACCEPTED,
        _BODY,
        {**_signed(_BODY), "x-skyvern-signature": "0" * 64},
        genuine=False,
    ),
    _case(
        "no_signature",
        "No signature",
        _ACCEPTED,
        _BODY,
        _without(_signed(_BODY), "x-skyvern-signature"),
        genuine=False,
    ),
    _case(
        "empty_signature",
        "An empty signature",
        _ACCEPTED,
        _BODY,
        {**_signed(_BODY), "x-skyvern-signature": ""},
        genuine=False,
    ),
)
