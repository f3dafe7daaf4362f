"""The timeline has the form of the service and grows while the run goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema_rs
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
from mock_server.clock import Clock
from mock_server.conformance.published import schema_document

LINK = {"id": "AAAC", "tagName": "a", "text": "Next", "xpath": "/html/body/a[1]"}

STORY: list[Event] = [
    BlockOpened("goto_url", "goto_url_1", "Open the page", url="http://site.test/"),
    BlockClosed("completed", final_url="http://site.test/"),
    Thought("plan", "generate_plan", "A page with a link", "Follow it", "click the link", {"task_type": "navigate"}),
    BlockOpened("navigation", "navigation_1", "Follow the link", navigation_goal="click the link"),
    StepOpened(0),
    ActionStarted(1, Action("click", "It leads on.", "follow", "AAAC", LINK, download=True)),
    ArtifactMade("screenshot_action", b"png1", 0, 1),
    ArtifactMade("download", b"pdf", 0, 1, filename="invoice.pdf", source_url="http://site.test/invoice.pdf"),
    ActionFinished(1, "completed", "A file came."),
    ActionStarted(2, Action("input_text", "It is the search field.", text="shoes")),
    ActionFinished(2, "failed", "The field is read-only."),
    StepClosed(0, "completed"),
    StepOpened(1),
    ActionStarted(3, Action("complete", "The goal is reached.", confidence=0.9)),
    ActionFinished(3, "completed", "", {"title": "Hello"}),
    ArtifactMade("screenshot_final", b"png2", 1),
    StepClosed(1, "completed"),
    BlockClosed("completed", {"title": "Hello"}),
    Thought("user_goal_check", "user_goal_check", "", "Done", "", {"user_goal_achieved": True}),
    Finished("completed", {"title": "Hello"}, "Done."),
]


async def tells_a_story(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
    for event in STORY:
        page.url = "http://site.test/second" if isinstance(event, StepClosed) else page.url
        yield event


FIXTURES = Path(__file__).parents[3] / "fixtures"
FIELDS = FIXTURES / "oracle" / "timeline_fields.json"
"""The fields of a block, its output, an action and a thought, in the order a real server wrote them."""


async def test_blocks_actions_and_thoughts_have_every_field_in_the_order_of_the_wire(harness):
    """Names and order are those recorded from a real server, in every block, action and thought."""
    run = await harness.do(tells_a_story)
    fields = json.loads(FIELDS.read_text(encoding="utf-8"))
    for item in harness.store.timeline(run.run_id):
        assert list(item.body) == fields[item.kind]
        if item.kind == "block":
            assert list(item.body["output"]) == fields["output"]
            for action in item.body["actions"]:
                assert list(action) == fields["action"]


async def test_a_planner_run_is_told_as_the_service_tells_it(harness):
    """Items in order; each block is a task of its own, done by the step engine, inside the hidden workflow run."""
    run = await harness.do(tells_a_story)
    items = harness.store.timeline(run.run_id)
    told = [item.body.get("block_type") or item.body["thought_scenario"] for item in items]
    assert told == ["goto_url", "generate_plan", "navigation", "user_goal_check"]
    first, second = harness.blocks(run)
    assert first["task_id"] != second["task_id"]
    assert {block["workflow_run_id"] for block in (first, second)} == {run.workflow_run_id}
    assert {block["engine"] for block in (first, second)} == {"skyvern-1.0"}
    thought = items[1].body
    assert (thought["task_id"], thought["workflow_id"]) == (run.run_id, run.workflow_id)
    assert (thought["observation"], thought["answer"]) == ("A page with a link", "click the link")
    assert items[3].body["observation"] is None
    assert first["final_url"] == "http://site.test/"
    assert second["output"]["extracted_information"] == {"title": "Hello"}


async def test_a_step_engine_run_is_one_task(harness):
    """Its blocks and artifacts carry the run's own id, and the engine that was asked for."""
    run = await harness.do(tells_a_story, engine="openai-cua")
    assert {block["task_id"] for block in harness.blocks(run)} == {run.run_id}
    assert {block["workflow_run_id"] for block in harness.blocks(run)} == {run.run_id}
    assert {block["engine"] for block in harness.blocks(run)} == {"openai-cua"}
    assert {record.task_id for record in harness.artifacts(run)} == {run.run_id}


