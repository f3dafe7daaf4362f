"""The answers' models, for the API's own documentation.

Owns: what /openapi.json says the answers look like. Must not: take part in answering: the
views write the answers, and the contract tests hold both to the published schema.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, create_model

from mock_server.api.task_request import TaskRunRequest
from mock_server.artifacts.kinds import KINDS


class RunStatus(StrEnum):
    """Where a run is in its life."""

    CREATED = "created"
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    TIMED_OUT = "timed_out"
    FAILED = "failed"
    TERMINATED = "terminated"
    COMPLETED = "completed"
    CANCELED = "canceled"


ArtifactType = StrEnum("ArtifactType", {name.upper(): name for name in KINDS})  # type: ignore[misc]  # made from the one table
"""Every type of artifact."""


class FileInfo(BaseModel):
    """A file that was downloaded during a run."""

    url: str
    checksum: str | None = Field(None, description="SHA-256, hex.")
    filename: str | None = None
    file_size: int | None = None
    modified_at: datetime | None = None
    artifact_id: str | None = None


class ScriptRun(BaseModel):
    """Set for runs of workflows only."""

    ai_fallback_triggered: bool = False
    script_id: str | None = None
    script_revision_id: str | None = None


class TaskRunType(StrEnum):
    """What a run of a task is done with."""

    TASK_V1 = "task_v1"
    TASK_V2 = "task_v2"
    TASK_V3 = "task_v3"
    OPENAI_CUA = "openai_cua"
    ANTHROPIC_CUA = "anthropic_cua"
    UI_TARS = "ui_tars"
    YUTORI_NAVIGATOR = "yutori_navigator"


class TriggerType(StrEnum):
    """What started a run."""

    MANUAL = "manual"
    MCP = "mcp"
    API = "api"
    SCHEDULED = "scheduled"
    WEBHOOK = "webhook"
    JOB_RECIPE_EXTRACT = "job_recipe_extract"
    JOB_RECIPE_APPLY = "job_recipe_apply"


class TaskRunResponse(BaseModel):
    """A run. Times are UTC without a zone."""

    run_id: str
    status: RunStatus
    output: dict[str, Any] | list[Any] | str | None = None
    downloaded_files: list[FileInfo] | None = None
    recording_url: str | None = None
    recording_archived: bool = False
    screenshot_urls: Annotated[list[str] | None, Field(description="The last three, newest first.")] = None
    failure_reason: str | None = None
    created_at: datetime
    modified_at: datetime
    queued_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    app_url: str | None = None
    browser_session_id: str | None = None
    browser_profile_id: str | None = None
    max_screenshot_scrolls: int | None = None
    script_run: ScriptRun | None = None
    errors: list[dict[str, Any]] | None = None
    step_count: int | None = None
    run_type: TaskRunType
    run_request: TaskRunRequest | None = None


class TaskRunListItem(BaseModel):
    """A run as it is listed."""

    task_run_id: str
    run_id: str
    task_run_type: str
    status: str
    title: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    created_at: datetime
    workflow_permanent_id: str | None = None
    workflow_deleted: bool = False
    script_run: bool = False
    trigger_type: TriggerType | None = None
    created_by: str | None = None
    attempt: int = 1
    retry_pending: bool = False
    next_attempt_at: datetime | None = None


class BulkCancelRunsResponse(BaseModel):
    """What came of it, run by run."""

    cancelled: list[str]
    failed: list[str]


class TimelineItemType(StrEnum):
    """What a timeline item is."""

    THOUGHT = "thought"
    BLOCK = "block"


class WorkflowRunTimeline(BaseModel):
    """A piece of the plan with its actions, or a thought of the planner."""

    type: TimelineItemType
    attempt: int = 1
    block: Annotated[dict[str, Any] | None, Field(description="Given when type is block.")] = None
    thought: Annotated[dict[str, Any] | None, Field(description="Given when type is thought.")] = None
    children: list[WorkflowRunTimeline] = []
    created_at: datetime
    modified_at: datetime


class Artifact(BaseModel):
    """Something a run left behind."""

    created_at: datetime
    modified_at: datetime
    artifact_id: str
    artifact_type: ArtifactType
    uri: str
    bundle_key: str | None = None
    checksum: str | None = None
    file_size: int | None = None
    task_id: str | None = None
    step_id: str | None = None
    workflow_run_id: str | None = None
    workflow_run_block_id: str | None = None
    run_id: str | None = None
    browser_session_id: str | None = None
    observer_cruise_id: str | None = None
    observer_thought_id: str | None = None
    ai_suggestion_id: str | None = None
    signed_url: str | None = None
    archived: bool = False
    organization_id: str


class ArtifactLink(BaseModel):
    """A link to an artifact's content that needs no key."""

    artifact_id: str
    signed_url: str | None
    expires_at: Annotated[int | None, Field(description="Unix seconds.")]


class BundledSite(BaseModel):
    """A site the agent can be tried on offline."""

    name: str
    url: str


@cache
def run_model(request: type[TaskRunRequest]) -> type[TaskRunResponse]:
    """Return the model of a run whose request is that of a dialect; always the same one for the same request."""
    optional: Any = request | None
    return create_model("TaskRunResponse", __base__=TaskRunResponse, run_request=(optional, None))


class Refused(BaseModel):
    """Why a request was turned down."""

    detail: str


class Failed(BaseModel):
    """What broke on the server."""

    error: str


NOTHING: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Done; there is nothing to tell.",
        "content": {"application/json": {"schema": {"type": "null"}}},
    }
}
BAD_REQUEST: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": Refused, "description": "An address is malformed, or this kind of run cannot do that."}
}
NO_KEY: Final[dict[int | str, dict[str, Any]]] = {
    403: {"model": Refused, "description": "There is no API key, or not the right one."}
}
NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {404: {"model": Refused, "description": "There is no such thing."}}
BROKEN: Final[dict[int | str, dict[str, Any]]] = {500: {"model": Failed, "description": "Something broke here."}}
