"""Webhooks of a run on their way to their receiver, as a person reads them.

Owns: one shape for what a server tells of its deliveries and for a webhook sent again from
here, in safe text. Must not: send, or judge whether a signature is right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from skyvern_tui.client.models import Run
from skyvern_tui.client.resources import WebhookReplay
from skyvern_tui.core.text import one_line, shorten

_TEXT: Final = 2000


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to a receiver. ``status`` is None where nothing was answered; ``took`` is seconds."""

    at: datetime | None
    status: int | None
    took: float | None
    error: str
    body: str

    @property
    def fine(self) -> bool:
        """True when the receiver took it."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - the class of status


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook: ``state`` is ``pending``, ``delivered`` or ``failed``; ``kind`` says why it was sent."""

    id: str
    kind: str
    url: str
    state: str
    at: datetime | None
    attempts: tuple[Attempt, ...] = ()
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    payload: str = field(default="", repr=False)

    @property
    def content(self) -> Any:
        """The payload as JSON, or as the text it is."""
        try:
            return json.loads(self.payload)
        except (ValueError, RecursionError):
            return self.payload


def delivery_of(told: Mapping[str, Any]) -> Delivery:
    """Read what a server tells of a delivery; whatever is missing or odd is left out."""
    attempts = told.get("attempts")
    headers = told.get("headers")
    return Delivery(
        id=_text(told.get("delivery_id")),
        kind=_text(told.get("trigger")) or "original",
        url=_text(told.get("url")),
        state=_text(told.get("state")) or "pending",
        at=_time(told.get("created_at")),
        attempts=tuple(_attempt(one) for one in attempts if isinstance(one, dict))
        if isinstance(attempts, list)
        else (),
        reason=_text(told.get("webhook_failure_reason")),
        headers=_headers(headers),
        payload=str(told.get("payload") or ""),
    )


def _attempt(told: Mapping[str, Any]) -> Attempt:
    status, latency = told.get("status_code"), told.get("latency_ms")
    return Attempt(
        _time(told.get("at")),
        status if isinstance(status, int) else None,
        latency / 1000 if isinstance(latency, (int, float)) else None,
        _text(told.get("error")),
        _text(told.get("response_body")),
    )


def replayed(replay: WebhookReplay, at: datetime, number: int) -> Delivery:
    """Return a webhook that was sent again from here as the ``number``-th."""
    attempt = Attempt(
        at,
        replay.status_code,
        None if replay.latency_ms is None else replay.latency_ms / 1000,
        _text(replay.error),
        _text(replay.response_body),
    )
    return Delivery(
        id=f"sent again {number}",
        kind="replay",
        url=_text(replay.target_webhook_url or replay.default_webhook_url),
        state="delivered" if attempt.fine else "failed",
        at=at,
        attempts=(attempt,),
        reason=_text(replay.error),
        headers=_headers(replay.headers),
        payload=replay.payload,
    )


def webhook_url(run: Run, sent: Mapping[str, Any] | None = None) -> str:
    """Return where the webhook of a run goes, as the run, its request or what was sent says; empty for none."""
    asked = run.run_request or {}
    for value in (
        asked.get("webhook_url"),
        getattr(run, "webhook_callback_url", None),
        (sent or {}).get("webhook_url"),
    ):
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def webhook_failure(run: Run) -> str:
    """Return why the webhook did not arrive, as the run says; empty if it does not say."""
    return _text(getattr(run, "webhook_failure_reason", None))


def _headers(value: Any) -> dict[str, str]:
    return {_text(name): _text(text) for name, text in value.items()} if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return shorten(one_line(value[: _TEXT * 4]), _TEXT) if isinstance(value, str) else ""


def _time(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
