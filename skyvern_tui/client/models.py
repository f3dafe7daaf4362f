"""Wire models: what the server sends and takes, typed and tolerant.

Owns: the shapes of runs, their artifacts and timelines. Enums are open (an unknown value
stays the string it came as). Must not: do I/O or know how a request is sent.

Source: the task API reference and SDK reference pages; field lists of the published
v1 schema.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Discriminator, Field, Tag, TypeAdapter

from skyvern_tui.client.pictures import picture_type
from skyvern_tui.client.wire import Json, WireModel, WireTime


class RunStatus(StrEnum):
    """States of a run. ``paused`` is not final; nor is any status not listed here."""

    created = "created"
    queued = "queued"
    running = "running"
    paused = "paused"
    completed = "completed"
    failed = "failed"
    terminated = "terminated"
    timed_out = "timed_out"
    canceled = "canceled"

    @property
    def is_final(self) -> bool:
        """True when no further change is to be expected."""
        return self in FINAL_STATUSES


FINAL_STATUSES: Final = frozenset(
    {RunStatus.completed, RunStatus.failed, RunStatus.terminated, RunStatus.timed_out, RunStatus.canceled}
)


class RunEngine(StrEnum):
    """Engines by their wire names; the members are named as in the official SDK."""

    skyvern_v1 = "skyvern-1.0"
    skyvern_v2 = "skyvern-2.0"
    skyvern_v3 = "skyvern-3.0"
    openai_cua = "openai-cua"
    anthropic_cua = "anthropic-cua"
    ui_tars = "ui-tars"
    yutori_navigator = "yutori-navigator"


class RunType(StrEnum):
    """Kinds of run, in ``run_type``."""

    task_v1 = "task_v1"
    task_v2 = "task_v2"
    task_v3 = "task_v3"
    workflow_run = "workflow_run"
    openai_cua = "openai_cua"
    anthropic_cua = "anthropic_cua"
    ui_tars = "ui_tars"
    yutori_navigator = "yutori_navigator"


Status = RunStatus | str
Engine = RunEngine | str


class FileInfo(WireModel):
    """A file a run downloaded. ``checksum`` is SHA-256 in hex, ``file_size`` bytes."""

    url: str
    checksum: str | None = None
    filename: str | None = None
    file_size: int | None = None
    modified_at: WireTime | None = None
    artifact_id: str | None = None


class ScriptRun(WireModel):
    """Outcome of a run that replayed generated code."""

    ai_fallback_triggered: bool | None = None
    script_id: str | None = None
    script_revision_id: str | None = None


class TaskRunRequest(WireModel):
    """Body of ``POST /v1/run/tasks``. Only ``prompt`` is required; unset fields are not sent."""

    prompt: str
    url: str | None = None
    engine: Annotated[Engine, Field(union_mode="left_to_right")] | None = None
    title: str | None = None
    proxy_location: str | dict[str, Json] | None = None
    data_extraction_schema: dict[str, Json] | list[Json] | str | None = None
    error_code_mapping: dict[str, str] | None = None
    max_steps: int | None = None
    webhook_url: str | None = None
    totp_identifier: str | None = None
    totp_url: str | None = None
    browser_session_id: str | None = None
    browser_profile_id: str | None = None
    start_fresh_browser: bool | None = None
    model: dict[str, Json] | None = None
    extra_http_headers: dict[str, str] | None = Field(default=None, repr=False)
    cdp_connect_headers: dict[str, str] | None = Field(default=None, repr=False)
    publish_workflow: bool | None = None
    include_action_history_in_verification: bool | None = None
    max_screenshot_scrolls: int | None = None
    browser_address: str | None = None
    run_with: str | None = None
    file_ids: list[str] | None = None


class Run(WireModel):
    """A run of any type, as ``GET /v1/runs/{run_id}`` answers and as the create call does."""

    run_id: str
    status: Annotated[Status, Field(union_mode="left_to_right")]
    created_at: WireTime
    modified_at: WireTime
    run_type: Annotated[RunType | str, Field(union_mode="left_to_right")] = ""
    output: Json = None
    downloaded_files: list[FileInfo] | None = None
    recording_url: str | None = None
    screenshot_urls: list[str] | None = None
    """Newest first."""
    failure_reason: str | None = None
    errors: list[dict[str, Json]] | None = None
    step_count: int | None = None
    queued_at: WireTime | None = None
    started_at: WireTime | None = None
    finished_at: WireTime | None = None
    app_url: str | None = None
    browser_session_id: str | None = None
    browser_profile_id: str | None = None
    max_screenshot_scrolls: int | None = None
    script_run: ScriptRun | None = None
    recording_archived: bool | None = None
    run_request: dict[str, Json] | None = None

    @property
    def is_final(self) -> bool:
        """True when the run is over: a final status, or ``paused`` or an unknown one with ``finished_at`` set."""
        if isinstance(self.status, RunStatus) and self.status is not RunStatus.paused:
            return self.status.is_final
        return self.finished_at is not None


class TaskRun(Run):
    """A run that ``run_task`` started; its ``run_id`` begins with ``tsk_``."""


class WorkflowRunAttempt(WireModel):
    """One try of a workflow that is tried again by itself."""

    attempt_number: int
    status: Annotated[Status, Field(union_mode="left_to_right")]
    failure_reason: str | None = None
    error_codes: list[str] = Field(default_factory=list)
    started_at: WireTime | None = None
    finished_at: WireTime | None = None
    next_attempt_at: WireTime | None = None


class WorkflowRun(Run):
    """A run that ``run_workflow``, ``login`` or ``download_files`` started; its ``run_id`` begins with ``wr_``."""

    run_with: str | None = None
    ai_fallback: bool | None = None
    script_id: str | None = None
    attempt: int | None = None
    retry_pending: bool | None = None
    next_attempt_at: WireTime | None = None
    attempts: list[WorkflowRunAttempt] | None = None


class RunListItem(WireModel):
    """One row of ``GET /v1/runs``; slimmer than a :class:`Run`."""

    task_run_id: str
    run_id: str
    task_run_type: Annotated[RunType | str, Field(union_mode="left_to_right")]
    status: Annotated[Status, Field(union_mode="left_to_right")]
    created_at: WireTime
    title: str | None = None
    started_at: WireTime | None = None
    finished_at: WireTime | None = None
    workflow_permanent_id: str | None = None
    workflow_deleted: bool | None = None
    script_run: bool | None = None
    trigger_type: str | None = None


class Artifact(WireModel):
    """One artifact of a run. ``artifact_type`` is an open vocabulary; ``file_size`` is bytes."""

    artifact_id: str
    artifact_type: str
    uri: str
    organization_id: str
    created_at: WireTime
    modified_at: WireTime
    signed_url: str | None = None
    checksum: str | None = None
    file_size: int | None = None
    task_id: str | None = None
    step_id: str | None = None
    run_id: str | None = None
    workflow_run_id: str | None = None
    workflow_run_block_id: str | None = None
    observer_thought_id: str | None = None

    @property
    def fetched(self) -> bytes | None:
        """The artifact's image, if it is one and was fetched by this record; a notebook shows it."""
        content: bytes | None = self.__dict__.get("_fetched")
        return content

    def remember(self, content: bytes) -> None:
        """Keep ``content`` beside the record, if it is an image that a notebook can show."""
        if picture_type(content):
            # As a cached property lies there: what is no field takes no part in comparing, dumping and printing.
            self.__dict__["_fetched"] = content


