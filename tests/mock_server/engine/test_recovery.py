"""What an earlier server left undone is taken up by the next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from mock_server.agent.events import Action, ActionStarted, BlockOpened, Event, Finished, StepOpened, Task
from mock_server.clock import Clock


async def completes(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
    yield Finished("completed", {"prompt": task.prompt})


class Endless:
    """An agent that begins and never ends."""

    def __init__(self) -> None:
        self.entered: asyncio.Queue[str] = asyncio.Queue()

    async def __call__(self, task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        yield BlockOpened("navigation", "navigation_1", "go on")
        yield StepOpened(0)
        yield ActionStarted(1, Action("click", "It is the only link."))
        await self.entered.put(task.prompt)
        await asyncio.Event().wait()
        yield Finished("completed")


async def test_waiting_runs_resume_in_their_order(harness):
    """Runs that had not begun are done by the next server, oldest first, without losing their time in the queue."""
    harness.agent = endless = Endless()
    first, second = harness.submit(prompt="1"), harness.submit(prompt="2")
    waiting = [harness.submit(prompt=prompt) for prompt in "345"]
    await endless.entered.get()
    await endless.entered.get()
    queued_at = [run.queued_at for run in waiting]
    order: list[str] = []

    async def note(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        order.append(task.prompt)
        yield Finished("completed")

    harness.agent = note
    await harness.restart()
    await harness.idle()
    assert order == ["1", "2", "3", "4", "5"]
    again = [harness.run(run.run_id) for run in (first, second, *waiting)]
    assert {run.status for run in again} == {"completed"}
    assert [run.attempt for run in again] == [2, 2, 1, 1, 1]
    assert [run.queued_at for run in again[2:]] == queued_at


async def test_a_run_that_was_going_on_is_begun_again_once(harness):
    """It stays running, gets attempt 2, keeps its start time; what the first attempt left open is closed."""
    harness.agent = endless = Endless()
    run = harness.submit()
    await endless.entered.get()
    started_at = run.started_at
    harness.agent = completes
    await harness.stop()
    harness.open()
    stored = harness.run(run.run_id)
    assert (stored.status, stored.attempt) == ("running", 1)
    await harness.start()
    await harness.idle()
    again = harness.run(run.run_id)
    assert (again.status, again.attempt, again.started_at) == ("completed", 2, started_at)
    (block,) = harness.blocks(again)
    assert (block["status"], block["attempt_number"]) == ("failed", 1)
    assert "begun again" in block["failure_reason"]
    assert [action["status"] for action in block["actions"]] == ["failed"]


async def test_a_run_that_stopped_two_servers_is_not_tried_again(harness):
    """The third server gives it up with a reason, and does the others."""
    harness.agent = endless = Endless()
    run, other = harness.submit(prompt="bad"), None
    await endless.entered.get()
    await harness.restart()
    await endless.entered.get()
    other = harness.submit(prompt="good")
    harness.agent = completes
    await harness.restart()
    await harness.idle()
    given_up = harness.run(run.run_id)
    assert given_up.status == "failed"
    assert "stopped twice" in given_up.failure_reason
    assert [block["status"] for block in harness.blocks(given_up)] == ["failed", "failed"]
    assert harness.run(other.run_id).status == "completed"


async def test_a_run_can_be_canceled_between_its_attempts(harness):
    """A recovered run that waits for its second attempt can be canceled and then is not begun."""
    harness.agent = endless = Endless()
    run = harness.submit()
    await endless.entered.get()
    harness.parallel = 0
    await harness.restart()
    harness.engine.cancel(harness.run(run.run_id))
    harness.parallel = 2
    await harness.restart()
    await harness.idle()
    assert harness.run(run.run_id).status == "canceled"
    assert len(harness.browsers.leases) == 1


async def test_a_stopping_server_lets_go_of_its_contexts(harness):
    """Every context is given back before the browser is closed."""
    harness.agent = endless = Endless()
    harness.submit()
    harness.submit()
    await endless.entered.get()
    await endless.entered.get()
    assert harness.browsers.open == 2
    await harness.restart()
    assert harness.browsers.closed == 1
    await endless.entered.get()
    await endless.entered.get()
    assert harness.browsers.open == 2
