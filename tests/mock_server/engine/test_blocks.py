"""Runs of defined workflows: the order of blocks, what they are asked, what they leave, and how the run ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mock_server.agent.events import (
    Action,
    ActionFinished,
    ActionStarted,
    ArtifactMade,
    BlockClosed,
    BlockOpened,
    Event,
    Finished,
    StepClosed,
    StepOpened,
    Task,
    Thought,
)
from mock_server.api.definition_form import definition
from mock_server.api.definition_models import request_model
from mock_server.clock import Clock
from mock_server.engine.engine import CancelOutcome
from mock_server.engine.workflows import TIMED_OUT_BLOCK

PARAMETERS = [
    {"key": "who", "parameter_type": "workflow", "workflow_parameter_type": "string", "default_value": "bob"},
    {"key": "names", "parameter_type": "workflow", "workflow_parameter_type": "json", "default_value": ["a", "b"]},
]
GO = {"block_type": "goto_url", "label": "go", "url": "http://site.test/{{ who }}"}
READ = {"block_type": "extraction", "label": "ext", "data_extraction_goal": "Extract the title of {{ who }}"}


class Agent:
    """Does one step with one action for every task; what it is to give back or fail with is found by the prompt."""

    def __init__(self, **ends: Finished) -> None:
        self.tasks: list[Task] = []
        self.ends = ends
        self.waits = False
        self.going = asyncio.Event()

    async def __call__(self, task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        self.tasks.append(task)
        yield Thought("plan", "generate_plan", "seen", "thought", "answer")
        yield BlockOpened("navigation", "navigate", task.prompt)
        yield StepOpened(0)
        self.going.set()
        if self.waits:
            await clock.sleep(10_000)
        yield ActionStarted(1, Action("click", "It is there."))
        yield ArtifactMade("screenshot_action", b"png", step_order=0, action_key=1)
        yield ActionFinished(1, "completed")
        yield StepClosed(0, "completed")
        yield BlockClosed("completed", final_url="http://site.test/end")
        yield next((end for word, end in self.ends.items() if word in task.prompt), Finished("completed"))

    @property
    def prompts(self) -> list[str]:
        return [task.prompt for task in self.tasks]


def defined(harness: Any, blocks: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return a definition as the store has it."""
    whole = {"title": "A workflow", "workflow_definition": {"parameters": PARAMETERS, "blocks": blocks, **more}}
    sent: Any = request_model().model_validate({"json_definition": whole})
    plain = sent.json_definition.model_dump(mode="json")["workflow_definition"]
    return definition(plain, "w_1", harness.ids, harness.clock.now())


def submit(harness: Any, *blocks: dict[str, Any], values: Any = None, limits: Any = None, **more: Any) -> Any:
    request = {
        "title": "A workflow",
        "definition": defined(harness, list(blocks), **more),
        "values": {"who": "al", "names": ["x", "y"], **(values or {})},
        **(limits or {}),
    }
    return harness.run(harness.engine.submit_workflow_run("o_2", request).run_id)


async def test_blocks_are_done_in_order_with_parameters(harness):
    """Each block is a task of its own with its texts filled in, and is one block of the timeline without thoughts."""
    harness.agent = agent = Agent(Extract=Finished("completed", {"title": "Hello"}))
    run = submit(harness, GO, READ)
    await harness.idle()
    assert run.status == "completed"
    assert agent.prompts == ["Open http://site.test/al", "Extract the title of al"]
    assert agent.tasks[0].url == "http://site.test/al"
    blocks = harness.blocks(run)
    assert [(block["block_type"], block["label"], block["status"]) for block in blocks] == [
        ("goto_url", "go", "completed"), ("extraction", "ext", "completed"),
    ]  # fmt: skip
    assert {item.kind for item in harness.store.timeline(run.run_id)} == {"block"}
    assert blocks[1]["data_extraction_goal"] == "Extract the title of al"
    assert blocks[0]["final_url"] == "http://site.test/end"


