"""What a chat-completions service sends: its answers, its counts, its complaints.

Owns: where the text, the tokens and the reasons stand, in the spellings services use.
Pure. Must not: judge the text.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from mock_server.agent.events import ModelError, Reply, Usage

_NO_PICTURES: Final = re.compile(
    rb"image|vision|multi-?modal|content.{0,40}(?:must be|expected).{0,20}string", re.IGNORECASE
)
_NO_TEMPERATURE: Final = re.compile(rb"temperature", re.IGNORECASE)
_SAID: Final = 300


def read_reply(data: bytes, model: str, request: bytes) -> Reply:
    """Return the answer in a completion.

    Raises:
        ModelError: It is no completion.
    """
    completion = _json(data)
    choices = completion.get("choices") if isinstance(completion, dict) else None
    message = (
        choices[0].get("message") if isinstance(choices, list) and choices and isinstance(choices[0], dict) else None
    )
    if not isinstance(message, dict) or not isinstance(completion, dict):
        raw = json.dumps({"error": "no completion", "answer": data[:100_000].decode(errors="replace")}).encode()
        raise ModelError("The model's service answered with something that is no completion.", request=request, raw=raw)
    named = completion.get("model")
    return Reply(
        text=_text(message),
        usage=_usage(completion.get("usage")),
        model=named if isinstance(named, str) and named else model,
        request=request,
        raw=data,
    )


def said_by(data: bytes) -> str:
    """Return the reason in an error's body, shortened; nothing if there is none."""
    answer = _json(data)
    error = answer.get("error", answer.get("detail", answer.get("message"))) if isinstance(answer, dict) else None
    if isinstance(error, dict):
        error = error.get("message")
    return " ".join(error.split())[:_SAID] if isinstance(error, str) else ""


def refuses_pictures(data: bytes) -> bool:
    """Whether an error says that the model takes no pictures."""
    return bool(_NO_PICTURES.search(data))


def refuses_temperature(data: bytes) -> bool:
    """Whether an error says that the model's temperature cannot be chosen."""
    return bool(_NO_TEMPERATURE.search(data))


def _text(message: dict[str, Any]) -> str:
    """The text of a message; a model that answers with a call of a function means that as its text."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    if isinstance(content, str) and content.strip():
        return content
    calls = message.get("tool_calls") or message.get("function_call")
    if calls:
        return json.dumps(calls)
    refusal = message.get("refusal")
    return refusal if isinstance(refusal, str) else ""


def _usage(usage: Any) -> Usage:
    if not isinstance(usage, dict):
        return Usage()
    return Usage(
        input=_count(usage, "prompt_tokens", "input_tokens"),
        output=_count(usage, "completion_tokens", "output_tokens"),
        reasoning=_count(usage.get("completion_tokens_details"), "reasoning_tokens"),
        cached=_count(usage.get("prompt_tokens_details"), "cached_tokens"),
    )


def _count(counts: Any, *names: str) -> int | None:
    found = [counts.get(name) for name in names] if isinstance(counts, dict) else []
    return next(
        (count for count in found if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 2**53),
        None,
    )


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
