"""What follows from an attempt to deliver.

Owns: which outcomes are tried again, how long is waited, and the words a failure is kept
in. Pure: an outcome in, a wait or none out. Must not: send, wait or store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

MAX_ATTEMPTS: Final = 3
ATTEMPT_SECONDS: Final = 30.0
"""How long one attempt may take, from looking up the host to the last byte that is read."""
REPLAY_SECONDS: Final = 60.0
"""The same for a replay, which has one attempt."""
MAX_WAIT_SECONDS: Final = 30.0
"""A longer Retry-After is cut to this."""
RETRIED_STATUSES: Final = frozenset({403, 408, 425, 429})
"""Answers, besides every 5xx, after which it is tried again."""

_FIRST_WAIT_SECONDS: Final = 1.0
_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt went: an answer's status, or what kept an answer from coming."""

    status_code: int | None
    latency_ms: int
    response_body: str | None = None
    retry_after: str | None = None
    """The answer's header, as it came."""
    error: str | None = None
    """What kept an answer from coming; None if there was one."""
    error_kind: str | None = None
    """Its kind: ``ConnectError``, ``ReadTimeout``, ..."""
    refused: bool = False
    """The address was not tried because of where it leads; it leads there the next time as well."""

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it: any 2xx."""
        return self.status_code is not None and 200 <= self.status_code < 300  # noqa: PLR2004  # the class of 2xx


def wait_before_next(outcome: Outcome, attempts: int, jitter: float, now: datetime) -> float | None:
    """Return the seconds to wait before the next attempt; None if there is none.

    ``attempts`` have been made, ``jitter`` is in [0, 1), ``now`` is naive UTC.
    """
    if outcome.delivered or attempts >= MAX_ATTEMPTS or not _worth_another(outcome):
        return None
    asked = _seconds(outcome.retry_after, now)
    if asked is not None:
        return min(asked, MAX_WAIT_SECONDS)
    return float(_FIRST_WAIT_SECONDS * 2 ** (attempts - 1) + jitter)


def failure_reason(outcome: Outcome) -> str:
    """Return what is kept as ``webhook_failure_reason``: empty after a delivery."""
    if outcome.delivered:
        return ""
    if outcome.status_code is None:
        return f"Webhook delivery failed before receiving a response: {outcome.error_kind}: {outcome.error}"
    return f"Webhook failed with status code {outcome.status_code}, error message: {outcome.response_body or ''}"


def _worth_another(outcome: Outcome) -> bool:
    if outcome.status_code is None:
        return not outcome.refused
    return outcome.status_code in RETRIED_STATUSES or outcome.status_code >= _SERVER_ERROR


def _seconds(retry_after: str | None, now: datetime) -> float | None:
    """Return how long a Retry-After asks to wait: a number of seconds, or a date; None if it is neither."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MAX_WAIT_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return max((moment - now).total_seconds(), 0.0)
