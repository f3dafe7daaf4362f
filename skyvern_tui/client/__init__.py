"""Wire models, requests, retry, polling; sync and async faces on one sans-I/O core.

>>> with Skyvern(api_key=..., base_url="http://localhost:8000") as client:
...     run = client.run_task("Get the title of the top post", url=..., wait_for_completion=True)

Owns: the public names of the client. Must not: import anything but httpx and pydantic
below it. The models load when first used: see ``operations.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skyvern_tui.client.aio import AsyncSkyvern
from skyvern_tui.client.calls import PollReport
from skyvern_tui.client.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ConnectError,
    ConnectionLostError,
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
)
from skyvern_tui.client.operations import MockSite
from skyvern_tui.client.options import RequestOptions, SkyvernEnvironment
from skyvern_tui.client.polling import PollPolicy
from skyvern_tui.client.sync import Skyvern

if TYPE_CHECKING:
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
    "FileInfo",
    "ForbiddenError",
    "MockSite",
    "NotFoundError",
    "PollPolicy",
    "PollReport",
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
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from skyvern_tui.client import models  # noqa: PLC0415 - loaded with the first model asked for

        return getattr(models, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
