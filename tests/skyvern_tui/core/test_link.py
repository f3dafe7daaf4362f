"""Claims about the link, trouble and pace."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skyvern_tui.client.errors import (
    AuthenticationError,
    BadRequestError,
    ConnectError,
    NotFoundError,
    RateLimitError,
    RequestTimeoutError,
    ResponseParseError,
    ServerError,
    UnprocessableEntityError,
)
from skyvern_tui.core.link import LONGEST_RETRY, Link, State
from skyvern_tui.core.pace import Pace
from skyvern_tui.core.trouble import Kind, Trouble, trouble_of
from tests.skyvern_tui.builders import START

LOST = Trouble(Kind.lost, "connection refused")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConnectError("no"), Kind.lost),
        (RequestTimeoutError("no"), Kind.lost),
        (ServerError("no", status_code=503), Kind.lost),
        (ResponseParseError("no", status_code=200), Kind.lost),
        (RateLimitError("no", status_code=429, retry_after=7), Kind.busy),
        (AuthenticationError("no", status_code=403), Kind.refused),
        (NotFoundError("no", status_code=404), Kind.missing),
        (BadRequestError("no", status_code=400), Kind.rejected),
        (UnprocessableEntityError("no", status_code=422), Kind.rejected),
    ],
)
def test_errors_are_sorted_by_what_they_ask_for(error, kind):
    """Each error of the client is of the one kind a screen treats it by."""
    assert trouble_of(error).kind is kind


def test_refusals_name_their_fields():
    """A 422 names parameters by path, a 400 by the word in its sentence; other words name none."""
    error = UnprocessableEntityError(
        "m", status_code=422, problems={"body.max_steps": "not an integer", "query.x": "?"}
    )
    assert trouble_of(error).fields == {"max_steps": "not an integer"}
    error = BadRequestError("Invalid url: blocked host.", status_code=400)
    assert trouble_of(error).fields == {"url": "Invalid url: blocked host."}
    assert trouble_of(BadRequestError("The model could not run with a prompt", status_code=400)).fields == {}


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            ConnectError("GET http://h/v1: h refused the connection.", method="GET", url="http://h/v1"),
            "h refused the connection.",
        ),
        (
            RequestTimeoutError("GET http://h was sent and not answered in time.", method="GET", url="http://h"),
            "the request was sent and not answered in time.",
        ),
        (
            BadRequestError(
                "POST http://h was answered with 400: Invalid url.", status_code=400, body={"detail": "Invalid url."}
            ),
            "Invalid url.",
        ),
        (
            ServerError("GET http://h was answered with 500.", status_code=500, body="x", method="GET", url="http://h"),
            "the request was answered with 500.",
        ),
        (ServerError("anything", status_code=500, body={"error": "Unexpected error: X"}), "Unexpected error: X"),
    ],
)
def test_messages_leave_out_the_request(error, message):
    """A screen says what the server said, or what became of the request, not its method and address."""
    assert trouble_of(error).message == message


def test_what_a_server_says_is_made_safe():
    """Messages and hints of errors are one safe line."""
    trouble = trouble_of(BadRequestError("a\x1b[2J\nb", status_code=400, hint="x" * 9000))
    assert trouble.message == "a␛[2J b"
    assert len(trouble.hint) == 500


def test_an_outage_lasts_from_the_first_failure_to_the_next_answer():
    """Failures count up one outage, waits grow to their bound, an answer ends it and resets the wait."""
    link, waits = Link().answered(0.01, START), []
    for number in range(6):
        link = link.failed(LOST, START + timedelta(seconds=number), monotonic=float(number))
        waits.append(link.retry_in(float(number)))
    assert waits == [1, 2, 4, LONGEST_RETRY, LONGEST_RETRY, LONGEST_RETRY]
    assert (link.state, link.outage.began, link.outage.attempts, link.outage.ended) == (State.down, START, 6, None)
    back = link.answered(0.02, START + timedelta(seconds=20))
    assert (back.state, back.latency, back.outage.ended, back.retry_in(99)) == (
        State.up,
        0.02,
        START + timedelta(seconds=20),
        0,
    )
    later = back.failed(LOST, START + timedelta(seconds=60), monotonic=60.0)
    assert (later.outage.began, later.outage.attempts) == (START + timedelta(seconds=60), 1)


def test_a_server_may_ask_for_a_longer_wait():
    """Retry-After is obeyed when it is longer than our own wait."""
    link = Link().failed(Trouble(Kind.busy, "slow down", retry_after=42.0), START, monotonic=0.0)
    assert link.retry_in(0.0) == 42.0


def test_a_refused_key_is_no_outage():
    """A refusal of the key is shown as such, asked again rarely, and does not count as an outage."""
    link = Link().failed(Trouble(Kind.refused, "Invalid credentials"), START, monotonic=0.0)
    assert (link.state, link.outage, link.retry_in(0.0), link.is_well) == (State.refused, None, 30.0, False)


def test_polling_slows_down_while_nothing_happens():
    """The interval starts at its shortest, grows to its longest, and news resets it."""
    pace = Pace()
    waits = [pace.after(news=False) for _ in range(9)]
    assert waits[0] == 0.3
    assert waits == sorted(waits)
    assert waits[-1] == 5.0
    assert pace.after(news=True) == 0.3