async def test_actions_tell_what_was_done_and_what_came_of_it(harness):
    """Newest first; reason, element, response, result and picture of each."""
    run = await harness.do(tells_a_story)
    complete, typed, click = harness.blocks(run)[1]["actions"]
    assert [(action["step_order"], action["action_order"]) for action in (click, typed, complete)] == [
        (0, 0),
        (0, 1),
        (1, 0),
    ]
    assert (click["reasoning"], click["intention"], click["element_id"]) == ("It leads on.", "follow", "AAAC")
    assert click["skyvern_element_data"] == {**LINK, "page_url": "http://site.test/"}
    assert click["xpath"] == "/html/body/a[1]"
    assert len(click["skyvern_element_hash"]) == 64
    (picture,) = harness.artifacts(run, "screenshot_action")
    assert (click["screenshot_artifact_id"], picture.action_id) == (picture.artifact_id, click["action_id"])
    assert (typed["status"], typed["response"], typed["text"]) == ("failed", "The field is read-only.", "shoes")
    assert (complete["verified"], complete["output"], complete["confidence_float"]) == (True, {"title": "Hello"}, 0.9)
    assert (typed["verified"], typed["skyvern_element_hash"]) == (False, None)


async def test_downloads_are_named_by_action_block_and_artifact(harness):
    """A file that came is found from the click, from the block's output and in the artifacts."""
    run = await harness.do(tells_a_story)
    (record,) = harness.artifacts(run, "download")
    block = harness.blocks(run)[1]
    click = block["actions"][-1]
    assert (click["download_triggered"], click["downloaded_files"]) == (True, ["invoice.pdf"])
    assert block["downloaded_file_count"] == 1
    assert block["output"]["downloaded_file_artifact_ids"] == [record.artifact_id]
    (told,) = block["output"]["downloaded_files"]
    assert (told["filename"], told["checksum"], told["file_size"]) == ("invoice.pdf", record.checksum, 3)
    assert (record.source_url, record.workflow_run_block_id) == (
        "http://site.test/invoice.pdf",
        block["workflow_run_block_id"],
    )


async def test_artifacts_belong_to_their_step(harness):
    """Step ids are shared by the actions and artifacts of a step; the path names the step's number."""
    run = await harness.do(tells_a_story)
    block = harness.blocks(run)[1]
    complete, _, click = block["actions"]
    (early,) = harness.artifacts(run, "screenshot_action")
    (late,) = harness.artifacts(run, "screenshot_final")
    assert (early.step_id, late.step_id) == (click["step_id"], complete["step_id"])
    assert early.step_id != late.step_id
    assert (early.path.split("/")[2][:3], late.path.split("/")[2][:3]) == ("00_", "01_")
    assert {early.task_id, late.task_id} == {block["task_id"]}
    shown = block["output"]["task_screenshot_artifact_ids"]
    assert shown == [late.artifact_id, early.artifact_id]