async def test_output_is_that_of_its_blocks(harness):
    """The output names each block's output, and what was extracted; a block that reads nothing extracts nothing."""
    harness.agent = Agent(Open=Finished("completed", {"not": "asked for"}), Extract=Finished("completed", {"t": 1}))
    run = submit(harness, GO, READ)
    await harness.idle()
    assert list(run.output) == ["go_output", "ext_output", "extracted_information"]
    assert run.output["go_output"]["extracted_information"] is None
    assert run.output["ext_output"]["extracted_information"] == {"t": 1}
    assert len(run.output["ext_output"]["task_screenshot_artifact_ids"]) == 1
    assert run.output["extracted_information"] == [{"t": 1}]


async def test_steps_and_actions_are_numbered_on(harness):
    """The agent counts anew in every block; in the run, no two steps or actions are mixed up."""
    harness.agent = Agent()
    run = submit(harness, GO, READ, {**READ, "label": "again"})
    await harness.idle()
    assert run.step_count == 3
    actions = [block["actions"][0] for block in harness.blocks(run)]
    assert [action["step_order"] for action in actions] == [0, 1, 2]
    assert len({action["step_id"] for action in actions}) == len({action["task_id"] for action in actions}) == 3
    assert all(action["status"] == "completed" and action["screenshot_artifact_id"] for action in actions)


async def test_later_blocks_see_earlier_outputs(harness):
    """The output of a block can be used in the texts of those that follow."""
    harness.agent = agent = Agent(Extract=Finished("completed", {"name": "Ada"}))
    nav = {
        "block_type": "navigation",
        "label": "find",
        "navigation_goal": "Search for {{ ext_output.extracted_information.name }}",
    }
    run = submit(harness, READ, nav)
    await harness.idle()
    assert run.status == "completed"
    assert agent.prompts[-1] == "Search for Ada"


async def test_name_that_stands_for_nothing(harness):
    """A text that cannot be filled in fails its block and the run, and says which name it was."""
    harness.agent = Agent()
    run = submit(harness, {**READ, "data_extraction_goal": "Extract {{ nothing }}"})
    await harness.idle()
    assert run.status == "failed"
    assert run.failure_reason.startswith("extraction block failed. Reason: ext: ")
    assert "'nothing' is undefined" in run.failure_reason


@pytest.mark.parametrize(
    "block",
    [
        {"block_type": "text_prompt", "label": "think", "prompt": "Think"},
        {"block_type": "code", "label": "compute", "code": "x = 1"},
        {"block_type": "http_request", "label": "ask", "method": "GET", "url": "http://site.test/"},
    ],
)
async def test_block_this_server_cannot_do(block: dict[str, Any], harness):
    """Such a block ends the run failed, and the reason names the block and its type; the blocks before it were done."""
    harness.agent = agent = Agent()
    run = submit(harness, GO, block, READ)
    await harness.idle()
    assert run.status == "failed"
    assert run.failure_reason.startswith(f"{block['block_type']} block failed. Reason: {block['label']}: ")
    assert len(agent.tasks) == 1
    assert [done["status"] for done in harness.blocks(run)] == ["completed", "failed"]


@pytest.mark.parametrize(("ending", "status"), [("failed", "failed"), ("terminated", "terminated")])
async def test_failure_ends_the_run(ending: Any, status: str, harness):
    """A block that fails or gives up ends the run the same way, with the reason and errors; the rest is not begun."""
    error = {"error_code": "gone", "reasoning": "none", "error_type": "USER_DEFINED_ERROR"}
    harness.agent = agent = Agent(Open=Finished(ending, failure_reason="It is gone.", errors=(error,)))
    run = submit(harness, GO, READ)
    await harness.idle()
    assert (run.status, run.failure_reason) == (status, f"goto_url block {status}. Reason: It is gone.")
    assert run.errors == [error]
    assert harness.blocks(run)[0]["error_codes"] == ["gone"]
    assert len(agent.tasks) == 1


