"""The timeline of one run, written while it grows.

Owns: which block, step and action is going on, their ids, and that every change is
stored at once, so that whoever polls sees it. Must not: decide how a run ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from mock_server.agent.events import (
    ActionFinished,
    ActionStarted,
    ArtifactMade,
    BlockClosed,
    BlockOpened,
    StepOpened,
    Thought,
)
from mock_server.artifacts.writer import Belonging
from mock_server.clock import Clock
from mock_server.engine.block_events import WorkflowBlockClosed, WorkflowBlockOpened
from mock_server.engine.bodies import (
    Body,
    action_body,
    block_body,
    block_output,
    defined_block_body,
    thought_body,
    wire_output,
)
from mock_server.ids import IdFactory
from mock_server.store.records import ArtifactRecord, RunRecord, TimelineRecord
from mock_server.store.store import Store

SCREENSHOTS_SHOWN: Final = 3
"""How many screenshots a block's output and a run name, newest first."""

_SHOWN_SCREENSHOTS: Final = ("screenshot_action", "screenshot_final")


class ProtocolViolation(Exception):  # noqa: N818  # named for what happened
    """The agent told things in an order that makes no sense."""


@dataclass(slots=True)
class _Step:
    step_id: str
    order: int
    task_id: str
    actions: int = 0


@dataclass(slots=True)
class _Block:
    record: TimelineRecord
    began: float
    screenshots: list[str] = field(default_factory=list)
    downloads: list[Body] = field(default_factory=list)


