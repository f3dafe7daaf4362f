"""The models of a workflow's run, for the API's own documentation.

Owns: what /openapi.json says of it beyond the run of a task. Must not: take part in
answering; ``workflow_run_view`` writes the answers.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from mock_server.api.documents import RunStatus, TaskRunResponse
from mock_server.api.task_request import GeoTarget, ProxyLocation


class WorkflowRunRequest(BaseModel):
    """What a workflow was started with."""

    workflow_id: str
    parameters: dict[str, Any] | None = None
    title: str | None = None
    proxy_location: ProxyLocation | GeoTarget | dict[str, Any] | None = ProxyLocation.RESIDENTIAL
    webhook_url: str | None = None
    totp_url: str | None = None
    totp_identifier: str | None = None
    browser_session_id: str | None = None
    reuse_browser_session: bool | None = None
    browser_profile_id: str | None = None
    start_fresh_browser: bool = False
    max_screenshot_scrolls: int | None = None
    max_elapsed_time_minutes: Annotated[int | None, Field(ge=1, le=480)] = None
    extra_http_headers: dict[str, str] | None = None
    cdp_connect_headers: dict[str, str] | None = None
    browser_address: str | None = None
    ai_fallback: bool | None = None
    run_with: str | None = None
    browser_type: str | None = None
    run_metadata: dict[str, str] | None = None
    file_ids: Annotated[list[str] | None, Field(max_length=50)] = None


class WorkflowRunAttempt(BaseModel):
    """One try of a run."""

    attempt_number: int
    status: RunStatus
    failure_reason: str | None = None
    error_codes: list[str] = []
    started_at: datetime | None = None
    finished_at: datetime | None = None
    retry_decision: str | None = None
    decision_reason: str | None = None
    next_attempt_at: datetime | None = None
    webhook_sent_at: datetime | None = None


class WorkflowRunResponse(TaskRunResponse):
    """The run of a workflow."""

    run_type: Literal["workflow_run"]  # type: ignore[assignment]  # none of a task's
    attempt: int = 1
    retry_pending: bool = False
    next_attempt_at: datetime | None = None
    attempts: list[WorkflowRunAttempt] = Field(default_factory=list)
    run_with: str = "agent"
    ai_fallback: bool | None = None
    script_id: str | None = None
    browser_seed_source: str | None = None
    browser_settings_receipt: dict[str, Any] | None = None
    run_request: WorkflowRunRequest | None = None  # type: ignore[assignment]  # another request than a task's
