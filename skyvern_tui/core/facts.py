"""What is known about the parts of a run, cut down from the wire to what a person reads.

Owns: the small records the journal merges and a screen shows, and how each is read from a
wire model. Must not: keep state or judge what came first; that is the journal's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from skyvern_tui.client.models import Artifact, TimelineAction, TimelineBlock, TimelineThought

EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
"""Stands for a time that the server did not give."""

CLOSED: Final = frozenset({"completed", "failed", "terminated", "timed_out", "canceled", "skipped"})
"""Statuses of a block or an action that will not change again."""

FAILED: Final = frozenset({"failed", "terminated", "timed_out"})
"""Statuses that a reader looks for first."""


@dataclass(frozen=True, slots=True)
class Thought:
    """A piece of the planner's reasoning. ``kind`` is ``plan``, ``user_goal_check`` or whatever came."""

    id: str
    at: datetime
    modified_at: datetime
    kind: str
    text: str
    """The thought, or failing that what was observed or answered; may be empty while it is written."""
    observation: str
    answer: str
    output: Any

    status: ClassVar[None] = None
    """A thought has no outcome."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the plan: what kind it is, what it is for and how it went."""

    id: str
    at: datetime
    modified_at: datetime
    kind: str
    status: str | None
    goal: str
    """What the block is to do, in the server's words; may be empty."""
    url: str
    failure_reason: str
    duration: float | None
    """Seconds."""
    output: Any


@dataclass(frozen=True, slots=True)
class Action:
    """One action in the browser, why it was taken and how it went."""

    id: str
    at: datetime
    modified_at: datetime
    kind: str
    status: str | None
    reason: str
    """Why the agent did it."""
    detail: str
    """What it did it with: the text typed, the option chosen, the answer given."""
    element: str
    confidence: float | None
    screenshot: str | None
    """Id of the screenshot taken for it."""
    finished_at: datetime | None
    order: int
    """Position in its step."""

    @property
    def duration(self) -> float | None:
        """Seconds it took, when both ends are known."""
        return None if self.finished_at is None else max(0.0, (self.finished_at - self.at).total_seconds())


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which the server did not answer, by the clock of this machine.

    ``began`` identifies it. ``attempts`` counts the calls that failed.
    """

    began: datetime
    reason: str
    attempts: int
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArtifactFact:
    """A file the run left behind. Its signed URL is no part of it: that changes with every answer."""

    id: str
    at: datetime
    modified_at: datetime
    type: str
    uri: str
    size: int | None
    """Bytes."""
    checksum: str | None
    step_id: str | None
    thought_id: str | None
    block_id: str | None

    status: ClassVar[None] = None
    """An artifact has no outcome."""

    @property
    def name(self) -> str:
        """File name at the end of the URI; the id and type where there is none."""
        return self.uri.rsplit("/", 1)[-1] or f"{self.id}_{self.type}"


def artifact_fact(artifact: Artifact) -> ArtifactFact:
    """Read an artifact without its signed URL."""
    return ArtifactFact(
        id=artifact.artifact_id,
        at=artifact.created_at,
        modified_at=artifact.modified_at,
        type=artifact.artifact_type,
        uri=artifact.uri,
        size=artifact.file_size,
        checksum=artifact.checksum,
        step_id=artifact.step_id,
        thought_id=artifact.observer_thought_id,
        block_id=artifact.workflow_run_block_id,
    )


def thought_fact(thought: TimelineThought) -> Thought:
    """Read a thought; its text is the first of thought, observation and answer that is there."""
    return Thought(
        id=thought.thought_id,
        at=thought.created_at,
        modified_at=thought.modified_at,
        kind=thought.thought_type or "thought",
        text=thought.thought or thought.observation or thought.answer or "",
        observation=thought.observation or "",
        answer=thought.answer or "",
        output=thought.output,
    )


def block_fact(block: TimelineBlock) -> Block:
    """Read a block without its actions."""
    return Block(
        id=block.workflow_run_block_id,
        at=block.created_at,
        modified_at=block.modified_at,
        kind=block.block_type,
        status=block.status,
        goal=block.navigation_goal or block.data_extraction_goal or block.description or block.url or block.label or "",
        url=block.url or "",
        failure_reason=block.failure_reason or "",
        duration=block.duration,
        output=block.output,
    )


def action_fact(action: TimelineAction, block_id: str) -> Action:
    """Read an action; one without an id is known by its block and its place in it."""
    at = action.started_at or action.created_at or EARLIEST
    detail = action.text or action.response or ""
    return Action(
        id=action.action_id or f"{block_id}/{action.step_order}/{action.action_order}/{at.isoformat()}",
        at=at,
        modified_at=action.modified_at or action.finished_at or at,
        kind=action.action_type,
        status=action.status,
        reason=action.reasoning or action.intention or action.description or "",
        detail=detail,
        element=element_name(action),
        confidence=action.confidence_float,
        screenshot=action.screenshot_artifact_id,
        finished_at=action.finished_at,
        order=(action.step_order or 0) * 10_000 + (action.action_order or 0),
    )


def element_name(action: TimelineAction) -> str:
    """Return the best short name of the element an action touched; empty when it touched none."""
    data = action.skyvern_element_data
    if not data:
        return action.element_id or ""
    attributes = data.get("attributes")
    named = attributes if isinstance(attributes, dict) else {}
    for value in (data.get("name"), data.get("text"), named.get("aria-label"), named.get("name"), data.get("tagName")):
        if isinstance(value, str) and value.strip():
            return value
    return action.element_id or ""