class TimelineAction(WireModel):
    """One browser action inside a block."""

    action_type: str
    status: str | None = None
    action_id: str | None = None
    task_id: str | None = None
    step_id: str | None = None
    step_order: int | None = None
    action_order: int | None = None
    confidence_float: float | None = None
    description: str | None = None
    reasoning: str | None = None
    intention: str | None = None
    response: str | None = None
    element_id: str | None = None
    skyvern_element_data: dict[str, Json] | None = None
    screenshot_artifact_id: str | None = None
    text: str | None = None
    output: Json = None
    started_at: WireTime | None = None
    finished_at: WireTime | None = None
    created_at: WireTime | None = None
    modified_at: WireTime | None = None


class TimelineBlock(WireModel):
    """A piece of the plan: goto_url, navigation, extraction, ... with its actions, newest first."""

    workflow_run_block_id: str
    block_type: str
    created_at: WireTime
    modified_at: WireTime
    label: str | None = None
    description: str | None = None
    status: str | None = None
    output: Json = None
    failure_reason: str | None = None
    url: str | None = None
    final_url: str | None = None
    navigation_goal: str | None = None
    data_extraction_goal: str | None = None
    duration: float | None = None
    """Seconds."""
    actions: list[TimelineAction] = Field(default_factory=list)


class TimelineThought(WireModel):
    """A piece of the planner's reasoning."""

    thought_id: str
    created_at: WireTime
    modified_at: WireTime
    observation: str | None = None
    thought: str | None = None
    answer: str | None = None
    thought_type: str | None = None
    thought_scenario: str | None = None
    output: Json = None


class TimelineItem(WireModel):
    """One node of ``GET /v1/runs/{run_id}/timeline``; the list and ``children`` are newest first."""

    type: str
    created_at: WireTime
    modified_at: WireTime
    block: TimelineBlock | None = None
    thought: TimelineThought | None = None
    children: list[TimelineItem] = Field(default_factory=list)


TaskRunResponse = TaskRun
WorkflowRunResponse = WorkflowRun
ScriptRunResponse = ScriptRun
"""The names of the SDK reference, for annotations that use them."""

_LATE: Final = ConfigDict(defer_build=True)
_TASKS: Final = frozenset(RunType) - {RunType.workflow_run}


def _class_of_run(value: Any) -> str:
    run_type = value.get("run_type") if isinstance(value, dict) else getattr(value, "run_type", None)
    if run_type == RunType.workflow_run:
        return "workflow"
    return "task" if isinstance(run_type, str) and run_type in _TASKS else "other"


AnyRun = Annotated[
    Annotated[TaskRun, Tag("task")] | Annotated[WorkflowRun, Tag("workflow")] | Annotated[Run, Tag("other")],
    Discriminator(_class_of_run),
]
"""A run as the class its ``run_type`` says; of an unknown type it is a plain :class:`Run`."""

RUN: Final[TypeAdapter[Run]] = TypeAdapter(AnyRun, config=_LATE)
RUN_LIST: Final = TypeAdapter(list[RunListItem], config=_LATE)
ARTIFACT: Final = TypeAdapter(Artifact)
ARTIFACTS: Final = TypeAdapter(list[Artifact], config=_LATE)
TIMELINE: Final = TypeAdapter(list[TimelineItem], config=_LATE)
"""Adapters are built once: building one costs a hundred times what a validation does."""
