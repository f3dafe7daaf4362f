"""Whoever listens to the engine hears of every end, once, and never of one that is not stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mock_server.agent.events import BlockOpened, Event, Finished, StepOpened, Task
from mock_server.browser.provider import BrowserUnavailable
from mock_server.clock import Clock
from mock_server.engine.engine import GIVEN_UP
from mock_server.engine.notices import store_end
from mock_server.store.errors import StoreError


class Waiting:
    """An agent that goes on until its run is stopped."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()

    async def __call__(self, task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        yield BlockOpened("navigation", "navigation_1", "go on")
        yield StepOpened(0)
        self.entered.set()
        await asyncio.Event().wait()


def ends(ending: Any) -> Any:
    async def agent(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        yield Finished(ending, failure_reason=None if ending == "completed" else "because")

    return agent


@pytest.mark.parametrize(
    ("ending", "status"),
    [("completed", "completed"), ("failed", "failed"), ("terminated", "terminated"), ("max_steps", "timed_out")],
)
async def test_every_ending_of_the_agent_is_told_once(harness, ending, status):
    """With the final status, after which nothing more is said of the run."""
    run = await harness.do(ends(ending))
    assert harness.notices.said == [("ended", run.run_id, status)]


async def test_a_run_without_a_browser_is_told_as_well(harness):
    """A failure before the agent begins is an end like any other."""
    harness.browsers.faults.start = BrowserUnavailable("no browser")
    run = await harness.do(ends("completed"))
    assert harness.notices.said == [("ended", run.run_id, "failed")]


async def test_a_cancel_is_told_at_once_and_noticed_when_the_work_has_stopped(harness):
    """The first with the cancel itself, the second when what the run left is stored."""
    agent = harness.agent = Waiting()
    run = harness.submit()
    await asyncio.wait_for(agent.entered.wait(), 10)
    harness.engine.cancel(run)
    assert harness.notices.said == [("ended", run.run_id, "canceled")]
    await harness.idle()
    assert harness.notices.said[1:] == [("noticed", run.run_id, "canceled")]


async def test_a_cancel_of_a_waiting_run_has_nothing_to_notice_and_one_of_a_finished_run_is_a_repetition(harness):
    """A run that never began stops nothing; a second cancel changes nothing and is told as such."""
    harness.parallel = 0
    await harness.restart()
    run = harness.submit()
    await asyncio.sleep(0)
    harness.engine.cancel(run)
    harness.engine.cancel(run)
    assert [what for what, *_ in harness.notices.said] == ["ended", "repeated"]


async def test_a_run_given_up_after_two_crashes_is_told(harness):
    """The end a restart gives a run is told by the restarted server."""
    run = harness.submit()
    run.status, run.attempt, run.started_at = "running", 2, run.created_at
    harness.store.save_run(run)
    await harness.restart()
    assert harness.run(run.run_id).failure_reason == GIVEN_UP
    assert ("ended", run.run_id, "failed") in harness.notices.said


async def test_an_end_and_its_telling_are_one_transaction(harness):
    """If telling fails for want of disk, the end is not stored either, and a restart does the run again."""
    run = harness.submit(url="http://site.test/other")
    await harness.idle()
    before = harness.store.run("o_2", run.run_id).status

    class Full:
        def run_ended(self, run: Any) -> None:
            raise StoreError("full")

    run.status = "failed" if before != "failed" else "completed"
    with pytest.raises(StoreError):
        store_end(harness.store, run, Full())
    await harness.restart()
    assert harness.run(run.run_id).status == before
