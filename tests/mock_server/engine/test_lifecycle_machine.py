"""Whatever is asked of a run in whatever order, its history stays sound."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import cast, get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mock_server.engine.lifecycle import FINAL, NEEDS_REASON, TRANSITIONS, IllegalTransition, Status, advance
from mock_server.store.records import RunRecord

START = datetime.fromisoformat("2026-11-21T12:00:00")
STAMPS = ("queued_at", "started_at", "finished_at")


class Lifecycle(RuleBasedStateMachine):
    """Asks for any status, with and without a reason, while the clock jumps about."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.run = RunRecord(
            run_id="tsk_2",
            organization_id="o_2",
            list_id="tr_2",
            workflow_run_id=None,
            task_id="tsk_2",
            engine="skyvern-1.0",
            run_type="task_v1",
            status="created",
            request={},
            created_at=START,
            modified_at=START,
        )
        self.stamped: dict[str, datetime] = {}
        self.modified = START
        self.visited = ["created"]

    @rule(seconds=st.integers(-5, 60))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(status=st.sampled_from(get_args(Status)), reason=st.sampled_from([None, "because"]))
    def ask(self, status: Status, reason: str | None) -> None:
        before = asdict(self.run)
        allowed = status in TRANSITIONS[self.run.status] and (status in NEEDS_REASON) == (reason is not None)
        if allowed:
            advance(self.run, status, self.now, failure_reason=reason)
            self.visited.append(status)
            return
        with pytest.raises(IllegalTransition, match=rf"\b{self.run.status}\b.*\b{status}\b"):
            advance(self.run, status, self.now, failure_reason=reason)
        assert asdict(self.run) == before

    @rule(choice=st.integers(0, 100))
    def go_on(self, choice: int) -> None:
        """Take a way that is open, so that long histories come about."""
        ways = sorted(TRANSITIONS[self.run.status])
        if ways:
            status = cast("Status", ways[choice % len(ways)])
            self.ask(status, "because" if status in NEEDS_REASON else None)

    @invariant()
    def nothing_follows_a_final_status(self) -> None:
        assert not FINAL & set(self.visited[:-1])

    @invariant()
    def stamps_are_set_once(self) -> None:
        for name in STAMPS:
            value = getattr(self.run, name)
            assert self.stamped.setdefault(name, value) == value if value is not None else name not in self.stamped

    @invariant()
    def stamps_tell_the_statuses_that_were_reached(self) -> None:
        assert (self.run.queued_at is not None) == ("queued" in self.visited)
        assert (self.run.started_at is not None) == ("running" in self.visited)
        assert (self.run.finished_at is not None) == (self.run.status in FINAL)

    @invariant()
    def times_are_in_order(self) -> None:
        times = [self.run.created_at, *(getattr(self.run, name) for name in STAMPS), self.run.modified_at]
        known = [time for time in times if time is not None]
        assert known == sorted(known)
        assert self.run.modified_at >= self.modified
        self.modified = self.run.modified_at

    @invariant()
    def a_reason_stands_where_one_is_due(self) -> None:
        assert (self.run.failure_reason is not None) == (self.run.status in NEEDS_REASON)


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=80, stateful_step_count=25)