async def test_used_up_steps_fail_the_block(harness):
    """A block that used up its steps failed."""
    harness.agent = agent = Agent(Open=Finished("max_steps", failure_reason="Reached the maximum steps (10)."))
    run = submit(harness, GO)
    await harness.idle()
    assert agent.tasks[0].max_steps == 10
    assert run.failure_reason == "goto_url block failed. Reason: Reached the maximum steps (10)."


async def test_run_goes_on_where_it_may(harness):
    """After a block with continue_on_failure the next is done, and the run completes."""
    harness.agent = Agent(Open=Finished("failed", failure_reason="It is gone."))
    run = submit(harness, {**GO, "continue_on_failure": True}, READ)
    await harness.idle()
    assert run.status == "completed"
    assert [block["status"] for block in harness.blocks(run)] == ["failed", "completed"]
    assert run.output["go_output"]["failure_reason"] == "It is gone."


async def test_last_block_is_done_whatever_happens(harness):
    """The block named as the last is done after a failure too, which stays the run's."""
    harness.agent = agent = Agent(Open=Finished("failed", failure_reason="It is gone."))
    out = {"block_type": "navigation", "label": "out", "navigation_goal": "Log out"}
    run = submit(harness, out, GO, READ, finally_block_label="out")
    await harness.idle()
    assert agent.prompts == ["Open http://site.test/al", "Log out"]
    assert run.failure_reason == "goto_url block failed. Reason: It is gone."


async def test_blocks_say_what_follows(harness):
    """Where blocks name what follows them, that is their order."""
    harness.agent = agent = Agent()
    first = {**READ, "label": "first", "data_extraction_goal": "First", "next_block_label": "second"}
    second = {**READ, "label": "second", "data_extraction_goal": "Second", "next_block_label": "third"}
    third = {**READ, "label": "third", "data_extraction_goal": "Third"}
    submit(harness, third, second, first)
    await harness.idle()
    assert agent.prompts == ["First", "Second", "Third"]


async def test_wait_block(harness):
    """A wait waits by the server's clock and has no task, engine, url or output, as recorded."""
    harness.agent = Agent()
    run = submit(harness, {"block_type": "wait", "label": "w", "wait_sec": 30})
    while run.status != "completed":
        assert run.status in ("created", "queued", "running")
        await asyncio.sleep(0)
        harness.clock.advance(0.5)
    assert (run.finished_at - run.started_at).total_seconds() >= 30
    assert run.status == "completed"
    assert run.output is None
    (block,) = harness.blocks(run)
    assert block["status"] == "completed"
    for name in ("engine", "task_id", "url", "navigation_payload", "downloaded_file_count", "output"):
        assert block[name] is None, name


LOOP = {
    "block_type": "for_loop",
    "label": "each",
    "loop_blocks": [{**READ, "data_extraction_goal": "{{ current_value }}"}],
}


@pytest.mark.parametrize(
    ("over", "values"),
    [
        ({"loop_over_parameter_key": "names"}, {}),
        ({"loop_over_parameter_key": "names"}, {"names": '["x", "y"]'}),
        ({"loop_variable_reference": "{{ names }}"}, {}),
        ({"loop_variable_reference": "names"}, {}),
    ],
)
async def test_loop_over_values(over: dict[str, str], values: dict[str, Any], harness):
    """A loop does its blocks once for each value, as its children in the timeline, and gives back all they read."""
    harness.agent = agent = Agent(x=Finished("completed", {"n": 1}), y=Finished("completed", {"n": 2}))
    run = submit(harness, {**LOOP, **over}, values=values)
    await harness.idle()
    assert run.status == "completed"
    assert agent.prompts == ["x", "y"]
    loop, *children = harness.store.timeline(run.run_id)
    assert loop.body["loop_values"] == ["x", "y"]
    assert [child.parent_id for child in children] == [loop.item_id] * 2
    assert [(c.body["current_value"], c.body["current_index"]) for c in children] == [("x", 0), ("y", 1)]
    assert list(run.output) == ["each_output", "extracted_information"]
    assert [entry["loop_value"] for (entry,) in run.output["each_output"]] == ["x", "y"]
    assert run.output["extracted_information"] == [{"n": 1}, {"n": 2}]


