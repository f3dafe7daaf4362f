"""Runs are taken, done in order, stopped when asked, and end with the reason they deserve."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mock_server.agent.events import ArtifactMade, BlockOpened, Event, Finished, StepOpened, Task
from mock_server.browser.provider import BrowserUnavailable
from mock_server.clock import Clock
from mock_server.engine.engine import CancelOutcome
from mock_server.store.errors import StoreError

STEP_ENGINE = {"engine": "skyvern-1.0"}


def ends_with(*events: Event) -> Any:
    """Return an agent that tells these events."""

    async def agent(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        for event in events:
            yield event

    return agent


class Gate:
    """An agent that waits in each run until the test opens it."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.entered: asyncio.Queue[str] = asyncio.Queue()
        self.stopped: asyncio.Queue[str] = asyncio.Queue()

    async def __call__(self, task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        yield BlockOpened("navigation", "navigation_1", "go on")
        yield StepOpened(0)
        await self.entered.put(task.prompt)
        try:
            await self.opened.wait()
        except asyncio.CancelledError:
            await self.stopped.put(task.prompt)
            raise
        yield Finished("completed", {"prompt": task.prompt})

    async def next(self) -> str:
        return await asyncio.wait_for(self.entered.get(), 10)


async def test_a_run_is_done_and_everything_of_it_is_there_when_it_is_completed(harness):
    """Output, summary, recording, har, trace, console and logs are stored before the status says completed."""
    seen: list[int] = []
    save_run = harness.store.save_run

    def watch(run: Any) -> None:
        if run.status == "completed":
            seen.append(len(harness.artifacts(run)))
        save_run(run)

    harness.store.save_run = watch
    run = await harness.do(ends_with(Finished("completed", {"title": "Hello"}, "Read the title.")))
    assert (run.status, run.output, run.summary) == ("completed", {"title": "Hello"}, "Read the title.")
    kinds = [record.artifact_type for record in harness.artifacts(run)]
    assert kinds == ["recording", "har", "trace", "browser_console_log", "skyvern_log", "skyvern_log_raw"]
    assert seen == [len(kinds)]
    assert not list((harness.directory / "work").iterdir())


async def test_times_of_a_planner_run_tell_its_way(harness):
    """A planner run is queued at once, running later, finished last; a copy given to the caller stays as admitted."""
    harness.agent = ends_with(Finished("completed"))
    admitted = harness.engine.submit("o_2", {"prompt": "x", "engine": "skyvern-2.0"})
    await harness.idle()
    run = harness.run(admitted.run_id)
    assert run.created_at < run.queued_at < run.started_at < run.finished_at <= run.modified_at
    assert (admitted.status, admitted.started_at) == ("queued", None)


@pytest.mark.parametrize(("harness", "queued"), [("cloud", True), ("oss", False)], indirect=["harness"])
async def test_step_engine_runs_are_queued_in_the_cloud_only(harness, queued):
    """A step-engine run is admitted as created; whether it passes through queued is the dialect's."""
    harness.agent = ends_with(Finished("completed"))
    admitted = harness.engine.submit("o_2", {"prompt": "x", **STEP_ENGINE})
    await harness.idle()
    assert admitted.status == "created"
    assert (harness.run(admitted.run_id).queued_at is not None) == queued


async def test_runs_are_done_in_order_two_at_a_time(harness):
    """The first two begin; the third begins when one of them ends; never are there more than two contexts."""
    gate = harness.agent = Gate()
    runs = [harness.submit(prompt=str(number)) for number in range(5)]
    assert {await gate.next(), await gate.next()} == {"0", "1"}
    await asyncio.sleep(0)
    assert gate.entered.empty()
    assert [run.status for run in runs] == ["running", "running", "queued", "queued", "queued"]
    gate.opened.set()
    assert [await gate.next() for _ in range(3)] == ["2", "3", "4"]
    await harness.idle()
    assert (harness.browsers.started, harness.browsers.most_open) == (1, 2)
    assert {run.status for run in runs} == {"completed"}


async def test_one_browser_serves_all_runs(harness):
    """The browser is started with the first run, once, and closed with the engine."""
    assert harness.browsers.started == 0
    await harness.do(ends_with(Finished("completed")))
    await harness.do(ends_with(Finished("completed")))
    assert harness.browsers.started == 1
    await harness.restart()
    assert harness.browsers.closed == 1


async def test_a_run_without_a_place_on_disk_is_not_taken(harness, monkeypatch):
    """If the run cannot be stored, submit raises and nothing is executed."""

    def full(_run: Any) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(harness.store, "insert_run", full)
    with pytest.raises(StoreError):
        harness.submit()
    await asyncio.sleep(0)
    assert harness.browsers.leases == []


async def test_cancel_of_a_waiting_run_keeps_it_from_starting(harness):
    """A run canceled in the queue never gets a browser."""
    gate = harness.agent = Gate()
    for number in range(2):
        harness.submit(prompt=str(number))
    waiting = harness.submit(prompt="waiting")
    await gate.next()
    assert harness.engine.cancel(waiting) is CancelOutcome.CANCELED
    gate.opened.set()
    await harness.idle()
    assert (waiting.status, waiting.started_at, waiting.failure_reason) == ("canceled", None, None)
    assert len(harness.browsers.leases) == 2


async def test_cancel_right_after_submit(harness):
    """A run canceled before the engine has looked at it stays canceled."""
    run = harness.submit()
    harness.engine.cancel(run)
    await asyncio.sleep(0)
    await harness.idle()
    assert (run.status, harness.browsers.leases) == ("canceled", [])


async def test_cancel_of_a_running_run_shows_at_once_and_stops_the_agent(harness):
    """The row says canceled when cancel returns; the agent is stopped in the middle; what was recorded is kept."""
    gate = harness.agent = Gate()
    run, other = harness.submit(prompt="one"), harness.submit(prompt="other")
    await gate.next()
    await gate.next()
    assert harness.engine.cancel(run) is CancelOutcome.CANCELED
    assert run.status == "canceled"
    finished_at = run.finished_at
    assert await asyncio.wait_for(gate.stopped.get(), 10) == "one"
    gate.opened.set()
    await harness.idle()
    assert (run.status, run.failure_reason, run.output, run.finished_at) == ("canceled", None, None, finished_at)
    assert {"recording", "har", "skyvern_log"} <= {record.artifact_type for record in harness.artifacts(run)}
    (block,) = harness.blocks(run)
    assert (block["status"], block["failure_reason"]) == ("canceled", f"Task {run.task_id} was canceled")
    assert other.status == "completed"


async def test_cancel_while_the_browser_starts(harness):
    """The run that is canceled is done with; the other one, waiting for the same start, is not disturbed."""
    harness.browsers.faults.slow_start = asyncio.Event()
    canceled, other = harness.submit(), harness.submit()
    await asyncio.wait_for(harness.browsers.starting.wait(), 10)
    harness.engine.cancel(canceled)
    for _ in range(5):
        await asyncio.sleep(0)
    assert other.status == "running"
    harness.browsers.faults.slow_start.set()
    await harness.idle()
    assert (canceled.status, other.status) == ("canceled", "completed")
    assert (harness.browsers.started, len(harness.browsers.leases)) == (1, 1)


async def test_a_browser_started_ahead_is_the_one_that_is_used(harness):
    """Warming starts it once; if it cannot start, that is only told, and the first run tries again."""
    harness.browsers.faults.start = BrowserUnavailable("No browser was found.")
    await harness.engine.warm()
    harness.browsers.faults.start = None
    await harness.engine.warm()
    assert harness.browsers.started == 1
    assert (await harness.do(ends_with(Finished("completed")))).status == "completed"
    assert harness.browsers.started == 1


async def test_cancel_while_the_remains_are_collected(harness):
    """A cancel that comes when the agent is done still wins, and the artifacts are stored all the same."""
    harness.agent = ends_with(Finished("completed", {"title": "too late"}))
    canceled: list[CancelOutcome] = []
    adopt = harness.writer.adopt

    async def cancel_first(*arguments: Any) -> Any:
        if not canceled:
            canceled.append(harness.engine.cancel(run))
        return await adopt(*arguments)

    harness.writer.adopt = cancel_first
    run = harness.submit()
    await harness.idle()
    assert canceled == [CancelOutcome.CANCELED]
    assert (run.status, run.output) == ("canceled", None)
    assert len(harness.artifacts(run)) == 6


async def test_cancel_of_a_finished_run_changes_nothing(harness):
    """The answer says that it was finished; the run is as it was."""
    run = await harness.do(ends_with(Finished("completed", ["x"])))
    before = (run.status, run.output, run.finished_at, run.modified_at)
    assert harness.engine.cancel(run) is CancelOutcome.ALREADY_FINISHED
    assert (run.status, run.output, run.finished_at, run.modified_at) == before


async def test_a_run_that_takes_too_long_is_timed_out(harness):
    """At the wall-clock limit the agent is stopped and the reason names the limit."""
    gate = harness.agent = Gate()
    run = harness.submit()
    await gate.next()
    harness.clock.advance(59)
    await asyncio.sleep(0)
    assert run.status == "running"
    harness.clock.advance(2)
    await harness.idle()
    assert run.status == "timed_out"
    assert "60 seconds" in run.failure_reason
    assert harness.blocks(run)[0]["status"] == "timed_out"
    assert len(harness.artifacts(run)) == 6


@pytest.mark.parametrize(
    ("harness", "engine", "status", "errors"),
    [
        ("cloud", "skyvern-2.0", "timed_out", []),
        ("cloud", "skyvern-1.0", "timed_out", []),
        ("oss", "skyvern-2.0", "failed", []),
        ("oss", "skyvern-1.0", "failed", ["REACH_MAX_STEPS"]),
    ],
    indirect=["harness"],
)
async def test_using_up_the_steps_ends_as_the_dialect_has_it(harness, engine, status, errors):
    """The reason gives the number of steps; only a self-hosted step engine adds its error code."""
    run = await harness.do(
        ends_with(Finished("max_steps", failure_reason="Still on page 2.")), engine=engine, max_steps=3
    )
    assert run.status == status
    assert run.failure_reason == "Reached the maximum steps (3). Still on page 2."
    assert [error["error_code"] for error in run.errors] == errors


@pytest.mark.parametrize("ending", ["failed", "terminated"])
async def test_an_agent_that_gives_up_says_why(harness, ending):
    """The agent's reason and error codes become the run's; there is no output."""
    error = {"error_code": "out_of_stock", "reasoning": "It says sold out.", "confidence_float": 1.0}
    run = await harness.do(ends_with(Finished(ending, None, "", "Sold out.", (error,))))
    assert (run.status, run.failure_reason, run.errors, run.output) == (ending, "Sold out.", [error], None)


@pytest.mark.parametrize(
    ("harness", "schema", "output"),
    [("cloud", None, ["x"]), ("oss", None, None), ("oss", {"type": "array"}, ["x"])],
    indirect=["harness"],
)
async def test_a_self_hosted_step_engine_gives_output_for_a_schema_only(harness, schema, output):
    """Without data_extraction_schema such a run completes with output null."""
    run = await harness.do(ends_with(Finished("completed", ["x"])), data_extraction_schema=schema, **STEP_ENGINE)
    assert (run.status, run.output) == ("completed", output)


@pytest.mark.parametrize(("told", "shown"), [(7, "7"), (True, "true"), ("x", "x"), ({"a": 1}, {"a": 1}), (None, None)])
async def test_output_is_of_a_type_the_api_has(harness, told, shown):
    """Objects, arrays, strings and null pass; a bare number or truth value is written out."""
    run = await harness.do(ends_with(Finished("completed", told)))
    assert run.output == shown


async def test_the_agent_gets_the_task_as_it_was_asked(harness):
    """Prompt, url, schema, error codes, limits and headers of the request reach agent and browser."""
    tasks: list[Task] = []

    async def agent(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        tasks.append(task)
        yield Finished("completed")

    await harness.do(
        agent,
        data_extraction_schema={"type": "object"},
        error_code_mapping={"sold_out": "when sold out"},
        max_screenshot_scrolls=5000,
        include_action_history_in_verification=True,
        extra_http_headers={"X-Test": "1"},
    )
    await harness.do(agent, url="", max_steps=0, **STEP_ENGINE)
    assert tasks[0] == Task(
        prompt="Get the title of the top post",
        url="http://site.test/",
        schema={"type": "object"},
        max_steps=25,
        error_codes={"sold_out": "when sold out"},
        screenshot_scrolls=1000,
        include_action_history=True,
    )
    assert (tasks[1].url, tasks[1].max_steps) == (None, 10)
    assert harness.browsers.leases[0].extra_http_headers == {"X-Test": "1"}


async def test_screenshots_beyond_the_limit_are_left_out_and_the_run_goes_on(harness):
    """An artifact that is too large is noted in the log; the run completes without it."""
    harness.writer._limit = 5000
    run = await harness.do(
        ends_with(ArtifactMade("screenshot_final", b"x" * 5001), ArtifactMade("pdf", b"y"), Finished("completed"))
    )
    assert run.status == "completed"
    assert harness.artifacts(run, "screenshot_final") == []
    assert len(harness.artifacts(run, "pdf")) == 1
    assert "5,001 bytes" in harness.log(run)
