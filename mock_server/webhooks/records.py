"""A delivery as it is kept.

Owns: its fields, their form in the store, and what is shown of it. Must not: decide what
happens next, or keep the key it is signed with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from mock_server.store.records import ResourceRecord
from mock_server.webhooks.policy import Outcome

KIND: Final = "webhook_delivery"
PREFIX: Final = "whd"

Trigger = Literal["original", "replay"]
State = Literal["pending", "delivered", "failed"]

PENDING: Final = "pending"


@dataclass(slots=True)
class Delivery:
    """One payload on its way to one address. Times are naive UTC."""

    delivery_id: str
    organization_id: str
    run_id: str
    url: str
    trigger: Trigger
    payload: str
    """The exact body."""
    created_at: datetime
    modified_at: datetime
    state: State = PENDING
    headers: dict[str, str] = field(default_factory=dict)
    """Timestamp, signature and type, the same for every attempt; empty until the first."""
    attempts: list[dict[str, Any]] = field(default_factory=list)
    webhook_failure_reason: str | None = None
    """None until it is settled, empty if it arrived."""

    def add_attempt(self, outcome: Outcome, at: datetime) -> None:
        """Note how an attempt that began ``at`` went."""
        error = None if outcome.error is None else f"{outcome.error_kind}: {outcome.error}"
        self.attempts.append(
            {
                "at": at.isoformat(),
                "status_code": outcome.status_code,
                "latency_ms": outcome.latency_ms,
                "error": error,
                "response_body": outcome.response_body,
            }
        )

    def to_resource(self) -> ResourceRecord:
        """Return the record the store keeps."""
        body = {
            "state": self.state,
            "url": self.url,
            "trigger": self.trigger,
            "attempts": self.attempts,
            "webhook_failure_reason": self.webhook_failure_reason,
            "headers": self.headers,
            "payload": self.payload,
        }
        return ResourceRecord(
            self.delivery_id, self.organization_id, KIND, self.run_id, body, self.created_at, self.modified_at
        )

    @classmethod
    def from_resource(cls, record: ResourceRecord) -> Delivery:
        """Return the delivery of a record."""
        return cls(
            delivery_id=record.resource_id,
            organization_id=record.organization_id,
            run_id=record.parent_id or "",
            created_at=record.created_at,
            modified_at=record.modified_at,
            **record.body,
        )

    def shown(self) -> dict[str, Any]:
        """Return what its owner is shown: everything."""
        return {
            "delivery_id": self.delivery_id,
            "run_id": self.run_id,
            "url": self.url,
            "trigger": self.trigger,
            "state": self.state,
            "attempts": self.attempts,
            "webhook_failure_reason": self.webhook_failure_reason,
            "headers": self.headers,
            "payload": self.payload,
            "created_at": self.created_at,
            "modified_at": self.modified_at,
        }
