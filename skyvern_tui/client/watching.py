"""Watching a run: the polling machine at work, telling changes.

Owns: the flow that looks when :mod:`~skyvern_tui.client.polling` says so and yields what is
new between its effects, and the two ways of carrying such a flow out. Must not: do I/O, or
know what counts as a change.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from skyvern_tui.client import operations, polling, retry
from skyvern_tui.client.effects import Effect, Flow, Send, Sleep
from skyvern_tui.client.errors import ApiError, RunTimeoutError, SkyvernError
from skyvern_tui.client.exchange import Exchange, outcome_of
from skyvern_tui.client.operations import Operation
from skyvern_tui.client.options import RequestOptions

if TYPE_CHECKING:
    from skyvern_tui.client.changes import Change, Look, Position
    from skyvern_tui.client.models import Run

T = TypeVar("T")

_NOT_OFFERED: Final = frozenset({400, 404, 405, 501})
"""How a server says that a run of this kind has no timeline, or no artifacts."""

Watch = Generator["Effect | Change", Any, None]
"""A flow that yields changes between its effects; a change needs no answer."""


class Scope(NamedTuple):
    """What to look at besides the run itself."""

    timeline: bool = True
    artifacts: bool = True


def watch(
    exchange: Exchange,
    run_id: str,
    position: Position,
    timeout: float | None,
    *,
    scope: Scope,
    options: RequestOptions | None,
) -> Watch:
    """Yield the changes of a run after ``position``, which takes each as it is told, up to the run's end.

    Raises RunTimeoutError when ``timeout`` seconds are over, ApiError for an answer that makes watching pointless, and
    the last error after as many failed polls in a row as the poll policy allows.
    """
    started = exchange.clock()
    teller = _Teller(exchange, run_id, position, _Eye(exchange, run_id, scope, options))
    poller = polling.Poller(started, timeout, exchange.poll_policy)
    step = poller.step(started, polling.Begun())
    while not isinstance(step, polling.Stop):
        if isinstance(step, polling.Wait):
            yield Sleep(step.seconds)
            step = poller.step(exchange.clock(), polling.Begun())
        else:
            event = yield from teller.poll(step.limit, poller.failures)
            step = poller.step(exchange.clock(), event, exchange.random())
    yield from teller.end(step, poller)


class _Teller:
    """Turns looks, and looks that failed, into changes; the position takes each before it is told."""

    def __init__(self, exchange: Exchange, run_id: str, position: Position, eye: _Eye) -> None:
        self._exchange = exchange
        self._run_id = run_id
        self._position = position
        self._eye = eye
        self._error: SkyvernError | None = None
        self._failed_at = exchange.clock()

    def poll(self, limit: float | None, failures: int) -> Generator[Effect | Change, Any, polling.Event]:
        """Look once and tell what is new; ``failures`` is how many looks in a row have failed before."""
        from skyvern_tui.client.changes import OutageBegan, OutageEnded, difference  # noqa: PLC0415 - as below

        try:
            look = yield from self._eye.look(limit)
        except SkyvernError as problem:
            outcome = outcome_of(problem)
            if self._error is None:
                self._failed_at = self._exchange.clock()
            self._error = problem
            transient = retry.is_transient(outcome)
            if transient and not self._position.outage:
                yield self._told(OutageBegan(self._run_id, problem))
            return polling.Failed(transient, outcome.retry_after)
        self._error = None
        if self._position.outage:
            yield self._told(OutageEnded(self._run_id, self._exchange.clock() - self._failed_at, failures))
        for change in difference(self._position, look):
            yield self._told(change)
        return polling.Answered(look.run.is_final, self._eye.retry_after)

    def end(self, reason: polling.Stop, poller: polling.Poller) -> Watch:
        """Tell that the run is over, or raise why it is not watched any more."""
        from skyvern_tui.client.changes import Finished  # noqa: PLC0415 - the models are loaded when first needed

        last, error = self._eye.run, self._error
        if last is not None and last.is_final:
            # Seen to be over, even if the rest could not be had any more.
            if self._position.finished != str(last.status):
                yield self._told(Finished(self._run_id, last, complete=error is None))
            return
        if reason is polling.Stop.expired or error is None:
            raise _too_long(self._run_id, poller, last, self._exchange.clock() - poller.started) from error
        if reason is polling.Stop.exhausted:
            again = f"{poller.failures} polls in a row failed; the run may go on: watch() goes on from here."
            error.hint = f"{error.hint} {again}".strip()
        raise error

    def _told(self, change: Change) -> Change:
        self._position.take(change)
        return change


class _Eye:
    """Looks at a run. Remembers the run as last seen, and what its server does not offer."""

    def __init__(self, exchange: Exchange, run_id: str, scope: Scope, options: RequestOptions | None) -> None:
        self._exchange = exchange
        self._run_id = run_id
        self._scope = scope
        self._options = options
        self.run: Run | None = None
        self.retry_after: float | None = None

    def look(self, limit: float | None) -> Flow[Look]:
        """Ask for the run and for what it has left so far; ``limit`` (seconds) bounds it all."""
        from skyvern_tui.client.changes import Look  # noqa: PLC0415 - the models are loaded when first needed

        end = None if limit is None else self._exchange.clock() + limit
        # The run first: what a run that is over has left is complete when it is asked for afterwards.
        self.run = run = yield from self._ask(operations.get_run(self._run_id), end)
        after = self.retry_after
        timeline = artifacts = None
        if self._scope.timeline:
            timeline = yield from self._ask_if_offered(operations.get_run_timeline(self._run_id), end)
            if timeline is None:
                self._scope = self._scope._replace(timeline=False)
        if self._scope.artifacts:
            artifacts = yield from self._ask_if_offered(operations.get_run_artifacts(self._run_id, None), end)
            if artifacts is None:
                self._scope = self._scope._replace(artifacts=False)
        self.retry_after = after
        return Look(run, timeline, artifacts)

    def _ask(self, operation: Operation[T], end: float | None) -> Flow[T]:
        limit = None if end is None else max(0.0, end - self._exchange.clock())
        request: Send = self._exchange.request(operation, self._options, limit)
        answer = yield request
        result: T = self._exchange.read(request, answer, operation.parse)
        self.retry_after = retry.parse_retry_after(answer.headers)
        return result

    def _ask_if_offered(self, operation: Operation[T], end: float | None) -> Flow[T | None]:
        try:
            return (yield from self._ask(operation, end))
        except ApiError as refusal:
            if refusal.status_code in _NOT_OFFERED:
                return None
            raise


def _too_long(run_id: str, poller: polling.Poller, last: Run | None, elapsed: float) -> RunTimeoutError:
    status = f"its last known status is {last.status}" if last else "no poll was answered"
    return RunTimeoutError(
        f"Run {run_id} was watched for {elapsed:.1f} s and is not over; {status}.",
        run_id=run_id,
        run=last,
        attempts=poller.attempts,
        elapsed=elapsed,
        timeout=poller.timeout or 0.0,
        hint="It goes on by itself: watch() goes on from here, cancel() stops it.",
    )


def told(drive: Callable[[Flow[Any]], Any], flow: Watch) -> Generator[Change, None, None]:
    """Carry a watch out and yield its changes, blocking. Closing it ends the watch at once."""
    from skyvern_tui.client.changes import Change  # noqa: PLC0415 - the models are loaded when first needed

    answer = None
    try:
        while True:
            try:
                step = flow.send(answer)
            except StopIteration:
                return
            if isinstance(step, Change):
                answer = None
                yield step
            else:
                answer = drive(_one(step))
    finally:
        flow.close()


async def told_async(drive: Callable[[Flow[Any]], Coroutine[Any, Any, Any]], flow: Watch) -> AsyncGenerator[Change]:
    """Carry a watch out and yield its changes. Closing it, and cancelling its task, ends the watch at once."""
    from skyvern_tui.client.changes import Change  # noqa: PLC0415 - the models are loaded when first needed

    answer = None
    try:
        while True:
            try:
                step = flow.send(answer)
            except StopIteration:
                return
            if isinstance(step, Change):
                answer = None
                yield step
            else:
                answer = await drive(_one(step))
    finally:
        flow.close()


def _one(effect: Effect) -> Flow[Any]:
    """Make a flow of one effect, whose result is the effect's answer."""
    return (yield effect)
