"""Wire models, requests, retry, polling; sync and async faces on one sans-I/O core.

>>> with Skyvern(api_key=..., base_url="http://localhost:8000") as client:
...     run = client.run_task("Get the title of the top post", url=..., wait_for_completion=True)

Owns: the public names of the client. Must not: import anything but httpx and pydantic
below it. Each name loads its module when first used, so that whoever wants the models or
the errors (the headless core, for one) does not load httpx.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from skyvern_tui.client.aio import AsyncSkyvern
    from skyvern_tui.client.changes import (
        ArtifactAdded,
        Change,
        Finished,
        OutageBegan,
        OutageEnded,
        Position,
        StatusChanged,
        TimelineItemAdded,
        TimelineItemChanged,
    )
    from skyvern_tui.client.downloads import Progress
    from skyvern_tui.client.errors import (
        ApiError,
        AuthenticationError,
        BadRequestError,
        ConflictError,
        ConnectError,
        ConnectionLostError,
        DownloadError,
        ForbiddenError,
        NotFoundError,
        RateLimitError,
        RequestTimeoutError,
        ResponseParseError,
        RunTimeoutError,
        ServerError,
        SkyvernError,
        TransportError,
        UnprocessableEntityError,
        WebhookBodyError,
        WebhookError,
        WebhookSignatureError,
        WebhookTimestampError,
    )
    from skyvern_tui.client.handle import AsyncRunHandle, RunHandle
    from skyvern_tui.client.hooks import PollReport, RetryReport
    from skyvern_tui.client.models import (
        FINAL_STATUSES,
        Artifact,
        FileInfo,
        Run,
        RunEngine,
        RunListItem,
        RunStatus,
        RunType,
        ScriptRun,
        ScriptRunResponse,
        TaskRun,
        TaskRunRequest,
        TaskRunResponse,
        TimelineAction,
        TimelineBlock,
        TimelineItem,
        TimelineThought,
        WorkflowRun,
        WorkflowRunAttempt,
        WorkflowRunResponse,
    )
    from skyvern_tui.client.operations import MockSite
    from skyvern_tui.client.options import RequestOptions, SkyvernEnvironment
    from skyvern_tui.client.polling import PollPolicy
    from skyvern_tui.client.proxies import GeoTarget, ProxyLocation
    from skyvern_tui.client.raw import RawResponse
    from skyvern_tui.client.resources import (
        BrowserProfile,
        BrowserSession,
        BulkCancel,
        Credential,
        TotpCode,
        UploadedFile,
        WebhookReplay,
    )
    from skyvern_tui.client.sync import Skyvern
    from skyvern_tui.client.webhooks import WebhookEvent, sign_webhook, verify_webhook

__all__ = [
    "FINAL_STATUSES",
    "ApiError",
    "Artifact",
    "ArtifactAdded",
    "AsyncRunHandle",
    "AsyncSkyvern",
    "AuthenticationError",
    "BadRequestError",
    "BrowserProfile",
    "BrowserSession",
    "BulkCancel",
    "Change",
    "ConflictError",
    "ConnectError",
    "ConnectionLostError",
    "Credential",
    "DownloadError",
    "FileInfo",
    "Finished",
    "ForbiddenError",
    "GeoTarget",
    "MockSite",
    "NotFoundError",
    "OutageBegan",
    "OutageEnded",
    "PollPolicy",
    "PollReport",
    "Position",
    "Progress",
    "ProxyLocation",
    "RateLimitError",
    "RawResponse",
    "RequestOptions",
    "RequestTimeoutError",
    "ResponseParseError",
    "RetryReport",
    "Run",
    "RunEngine",
    "RunHandle",
    "RunListItem",
    "RunStatus",
    "RunTimeoutError",
    "RunType",
    "ScriptRun",
    "ScriptRunResponse",
    "ServerError",
    "Skyvern",
    "SkyvernEnvironment",
    "SkyvernError",
    "StatusChanged",
    "TaskRun",
    "TaskRunRequest",
    "TaskRunResponse",
    "TimelineAction",
    "TimelineBlock",
    "TimelineItem",
    "TimelineItemAdded",
    "TimelineItemChanged",
    "TimelineThought",
    "TotpCode",
    "TransportError",
    "UnprocessableEntityError",
    "UploadedFile",
    "WebhookBodyError",
    "WebhookError",
    "WebhookEvent",
    "WebhookReplay",
    "WebhookSignatureError",
    "WebhookTimestampError",
    "WorkflowRun",
    "WorkflowRunAttempt",
    "WorkflowRunResponse",
    "sign_webhook",
    "verify_webhook",
]

_HOMES: Final = {
    "aio": ("AsyncSkyvern",),
    "downloads": ("Progress",),
    "handle": ("AsyncRunHandle", "RunHandle"),
    "changes": (
        "ArtifactAdded",
        "Change",
        "Finished",
        "OutageBegan",
        "OutageEnded",
        "Position",
        "StatusChanged",
        "TimelineItemAdded",
        "TimelineItemChanged",
    ),
    "webhooks": ("WebhookEvent", "sign_webhook", "verify_webhook"),
    "errors": (
        "ApiError",
        "AuthenticationError",
        "BadRequestError",
        "ConflictError",
        "ConnectError",
        "ConnectionLostError",
        "DownloadError",
        "ForbiddenError",
        "NotFoundError",
        "RateLimitError",
        "RequestTimeoutError",
        "ResponseParseError",
        "RunTimeoutError",
        "ServerError",
        "SkyvernError",
        "TransportError",
        "UnprocessableEntityError",
        "WebhookBodyError",
        "WebhookError",
        "WebhookSignatureError",
        "WebhookTimestampError",
    ),
    "hooks": (
        "PollReport",
        "RetryReport",
    ),
    "models": (
        "FINAL_STATUSES",
        "Artifact",
        "FileInfo",
        "Run",
        "RunEngine",
        "RunListItem",
        "RunStatus",
        "RunType",
        "ScriptRun",
        "ScriptRunResponse",
        "TaskRun",
        "TaskRunRequest",
        "TaskRunResponse",
        "TimelineAction",
        "TimelineBlock",
        "TimelineItem",
        "TimelineThought",
        "WorkflowRun",
        "WorkflowRunAttempt",
        "WorkflowRunResponse",
    ),
    "operations": ("MockSite",),
    "options": (
        "RequestOptions",
        "SkyvernEnvironment",
    ),
    "polling": ("PollPolicy",),
    "proxies": (
        "GeoTarget",
        "ProxyLocation",
    ),
    "raw": ("RawResponse",),
    "resources": (
        "BrowserProfile",
        "BrowserSession",
        "BulkCancel",
        "Credential",
        "TotpCode",
        "UploadedFile",
        "WebhookReplay",
    ),
    "sync": ("Skyvern",),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    return value


def __dir__() -> list[str]:
    return __all__
