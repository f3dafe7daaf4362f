"""What a client did wrong, as far as an exchange shows it.

Owns: the mistakes that are known and the advice for each. Must not: refuse anything; a hint
stands in the journal beside what the service itself said.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import Any, Final

from mock_server.scenarios.journal import Entry
from mock_server.scenarios.journal_query import json_of
from mock_server.scenarios.operations import OTHER, call

ENGINES: Final = (
    "skyvern-1.0",
    "skyvern-2.0",
    "skyvern-3.0",
    "openai-cua",
    "anthropic-cua",
    "ui-tars",
    "yutori-navigator",
)
_ENGINE_MISTAKES: Final = {"skyvern_v1": "skyvern-1.0", "skyvern_v2": "skyvern-2.0", "skyvern": "skyvern-2.0"}
FIELDS: Final = (
    "prompt",
    "url",
    "engine",
    "title",
    "proxy_location",
    "data_extraction_schema",
    "error_code_mapping",
    "max_steps",
    "webhook_url",
    "totp_identifier",
    "totp_url",
    "browser_session_id",
    "browser_profile_id",
    "start_fresh_browser",
    "model",
    "extra_http_headers",
    "publish_workflow",
    "include_action_history_in_verification",
    "max_screenshot_scrolls",
    "browser_address",
    "run_with",
    "cdp_connect_headers",
    "file_ids",
)
"""The fields of a task request."""
_OLD_FIELDS: Final = {
    "navigation_goal": "prompt",
    "data_extraction_goal": "prompt",
    "user_prompt": "prompt",
    "extracted_information_schema": "data_extraction_schema",
    "extraction_schema": "data_extraction_schema",
    "webhook_callback_url": "webhook_url",
    "totp_verification_url": "totp_url",
    "max_steps_override": "max_steps",
    "wait_for_completion": None,
    "timeout": None,
}
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_NOT_ALLOWED: Final = 405
_INVALID: Final = 422
_FIRST_ERROR: Final = 400
_RUN_ID: Final = re.compile(r"(?:tsk|tsk_v2|wr)_\d+")


def hint(entry: Entry) -> str | None:
    """Return advice for the client that sent this; None if nothing is known to be wrong with it."""
    if entry.fault is not None and entry.fault.effect != "late":
        return None  # What it was answered says nothing about what it asked.
    for look in _LOOKS:
        if advice := look(entry):
            return advice
    return None


def _key(entry: Entry) -> str | None:
    key, authorization = entry.header(b"x-api-key"), entry.header(b"authorization")
    if entry.status != _FORBIDDEN or b"sig=" in entry.query:
        return None
    if key[:7].lower() == b"bearer ":
        return 'The x-api-key header holds the key alone, without "Bearer ".'
    if not key and authorization:
        return "The key goes into the x-api-key header, not into Authorization."
    if not key:
        return "There is no API key: send it in the x-api-key header."
    return "This server was started with --require-key; the key that was sent is not among those it lets in."


def _path(entry: Entry) -> str | None:
    if entry.status != _NOT_FOUND or entry.operation != OTHER:
        return None
    path = entry.path
    squeezed = re.sub(r"/+", "/", path)
    tries = (
        (squeezed, "The path has a double slash; does the base URL end in one?"),
        (f"/v1{squeezed}", "The path lacks /v1."),
        (squeezed.replace("/v1/v1/", "/v1/", 1), "The path has /v1 twice; the base URL is without it."),
        (squeezed.removeprefix("/api"), "The path has /api before /v1; the base URL is without it."),
    )
    for candidate, advice in tries:
        if candidate != path and call(entry.method, candidate).operation != OTHER:
            return f"{advice} Ask for {candidate}."
    return None


def _method(entry: Entry) -> str | None:
    if entry.status != _NOT_ALLOWED:
        return None
    allowed = entry.answer_header(b"allow").decode("latin-1")
    return f"{entry.method} is not what {entry.path} takes; it takes {allowed}." if allowed else None


def _run_id(entry: Entry) -> str | None:
    given = entry.call.run_id
    if entry.status != _NOT_FOUND or given is None:
        return None
    if given in ("undefined", "null", "None", "[object Object]"):
        return f"The run id is {given!r}: the program that asked had none."
    if not _RUN_ID.fullmatch(given):
        return f"{given!r} has not the form of a run id: tsk_v2_…, tsk_… or wr_… with digits behind it."
    return "No run of this API key has that id. Runs belong to the key that made them: was it another one?"


def _bytes(entry: Entry) -> str | None:
    if entry.status != _INVALID or not entry.body or entry.method not in ("POST", "PUT", "PATCH"):
        return None
    kind = entry.header(b"content-type").partition(b";")[0].strip().lower()
    looks_like_json = entry.body.lstrip()[:1] in (b"{", b"[")
    if looks_like_json and not kind.endswith(b"json"):
        sent = kind.decode("latin-1") or "none"
        return f"The body looks like JSON but its content type is {sent}; send content-type: application/json."
    if kind.endswith(b"json") and json_of(entry.body) is None and len(entry.body) == entry.body_length:
        return "The body is not JSON."
    if isinstance(json_of(entry.body), str):
        return "The body is a JSON text that holds JSON: it was encoded twice."
    return None


def _wrapped(entry: Entry) -> str | None:
    sent = _task(entry)
    if not sent or "prompt" in sent or entry.status != _INVALID:
        return None
    for name, value in sent.items():
        if isinstance(value, dict) and "prompt" in value:
            return (
                f'The fields belong at the top level: {{"prompt": …}}, not {{"{name}": {{"prompt": …}}}}. '
                "(The TypeScript SDK takes them so from 1.0.50 on, whatever its pages say.)"
            )
    return None


def _engine(entry: Entry) -> str | None:
    engine = _task(entry).get("engine")
    if not isinstance(engine, str) or engine in ENGINES:
        return None
    lower = engine.lower().replace("_", "-")
    meant = _ENGINE_MISTAKES.get(engine.lower()) or next(iter(difflib.get_close_matches(lower, ENGINES, 1)), None)
    guess = f"Is {meant!r} meant? " if meant else ""
    return f"{engine!r} is no engine. {guess}There are {', '.join(ENGINES)}."


def _fields(entry: Entry) -> str | None:
    """Name fields of a task that the service takes no notice of."""
    for name in _task(entry):
        if name in FIELDS:
            continue
        if name in _OLD_FIELDS:
            meant = _OLD_FIELDS[name]
            if meant is None:
                return f"{name!r} is an argument of the SDKs, not a field of the request; the service ignores it."
            return f"{name!r} is a name of before; the field is {meant!r}. The service ignores the old one."
        close = difflib.get_close_matches(re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower(), FIELDS, 1, 0.8)
        if close:
            return f"{name!r} is no field and is ignored. Is {close[0]!r} meant?"
    return None


def _task(entry: Entry) -> dict[str, Any]:
    if entry.operation != "run_task":
        return {}
    sent = json_of(entry.body)
    return sent if isinstance(sent, dict) else {}


def _missing(entry: Entry) -> str | None:
    if entry.operation == "run_task" and entry.status == _INVALID and not entry.body:
        return 'The request has no body; the least is {"prompt": "…"}.'
    return None


_LOOKS: Final[tuple[Callable[[Entry], str | None], ...]] = (
    _key,
    _path,
    _method,
    _run_id,
    _missing,
    _bytes,
    _wrapped,
    _engine,
    _fields,
)
