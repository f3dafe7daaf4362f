"""A journal for reading and for other tools.

Owns: the three forms: entries in JSON, a cassette for vcrpy, HAR 1.2. Must not: choose
exchanges, or let one out that did not pass ``journal_redaction``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote

from mock_server.scenarios.journal import Entry, RawHeaders
from mock_server.scenarios.journal_hints import hint
from mock_server.scenarios.journal_query import NearMiss, json_of, run_id
from mock_server.scenarios.journal_redaction import GONE, redacted

if TYPE_CHECKING:
    from mock_server.scenarios.script import Match

_CREATOR: Final = {"name": "skyvern-mock", "version": "1"}


def summary(entry: Entry) -> dict[str, Any]:
    """Return an exchange without headers and bodies."""
    shown = redacted(entry)
    fault = entry.fault
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "seconds": round(entry.seconds, 6),
        "operation": entry.operation,
        "run_id": run_id(entry),
        "method": entry.method,
        "path": shown.path,
        "query": shown.query.decode("latin-1"),
        "status": entry.status,
        "fault": fault and {"kind": fault.kind, "id": fault.rule_id, "when": fault.when, "effect": fault.effect},
        "hint": hint(entry),
    }


def whole(entry: Entry) -> dict[str, Any]:
    """Return an exchange as JSON; bodies are JSON if they are, else text, else ``{"base64": …}``."""
    shown = redacted(entry)
    return {
        **summary(entry),
        "request": {
            "headers": _pairs(shown.headers),
            "body": _shown(shown.body),
            "length": entry.body_length,
        },
        "answer": {
            "headers": _pairs(shown.answer_headers),
            "body": _shown(shown.answer),
            "length": entry.answer_length,
        },
    }


def differences(miss: NearMiss) -> list[dict[str, Any]]:
    """Return where an exchange is not what was expected; what it holds itself is shown without its secrets."""
    shown = redacted(miss.entry)
    again = {difference.where: difference for difference in miss.expected.differences(shown)}
    return [again.get(found.where, replace(found, found=GONE)).as_json() for found in miss.differences]


def script_miss(match: Match, tasks: Iterable[Entry]) -> dict[str, Any]:
    """Return what a script is for and the task that came closest to it: number, and the parts that do not fit."""
    best: tuple[int, list[str]] | None = None
    for task in tasks:
        sent = json_of(task.body)
        unfit = _unfit(match, sent) if isinstance(sent, dict) else []
        if isinstance(sent, dict) and (best is None or len(unfit) <= len(best[1])):
            best = task.number, unfit
    wanted = match.model_dump(mode="json", exclude_none=True)
    return {"match": wanted, "closest": best and {"number": best[0], "unfit": best[1]}}


def _unfit(match: Match, sent: dict[str, Any]) -> list[str]:
    """Name the parts of a script's match a task lacks. An engine the task leaves to the server is not judged."""
    unfit = [
        name
        for name, wanted in (("prompt", match.prompt), ("url", match.url), ("title", match.title))
        if wanted is not None and not wanted.fits(str(sent.get(name) or ""))
    ]
    return [*unfit, "engine"] if match.engine and sent.get("engine") not in (None, match.engine) else unfit


def cassette(entries: Iterable[Entry], base_url: str) -> str:
    """Return a cassette vcrpy replays. Exchanges it cannot hold are named in a comment at its head.

    Those are the ones without a whole answer: cut on purpose, or longer than the journal keeps.
    """
    import yaml  # noqa: PLC0415  # for those who export only

    interactions, left_out = [], []
    for entry in entries:
        reason = unreplayable(entry)
        if reason:
            left_out.append(f"# left out: number {entry.number}, {entry.operation}: {reason}\n")
        else:
            interactions.append(interaction(redacted(entry), base_url))
    text = yaml.safe_dump(
        {"interactions": interactions, "version": 1}, sort_keys=False, allow_unicode=True, width=10_000
    )
    return "".join(left_out) + text


def har(entries: Iterable[Entry], base_url: str) -> dict[str, Any]:
    """Return an HTTP archive, version 1.2. An exchange without an answer has status 0."""
    return {
        "log": {
            "version": "1.2",
            "creator": _CREATOR,
            "entries": [_har_entry(redacted(entry), base_url) for entry in entries],
        }
    }