async def test_failure_in_a_loop(harness):
    """A failure in a round ends loop and run, unless the loop may go on with the next value."""
    ends = {"x": Finished("failed", failure_reason="No x.")}
    harness.agent = agent = Agent(**ends)
    run = submit(harness, {**LOOP, "loop_over_parameter_key": "names"})
    await harness.idle()
    assert (run.status, run.failure_reason) == ("failed", "for_loop block failed. Reason: No x.")
    assert len(agent.tasks) == 1
    harness.agent = agent = Agent(**ends)
    run = submit(harness, {**LOOP, "loop_over_parameter_key": "names", "next_loop_on_failure": True})
    await harness.idle()
    assert run.status == "completed"
    assert len(agent.tasks) == 2


@pytest.mark.parametrize(("may_be_empty", "status"), [(True, "completed"), (False, "failed")])
async def test_nothing_to_loop_over(*, may_be_empty: bool, status: str, harness):
    """A loop over nothing fails unless that was said to be right."""
    harness.agent = Agent()
    loop = {**LOOP, "loop_over_parameter_key": "names", "complete_if_empty": may_be_empty}
    run = submit(harness, loop, values={"names": []})
    await harness.idle()
    assert run.status == status


@pytest.mark.parametrize(
    ("criteria", "holds", "status"),
    [
        ({"complete_criterion": "it says Hello"}, True, "completed"),
        ({"complete_criterion": "it says Hello"}, False, "terminated"),
        ({"terminate_criterion": "it says Sorry"}, True, "terminated"),
        ({"terminate_criterion": "it says Sorry"}, False, "completed"),
    ],
)
async def test_validation(criteria: dict[str, str], holds: bool, status: str, harness):
    """A validation completes where its complete_criterion holds and its terminate_criterion does not."""
    end = Finished("completed") if holds else Finished("terminated", failure_reason="It does not.")
    harness.agent = agent = Agent(Check=end)
    run = submit(harness, {"block_type": "validation", "label": "check", **criteria})
    await harness.idle()
    assert run.status == status
    assert agent.prompts == [f"Check that {next(iter(criteria.values()))}"]


async def test_parameters_a_block_fills_in(harness):
    """A block that fills something in is given the values of its parameters."""
    harness.agent = agent = Agent()
    block = {"block_type": "task", "label": "t", "navigation_goal": "Fill in the form.", "parameter_keys": ["who"]}
    run = submit(harness, {**block, "data_extraction_goal": "Extract the answer"})
    await harness.idle()
    assert agent.prompts == ["Fill in the form.\nwho: al. Then Extract the answer"]
    assert harness.blocks(run)[0]["navigation_payload"] == {"who": "al"}


async def test_over_time(harness):
    """A run over its limit says so, and the block that was going on says what became of it; both as recorded."""
    harness.agent = agent = Agent()
    agent.waits = True
    run = submit(harness, GO, limits={"max_elapsed_time_minutes": 1})
    await agent.going.wait()
    harness.clock.advance(61)
    await harness.idle()
    assert (run.status, run.failure_reason) == (
        "timed_out",
        "Workflow run exceeded max elapsed runtime limit of 1 minute.",
    )
    (block,) = harness.blocks(run)
    assert (block["status"], block["failure_reason"]) == ("timed_out", TIMED_OUT_BLOCK)


async def test_cancel_between_blocks(harness):
    """A cancel ends the run in the block that is going on; loops around it are closed as well."""
    harness.agent = agent = Agent()
    agent.waits = True
    run = submit(harness, {**LOOP, "loop_over_parameter_key": "names"})
    await agent.going.wait()
    assert harness.engine.cancel(run) is CancelOutcome.CANCELED
    await harness.idle()
    assert run.status == "canceled"
    assert [item.body["status"] for item in harness.store.timeline(run.run_id)] == ["canceled", "canceled"]