@pytest.mark.parametrize(("engine", "at_start"), [("skyvern-2.0", 0), ("skyvern-1.0", 1)])
async def test_steps_are_counted_as_they_open(harness, engine, at_start):
    """A planner run starts with none, a step-engine run with its first; both end with two."""
    counts: list[int | None] = []

    async def agent(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        counts.append(run.step_count)
        for event in STORY:
            yield event

    harness.agent = agent
    run = harness.submit(engine=engine)
    await harness.idle()
    assert (counts, run.step_count) == ([at_start], 2)


@pytest.mark.parametrize("engine", ["skyvern-2.0", "skyvern-1.0"])
async def test_steps_of_a_second_attempt_add_up(harness, engine):
    """The count never goes back: a run begun again counts on from where it was stopped."""
    counts: list[int | None] = []
    first_done = asyncio.Event()

    async def agent(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        for event in STORY[:-1]:
            yield event
        counts.append(harness.run(run_id).step_count)
        if not first_done.is_set():
            first_done.set()
            await asyncio.Event().wait()
        yield STORY[-1]

    harness.agent = agent
    run_id = harness.submit(engine=engine).run_id
    await asyncio.wait_for(first_done.wait(), 10)
    await harness.restart()
    await harness.idle()
    assert counts == [2, 4]


async def test_a_step_opened_before_its_block_belongs_to_it(harness):
    """An agent may look at the page first and choose the block then; actions and artifacts name one task."""
    opened = [event for event in STORY if isinstance(event, BlockOpened)]
    action = ActionStarted(1, Action("click", "It leads on."))
    story = [opened[0], BlockClosed("completed"), StepOpened(0), opened[1], action]
    story += [ArtifactMade("html_action", b"<p>", 0, 1), ActionFinished(1, "completed"), BlockClosed("completed")]

    async def agent(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        for event in [*story, STORY[-1]]:
            yield event

    run = await harness.do(agent)
    (html,) = harness.artifacts(run, "html_action")
    block = harness.blocks(run)[1]
    assert html.task_id == block["task_id"] == block["actions"][0]["task_id"] != run.task_id


async def test_a_poller_sees_each_event_at_once(harness):
    """After every event the store shows it, before the agent is asked for the next one."""
    seen: list[tuple[int, str, list[str]]] = []

    async def agent(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        for event in STORY:
            yield event
            blocks = harness.blocks(run)
            last = blocks[-1]
            seen.append((len(blocks), last["status"], [action["status"] for action in last["actions"]]))

    harness.agent = agent
    run = harness.submit()
    await harness.idle()
    await asyncio.sleep(0)
    assert seen[0] == (1, "running", [])
    assert seen[1] == (1, "completed", [])
    assert seen[3] == (2, "running", [])
    assert seen[5] == (2, "running", ["pending"])
    assert seen[8] == (2, "running", ["completed"])
    assert seen[9] == (2, "running", ["pending", "completed"])
    assert seen[-1] == (2, "completed", ["completed", "failed", "completed"])


async def test_durations_and_times_of_blocks(harness):
    """A block lasts from its opening to its closing; its item carries the same times as its body."""
    run = await harness.do(tells_a_story)
    for item in harness.store.timeline(run.run_id):
        assert item.body["created_at"] == item.created_at.isoformat()
        assert item.body["modified_at"] == item.modified_at.isoformat()
        if item.kind == "block":
            assert 0 < item.body["duration"] <= (item.modified_at - item.created_at).total_seconds()


async def test_the_log_tells_the_run_in_both_forms(harness):
    """Text and JSON hold the same lines, from the start to the end of the run."""
    run = await harness.do(tells_a_story)
    lines = harness.log(run).splitlines()
    (raw,) = harness.artifacts(run, "skyvern_log_raw")
    entries = json.loads(harness.writer.path(raw).read_bytes())
    assert len(lines) == len(entries)
    assert all(entry["event"] in line for entry, line in zip(entries, lines, strict=True))
    assert entries[0]["event"] == "Run started"
    assert entries[-1]["event"] == "Run completed"
    assert "Action click: It leads on." in harness.log(run)


async def test_items_are_valid_by_the_published_schema(harness):
    """Every item of a told story, wrapped as the API wraps it, is a WorkflowRunTimeline of the contract."""
    contract = schema_document()
    schema = {"$ref": "#/components/schemas/WorkflowRunTimeline", "components": contract["components"]}
    validator = jsonschema_rs.validator_for(schema, validate_formats=False)
    run = await harness.do(tells_a_story)
    for item in harness.store.timeline(run.run_id):
        times = {"created_at": item.body["created_at"], "modified_at": item.body["modified_at"]}
        validator.validate({"type": item.kind, "attempt": item.attempt, item.kind: item.body, "children": [], **times})
