"""The webhooks a run sent, as they are shown.

Owns: reading the records of deliveries. Must not: send anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mock_server.store.records import ResourceRecord
from mock_server.viewer import words

KIND: Final = "webhook_delivery"
"""Kind of resource that is a delivery; its parent is the run."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to the receiver."""

    at: object
    status_code: int | None
    took: str
    error: str
    answer: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook, however often it was tried."""

    key: str
    url: str
    at: object
    trigger: str
    state: str
    attempts: list[Attempt]
    headers: str
    payload: str
    failure: str


def of(records: Iterable[ResourceRecord]) -> list[Delivery]:
    """Return the deliveries, newest first."""
    return [_delivery(record) for record in records][::-1]


def _delivery(record: ResourceRecord) -> Delivery:
    body = record.body if isinstance(record.body, dict) else {}
    attempts, headers = body.get("attempts"), body.get("headers")
    return Delivery(
        key=record.resource_id,
        url=words.text(body.get("url")),
        at=record.created_at,
        trigger=words.text(body.get("trigger")),
        state=words.text(body.get("state")) or "pending",
        attempts=[_attempt(item) for item in attempts if isinstance(item, dict)] if isinstance(attempts, list) else [],
        headers="\n".join(f"{name}: {value}" for name, value in headers.items()) if isinstance(headers, dict) else "",
        payload=_payload(body.get("payload")),
        failure=words.text(body.get("webhook_failure_reason")),
    )


def _attempt(body: Mapping[str, Any]) -> Attempt:
    code, taken = body.get("status_code"), body.get("latency_ms")
    return Attempt(
        at=body.get("at"),
        status_code=code if isinstance(code, int) else None,
        took=f"{taken} ms" if isinstance(taken, int) else "",
        error=words.text(body.get("error")),
        answer=words.text(body.get("response_body")),
    )


def _payload(value: object) -> str:
    """Return a payload with its JSON indented; the bytes that were signed have no spaces."""
    text = words.text(value)
    try:
        return words.pretty(json.loads(text))
    except (ValueError, RecursionError):
        return text
