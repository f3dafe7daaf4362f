"""What is tried again, after how long, and what is kept of a failure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.webhooks.policy import MAX_ATTEMPTS, Outcome, failure_reason, wait_before_next

NOW = datetime.fromisoformat("2026-11-21T12:00:00")
JITTER = 0.25


def answered(status: int, **details: Any) -> Outcome:
    return Outcome(status, 12, response_body='{"error": "receiver says no"}', **details)


def unanswered(**details: Any) -> Outcome:
    return Outcome(None, 12, error="All connection attempts failed", error_kind="ConnectError", **details)


@pytest.mark.parametrize("status", [*range(500, 512), 599, 403, 408, 425, 429])
def test_these_answers_are_tried_again(status: int):
    """Every 5xx and four of the 4xx."""
    assert wait_before_next(answered(status), 1, JITTER, NOW) == 1.25


@pytest.mark.parametrize(
    "status", [200, 201, 202, 204, 299, 301, 302, 304, 307, 308, 400, 401, 404, 405, 409, 410, 422]
)
def test_these_answers_are_the_last_word(status: int):
    """Success, redirects and the other 4xx."""
    assert wait_before_next(answered(status, retry_after="1"), 1, JITTER, NOW) is None


def test_no_answer_is_tried_again_unless_the_host_was_refused():
    """A connection that failed may work later; a host that is blocked stays blocked."""
    assert wait_before_next(unanswered(), 1, JITTER, NOW) == 1.25
    assert wait_before_next(unanswered(refused=True), 1, JITTER, NOW) is None


@pytest.mark.parametrize(("attempts", "wait"), [(1, 1.0 + JITTER), (2, 2.0 + JITTER), (3, None), (4, None)], ids=str)
def test_waits_double_and_end_after_the_third_attempt(attempts: int, wait: float | None):
    """1 s, then 2 s, each with its jitter; then no more."""
    assert wait_before_next(answered(500), attempts, JITTER, NOW) == wait


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("30", 30.0),
        ("31", 30.0),
        ("9" * 400, 30.0),
        ("Sat, 21 Nov 2026 12:00:05 GMT", 5.0),
        ("Sat, 21 Nov 2026 13:00:05 +0100", 5.0),
        ("Sat, 21 Nov 2026 18:00:00 GMT", 30.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 1.25),
        ("-1", 1.25),
        ("1.5", 1.25),
        ("soon", 1.25),
        ("", 1.25),
        ("\u0663", 1.25),
    ],
)
def test_retry_after_is_obeyed_up_to_thirty_seconds(header: str, wait: float):
    """Seconds or a date; one that lies behind means now, one that says nothing means the usual wait."""
    assert wait_before_next(answered(503, retry_after=header), 1, JITTER, NOW) == wait


@given(st.integers(100, 599), st.integers(1, 5), st.floats(0, 1, exclude_max=True), st.none() | st.text(max_size=40))
def test_a_wait_is_never_negative_nor_longer_than_thirty_seconds(
    status: int, attempts: int, jitter: float, header: str | None
):
    """Whatever a receiver answers."""
    wait = wait_before_next(answered(status, retry_after=header), attempts, jitter, NOW)
    assert wait is None or (0 <= wait <= 30 and attempts < MAX_ATTEMPTS)


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (answered(200), ""),
        (answered(204), ""),
        (answered(500), 'Webhook failed with status code 500, error message: {"error": "receiver says no"}'),
        (answered(302), 'Webhook failed with status code 302, error message: {"error": "receiver says no"}'),
        (
            unanswered(),
            "Webhook delivery failed before receiving a response: ConnectError: All connection attempts failed",
        ),
    ],
)
def test_the_reason_of_a_failure_is_worded_as_recorded(outcome: Outcome, reason: str):
    """Empty after a success; otherwise the status and body, or what kept an answer from coming."""
    assert failure_reason(outcome) == reason
