"""Claims about repeating requests."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.client import ApiError, SkyvernError
from skyvern_tui.client.retry import Kind, Outcome, RetryPolicy, backoff, decide, parse_retry_after
from tests.skyvern_tui.client.playground import RUN_ID, Answer, json_answer, run_body

OK = json_answer(run_body())
TRANSIENT = [408, 425, 429, 500, 502, 503, 504]
LASTING = [400, 401, 402, 403, 404, 409, 410, 422]


@pytest.mark.parametrize("status", TRANSIENT)
def test_a_get_survives_a_transient_status(face, status):
    """One bad answer to a GET is not the caller's problem."""
    it = face(Answer(status), OK)
    assert it.call("get_run", RUN_ID).run_id == RUN_ID
    assert len(it.requests) == 2


@pytest.mark.parametrize(
    "error", [httpx.ReadError, httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.ConnectTimeout]
)
def test_a_get_survives_a_transport_error(face, error):
    """A broken connection during a GET is not the caller's problem."""
    it = face(Answer(error=error), OK)
    assert it.call("get_run", RUN_ID).run_id == RUN_ID


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"run_id": "tsk'])
def test_a_get_survives_a_page_in_front_of_the_server(face, body):
    """200 with no JSON in it is a proxy's doing and passes."""
    it = face(Answer(200, body), OK)
    assert it.call("get_run", RUN_ID).run_id == RUN_ID


@pytest.mark.parametrize("status", LASTING)
def test_a_get_is_not_repeated_when_repeating_is_useless(face, status):
    """A refusal is handed to the caller at once."""
    it = face(Answer(status))
    with pytest.raises(ApiError) as caught:
        it.call("get_run", RUN_ID)
    assert caught.value.status_code == status
    assert len(it.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [Answer(500), Answer(502), Answer(503), Answer(408), Answer(200, b"<html>")]
    + [
        Answer(error=error)
        for error in (httpx.ReadError, httpx.ReadTimeout, httpx.WriteError, httpx.RemoteProtocolError)
    ],
)
@pytest.mark.parametrize("call", [("run_task", "x"), ("cancel_run", RUN_ID)])
def test_a_post_that_may_have_arrived_is_sent_once(face, answer, call):
    """No run is started twice, whatever is asked for in retries."""
    it = face(answer, OK)
    if call[0] == "cancel_run" and answer.status == 200 and answer.error is None:
        assert it.call(*call) is None  # any 200 means done
    else:
        with pytest.raises(SkyvernError):
            it.call(*call, request_options={"max_retries": 5})
    assert len(it.requests) == 1


@pytest.mark.parametrize("answer", [Answer(429), Answer(error=httpx.ConnectError), Answer(error=httpx.ConnectTimeout)])
def test_a_post_that_cannot_have_been_carried_out_is_repeated(face, answer):
    """429 and a connection that never was leave nothing behind on the server."""
    it = face(answer, OK)
    assert it.call("run_task", "x").run_id == RUN_ID
    assert len(it.requests) == 2


def test_retry_after_is_obeyed(face):
    """The server's own delay is used instead of ours."""
    it = face(Answer(429, headers={"retry-after": "7"}), OK)
    it.call("get_run", RUN_ID)
    assert it.time.sleeps == [7.0]


def test_a_retry_after_too_long_to_wait_for_is_told(face):
    """A delay of an hour goes to the caller, with the number."""
    it = face(Answer(429, headers={"retry-after": "3600"}), OK)
    with pytest.raises(ApiError) as caught:
        it.call("get_run", RUN_ID)
    assert caught.value.retry_after == 3600
    assert it.time.sleeps == []


def test_max_retries_means_what_it_says(face):
    """n retries are n + 1 requests, for a client as for one call."""
    for retries in (0, 1, 3):
        it = face(Answer(500), max_retries=retries)
        with pytest.raises(ApiError):
            it.call("get_run", RUN_ID)
        assert len(it.requests) == retries + 1
        it = face(Answer(500))
        with pytest.raises(ApiError):
            it.call("get_run", RUN_ID, request_options={"max_retries": retries})
        assert len(it.requests) == retries + 1


outcomes = st.builds(
    Outcome,
    status=st.none() | st.integers(100, 599),
    sent=st.booleans(),
    readable=st.booleans(),
    retry_after=st.none() | st.floats(0, 1e6),
)


@given(outcomes, st.integers(1, 50), st.integers(0, 20), st.floats(0, 1, exclude_max=True))
def test_decide_is_bounded(outcome, attempt, retries, random):
    """Never more than the retries allowed, never a delay beyond what the policy bounds."""
    policy = RetryPolicy(max_retries=retries)
    for kind in Kind:
        delay = decide(kind, outcome, attempt, policy, random)
        if attempt > retries:
            assert delay is None
        if delay is not None:
            assert 0 <= delay <= max(policy.longest_delay, policy.longest_retry_after)
            if outcome.retry_after is not None:
                assert delay == outcome.retry_after


@given(outcomes)
def test_a_write_is_repeated_only_if_it_left_no_trace(outcome):
    """What was sent and not answered with 429 is never sent again."""
    if outcome.sent and outcome.status != 429:
        assert decide(Kind.write, outcome, 1, RetryPolicy(max_retries=9), 0.0) is None


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_backoff_grows_to_a_ceiling(failures, random):
    """Any number of failures gives a delay between a part of the first and the longest."""
    policy = RetryPolicy()
    assert policy.first_delay * (1 - policy.jitter) <= backoff(failures, policy, random) <= policy.longest_delay
    assert backoff(failures, policy, 0.0) <= backoff(failures + 1, policy, 0.0)


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("0", None, 0.0),
        ("12", None, 12.0),
        (" 1.5 ", None, 1.5),
        ("-3", None, 0.0),
        ("Tue, 20 Jan 2026 11:53:00 GMT", "Tue, 20 Jan 2026 11:52:30 GMT", 30.0),
        ("Tue, 20 Jan 2026 11:52:00 GMT", "Tue, 20 Jan 2026 11:52:30 GMT", 0.0),
        ("Tue, 20 Jan 2026 11:53:00 GMT", None, None),
        ("soon", "Tue, 20 Jan 2026 11:52:30 GMT", None),
        ("inf", None, None),
        ("nan", None, None),
        ("", None, None),
    ],
)
def test_retry_after_is_read_in_both_forms(value, date, seconds):
    """Seconds, or a date measured against the answer's own date; nonsense is no delay."""
    headers = {"retry-after": value} | ({"date": date} if date else {})
    assert parse_retry_after(headers) == seconds
