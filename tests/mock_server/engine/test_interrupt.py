"""Work is stopped for a reason, or because the server stops, and the two are not mixed up."""

from __future__ import annotations

import asyncio

import pytest

from mock_server.engine.interrupt import Interrupt, Interrupted


async def for_ever() -> None:
    await asyncio.Event().wait()


async def guarded(interrupt: Interrupt, outcome: list[str]) -> None:
    try:
        await interrupt.guard(for_ever())
    except Interrupted as interrupted:
        outcome.append(interrupted.reason)
        await asyncio.sleep(0)
        outcome.append("collected")
    except asyncio.CancelledError:
        outcome.append("stopped")
        raise


async def test_work_that_is_not_stopped_returns_its_result():
    """The guard is transparent."""
    assert await Interrupt().guard(asyncio.sleep(0, "done")) == "done"


async def test_a_reason_stops_the_work_but_not_the_task():
    """After the interruption the task can wait again, to collect what is left."""
    interrupt, outcome = Interrupt(), []
    task = asyncio.create_task(guarded(interrupt, outcome))
    await asyncio.sleep(0)
    interrupt.trigger("canceled")
    await task
    assert outcome == ["canceled", "collected"]
    assert task.cancelling() == 0


async def test_a_stopping_server_wins_over_a_cancel():
    """If both come at once nothing is collected: the task is cancelled for good."""
    interrupt, outcome = Interrupt(), []
    task = asyncio.create_task(guarded(interrupt, outcome))
    await asyncio.sleep(0)
    interrupt.trigger("canceled")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert outcome == ["stopped"]


async def test_the_first_reason_counts():
    """A time limit that comes after a cancel does not change why the run was stopped."""
    interrupt = Interrupt()
    interrupt.trigger("canceled")
    interrupt.trigger("timed_out")
    with pytest.raises(Interrupted) as caught:
        await interrupt.guard(for_ever())
    assert caught.value.reason == "canceled"


async def test_a_reason_between_two_pieces_of_work_stops_the_next():
    """What is triggered while nothing is guarded does not hit what happens to run then."""
    interrupt = Interrupt()
    await interrupt.guard(asyncio.sleep(0))
    interrupt.trigger("lost")
    await asyncio.sleep(0)
    with pytest.raises(Interrupted):
        await interrupt.guard(for_ever())
