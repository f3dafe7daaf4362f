"""What a real server was recorded to answer, as cassettes for the client.

Owns: which call of the client makes a recorded request, if any does; the turning of recorded exchanges into cassettes.
A recorded request belongs to a call only if the call sends exactly that: method, path, query and body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from vcr.request import Request
from vcr.serialize import serialize
from vcr.serializers import yamlserializer

from skyvern_tui.client.calls import Calls
from skyvern_tui.client.effects import Send
from skyvern_tui.client.options import Endpoint
from tests.contract.cassettes import BASE, CASSETTES, KEY, scrub_request, scrub_response

ORACLE: Final = CASSETTES.parent / "oracle"
REAL: Final = CASSETTES / "real"
TAPES: Final = ("exchanges", "stateful")
"""Recordings by name; their requests are replayed in the order they were made."""


class Asked(NamedTuple):
    """A call of the client."""

    name: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


_PLACES: Final = (
    ("GET", r"/v1/runs/([^/]+)", "get_run"),
    ("GET", r"/v1/runs/([^/]+)/timeline", "get_run_timeline"),
    ("GET", r"/v1/runs/([^/]+)/artifacts", "get_run_artifacts"),
    ("GET", r"/v1/runs", "get_runs"),
    ("GET", r"/v1/artifacts/([^/]+)", "get_artifact"),
    ("GET", r"/v1/browser_sessions", "get_browser_sessions"),
    ("GET", r"/v1/browser_sessions/([^/]+)", "get_browser_session"),
    ("GET", r"/v1/version", "get_version"),
    ("POST", r"/v1/runs/([^/]+)/cancel", "cancel_run"),
    ("POST", r"/v1/runs/cancel", "bulk_cancel_runs"),
    ("POST", r"/v1/runs/([^/]+)/retry_webhook", "retry_run_webhook"),
    ("POST", r"/v1/run/tasks", "run_task"),
    ("POST", r"/v1/run/tasks/login", "login"),
    ("POST", r"/v1/run/tasks/download_files", "download_files"),
    ("POST", r"/v1/browser_sessions", "create_browser_session"),
    ("POST", r"/v1/browser_sessions/([^/]+)/close", "close_browser_session"),
    ("POST", r"/v1/credentials/totp", "send_totp_code"),
)


def asked(request: Mapping[str, Any]) -> Asked | None:
    """Return the call that sends this recorded request; None if the client has none that does."""
    query = {name: values if len(values) > 1 else values[0] for name, values in parse_qs(request["query"]).items()}
    try:
        body = json.loads(request["body"]) if request["body"] else {}
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    for method, pattern, name in _PLACES:
        match = re.fullmatch(pattern, request["path"])
        if method != request["method"] or match is None:
            continue
        kwargs = {**{key: int(value) if str(value).isdigit() else value for key, value in query.items()}, **body}
        if name == "run_task":
            kwargs.setdefault("engine", None)
        call = Asked(name, match.groups(), kwargs)
        if _sends(call, request, body):
            return call
    return None


def _sends(call: Asked, request: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    calls = Calls(Endpoint(BASE, KEY, "test"), clock=lambda: 0.0, random=lambda: 0.0)
    try:
        sent = next(getattr(calls, call.name)(*call.args, **call.kwargs))
    except (TypeError, ValueError):  # a field the call has not, or a value it refuses to send
        return False
    assert isinstance(sent, Send)
    parts = urlsplit(sent.url)
    same_body = (json.loads(sent.content) if sent.content else {}) == body and bool(sent.content) == bool(
        request["body"]
    )
    return (
        (sent.method, parts.path) == (request["method"], request["path"])
        and same_body
        and (parse_qs(parts.query) == parse_qs(request["query"]))
    )


def exchanges(tape: str) -> Iterator[tuple[Asked, dict[str, Any]]]:
    """Yield the recorded exchanges of a tape that the client can make, in order, each with its call."""
    for line in (ORACLE / f"{tape}.jsonl").read_text(encoding="utf-8").splitlines():
        exchange = json.loads(line)
        call = asked(exchange["request"])
        if call is not None and isinstance(exchange["response"]["body"], str):
            yield call, exchange


def write(tape: str) -> Path:
    """Write a tape's cassette anew."""
    requests, responses = [], []
    for _, exchange in exchanges(tape):
        asked_, answered = exchange["request"], exchange["response"]
        query = f"?{asked_['query']}" if asked_["query"] else ""
        body = _compact(asked_["body"])
        headers = {"content-type": "application/json"} if body else {}
        requests.append(scrub_request(Request(asked_["method"], f"{BASE}{asked_['path']}{query}", body, headers)))
        response = {
            "status": {"code": answered["status"], "message": ""},
            "headers": {name: [value] for name, value in answered["headers"]},
            "body": {"string": answered["body"].encode()},
        }
        responses.append(scrub_response(response))
    REAL.mkdir(parents=True, exist_ok=True)
    path = REAL / f"{tape}.yaml"
    path.write_text(serialize({"requests": requests, "responses": responses}, yamlserializer), encoding="utf-8")
    return path


def _compact(body: str | None) -> bytes:
    """Return a body as the client writes JSON."""
    return json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")).encode() if body else b""
