"""Wire models of what stands beside runs: browser sessions and profiles, credentials, codes, files, webhooks.

Owns: their shapes, as open as those of :mod:`~skyvern_tui.client.models`. Must not: do I/O
or know how a request is sent. No answer about a credential holds its secret.

Source: field lists of the published v1 schema.
"""

from __future__ import annotations

from typing import Final

from pydantic import ConfigDict, Field, TypeAdapter

from skyvern_tui.client.models import FileInfo
from skyvern_tui.client.wire import Json, WireModel, WireTime


class BrowserSession(WireModel):
    """A browser that stays open from one run to the next. ``timeout`` is minutes, counted from its start."""

    browser_session_id: str
    organization_id: str
    created_at: WireTime
    modified_at: WireTime
    status: str | None = None
    """``created``, ``running``, ``completed``, ``failed``, ``timeout``, ``retry``."""
    runnable_type: str | None = None
    runnable_id: str | None = None
    """The run that holds the session now."""
    timeout: int | None = None
    browser_address: str | None = None
    """Where a CDP client connects."""
    app_url: str | None = None
    extensions: list[str] | None = None
    browser_type: str | None = None
    browser_profile_id: str | None = None
    generate_browser_profile: bool | None = None
    browser_settings: dict[str, Json] | None = None
    download_path: str | None = None
    downloaded_files: list[FileInfo] | None = None
    recordings: list[FileInfo] | None = None
    started_at: WireTime | None = None
    completed_at: WireTime | None = None
    deleted_at: WireTime | None = None
    warning: str | None = None
    remaining_lifetime_seconds: int | None = None


class BrowserProfile(WireModel):
    """Cookies and storage kept from a session or a run, for later ones to begin with."""

    browser_profile_id: str
    organization_id: str
    name: str
    created_at: WireTime
    modified_at: WireTime
    description: str | None = None
    source_browser_type: str | None = None
    proxy_location: str | dict[str, Json] | None = None
    proxy_session_id: str | None = None
    is_managed: bool | None = None
    workflow_permanent_id: str | None = None
    deleted_at: WireTime | None = None
    last_verified_login_at: WireTime | None = None
    linked_credential_name: str | None = None


class Credential(WireModel):
    """A stored credential without its secret: a user name, the last four digits of a card, or a label."""

    credential_id: str
    name: str
    credential_type: str
    """``password``, ``credit_card``, ``secret``."""
    credential: dict[str, Json] = Field(default_factory=dict)
    vault_type: str | None = None
    browser_profile_id: str | None = None
    tested_url: str | None = None
    folder_id: str | None = None
    proxy_location: str | dict[str, Json] | None = None
    proxy_session_id: str | None = None


class TotpCode(WireModel):
    """A one-time code the server took in. ``code`` is empty while the server still reads it out of ``content``."""

    totp_code_id: str
    totp_identifier: str
    code: str = Field(repr=False)
    content: str = Field(repr=False)
    organization_id: str
    created_at: WireTime
    modified_at: WireTime
    task_id: str | None = None
    workflow_id: str | None = None
    workflow_run_id: str | None = None
    source: str | None = None
    expired_at: WireTime | None = None
    otp_type: str | None = None


class UploadedFile(WireModel):
    """A file the server keeps for runs: name it to ``run_task`` by ``file_id``, or by URL in the prompt."""

    s3_uri: str
    presigned_url: str = Field(repr=False)
    file_id: str | None = None
    expires_at: WireTime | None = None


class WebhookReplay(WireModel):
    """What came of sending a run's webhook again, once. ``latency_ms`` is milliseconds.

    ``status_code`` is what the receiver answered, None if it could not be reached; then ``error`` says why.
    """

    run_id: str
    run_type: str
    payload: str = Field(repr=False)
    headers: dict[str, str] = Field(repr=False)
    default_webhook_url: str | None = None
    target_webhook_url: str | None = None
    status_code: int | None = None
    latency_ms: int | None = None
    response_body: str | None = None
    error: str | None = None


class BulkCancel(WireModel):
    """Ids of the runs that were asked to stop, and of those that could not be."""

    cancelled: list[str]
    failed: list[str]


_LATE: Final = ConfigDict(defer_build=True)

SESSION: Final = TypeAdapter(BrowserSession)
SESSIONS: Final = TypeAdapter(list[BrowserSession], config=_LATE)
PROFILE: Final = TypeAdapter(BrowserProfile)
PROFILES: Final = TypeAdapter(list[BrowserProfile], config=_LATE)
CREDENTIAL: Final = TypeAdapter(Credential)
CREDENTIALS: Final = TypeAdapter(list[Credential], config=_LATE)
TOTP_CODE: Final = TypeAdapter(TotpCode)
UPLOADED_FILE: Final = TypeAdapter(UploadedFile)
WEBHOOK_REPLAY: Final = TypeAdapter(WebhookReplay)
BULK_CANCEL: Final = TypeAdapter(BulkCancel)
