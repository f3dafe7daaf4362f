"""Claims about waiting for a run."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from skyvern_tui.client import (
    AsyncSkyvern,
    ForbiddenError,
    NotFoundError,
    PollPolicy,
    PollReport,
    RunTimeoutError,
    ServerError,
)
from tests.skyvern_tui.client.playground import BASE, KEY, RUN_ID, Answer, json_answer, run_body

RUNNING = json_answer(run_body("running"))
DONE = json_answer(run_body("completed", output={"title": "x"}))
POLICY = PollPolicy()


def ended_as(face, status):
    """Wait for a run that ends in a status; it is returned as it ended, not raised, and not asked for again."""
    it = face(RUNNING, json_answer(run_body(status, failure_reason="why")), RUNNING)
    run = it.call("wait_for_run", RUN_ID)
    assert (run.status, run.failure_reason, run.is_final) == (status, "why", True)
    assert len(it.requests) == 2


def test_completed_ends_the_wait(face):
    """A run that did what it was told is over."""
    ended_as(face, "completed")


def test_failed_ends_the_wait(face):
    """A run that could not go on is over; why is in it, not raised."""
    ended_as(face, "failed")


def test_terminated_ends_the_wait(face):
    """A run whose agent gave up is over."""
    ended_as(face, "terminated")


def test_timed_out_ends_the_wait(face):
    """A run that took the server too long is over, which is not the wait's timeout."""
    ended_as(face, "timed_out")


def test_canceled_ends_the_wait(face):
    """A run that somebody stopped is over."""
    ended_as(face, "canceled")


@pytest.mark.parametrize("status", ["created", "queued", "running", "paused", "brand_new", "COMPLETED", ""])
def test_no_other_status_ends_the_wait(face, status):
    """Paused and unknown statuses are not the end."""
    it = face(json_answer(run_body(status)), DONE)
    assert it.call("wait_for_run", RUN_ID).status == "completed"


def test_an_unknown_status_with_an_end_time_ends_the_wait(face):
    """A status of a newer server is final once the run has a time of finishing."""
    it = face(json_answer(run_body("skipped", finished_at="2026-01-20T11:54:08")))
    assert it.call("wait_for_run", RUN_ID).status == "skipped"


def test_paused_with_an_end_time_ends_the_wait(face):
    """A paused run waits for a human and is not over, unless it says when it was."""
    it = face(json_answer(run_body("paused")), json_answer(run_body("paused", finished_at="2026-01-20T11:54:08")), DONE)
    assert it.call("wait_for_run", RUN_ID).status == "paused"
    assert len(it.requests) == 2


def test_the_interval_is_short_at_first_and_grows_to_ten_seconds(face):
    """A quick run is seen quickly, a long one asked for every ten seconds."""
    it = face(RUNNING)
    with pytest.raises(RunTimeoutError):
        it.call("wait_for_run", RUN_ID, 120)
    assert it.time.sleeps[:3] == [0.5, 0.75, 1.125]
    assert set(it.time.sleeps[9:-1]) == {10.0}


@pytest.mark.parametrize(
    "bad",
    [
        Answer(500),
        Answer(502, b"<html><title>Bad Gateway</title></html>"),
        Answer(503),
        Answer(429),
        Answer(408),
        Answer(200, b""),
        Answer(200, b"<html>"),
        Answer(200, b'{"run_id": "tsk_v2'),
        Answer(200, b"{}"),
        Answer(error=httpx.ReadError),
        Answer(error=httpx.ConnectError),
        Answer(error=httpx.RemoteProtocolError),
        Answer(seconds=1e6),
    ],
)
def test_one_bad_poll_does_not_end_the_wait(face, bad):
    """Every fault that passes is waited out."""
    it = face(RUNNING, bad, DONE, timeout=5.0)
    assert it.call("wait_for_run", RUN_ID, 60).output == {"title": "x"}
    assert len(it.requests) == 3


@pytest.mark.parametrize(("status", "kind"), [(403, ForbiddenError), (404, NotFoundError)])
def test_a_refusal_ends_the_wait_at_once(face, status, kind):
    """A refused key and an unknown run do not get better by asking again."""
    it = face(Answer(status))
    with pytest.raises(kind) as caught:
        it.call("wait_for_run", RUN_ID)
    assert caught.value.run_id == RUN_ID
    assert len(it.requests) == 1


def test_an_outage_that_lasts_is_reported_with_its_run(face):
    """After ten failed polls in a row the last error comes out, and says how to go on."""
    it = face(RUNNING, Answer(503))
    with pytest.raises(ServerError) as caught:
        it.call("wait_for_run", RUN_ID)
    assert caught.value.run_id == RUN_ID
    assert f"wait_for_run('{RUN_ID}')" in caught.value.hint
    assert len(it.requests) == 1 + POLICY.max_failures


