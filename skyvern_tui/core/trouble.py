"""An error of the client as something to tell a person and to act on.

Owns: sorting errors into the few kinds a screen treats differently. Must not: retry, wait
or show anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from skyvern_tui.client.errors import (
    ApiError,
    ForbiddenError,
    NotFoundError,
    RateLimitError,
    ServerError,
    SkyvernError,
    UnprocessableEntityError,
)
from skyvern_tui.core.draft import BY_NAME
from skyvern_tui.core.text import one_line, shorten

MAX_MESSAGE: Final = 500


class Kind(StrEnum):
    """What the trouble asks for."""

    lost = "lost"
    """No answer, or none that can be used: wait and ask again."""
    busy = "busy"
    """Asked too often: wait as long as told."""
    refused = "refused"
    """The key is not accepted: a person has to act."""
    missing = "missing"
    """There is no such thing."""
    rejected = "rejected"
    """The request itself is wrong."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong, in safe text."""

    kind: Kind
    message: str
    hint: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Reasons by parameter, where the server named the parameter."""
    retry_after: float | None = None
    """Seconds the server asked to wait."""


def trouble_of(error: SkyvernError) -> Trouble:
    """Sort an error of the client."""
    message = shorten(one_line(_said(error)), MAX_MESSAGE)
    hint = shorten(one_line(error.hint), MAX_MESSAGE)
    fields: dict[str, str] = {}
    retry_after: float | None = None
    match error:
        case RateLimitError():
            kind, retry_after = Kind.busy, error.retry_after
        case ForbiddenError():
            kind = Kind.refused
        case NotFoundError():
            kind = Kind.missing
        case UnprocessableEntityError():
            kind, fields = Kind.rejected, _named(error.problems)
        case ApiError() if not isinstance(error, ServerError):
            kind, fields = Kind.rejected, _mentioned(message)
        case _:  # no answer, a failing server, or an answer that can't be read
            kind = Kind.lost
    return Trouble(kind, message, hint, fields, retry_after)


def _said(error: SkyvernError) -> str:
    """Return the message without the request it was about: on screen one sees what one did."""
    if isinstance(error, ApiError) and isinstance(error.body, dict):
        said = error.body.get("detail") or error.body.get("error")
        if isinstance(said, str) and said:
            return said
    request = f"{getattr(error, 'method', '')} {getattr(error, 'url', '')}"
    if not request.strip() or not error.message.startswith(request):
        return error.message
    rest = error.message.removeprefix(request).lstrip(": ")
    return f"the request {rest}" if rest.startswith(("was ", "cannot ")) else rest


def _named(problems: Mapping[str, str]) -> dict[str, str]:
    """Turn paths such as ``body.max_steps`` into parameter names; paths of no parameter are dropped."""
    fields: dict[str, str] = {}
    for path, reason in problems.items():
        for part in path.split("."):
            if part in BY_NAME:
                fields.setdefault(part, one_line(reason))
    return fields


def _mentioned(message: str) -> dict[str, str]:
    """Find the parameter that a refusal in one sentence, such as ``Invalid url: blocked host``, is about."""
    words = {word.strip(".,:;`'\"()") for word in message.split()}
    return {name: message for name in BY_NAME if name in words and ("_" in name or name == "url")}