def unreplayable(entry: Entry) -> str | None:
    """Return why a cassette cannot hold an exchange; None if it can."""
    if entry.status is None:
        return "it was not answered"
    if entry.cut:
        return "its answer was cut on purpose"
    if entry.answer_length != len(entry.answer):
        return f"its answer is longer than the {len(entry.answer)} bytes that are kept"
    if entry.body_length != len(entry.body):
        return f"its body is longer than the {len(entry.body)} bytes that are kept"
    return None


def interaction(shown: Entry, base_url: str) -> dict[str, Any]:
    """Return an exchange, which is without its secrets already, in the form vcrpy reads."""
    headers = _with_length(shown.answer_headers, shown.answer)
    return {
        "request": {
            "body": _text_or_bytes(shown.body),  # Empty as vcrpy has it of httpx, so that bodies can be matched on.
            "headers": _grouped(shown.headers),
            "method": shown.method,
            "uri": _url(shown, base_url),
        },
        "response": {
            "body": {"string": _text_or_bytes(shown.answer)},
            "headers": _grouped(headers),
            "status": {"code": shown.status, "message": _phrase(shown.status)},
        },
    }


def _har_entry(shown: Entry, base_url: str) -> dict[str, Any]:
    milliseconds = round(max(shown.seconds, 0.0) * 1000, 3)
    request: dict[str, Any] = {
        "method": shown.method,
        "url": _url(shown, base_url),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(shown.headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(shown.query.decode("latin-1"), keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": shown.body_length,
    }
    if shown.body:
        mime = shown.header(b"content-type").decode("latin-1")
        request["postData"] = {"mimeType": mime, "text": shown.body.decode(errors="replace")}
    found: dict[str, Any] = {
        "startedDateTime": shown.at.replace(tzinfo=UTC).isoformat(),
        "time": milliseconds,
        "request": request,
        "response": _har_response(shown),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
    }
    if shown.fault is not None:
        found["comment"] = f"fault: {shown.fault.kind} ({shown.fault.effect})"
    return found


def _har_response(shown: Entry) -> dict[str, Any]:
    content: dict[str, Any] = {
        "size": shown.answer_length,
        "mimeType": shown.answer_header(b"content-type").decode("latin-1") or "x-unknown",
    }
    try:
        content["text"] = shown.answer.decode()
    except UnicodeDecodeError:
        content |= {"text": base64.b64encode(shown.answer).decode(), "encoding": "base64"}
    return {
        "status": shown.status or 0,
        "statusText": _phrase(shown.status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(shown.answer_headers),
        "content": content,
        "redirectURL": shown.answer_header(b"location").decode("latin-1"),
        "headersSize": -1,
        "bodySize": shown.answer_length,
    }


def _url(shown: Entry, base_url: str) -> str:
    query = shown.query.decode("latin-1")
    return base_url + quote(shown.path, safe="/:@!$&'()*+,;=~") + (f"?{query}" if query else "")


def _phrase(status: int | None) -> str:
    try:
        return HTTPStatus(status or 0).phrase
    except ValueError:
        return ""


def _pairs(headers: RawHeaders) -> list[dict[str, str]]:
    return [{"name": name.decode("latin-1"), "value": value.decode("latin-1")} for name, value in headers]


def _grouped(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in headers:
        grouped.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return grouped


def _with_length(headers: RawHeaders, body: bytes) -> RawHeaders:
    """Return headers whose length is that of the redacted body."""
    return [
        (name, b"%d" % len(body) if name.lower() == b"content-length" and body else value) for name, value in headers
    ]


def _text_or_bytes(body: bytes) -> str | bytes:
    """Return text where YAML can hold it as it is."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    plain = all(letter.isprintable() or letter in "\n\t" for letter in text)
    return text if plain else body


def _shown(body: bytes) -> Any:
    if not body:
        return None
    value = json_of(body)
    if value is not None and _is_standard(value):
        return value
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _is_standard(value: Any) -> bool:
    """Tell whether a value can be said in JSON again: Python also reads NaN."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True
