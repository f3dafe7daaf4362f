"""The models of published workflows and of scripts.

Owns: what /openapi.json says of them, and the bodies that make scripts. Must not: take
part in answering; ``workflow_view`` writes the answers.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

FilePath = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^/\x00][^\x00]*[^/\x00]$|^[^/\x00]$")]
"""A path in a script: relative, and of a file."""


class WorkflowStatus(StrEnum):
    """Where a workflow is in its life; those here are all published."""

    PUBLISHED = "published"
    DRAFT = "draft"
    AUTO_GENERATED = "auto_generated"
    IMPORTING = "importing"
    IMPORT_FAILED = "import_failed"


class WorkflowDefinition(BaseModel):
    """The blocks of a workflow, in the order in which they are done."""

    version: int = 1
    parameters: list[dict[str, Any]]
    blocks: list[dict[str, Any]]
    finally_block_label: str | None = None
    error_code_mapping: dict[str, str] | None = None
    retry_policy: dict[str, Any] | None = None
    workflow_system_prompt: str | None = None
    completion_contract: dict[str, Any] | None = None


class Workflow(BaseModel):
    """A published workflow."""

    workflow_id: str
    organization_id: str
    title: str
    workflow_permanent_id: str
    version: int
    is_saved_task: bool
    is_template: bool = False
    description: str | None = None
    workflow_definition: WorkflowDefinition
    proxy_location: str | dict[str, Any] | None = None
    webhook_callback_url: str | None = None
    totp_verification_url: str | None = None
    totp_identifier: str | None = None
    persist_browser_session: bool = False
    reuse_browser_session: bool = False
    mask_secrets: bool = False
    pin_saved_session_ip: bool = False
    browser_profile_id: str | None = None
    browser_profile_key: str | None = None
    model: dict[str, Any] | None = None
    status: WorkflowStatus = WorkflowStatus.PUBLISHED
    max_screenshot_scrolls: int | None = None
    max_elapsed_time_minutes: int | None = None
    extra_http_headers: dict[str, str] | None = None
    cdp_connect_headers: dict[str, str] | None = None
    run_with: str = "agent"
    browser_type: str | None = None
    ai_fallback: bool = True
    cache_key: str | None = None
    adaptive_caching: bool = False
    enable_self_healing: bool = False
    code_version: int | None = None
    generate_script_on_terminal: bool = False
    run_sequentially: bool | None = None
    sequential_key: str | None = None
    folder_id: str | None = None
    import_error: str | None = None
    created_by: str | None = None
    edited_by: str | None = None
    copilot_authored: bool = False
    effective_default_engine: str | None = None
    original_created_by: str | None = None
    original_created_at: datetime | None = None
    created_at: datetime
    modified_at: datetime
    deleted_at: datetime | None = None
    agent_id: str = Field(description="The same as workflow_permanent_id.")


class Script(BaseModel):
    """A revision of a script."""

    script_revision_id: str
    script_id: str
    organization_id: str
    run_id: str | None = None
    version: int
    created_at: datetime
    modified_at: datetime
    deleted_at: datetime | None = None


class FileEncoding(StrEnum):
    """How the content of a file is written in a request."""

    BASE64 = "base64"
    UTF_8 = "utf-8"


class ScriptFileCreate(BaseModel):
    """A file of a script."""

    path: FilePath
    content: str
    encoding: FileEncoding = FileEncoding.BASE64
    mime_type: str | None = None


class CreateScriptRequest(BaseModel):
    """A script to store."""

    workflow_id: str | None = None
    run_id: str | None = None
    files: list[ScriptFileCreate] | None = None


class DeployScriptRequest(BaseModel):
    """The files of a script's next revision."""

    files: list[ScriptFileCreate]


class FileNode(BaseModel):
    """A file or a directory of a script."""

    type: str
    size: int | None = None
    mime_type: str | None = None
    content_hash: str | None = None
    created_at: datetime
    children: dict[str, FileNode] | None = None


class CreateScriptResponse(BaseModel):
    """The revision that was made."""

    script_id: str
    version: int
    run_id: str | None = None
    file_count: int
    file_tree: dict[str, FileNode]
    created_at: datetime
