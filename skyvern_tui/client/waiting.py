"""Waiting for a run: the polling machine at work.

Owns: the flow that polls as :mod:`~skyvern_tui.client.polling` says, what the end of a wait
is for the caller, and the canceling of a run that took too long. Must not: do I/O.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from skyvern_tui.client import operations, polling, retry
from skyvern_tui.client.effects import Flow, Sleep, Tell
from skyvern_tui.client.errors import RunTimeoutError, SkyvernError
from skyvern_tui.client.exchange import Exchange, outcome_of
from skyvern_tui.client.hooks import OnPoll, OnRetry, OnRunProgress, PollReport, RetryReport
from skyvern_tui.client.operations import Operation
from skyvern_tui.client.options import RequestOptions

if TYPE_CHECKING:
    from skyvern_tui.client.models import Run

DEFAULT_WAIT: Final = 1800.0
"""Seconds a wait may take, as in the official SDK."""


class Wait(NamedTuple):
    """How to wait: ``timeout`` in seconds (None: for ever), who is told, and what becomes of a run that is too slow."""

    timeout: float | None = DEFAULT_WAIT
    cancel_on_timeout: bool = False
    on_poll: OnPoll | None = None
    on_progress: OnRunProgress | None = None
    on_retry: OnRetry | None = None


def start(
    exchange: Exchange,
    operation: Operation[Run],
    wait_for_completion: bool,  # noqa: FBT001 - what the caller said
    wait: Wait,
    options: RequestOptions | None,
) -> Flow[Run]:
    """Create a run and, if asked for, wait for its end."""
    run = yield from exchange.execute(operation, options, wait.on_retry)
    if not wait_for_completion:
        return run
    if not run.is_final:
        return (yield from until_over(exchange, run.run_id, wait, options))
    if wait.on_progress is not None:
        yield Tell(wait.on_progress, run)
    return run


class _Look(NamedTuple):
    """What one poll brought: a run or an error."""

    run: Run | None
    error: SkyvernError | None
    event: polling.Answered | polling.Failed


def until_over(exchange: Exchange, run_id: str, wait: Wait, options: RequestOptions | None) -> Flow[Run]:
    """Poll a run to its end."""
    operation = operations.get_run(run_id)
    poller = polling.Poller(exchange.clock(), wait.timeout, exchange.poll_policy)
    last: Run | None = None
    error: SkyvernError | None = None
    step = poller.step(poller.started, polling.Begun())
    while not isinstance(step, polling.Stop):
        if isinstance(step, polling.Wait):
            yield Sleep(step.seconds)
            step = poller.step(exchange.clock(), polling.Begun())
            continue
        look = yield from _look(exchange, operation, step.limit, options)
        step = poller.step(exchange.clock(), look.event, exchange.random())
        next_in = step.seconds if isinstance(step, polling.Wait) else None
        report = PollReport(run_id, look.run, look.error, poller.attempts, poller.elapsed, next_in)
        yield from _tell(exchange, wait, report, last, poller.failures)
        last, error = look.run or last, look.error
    if step is polling.Stop.finished and last is not None:
        return last
    if step is polling.Stop.expired or error is None:
        trouble = _too_long(run_id, poller, last)
        if wait.cancel_on_timeout:
            yield from _cancel(exchange, trouble, run_id, options)
        raise trouble from error
    if step is polling.Stop.exhausted:
        again = f"{poller.failures} polls in a row failed; the run may go on: wait_for_run({run_id!r}) waits again."
        error.hint = f"{error.hint} {again}".strip()
    raise error


def _look(
    exchange: Exchange, operation: Operation[Run], limit: float | None, options: RequestOptions | None
) -> Flow[_Look]:
    """Ask once."""
    request = exchange.request(operation, options, limit)
    answer = yield request
    try:
        run: Run = exchange.read(request, answer, operation.parse)
    except SkyvernError as problem:
        outcome = outcome_of(problem)
        return _Look(None, problem, polling.Failed(retry.is_transient(outcome), outcome.retry_after))
    return _Look(run, None, polling.Answered(run.is_final, retry.parse_retry_after(answer.headers)))


def _tell(exchange: Exchange, wait: Wait, report: PollReport, last: Run | None, failures: int) -> Flow[None]:
    """Tell those who want to know of a poll."""
    if wait.on_poll is not None:
        yield Tell(wait.on_poll, report)
    if report.error is not None and report.next_in is not None:
        again = RetryReport("get_run", failures, report.next_in, report.error)
        yield from exchange.tell_of_retry(again, wait.on_retry)
    if report.run is not None and wait.on_progress is not None and _is_news(last, report.run):
        yield Tell(wait.on_progress, report.run)


def _is_news(before: Run | None, now: Run) -> bool:
    return before is None or (before.status, before.step_count) != (now.status, now.step_count)


def _cancel(exchange: Exchange, trouble: RunTimeoutError, run_id: str, options: RequestOptions | None) -> Flow[None]:
    """Stop a run that took too long, with one request of bounded length, and note in the error what came of it."""
    operation = operations.cancel_run(run_id)
    request = exchange.request(operation, options, exchange.poll_policy.last_check)
    answer = yield request
    try:
        exchange.read(request, answer, operation.parse)
    except SkyvernError as problem:
        trouble.hint = f"It could not be canceled either: {problem.message} cancel_run({run_id!r}) tries again."
    else:
        trouble.canceled = True
        trouble.hint = "It was asked to stop, as cancel_on_timeout says."


def _too_long(run_id: str, poller: polling.Poller, last: Run | None) -> RunTimeoutError:
    status = f"its last known status is {last.status}" if last else "no poll was answered"
    return RunTimeoutError(
        f"Run {run_id} was not over after {poller.elapsed:.1f} s ({poller.attempts} polls); {status}.",
        run_id=run_id,
        run=last,
        attempts=poller.attempts,
        elapsed=poller.elapsed,
        timeout=poller.timeout or 0.0,
        hint=f"It goes on by itself: wait_for_run({run_id!r}) waits again, cancel_run({run_id!r}) stops it.",
    )
