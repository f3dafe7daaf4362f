"""What the store keeps, as plain data.

Owns: the records that pass between store, engine and api. Times are naive UTC, as on the
wire. Must not: know SQL, HTTP or how a record came about.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = Any


@dataclass(slots=True)
class RunRecord:
    """One run. ``request`` is the request after admission: every field of the API, defaults filled in."""

    run_id: str
    organization_id: str
    list_id: str
    """``tr_`` id of the row in the run list."""
    workflow_run_id: str | None
    """``wr_`` id, for planner runs (engine skyvern-2.0)."""
    task_id: str
    """``tsk_`` id that steps and artifacts belong to; equal to ``run_id`` for step engines."""
    engine: str
    run_type: str
    status: str
    request: dict[str, Json]
    created_at: datetime
    modified_at: datetime
    queued_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    output: Json = None
    summary: str | None = None
    failure_reason: str | None = None
    errors: list[dict[str, Json]] = field(default_factory=list)
    step_count: int | None = None
    attempt: int = 1
    """How often execution was begun; 2 after a restart found the run half done."""
    title: str | None = None
    """What the run list shows: the title that was asked for, else the beginning of the prompt."""
    workflow_id: str | None = None
    workflow_permanent_id: str | None = None
    """``w_`` and ``wpid_`` ids made together with ``workflow_run_id``; planner runs only."""
    script: Json = None
    """How far a scripted run has come; None for a run the agent does. Written and read by the scenarios."""
    browser_session_id: str | None = None
    """``pbs_`` id of the session the run works in."""
    script_run: Json = None
    """``{"ai_fallback_triggered", "script_id", "script_revision_id"}`` of a run done with stored code, else None."""


@dataclass(slots=True)
class ResourceRecord:
    """One thing beside runs: a session, a profile, a credential, a delivery. ``body`` belongs to its owner."""

    resource_id: str
    organization_id: str
    kind: str
    parent_id: str | None
    """What it belongs to, such as the run of a delivery."""
    body: dict[str, Json]
    created_at: datetime
    modified_at: datetime


@dataclass(slots=True)
class TimelineRecord:
    """One block or thought. ``body`` is the wire object of the block or thought, actions included."""

    item_id: str
    """``wrb_`` or ``ot_`` id."""
    run_id: str
    kind: str
    """block or thought."""
    parent_id: str | None
    attempt: int
    body: dict[str, Json]
    created_at: datetime
    modified_at: datetime


@dataclass(slots=True)
class ArtifactRecord:
    """One stored artifact. ``path`` is relative to the artifact root; the file is complete when the record exists."""

    artifact_id: str
    run_id: str
    organization_id: str
    artifact_type: str
    path: str
    file_size: int
    checksum: str
    """SHA-256, hex."""
    created_at: datetime
    modified_at: datetime
    filename: str | None = None
    source_url: str | None = None
    task_id: str | None = None
    step_id: str | None = None
    workflow_run_id: str | None = None
    workflow_run_block_id: str | None = None
    observer_thought_id: str | None = None
    action_id: str | None = None
