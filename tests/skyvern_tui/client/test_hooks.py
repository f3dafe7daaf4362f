"""Claims about what a caller is told while a call goes on, and about giving up on a run."""

from __future__ import annotations

import pytest

from skyvern_tui.client import RateLimitError, RunTimeoutError, ServerError
from tests.skyvern_tui.client.playground import RUN_ID, Answer, Face, json_answer, run_body

QUEUED, RUNNING = json_answer(run_body("queued", step_count=0)), json_answer(run_body(step_count=0))
STEPPED, DONE = json_answer(run_body(step_count=1)), json_answer(run_body("completed", step_count=2))


def test_progress_is_each_change_once(face):
    """on_progress is told of the first answer and of each other status or step count; bad polls are no progress."""
    seen = []
    it = face(QUEUED, RUNNING, RUNNING, Answer(500), STEPPED, STEPPED, DONE)
    it.call("wait_for_run", RUN_ID, on_progress=lambda run: seen.append((run.status, run.step_count)))
    assert seen == [("queued", 0), ("running", 0), ("running", 1), ("completed", 2)]


def test_a_run_that_is_over_at_once_is_progress(face):
    """Whoever waits for it with on_progress hears of it even if it was never polled."""
    seen = []
    face(DONE).call("run_task", "x", wait_for_completion=True, on_progress=seen.append)
    assert [run.status for run in seen] == ["completed"]


@pytest.mark.parametrize("where", ["client", "call"])
def test_each_retry_is_told_before_it_happens(face, where):
    """What is asked again, why, how often and after how long: of the create call and of the polls."""
    seen = []
    hook = {"on_retry": lambda report: seen.append((report, len(it.requests)))}
    it = face(
        Answer(429, headers={"retry-after": "3"}),
        RUNNING,
        Answer(500),
        Answer(502),
        DONE,
        **(hook if where == "client" else {}),
    )
    it.call("run_task", "x", wait_for_completion=True, **(hook if where == "call" else {}))
    assert [(report.operation, report.attempt, report.delay, sent) for report, sent in seen] == [
        ("run_task", 1, 3.0, 1),
        ("get_run", 1, 0.5, 3),
        ("get_run", 2, 1.0, 4),
    ]
    assert [type(report.error) for report, _ in seen] == [RateLimitError, ServerError, ServerError]


def test_a_plain_call_tells_of_its_retries(face):
    """The client's own hook hears of every call."""
    seen = []
    it = face(Answer(503), RUNNING, on_retry=seen.append)
    it.call("get_run", RUN_ID)
    assert [(report.operation, report.attempt) for report in seen] == [("get_run", 1)]


def test_a_hook_that_raises_ends_the_call(face):
    """An exception of the caller's own goes to the caller, and nothing more is sent."""
    it = face(RUNNING, DONE)

    def stop(run):
        raise KeyError(run.status)

    with pytest.raises(KeyError):
        it.call("wait_for_run", RUN_ID, on_progress=stop)
    assert len(it.requests) == 1


def test_a_hook_may_be_a_coroutine_function():
    """On the awaitable face a hook is awaited before the wait goes on."""
    seen = []
    it = Face("async", RUNNING, Answer(500), DONE)

    async def note(news):
        seen.append((type(news).__name__, len(it.requests)))

    it.call("wait_for_run", RUN_ID, on_poll=note, on_progress=note, on_retry=note)
    assert seen == [
        ("PollReport", 1), ("TaskRun", 1), ("PollReport", 2), ("RetryReport", 2), ("PollReport", 3), ("TaskRun", 3),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["wait_for_run", "run_task"])
def test_a_run_that_is_too_slow_is_canceled_if_asked(face, name):
    """cancel_on_timeout sends one cancel after the last check; the error says so."""
    it = face(*[RUNNING] * 200)
    options = {"wait_for_completion": True} if name == "run_task" else {}
    with pytest.raises(RunTimeoutError, match="asked to stop") as caught:
        it.call(name, RUN_ID, timeout=5, cancel_on_timeout=True, **options)
    assert caught.value.canceled
    assert [request.url.path for request in it.requests if request.method == "POST"][-1] == f"/v1/runs/{RUN_ID}/cancel"
    assert it.requests[-1].method == "POST"


def test_without_asking_nothing_is_canceled(face):
    """The run goes on and can be waited for again."""
    it = face(RUNNING)
    with pytest.raises(RunTimeoutError, match="wait_for_run") as caught:
        it.call("wait_for_run", RUN_ID, 5)
    assert not caught.value.canceled
    assert {request.method for request in it.requests} == {"GET"}


def test_a_cancel_that_fails_does_not_hide_the_timeout(face):
    """The timeout is the error; that the cancel failed too is in its hint, and it is not repeated blindly."""
    it = face(RUNNING, RUNNING, Answer(500))
    with pytest.raises(RunTimeoutError, match="could not be canceled either") as caught:
        it.call("wait_for_run", RUN_ID, 0.5, cancel_on_timeout=True)
    assert not caught.value.canceled
    assert caught.value.run.status == "running"
    assert [request.method for request in it.requests] == ["GET", "GET", "POST"]


def test_the_cancel_has_a_time_of_its_own(face):
    """A server that hangs cannot hold up the error for longer than the last check may take."""
    it = face(RUNNING, Answer(seconds=3600.0))
    with pytest.raises(RunTimeoutError):
        it.call("wait_for_run", RUN_ID, 0, cancel_on_timeout=True)
    assert it.time.now <= 1000.0 + 5.0
