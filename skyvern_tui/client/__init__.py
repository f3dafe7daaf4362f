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
        TaskRunRequest,
        TimelineAction,
        TimelineBlock,
        TimelineItem,
        TimelineThought,
    )
    from skyvern_tui.client.operations import MockSite
    from skyvern_tui.client.options import RequestOptions, SkyvernEnvironment
    from skyvern_tui.client.polling import PollPolicy
    from skyvern_tui.client.sync import Skyvern
    from skyvern_tui.client.waiting import PollReport

__all__ = [
    "FINAL_STATUSES",
    "ApiError",
    "Artifact",
    "AsyncSkyvern",
    "AuthenticationError",
    "BadRequestError",
    "ConflictError",
    "ConnectError",
    "ConnectionLostError",
    "DownloadError",
    "FileInfo",
    "ForbiddenError",
    "MockSite",
    "NotFoundError",
    "PollPolicy",
    "PollReport",
    "Progress",
    "RateLimitError",
    "RequestOptions",
    "RequestTimeoutError",
    "ResponseParseError",
    "Run",
    "RunEngine",
    "RunListItem",
    "RunStatus",
    "RunTimeoutError",
    "RunType",
    "ScriptRun",
    "ServerError",
    "Skyvern",
    "SkyvernEnvironment",
    "SkyvernError",
    "TaskRunRequest",
    "TimelineAction",
    "TimelineBlock",
    "TimelineItem",
    "TimelineThought",
    "TransportError",
    "UnprocessableEntityError",
    "WebhookBodyError",
    "WebhookError",
    "WebhookSignatureError",
    "WebhookTimestampError",
]

_HOMES: Final = {
    "aio": ("AsyncSkyvern",),
    "waiting": ("PollReport",),
    "downloads": ("Progress",),
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
    "models": (
        "Artifact",
        "FINAL_STATUSES",
        "FileInfo",
        "Run",
        "RunEngine",
        "RunListItem",
        "RunStatus",
        "RunType",
        "ScriptRun",
        "TaskRunRequest",
        "TimelineAction",
        "TimelineBlock",
        "TimelineItem",
        "TimelineThought",
    ),
    "operations": ("MockSite",),
    "options": (
        "RequestOptions",
        "SkyvernEnvironment",
    ),
    "polling": ("PollPolicy",),
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
