"""One status follows another by the table, and by nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import get_args

import pytest

from mock_server.engine.lifecycle import FINAL, NEEDS_REASON, TRANSITIONS, IllegalTransition, Status, advance
from mock_server.store.records import RunRecord

NOON = datetime.fromisoformat("2026-11-21T12:00:00")
LATER = NOON + timedelta(seconds=1)
STATUSES = get_args(Status)


def run_in(status: str) -> RunRecord:
    return RunRecord(
        run_id="tsk_2",
        organization_id="o_2",
        list_id="tr_2",
        workflow_run_id=None,
        task_id="tsk_2",
        engine="skyvern-1.0",
        run_type="task_v1",
        status=status,
        request={},
        created_at=NOON,
        modified_at=NOON,
    )


def reason_for(status: str) -> str | None:
    return "because" if status in NEEDS_REASON else None


def test_the_table_covers_every_status():
    """Each status has a row, and rows lead to known statuses only."""
    assert set(TRANSITIONS) == set(STATUSES)
    assert set().union(*TRANSITIONS.values()) <= set(STATUSES)


@pytest.mark.parametrize(("old", "new"), product(STATUSES, STATUSES))
def test_only_what_the_table_allows_happens(old: str, new: Status):
    """Every pair either moves the run or raises, naming both, and leaves it untouched."""
    run = run_in(old)
    if new in TRANSITIONS[old]:
        advance(run, new, LATER, failure_reason=reason_for(new))
        assert run.status == new
        assert run.modified_at == LATER
    else:
        before = run_in(old)
        with pytest.raises(IllegalTransition, match=f"{old}.*{new}"):
            advance(run, new, LATER, failure_reason=reason_for(new))
        assert run == before


@pytest.mark.parametrize("final", sorted(FINAL))
def test_nothing_leads_out_of_a_final_status(final: str):
    """A final status has an empty row."""
    assert TRANSITIONS[final] == frozenset()


@pytest.mark.parametrize("status", sorted(NEEDS_REASON))
@pytest.mark.parametrize("reason", [None, ""])
def test_an_unhappy_end_needs_a_reason(status: Status, reason: str | None):
    """failed, terminated and timed_out are refused without a failure_reason."""
    run = run_in("running")
    with pytest.raises(IllegalTransition, match="failure_reason"):
        advance(run, status, LATER, failure_reason=reason)
    assert run == run_in("running")


@pytest.mark.parametrize("status", ["completed", "canceled"])
def test_a_happy_end_has_no_reason(status: Status):
    """completed and canceled are refused with a failure_reason: it would be shown as one."""
    with pytest.raises(IllegalTransition, match="no failure_reason"):
        advance(run_in("running"), status, LATER, failure_reason="because")


def test_a_pause_does_not_move_the_start():
    """A run that goes on after a pause has the start it had before."""
    run = run_in("created")
    advance(run, "running", NOON)
    advance(run, "paused", LATER)
    advance(run, "running", LATER)
    assert (run.started_at, run.modified_at) == (NOON, LATER)


def test_times_do_not_go_back_with_the_clock():
    """A clock that steps back does not give a run an end before its beginning."""
    run = run_in("created")
    advance(run, "running", LATER)
    advance(run, "completed", NOON)
    assert run.started_at == run.finished_at == run.modified_at == LATER