def test_failures_with_answers_between_them_do_not_add_up(face):
    """A server that fails every other time is waited for."""
    it = face(*[RUNNING, Answer(500)] * 30, DONE)
    assert it.call("wait_for_run", RUN_ID).status == "completed"


def test_retry_after_is_obeyed_while_waiting(face):
    """A poll is not repeated sooner than the server asked."""
    it = face(Answer(429, headers={"retry-after": "42"}), DONE)
    it.call("wait_for_run", RUN_ID)
    assert it.time.sleeps == [42.0]


def test_the_last_check_is_at_the_deadline(face):
    """A run that ended while we slept through the deadline is returned, not reported as unfinished."""
    it = face(RUNNING, RUNNING, DONE)
    assert it.call("wait_for_run", RUN_ID, 0.9).status == "completed"
    assert it.script.times == pytest.approx([1000.0, 1000.5, 1000.9])


def test_the_error_at_the_deadline_says_everything(face):
    """The wait's error is a TimeoutError too and carries run id, last run, polls and time."""
    it = face(RUNNING)
    with pytest.raises(TimeoutError) as caught:
        it.call("wait_for_run", RUN_ID, 30)
    error = caught.value
    assert isinstance(error, RunTimeoutError)
    assert (error.run_id, error.run.status, error.attempts, error.timeout) == (RUN_ID, "running", len(it.requests), 30)
    assert error.elapsed == pytest.approx(30)
    assert RUN_ID in str(error)
    assert "running" in str(error)
    assert "cancel_run" in error.hint


def test_the_deadline_ends_a_request_in_flight(face):
    """A server that never answers costs the wait's time and no more."""
    it = face(Answer(seconds=1e9), timeout=60.0)
    with pytest.raises(RunTimeoutError) as caught:
        it.call("wait_for_run", RUN_ID, 2)
    assert caught.value.elapsed == pytest.approx(2)
    assert caught.value.run is None


def test_no_time_at_all_is_one_check(face):
    """timeout=0 asks once."""
    assert face(DONE).call("wait_for_run", RUN_ID, 0).status == "completed"
    it = face(RUNNING)
    with pytest.raises(RunTimeoutError):
        it.call("wait_for_run", RUN_ID, 0)
    assert len(it.requests) == 1


def test_without_a_timeout_waiting_has_no_end(face):
    """None waits for as long as the run takes."""
    it = face(*[RUNNING] * 5000, DONE)
    assert it.call("wait_for_run", RUN_ID, None).status == "completed"


def test_run_task_waits_when_asked(face):
    """wait_for_completion polls after creating; request options hold for the polls too."""
    it = face(json_answer(run_body("queued")), Answer(500), DONE)
    options = {"additional_headers": {"X-Trace": "t1"}, "timeout_in_seconds": 3}
    assert it.call("run_task", "x", wait_for_completion=True, request_options=options).output == {"title": "x"}
    assert [request.method for request in it.requests] == ["POST", "GET", "GET"]
    assert {request.headers["x-trace"] for request in it.requests} == {"t1"}
    assert {request.extensions["timeout"]["read"] for request in it.requests} == {3}


def test_a_run_that_is_over_at_once_is_not_polled(face):
    """The create call's answer is enough if it is final."""
    it = face(DONE)
    it.call("run_task", "x", wait_for_completion=True)
    assert len(it.requests) == 1


def test_each_poll_is_reported(face):
    """on_poll sees answers and failures, and when the next poll is."""
    seen: list[PollReport] = []
    face(RUNNING, Answer(500), DONE).call("wait_for_run", RUN_ID, on_poll=seen.append)
    assert [report.run and report.run.status for report in seen] == ["running", None, "completed"]
    assert isinstance(seen[1].error, ServerError)
    assert [report.attempts for report in seen] == [1, 2, 3]
    assert [report.next_in for report in seen] == [0.5, 0.5, None]


async def test_cancelling_the_wait_stops_it():
    """Cancelling the awaiting task ends the wait and sends nothing more; the run is left alone."""
    requests = []

    def handler(request):
        requests.append(request.method)
        return httpx.Response(200, json=run_body("running"))

    began = asyncio.Event()

    async def sleep(seconds):
        began.set()
        await asyncio.Event().wait()

    async with AsyncSkyvern(api_key=KEY, base_url=BASE, transport=httpx.MockTransport(handler), sleep=sleep) as client:
        waiting = asyncio.create_task(client.wait_for_run(RUN_ID))
        await began.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert requests == ["GET"]
