"""Waiting for a run: the polling machine at work.

Owns: the flow that polls as :mod:`~skyvern_tui.client.polling` says, and what the end of a
wait is for the caller. Must not: do I/O.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from skyvern_tui.client import operations, polling, retry
from skyvern_tui.client.effects import Flow, Sleep
from skyvern_tui.client.errors import RunTimeoutError, SkyvernError
from skyvern_tui.client.exchange import Exchange, outcome_of
from skyvern_tui.client.options import RequestOptions

if TYPE_CHECKING:
    from skyvern_tui.client.models import Run


class PollReport(NamedTuple):
    """What ``on_poll`` is told after each poll: either ``run`` or ``error`` is set; times in seconds."""

    run_id: str
    run: Run | None
    error: SkyvernError | None
    attempts: int
    elapsed: float
    next_in: float | None
    """Seconds until the next poll; None after the last one."""


OnPoll = Callable[[PollReport], object]


def wait(
    exchange: Exchange, run_id: str, timeout: float | None, on_poll: OnPoll | None, options: RequestOptions | None
) -> Flow[Run]:
    """Poll a run to its end."""
    operation = operations.get_run(run_id)
    started = exchange.clock()
    poller = polling.Poller(started, timeout, exchange.poll_policy)
    last: Run | None = None
    error: SkyvernError | None = None
    step = poller.step(started, polling.Begun())
    while True:
        if isinstance(step, polling.Wait):
            yield Sleep(step.seconds)
            step = poller.step(exchange.clock(), polling.Begun())
            continue
        if not isinstance(step, polling.Poll):
            break
        event: polling.Event
        try:
            request = exchange.request(operation, options, step.limit)
            answer = yield request
            last = run = exchange.read(request, answer, operation.parse)
            error, event = None, polling.Answered(run.is_final, retry.parse_retry_after(answer.headers))
        except SkyvernError as problem:
            run, error = None, problem
            outcome = outcome_of(problem)
            event = polling.Failed(retry.is_transient(outcome), outcome.retry_after)
        now = exchange.clock()
        step = poller.step(now, event, exchange.random())
        if on_poll is not None:
            next_in = step.seconds if isinstance(step, polling.Wait) else None
            on_poll(PollReport(run_id, run, error, poller.attempts, now - started, next_in))
    if step is polling.Stop.finished and last is not None:
        return last
    if step is polling.Stop.expired or error is None:
        raise _too_long(run_id, poller, last, exchange.clock() - started) from error
    if step is polling.Stop.exhausted:
        again = f"{poller.failures} polls in a row failed; the run may go on: wait_for_run({run_id!r}) waits again."
        error.hint = f"{error.hint} {again}".strip()
    raise error


def _too_long(run_id: str, poller: polling.Poller, last: Run | None, elapsed: float) -> RunTimeoutError:
    status = f"its last known status is {last.status}" if last else "no poll was answered"
    return RunTimeoutError(
        f"Run {run_id} was not over after {elapsed:.1f} s ({poller.attempts} polls); {status}.",
        run_id=run_id,
        run=last,
        attempts=poller.attempts,
        elapsed=elapsed,
        timeout=poller.timeout or 0.0,
        hint=f"It goes on by itself: wait_for_run({run_id!r}) waits again, cancel_run({run_id!r}) stops it.",
    )
