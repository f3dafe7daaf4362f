"""Runs of workflows: their ids and statuses, their blocks and output, their limit of time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mock_server.agent.events import BlockClosed, BlockOpened, Event, Finished, StepOpened, Task, Thought
from mock_server.clock import Clock
from mock_server.engine.engine import CancelOutcome

REQUEST = {"prompt": "Download the newest invoice", "url": "http://site.test/", "title": "File Download"}


async def works(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
    """An agent that opens a page, goes on twice and reads."""
    yield BlockOpened("goto_url", "open_page", "Open it", url=task.url)
    yield StepOpened(0)
    yield BlockClosed("completed", final_url="http://site.test/")
    for number in (1, 2):
        yield Thought("plan", "generate_plan", "seen", "thought", "answer")
        yield BlockOpened("navigation", "navigate", f"Go {number}")
        yield StepOpened(number)
        yield BlockClosed("completed", final_url="http://site.test/more")
    yield BlockOpened("extraction", "extract_data", "Read")
    yield BlockClosed("completed", output={"title": "Hello"})
    yield Finished("completed", {"title": "Hello"}, "Read it.")


async def gives_up(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
    """An agent that finds no such thing."""
    yield BlockOpened("navigation", "navigate", "Go")
    yield StepOpened(0)
    yield BlockClosed("terminated", failure_reason="there is none")
    yield Finished("terminated", failure_reason="there is none")


class Waits:
    """An agent that never ends; ``going`` is set when it has begun."""

    def __init__(self) -> None:
        self.going = asyncio.Event()

    async def __call__(self, task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        yield BlockOpened("wait", "wait", "Wait")
        yield StepOpened(0)
        self.going.set()
        await clock.sleep(10_000)


def submit(harness: Any, **changes: Any) -> Any:
    return harness.run(harness.engine.submit_workflow_run("o_2", {**REQUEST, **changes}).run_id)


async def test_ids_and_first_status(harness):
    """The run's own id is its wr_ id; it is created when it is admitted, and queued before it runs."""
    harness.agent = works
    admitted = harness.engine.submit_workflow_run("o_2", REQUEST)
    assert admitted.run_id == admitted.workflow_run_id
    assert admitted.run_id.startswith("wr_")
    assert (admitted.status, admitted.run_type, admitted.title) == ("created", "workflow_run", "File Download")
    assert admitted.request["workflow_id"] == admitted.workflow_id
    await harness.idle()
    run = harness.run(admitted.run_id)
    assert run.status == "completed"
    assert run.created_at < run.queued_at < run.started_at < run.finished_at


async def test_blocks_of_a_plan(harness):
    """Without a block of its own, the run's blocks are the pieces of the plan, each with its own label; no thoughts."""
    harness.agent = works
    run = submit(harness)
    await harness.idle()
    assert [block["label"] for block in harness.blocks(run)] == ["open_page", "navigate", "navigate_2", "extract_data"]
    assert {item.kind for item in harness.store.timeline(run.run_id)} == {"block"}
    assert list(run.output) == [
        "open_page_output", "navigate_output", "navigate_2_output", "extract_data_output", "extracted_information",
    ]  # fmt: skip
    assert run.output["extracted_information"] == [{"title": "Hello"}]
    assert run.output["extract_data_output"]["extracted_information"] == {"title": "Hello"}
    assert run.step_count == 3


async def test_one_block(harness):
    """A workflow of one block shows the whole work as that block."""
    harness.agent = works
    run = submit(harness, block={"block_type": "file_download", "label": "file_download"})
    await harness.idle()
    (block,) = harness.blocks(run)
    assert (block["block_type"], block["label"], block["status"]) == ("file_download", "file_download", "completed")
    assert block["navigation_goal"] == REQUEST["prompt"]
    assert block["final_url"] == "http://site.test/more"
    assert run.output == {"file_download_output": block["output"], "extracted_information": [{"title": "Hello"}]}


@pytest.mark.parametrize("block", [None, {"block_type": "file_download", "label": "file_download"}])
async def test_the_reason_names_the_block(harness, block):
    """A run that is terminated says which block was, and still has the output of its blocks."""
    harness.agent = gives_up
    run = submit(harness, **({"block": block} if block else {}))
    await harness.idle()
    kind = "file_download" if block else "navigation"
    assert (run.status, run.failure_reason) == ("terminated", f"{kind} block terminated. Reason: there is none")
    assert run.output["extracted_information"] == []
    label = "file_download" if block else "navigate"
    assert run.output[f"{label}_output"]["status"] == "terminated"


async def test_the_limit_of_a_run(harness):
    """max_elapsed_time_minutes ends the run as timed_out, with the service's words."""
    harness.agent = agent = Waits()
    run = submit(harness, max_elapsed_time_minutes=1)
    await agent.going.wait()
    harness.clock.advance(61)
    await harness.idle()
    assert run.status == "timed_out"
    assert run.failure_reason == "Workflow run exceeded max elapsed runtime limit of 1 minute."


async def test_cancel(harness):
    """A running workflow run is canceled under its wr_ id and has no output."""
    harness.agent = agent = Waits()
    run = submit(harness)
    await agent.going.wait()
    assert harness.engine.cancel(run) is CancelOutcome.CANCELED
    await harness.idle()
    assert (run.status, run.output, run.failure_reason) == ("canceled", None, None)
    assert harness.blocks(run)[0]["status"] == "canceled"
