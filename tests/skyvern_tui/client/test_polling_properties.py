"""Claims about waiting for a run that hold for any server, any clock and both faces."""

from __future__ import annotations

from typing import NamedTuple

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from skyvern_tui.client import PollPolicy, SkyvernError
from skyvern_tui.client.polling import Answered, Begun, Failed, Poll, Poller, Stop, Wait
from tests.skyvern_tui.client.playground import RUN_ID, Answer, Face, json_answer, run_body

POLICY = PollPolicy()
SLACK = 0.002
"""Sums of floats need not meet a deadline exactly."""
TIMEOUT = 20.0
"""Seconds a network operation may take."""
REFUSALS = (400, 401, 403, 404)
FINAL = ("completed", "failed", "terminated", "timed_out", "canceled")
OPEN = ("created", "queued", "running", "paused", "novel", "COMPLETED", "")

BROKEN = st.sampled_from(
    [
        *(httpx.ReadError, httpx.WriteError, httpx.ConnectError, httpx.ReadTimeout, httpx.ConnectTimeout),
        *(httpx.PoolTimeout, httpx.RemoteProtocolError, httpx.DecodingError, httpx.ProxyError),
    ]
)
AFTER = st.integers(0, 400).map(lambda seconds: {"retry-after": str(seconds)})
FAULTS = st.one_of(
    st.builds(Answer, status=st.sampled_from([408, 425, 429, 500, 502, 503, 504, 599]), headers=st.just({}) | AFTER),
    st.builds(Answer, error=BROKEN),
    st.builds(Answer, body=st.sampled_from([b"", b"<html>", b"{", b"{}", b"null", b"[]", b'"x"', b"\xff", b"7"])),
    st.builds(Answer, status=st.sampled_from(REFUSALS)),
)
RUNS = st.builds(
    lambda status, finished, kind, after: json_answer(
        run_body(status, run_type=kind, **({"finished_at": "2026-01-20T11:54:08"} if finished else {})), 200, **after
    ),
    st.sampled_from(FINAL) | st.sampled_from(OPEN),
    st.booleans(),
    st.sampled_from(["task_v2", "workflow_run", "task_v9"]),
    st.just({}) | AFTER,
)


def _without_jump(answer: Answer) -> Answer:
    """The last answer is given again and again: a clock it set back each time would never come to the deadline."""
    return Answer(answer.status, answer.body, answer.headers, answer.error, seconds=answer.seconds)


JUMPS = st.just(0.0) | st.floats(-300, 300)
ANSWERS = st.lists(
    st.builds(
        lambda answer, seconds, jump: Answer(
            answer.status, answer.body, answer.headers, answer.error, seconds=seconds, jump=jump
        ),
        FAULTS | RUNS,
        st.just(0.0) | st.floats(0, 90),
        JUMPS,
    ),
    min_size=1,
    max_size=30,
).map(lambda answers: [*answers[:-1], _without_jump(answers[-1])])


class Trace(NamedTuple):
    """All that can be seen of a wait: how it ended, and when it asked, was answered and slept."""

    result: tuple[str, str]
    asked: list[float]
    answered: list[float]
    limits: list[float]
    sleeps: list[tuple[float, float]]
    end: float


def wait(kind: str, answers: list[Answer], timeout: float, random: float) -> Trace:
    """Wait on one face."""
    it = Face(kind, *answers, timeout=TIMEOUT, random=lambda: random)
    sleeps: list[tuple[float, float]] = []
    sleep = it.time.sleep

    def noting(seconds: float) -> None:
        sleeps.append((it.time.now, seconds))
        sleep(seconds)

    it.time.sleep = noting  # type: ignore[method-assign]
    try:
        run = it.call("wait_for_run", RUN_ID, timeout)
        result = ("run", str(run.status))
    except SkyvernError as error:
        result = (type(error).__name__, str(error))
    limits = [request.extensions["timeout"]["read"] for request in it.requests]
    return Trace(result, it.script.times, it.script.ends, limits, sleeps, it.time.now)


def is_run(answer: Answer) -> bool:
    return answer.error is None and answer.status == 200 and b'"run_id"' in answer.body


def ends(answer: Answer) -> bool:
    """Tell whether an answer says that the run is over."""
    if not is_run(answer):
        return False
    status = next((word for word in (*FINAL, *OPEN) if b'"status": "%s"' % word.encode() in answer.body), None)
    over = b'"finished_at": null' not in answer.body
    return status in FINAL or (over and status not in ("created", "queued", "running"))


