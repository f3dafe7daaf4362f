"""Everything that is kept of a run while it goes on.

Owns: turning the agent's events and the browser's captures into timeline items,
artifacts, log lines and the step count. Must not: decide how the run ends.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from mock_server.agent.events import (
    ActionFinished,
    ActionStarted,
    ArtifactMade,
    BlockClosed,
    BlockOpened,
    Event,
    Finished,
    Log,
    ScriptBroke,
    ScriptMade,
    StepClosed,
    StepOpened,
    Thought,
)
from mock_server.artifacts.writer import ArtifactTooLargeError, ArtifactWriter, Belonging
from mock_server.clock import Clock
from mock_server.engine.block_events import WorkflowBlockClosed, WorkflowBlockOpened
from mock_server.engine.ports import Captured
from mock_server.engine.runlog import RunLog
from mock_server.engine.timeline import ProtocolViolation, Timeline
from mock_server.ids import IdFactory
from mock_server.store.records import ArtifactRecord, RunRecord
from mock_server.store.store import Store

_logger: Final = logging.getLogger(__name__)

SCRIPT_NAME: Final = "script.py"


class Recorder:
    """Keeps what one attempt at a run makes.

    Raises:
        ArtifactError, StoreError: Something could not be kept; the run cannot go on.
        ProtocolViolation: The agent told things out of order.
    """

    def __init__(self, run: RunRecord, store: Store, writer: ArtifactWriter, ids: IdFactory, clock: Clock) -> None:
        self._run = run
        self._store = store
        self._writer = writer
        self.run_id: Final = run.run_id
        self.page_url = ""
        """Where the browser is; the runner keeps it current."""
        self.log: Final = RunLog(clock)
        self.timeline: Final = Timeline(run, store, ids, clock, lambda: self.page_url)
        self.finished: Finished | None = None
        self.script: ScriptMade | None = None
        """What the run amounts to as code, once it has reached its goal."""
        self.script_broke = False
        """Whether stored code was begun with and did not fit the page any more."""
        self._earlier_steps = (run.step_count or 0) if run.attempt > 1 else 0

    def take(self, event: Event | WorkflowBlockOpened | WorkflowBlockClosed) -> None:  # noqa: C901, PLR0912  # one branch for each kind of event
        """Keep what one event of the agent tells."""
        match event:
            case Thought():
                self.timeline.think(event)
                self.log.add("info", f"Thought ({event.scenario}): {event.thought}")
            case BlockOpened():
                self.timeline.open_block(event)
                self.log.add("info", f"Block {event.label} opened: {event.description}")
            case BlockClosed():
                self.timeline.close_block(event)
                self.log.add("info", f"Block {event.status}", _unless_none(failure_reason=event.failure_reason))
            case WorkflowBlockOpened():
                self.timeline.open_defined_block(event)
                self.log.add("info", f"Block {event.label} opened: {event.description}")
            case WorkflowBlockClosed():
                self.timeline.close_defined_block(event)
                self.log.add("info", f"Block {event.status}", _unless_none(failure_reason=event.failure_reason))
            case StepOpened():
                self.timeline.open_step(event)
                self._count_step()
                self.log.add("info", f"Step {event.order} opened")
            case StepClosed():
                self.log.add("info", f"Step {event.order} {event.status}")
            case ActionStarted():
                self.timeline.start_action(event)
                self.log.add("info", f"Action {event.action.action_type}: {event.action.reasoning}")
            case ActionFinished():
                self.timeline.finish_action(event)
                self.log.add("info", f"Action {event.status}: {event.response}")
            case ArtifactMade():
                self._keep_artifact(event)
            case Log():
                self.log.add(event.level, event.message, event.fields)
            case ScriptMade():
                self.script = event
                self._write("script_file", event.source.encode(errors="backslashreplace"), filename=SCRIPT_NAME)
            case ScriptBroke():
                self.script_broke = True
                self.log.add("warning", f"The stored code broke: {event.reason}")
            case Finished():
                self.finished = event
                self.log.add("info", f"Agent finished: {event.ending}", _unless_none(reason=event.failure_reason))
            case _:
                raise ProtocolViolation(f"The agent told something unknown: {type(event).__name__}.")

    async def keep_captures(self, captured: Captured) -> None:
        """Store what the browser context left behind."""
        await self._adopt("recording", captured.recording)
        await self._adopt("har", captured.har)
        await self._adopt("trace", captured.trace)
        self._write("browser_console_log", captured.console_log.encode(errors="replace"))

    def keep_log(self) -> None:
        """Store the log in both its forms."""
        self._write("skyvern_log", self.log.text())
        self._write("skyvern_log_raw", self.log.json())

    # -- inside -------------------------------------------------------------------------

    def _keep_artifact(self, event: ArtifactMade) -> None:
        belonging = self.timeline.belonging(event)
        record = self._write(
            event.artifact_type, event.data, belonging, filename=event.filename, source_url=event.source_url
        )
        if record is not None:
            self.timeline.link_artifact(event, record, self._writer.uri(record))

    def _write(
        self,
        artifact_type: str,
        data: bytes,
        belonging: Belonging | None = None,
        *,
        filename: str | None = None,
        source_url: str | None = None,
    ) -> ArtifactRecord | None:
        try:
            return self._writer.write(
                artifact_type, data, belonging or self._whole_run(), filename=filename, source_url=source_url
            )
        except ArtifactTooLargeError as error:
            self._skip(error)
            return None

    async def _adopt(self, artifact_type: str, path: Path | None) -> None:
        if path is None:
            self.log.add("warning", f"There is no {artifact_type} of this run.")
            return
        try:
            await self._writer.adopt(artifact_type, path, self._whole_run())
        except ArtifactTooLargeError as error:
            self._skip(error)

    def _skip(self, error: ArtifactTooLargeError) -> None:
        self.log.add("warning", f"{error} It was left out.")
        _logger.warning("%s: %s", self._run.run_id, error)

    def _whole_run(self) -> Belonging:
        return Belonging(
            organization_id=self._run.organization_id,
            run_id=self._run.run_id,
            task_id=self._run.task_id,
            workflow_run_id=self._run.workflow_run_id,
        )

    def _count_step(self) -> None:
        steps = self._earlier_steps + self.timeline.steps
        if steps != self._run.step_count:
            self._run.step_count = steps
            self._store.save_run(self._run)


def _unless_none(**fields: str | None) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value is not None}
