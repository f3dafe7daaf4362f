"""The answers about webhooks, for the API's own documentation; see ``documents``.

Owns: their models. Must not: take part in answering.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field


class RetryRunWebhookRequest(BaseModel):
    """Where to send a webhook again."""

    webhook_url: str | None = Field(None, description="Instead of the run's own.")


class RunWebhookReplayResponse(BaseModel):
    """What was sent again, and what the receiver said."""

    run_id: str
    run_type: str
    default_webhook_url: str | None = None
    target_webhook_url: str | None = None
    payload: str
    headers: dict[str, str]
    status_code: Annotated[int | None, Field(description="None if there was no answer.")] = None
    latency_ms: int | None = None
    response_body: Annotated[str | None, Field(description="The first 2 KB.")] = None
    error: str | None = None


class DeliveryAttempt(BaseModel):
    """One request to a receiver."""

    at: datetime
    status_code: int | None
    latency_ms: int
    error: str | None
    response_body: str | None


class WebhookDelivery(BaseModel):
    """A webhook on its way to its receiver."""

    delivery_id: str
    run_id: str
    url: str
    trigger: Literal["original", "replay"]
    state: Literal["pending", "delivered", "failed"]
    attempts: list[DeliveryAttempt]
    webhook_failure_reason: Annotated[str | None, Field(description="Empty if it arrived.")]
    headers: Annotated[dict[str, str], Field(description="Empty until it is signed, with the first attempt.")]
    payload: Annotated[str, Field(description="The exact body.")]
    created_at: datetime
    modified_at: datetime