def arrived(trace: Trace, number: int, answer: Answer, deadline: float) -> bool:
    """Tell whether an answer came within the time its poll had; one without a body has nothing to come late."""
    left = deadline - latest(trace, number)
    whole = left if left > 0.001 else POLICY.last_check
    in_time = trace.answered[number] <= trace.asked[number] + whole
    return answer.seconds <= trace.limits[number] and (in_time or not answer.body)


@settings(max_examples=150, deadline=None)
@given(ANSWERS, st.just(0.0) | st.floats(0, 600), st.floats(0, 1, exclude_max=True))
def test_a_wait_ends_where_it_should_whatever_happens(answers, timeout, random):
    """Both faces do the same. The wait ends at the first final answer, at a refusal, after too many failures in a row
    or at the deadline; nothing is asked after that, no sleep goes past the deadline, Retry-After is obeyed.
    """
    trace = wait("sync", answers, timeout, random)
    assert wait("async", answers, timeout, random) == trace
    deadline = 1000.0 + timeout
    seen = [answers[min(number, len(answers) - 1)] for number in range(len(trace.asked))]

    final = [number for number, answer in enumerate(seen) if ends(answer) and arrived(trace, number, answer, deadline)]
    if trace.result[0] == "run":
        assert final == [len(seen) - 1], "the first final answer is the last one asked for"
    else:
        assert final == [], "a final answer is never passed over"
    late = [number for number in range(len(seen)) if latest(trace, number) >= deadline - SLACK]
    assert late in ([], [len(seen) - 1]), "after the deadline only the one last check begins"
    for number, limit in enumerate(trace.limits):
        left = deadline - latest(trace, number)
        assert limit <= max(left, POLICY.last_check) + SLACK, "a poll is bounded by the time left"
    for began, seconds in trace.sleeps:
        assert 0 <= seconds <= max(deadline - began, 0) + SLACK, "no sleep goes past the deadline"
    for number, (_, seconds) in enumerate(trace.sleeps):
        if arrived(trace, number, seen[number], deadline) and seen[number].error is None:
            after = float(seen[number].headers.get("retry-after", 0))
            left = deadline - max(latest(trace, number), trace.answered[number])
            assert seconds >= min(after, left) - SLACK, "Retry-After is obeyed"
    if trace.result[0] == "RunTimeoutError":
        assert max(trace.asked + trace.answered) >= deadline - SLACK, "no wait is given up before its time"
    elif trace.result[0] != "run":
        assert seen[-1].status in REFUSALS or len(seen) >= POLICY.max_failures


def latest(trace: Trace, number: int) -> float:
    """The latest the clock had been when a poll was begun: setting it back gives no time back."""
    return max(trace.asked[: number + 1] + trace.answered[:number])


@settings(max_examples=50, deadline=None)
@given(st.lists(FAULTS.filter(lambda answer: answer.status not in REFUSALS), max_size=9), RUNS.filter(ends))
def test_a_run_that_ended_is_found_behind_any_faults(faults, last):
    """Whatever goes wrong up to nine times in a row, the end of the run is what the wait returns."""
    for kind in ("sync", "async"):
        it = Face(kind, *faults, last, random=lambda: 0.5)
        assert it.call("wait_for_run", RUN_ID, None).is_final
        assert len(it.requests) == len(faults) + 1


EVENTS = st.one_of(
    st.builds(Answered, st.booleans(), st.none() | st.floats(0, 1e5)),
    st.builds(Failed, st.booleans(), st.none() | st.floats(0, 1e5)),
)


@given(st.lists(st.tuples(EVENTS, st.floats(-500, 500)), min_size=1, max_size=60), st.none() | st.floats(0, 1e4))
def test_the_machine_keeps_its_bounds_under_a_jumping_clock(events, timeout):
    """Even if the clock jumps, no wait is negative or beyond the time left, and a stop is a stop for a reason."""
    now = latest = 0.0
    poller = Poller(now, timeout)
    failures = 0
    step = poller.step(now, Begun())
    for event, jump in events:
        assert isinstance(step, Poll)
        assert step.limit is None or step.limit > 0
        now += jump
        latest = max(latest, now)
        step = poller.step(now, event, 0.5)
        failures = failures + 1 if isinstance(event, Failed) else 0
        if isinstance(step, Stop):
            expected = {
                Stop.finished: isinstance(event, Answered) and event.final,
                Stop.refused: isinstance(event, Failed) and not event.transient,
                Stop.expired: timeout is not None and latest >= timeout - 0.0011,
                Stop.exhausted: failures == POLICY.max_failures,
            }
            assert expected[step]
            return
        assert isinstance(step, Wait)
        assert step.seconds >= 0
        if timeout is not None:
            assert step.seconds <= timeout - latest
        now += step.seconds
        latest = max(latest, now)
        step = poller.step(now, Begun())
