"""Which status may follow which, and what a change of status sets.

Owns: the one transition table. Must not: store, wait or know why a status changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from mock_server.store.records import Json, RunRecord

Status = Literal["created", "queued", "running", "paused", "completed", "failed", "terminated", "timed_out", "canceled"]

FINAL: Final = frozenset({"completed", "failed", "terminated", "timed_out", "canceled"})
"""Nothing leads out of these."""

NEEDS_REASON: Final = frozenset({"failed", "terminated", "timed_out"})

TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    "created": frozenset({"queued", "running", "failed", "timed_out", "canceled"}),
    "queued": frozenset({"running", "failed", "timed_out", "canceled"}),
    "running": frozenset({"paused", *FINAL}),
    "paused": frozenset({"running", "failed", "terminated", "timed_out", "canceled"}),
    **{status: frozenset() for status in FINAL},
}


class IllegalTransition(Exception):  # noqa: N818  # named for what happened, as KeyboardInterrupt is
    """A status was to follow one it cannot follow, or without the reason it needs."""


def override(
    run: RunRecord,
    status: str,
    now: datetime,
    *,
    over: bool,
    failure_reason: str | None = None,
    output: Json = None,
    summary: str | None = None,
) -> None:
    """Give the run a status the table does not lead to, or that nobody knows; the caller saves it.

    The one door past the table, for scripted runs: a late success after a cancel, and whatever a script that is
    ``unchecked`` asks for. ``over`` says whether the run has ended with it. Times are set as by :func:`advance`.
    """
    now = max(now, run.modified_at)
    run.status = status
    run.modified_at = now
    if status == "queued":
        run.queued_at = run.queued_at or now
    elif status == "running":
        run.started_at = run.started_at or now
    if over:
        run.finished_at = run.finished_at or now
        run.failure_reason = failure_reason
        run.output = output
        run.summary = summary
    else:
        run.finished_at = None


def advance(
    run: RunRecord,
    status: Status,
    now: datetime,
    *,
    failure_reason: str | None = None,
    output: Json = None,
    summary: str | None = None,
) -> None:
    """Move the run to ``status`` and set the times that go with it; the caller saves it.

    Each of queued_at, started_at and finished_at is set the first time its status is
    reached and never again. Times never go back, even if the clock does.

    Raises:
        IllegalTransition: The table does not allow it, a reason is missing, or one is
            given to a status that has none. The run is unchanged.
    """
    # A script that is unchecked may have given the run a status nobody knows; from there it goes on as if it ran.
    if status not in TRANSITIONS.get(run.status, TRANSITIONS["running"]):
        raise IllegalTransition(f"Run {run.run_id} is {run.status} and cannot become {status}.")
    if (status in NEEDS_REASON) != bool(failure_reason):
        need = "needs a failure_reason" if status in NEEDS_REASON else "has no failure_reason"
        raise IllegalTransition(f"Run {run.run_id} is {run.status}; to become {status} it {need}.")
    now = max(now, run.modified_at)
    run.status = status
    run.modified_at = now
    if status == "queued":
        run.queued_at = run.queued_at or now
    elif status == "running":
        run.started_at = run.started_at or now
    elif status in FINAL:
        run.finished_at = now
        run.failure_reason = failure_reason
        run.output = output
        run.summary = summary
