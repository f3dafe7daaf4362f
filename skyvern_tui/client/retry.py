"""When to repeat a request, and after how long.

Owns: one pure decision: what was asked, what came of it, how often it was tried -> a
delay, or no more. Must not: do I/O, sleep, read a clock or draw random numbers; jitter is
handed in. Waiting for a *run* is another matter: see ``polling.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Final, NamedTuple

TRANSIENT_STATUSES: Final = frozenset({408, 425, 429})
"""And every 5xx."""

TOO_MANY_REQUESTS: Final = 429
SERVER_ERRORS: Final = 500


class Kind(Enum):
    """What repeating a request would do."""

    read = "read"
    """Nothing: it may be repeated whenever it failed."""
    write = "write"
    """Maybe do it twice: it is repeated only if the server cannot have acted on it."""


class Outcome(NamedTuple):
    """What came of a request. ``status`` is None if there was no answer."""

    status: int | None = None
    sent: bool = True
    """False if the request provably never left (refused, DNS, TLS)."""
    readable: bool = True
    """False if a 2xx answer held no JSON: a proxy's page, a cut body."""
    retry_after: float | None = None
    """Seconds, as the server asked."""


class RetryPolicy(NamedTuple):
    """Bounds of repeating; delays in seconds."""

    max_retries: int = 2
    first_delay: float = 0.5
    longest_delay: float = 8.0
    longest_retry_after: float = 60.0
    """A server that asks for more is not waited for: the caller is told instead."""
    jitter: float = 0.25
    """Up to this share is taken off a delay, so that many clients do not come back in step."""


def is_transient(outcome: Outcome) -> bool:
    """Tell whether the same request may well succeed later."""
    if outcome.status is None or not outcome.readable:
        return True
    return outcome.status in TRANSIENT_STATUSES or outcome.status >= SERVER_ERRORS


def may_repeat(kind: Kind, outcome: Outcome) -> bool:
    """Tell whether repeating is both useful and safe."""
    if kind is Kind.read:
        return is_transient(outcome)
    return not outcome.sent or outcome.status == TOO_MANY_REQUESTS


def backoff(failures: int, policy: RetryPolicy, random: float) -> float:
    """Return the delay in seconds after the ``failures``-th failure in a row; ``random`` is in [0, 1)."""
    doublings = min(failures - 1, 30)  # 2**30 is beyond any longest_delay; more would overflow
    delay = min(policy.first_delay * 2.0**doublings, policy.longest_delay)
    return delay * (1.0 - policy.jitter * random)


def decide(kind: Kind, outcome: Outcome, attempt: int, policy: RetryPolicy, random: float) -> float | None:
    """Return the seconds to wait before trying again, or None to give up; ``attempt`` counts from 1."""
    if attempt > policy.max_retries or not may_repeat(kind, outcome):
        return None
    if outcome.retry_after is not None:
        return outcome.retry_after if outcome.retry_after <= policy.longest_retry_after else None
    return backoff(attempt, policy, random)


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Read ``Retry-After`` as seconds; None if it is missing or makes no sense.

    A date is measured against the answer's own ``Date``, so that a wrong clock on this side does not matter.
    """
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            at, now = parsedate_to_datetime(value), parsedate_to_datetime(headers.get("date", ""))
        except ValueError:
            return None
        # A date without a zone is naive: HTTP dates are always GMT.
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - now.replace(tzinfo=now.tzinfo or UTC)).total_seconds()
    return max(0.0, seconds) if seconds < float("inf") else None