class Timeline:
    """Turns the agent's events into stored timeline items.

    Raises:
        ProtocolViolation: An event refers to a block, step or action that is not open.
        StoreError: From every method.
    """

    def __init__(
        self, run: RunRecord, store: Store, ids: IdFactory, clock: Clock, page_url: Callable[[], str] = lambda: ""
    ) -> None:
        self._run = run
        self._store = store
        self._ids = ids
        self._clock = clock
        self._page_url = page_url
        self._block: _Block | None = None
        self._around: list[_Block] = []
        """The blocks that hold the open one, outermost first."""
        self.last_output: object = None
        """What the block that was closed last has as its output."""
        self._step: _Step | None = None
        self._steps: dict[int, _Step] = {}
        self._actions: dict[int, tuple[_Block, Body, _Step]] = {}
        self._screenshots: list[str] = []
        self._first_task_used = False

    @property
    def steps(self) -> int:
        """How many steps were opened."""
        return len(self._steps)

    def think(self, event: Thought) -> None:
        """Record a thought; it is complete when it is told."""
        now = self._clock.now()
        thought_id = self._ids.new("ot")
        block_id = self._block.record.item_id if self._block else None
        body = thought_body(self._run, event, thought_id, block_id, now.isoformat())
        self._store.put_timeline(self._item(thought_id, "thought", body, now))

    def open_block(self, event: BlockOpened) -> None:
        """Record that a block is begun."""
        if self._block is not None:
            open_label = self._block.record.body["label"]
            raise ProtocolViolation(f"The block {event.label} was opened while {open_label} was open.")
        now = self._clock.now()
        block_id = self._ids.new("wrb")
        body = block_body(self._run, event, block_id, self._next_task_id(), now.isoformat(), page_url=self._page_url())
        self._block = _Block(self._item(block_id, "block", body, now), self._clock.monotonic())
        if self._step is not None and not self._step.actions:
            self._step.task_id = self._block.record.body["task_id"]
        self._save(self._block)

    def close_block(self, event: BlockClosed) -> None:
        """Record how the open block ended."""
        self._end_block(event.status, wire_output(event.output), event.failure_reason, event.final_url)

    def open_defined_block(self, event: WorkflowBlockOpened) -> None:
        """Record that a block of a workflow's definition is begun; it may be within others."""
        now = self._clock.now()
        block_id = self._ids.new("wrb")
        task_id = self._next_task_id() if event.on_page else None
        body = defined_block_body(self._run, event, block_id, task_id, now.isoformat(), page_url=self._page_url())
        record = self._item(block_id, "block", body, now)
        if self._around:
            record.parent_id = body["parent_workflow_run_block_id"] = self._around[-1].record.item_id
        block = _Block(record, self._clock.monotonic())
        if event.holds_blocks:
            self._around.append(block)
        else:
            self._block = block
        self._save(block)

    def close_defined_block(self, event: WorkflowBlockClosed) -> None:
        """Record how the innermost open block of a definition ended."""
        block = self._block or (self._around.pop() if self._around else None)
        if block is None:
            raise ProtocolViolation("A block was closed, but none is open.")
        self._block = None
        block.record.body["error_codes"] = [error["error_code"] for error in event.errors if error.get("error_code")]
        self._end(block, event.status, wire_output(event.output), event.failure_reason, event.final_url)

    def open_step(self, event: StepOpened) -> None:
        """Begin a step; steps appear in the timeline through their actions only."""
        task_id = self._block.record.body["task_id"] if self._block else self._run.task_id
        self._step = _Step(self._ids.new("stp"), event.order, task_id)
        self._steps[event.order] = self._step

    def start_action(self, event: ActionStarted) -> None:
        """Record that an action is about to be done."""
        block, step, action = self._block, self._step, event.action
        if block is None or step is None:
            raise ProtocolViolation(f"The action {action.action_type} was started outside of a block and step.")
        body = action_body(
            self._run,
            action,
            self._clock.now().isoformat(),
            action_id=self._ids.new("act"),
            task_id=block.record.body["task_id"],
            step_id=step.step_id,
            step_order=step.order,
            action_order=step.actions,
            page_url=self._page_url(),
        )
        step.actions += 1
        block.record.body["actions"].insert(0, body)
        self._actions[event.key] = (block, body, step)
        self._save(block)

    def finish_action(self, event: ActionFinished) -> None:
        """Record what came of an action."""
        block, body, _ = self._action(event.key)
        now = self._clock.now().isoformat()
        body["status"] = event.status
        body["response"] = event.response or None
        body["output"] = wire_output(event.output)
        body["verified"] = body["action_type"] == "complete" and event.status == "completed"
        body["finished_at"] = body["modified_at"] = now
        if body["download"]:
            body["download_triggered"] = bool(body["downloaded_files"])
        self._save(block)

    def belonging(self, event: ArtifactMade) -> Belonging:
        """Return what an artifact that is about to be stored belongs to."""
        step = self._step if event.step_order is None else self._steps.get(event.step_order)
        action_id, block = None, self._block
        if event.action_key is not None:
            block, action, step = self._action(event.action_key)
            action_id = action["action_id"]
        return Belonging(
            organization_id=self._run.organization_id,
            run_id=self._run.run_id,
            task_id=step.task_id if step else self._run.task_id,
            step_id=step.step_id if step else None,
            step_order=step.order if step else 0,
            workflow_run_id=self._run.workflow_run_id,
            workflow_run_block_id=block.record.item_id if block else None,
            action_id=action_id,
        )

    def link_artifact(self, event: ArtifactMade, artifact: ArtifactRecord, url: str) -> None:
        """Name a stored artifact where the timeline shows it: screenshots and downloads."""
        block = self._block
        if event.action_key is not None:
            block, action, _ = self._action(event.action_key)
            if event.artifact_type == "screenshot_action":
                action["screenshot_artifact_id"] = artifact.artifact_id
                self._save(block)
            elif event.artifact_type == "download":
                action["file_name"] = action["file_name"] or artifact.filename
                action["downloaded_files"] = [*(action["downloaded_files"] or []), artifact.filename or ""]
                action["download_triggered"] = True if action["download"] else action["download_triggered"]
                self._save(block)
        if event.artifact_type in _SHOWN_SCREENSHOTS:
            self._screenshots.insert(0, artifact.artifact_id)
            if block is not None:
                block.screenshots.insert(0, artifact.artifact_id)
        if event.artifact_type == "download" and block is not None:
            block.downloads.append(_file_info(artifact, url))
            block.record.body["downloaded_file_count"] = len(block.downloads)
            self._save(block)

    def abandon(self, status: str, reason: str) -> None:
        """Close what is still open, because the run ended around it."""
        for _, body, _ in self._actions.values():
            if body["status"] == "pending":
                body["status"] = "skipped" if status == "canceled" else "failed"
                body["response"] = reason
                body["finished_at"] = body["modified_at"] = self._clock.now().isoformat()
        if self._block is not None:
            self._break_off(self._block, status, reason)
            self._block = None
        while self._around:
            self._break_off(self._around.pop(), status, reason)

    # -- inside -------------------------------------------------------------------------

    def _end_block(self, status: str, output: object, failure_reason: str | None, final_url: str | None) -> None:
        if self._block is None:
            raise ProtocolViolation("A block was closed, but none is open.")
        block, self._block = self._block, None
        self._end(block, status, output, failure_reason, final_url)

    def _end(
        self, block: _Block, status: str, output: object, failure_reason: str | None, final_url: str | None
    ) -> None:
        body = block.record.body
        body["status"] = status
        body["failure_reason"] = failure_reason
        body["final_url"] = final_url
        body["duration"] = round(self._clock.monotonic() - block.began, 6)
        if body["task_id"] is None:  # nothing was done on a page
            body["output"] = output
        else:
            body["output"] = block_output(
                body,
                output,
                block.downloads,
                block.screenshots[:SCREENSHOTS_SHOWN],
                self._screenshots[:SCREENSHOTS_SHOWN],
            )
        self.last_output = body["output"]
        self._save(block)

    def _break_off(self, block: _Block, status: str, reason: str) -> None:
        """End a block that came to nothing: as recorded, it has no output, and no duration where time ran out."""
        body = block.record.body
        body["status"] = status
        body["failure_reason"] = reason
        body["downloaded_file_count"] = len(block.downloads) or None
        body["duration"] = None if status == "timed_out" else round(self._clock.monotonic() - block.began, 6)
        self._save(block)

    def _action(self, key: int) -> tuple[_Block, Body, _Step]:
        try:
            return self._actions[key]
        except KeyError:
            raise ProtocolViolation(f"No action was started under the key {key}.") from None

    def _next_task_id(self) -> str:
        """Return the id of the task a block is: the run itself, or, for the planner, one task for each block."""
        if self._run.workflow_run_id is None:
            return self._run.task_id
        if not self._first_task_used:
            self._first_task_used = True
            return self._run.task_id
        return self._ids.new("tsk")

    def _item(self, item_id: str, kind: str, body: Body, now: datetime) -> TimelineRecord:
        return TimelineRecord(item_id, self._run.run_id, kind, None, self._run.attempt, body, now, now)

    def _save(self, block: _Block) -> None:
        now = self._clock.now()
        block.record.modified_at = now
        block.record.body["modified_at"] = now.isoformat()
        self._store.put_timeline(block.record)


def close_leftovers(store: Store, run: RunRecord, clock: Clock, reason: str) -> None:
    """Close the blocks an earlier server left open in the run's timeline."""
    now = clock.now()
    for record in store.timeline(run.run_id):
        if record.kind != "block" or record.body["status"] != "running":
            continue
        record.body["status"] = "failed"
        record.body["failure_reason"] = reason
        record.body["modified_at"] = now.isoformat()
        for action in record.body["actions"]:
            if action["status"] == "pending":
                action["status"] = "failed"
                action["response"] = reason
        record.modified_at = now
        store.put_timeline(record)


def _file_info(artifact: ArtifactRecord, url: str) -> Body:
    return {
        "url": url,
        "checksum": artifact.checksum,
        "filename": artifact.filename,
        "file_size": artifact.file_size,
        "modified_at": artifact.modified_at.isoformat(),
        "artifact_id": artifact.artifact_id,
    }
