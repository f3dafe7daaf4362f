"""A HAR file request by request: headers, bodies and where the time went.

Owns: reading the parts ``har`` leaves out, the waterfall, and filtering. Must not: show a
credential unless asked to: values of such headers and cookies are covered.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from skyvern_tui.core.har import MAX_ENTRIES, HarEntry, NotHar, parse_har
from skyvern_tui.core.masking import is_secret_name
from skyvern_tui.core.previews.bounds import MAX_TEXT, Unreadable, cell

PHASES: Final = ("blocked", "dns", "connect", "ssl", "send", "wait", "receive")
"""Parts of the time of a request, in order."""
MAX_HEADERS: Final = 200
MAX_BODY: Final = 2_000_000
"""Bytes of a body that are kept."""
_TIME: Final = TypeAdapter(datetime)
_TEXTUAL: Final = ("text/", "json", "xml", "javascript", "x-www-form-urlencoded", "svg", "graphql")


@dataclass(frozen=True, slots=True)
class Call:
    """One request. Times are milliseconds, from the first request of the file where they are moments."""

    number: int
    entry: HarEntry
    status_text: str
    at: float
    phases: tuple[tuple[str, float], ...]
    """Phases that took any time; they may add up to less than ``entry.time``."""
    query: tuple[tuple[str, str], ...]
    request_headers: tuple[tuple[str, str], ...]
    response_headers: tuple[tuple[str, str], ...]
    sent: bytes
    sent_type: str
    received: bytes
    server: str

    @property
    def end(self) -> float:
        """When it was over."""
        return self.at + (self.entry.time or 0.0)

    @property
    def is_text(self) -> bool:
        """True when the answer's body can be read by a person."""
        return any(part in self.entry.mime.lower() for part in _TEXTUAL)


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All requests of a file, and how long it took from the first to the last."""

    calls: tuple[Call, ...]
    duration: float
    total: int
    """Requests in the file; only so many are read."""
    unreadable: int

    def bar(self, call: Call, width: int) -> tuple[int, int]:
        """Return where a bar of at most ``width`` cells begins and how long it is; at least one cell."""
        if self.duration <= 0 or width <= 0:
            return 0, min(1, max(width, 0))
        start = min(width - 1, round(call.at / self.duration * width))
        return start, max(1, min(width - start, round((call.entry.time or 0.0) / self.duration * width)))


def read_har(data: bytes, *, uncovered: bool = False) -> Waterfall:
    """Read a HAR file. ``uncovered`` shows credentials. Raises :class:`Unreadable`."""
    if len(data) > MAX_TEXT * 8:
        raise Unreadable("too large to be taken apart")
    try:
        har = parse_har(data)
        raw = json.loads(data)["log"]["entries"]
    except (NotHar, RecursionError) as error:
        raise Unreadable(f"not a HAR file: {error}") from error
    raws = [entry for entry in raw[:MAX_ENTRIES] if isinstance(entry, dict)]
    moments = [_moment(entry.get("startedDateTime")) for entry in raws]
    first = min((moment for moment in moments if moment is not None), default=None)
    calls = []
    for number, (entry, plain, moment) in enumerate(zip(har.entries, raws, moments, strict=True)):
        at = 0.0 if moment is None or first is None else (moment - first) * 1000
        calls.append(_call(number, entry, plain, at, uncovered=uncovered))
    duration = max((call.end for call in calls), default=0.0)
    return Waterfall(tuple(calls), duration, har.total, har.unreadable)


def _moment(value: Any) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        return _TIME.validate_python(value).timestamp()
    except (ValidationError, OverflowError, OSError, ValueError):
        return None


def _call(number: int, entry: HarEntry, raw: dict[str, Any], at: float, *, uncovered: bool) -> Call:
    request, response = _dict(raw.get("request")), _dict(raw.get("response"))
    post, content = _dict(request.get("postData")), _dict(response.get("content"))
    timings = _dict(raw.get("timings"))
    phases = [(name, _milliseconds(timings.get(name))) for name in PHASES]
    return Call(
        number=number,
        entry=entry,
        status_text=cell(response.get("statusText")),
        at=at,
        phases=tuple((name, ms) for name, ms in phases if ms > 0),
        query=_pairs(request.get("queryString"), uncovered=uncovered),
        request_headers=_pairs(request.get("headers"), uncovered=uncovered),
        response_headers=_pairs(response.get("headers"), uncovered=uncovered),
        sent=_body(post.get("text"), post.get("encoding")),
        sent_type=cell(post.get("mimeType")),
        received=_body(content.get("text"), content.get("encoding")),
        server=cell(raw.get("serverIPAddress")),
    )


def _milliseconds(value: Any) -> float:
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e12  # noqa: PLR2004 - ms
    return float(value) if known else 0.0


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _pairs(value: Any, *, uncovered: bool) -> tuple[tuple[str, str], ...]:
    found = []
    for pair in (value if isinstance(value, list) else [])[:MAX_HEADERS]:
        if isinstance(pair, dict):
            name, text = cell(pair.get("name")), pair.get("value")
            plain = text if isinstance(text, str) else ""
            covered = bool(plain) and is_secret_name(name) and not uncovered
            found.append((name, f"covered ({len(plain)} characters)" if covered else cell(plain)))
    return tuple(found)


def _body(text: Any, encoding: Any) -> bytes:
    if not isinstance(text, str):
        return b""
    if encoding == "base64":
        try:
            return base64.b64decode(text[: MAX_BODY * 4 // 3], validate=False)[:MAX_BODY]
        except (binascii.Error, ValueError):
            return b""
    return text[:MAX_BODY].encode("utf-8", errors="replace")


def chosen(calls: Sequence[Call], needle: str) -> list[Call]:
    """Return the calls that fit every word of ``needle``.

    ``failed``, ``status:4xx``, ``status:404``, ``method:post``, ``type:json``, ``host:example.com``, ``slower:500``
    (milliseconds) and ``larger:10000`` (bytes) are conditions; any other word is looked for in the URL. A word that
    begins with ``-`` must not fit.
    """
    judges = [_judge(word.removeprefix("-"), wanted=not word.startswith("-")) for word in needle.lower().split()]
    return [call for call in calls if all(judge(call) for judge in judges)]


def _judge(word: str, *, wanted: bool) -> Callable[[Call], bool]:
    name, _, value = word.partition(":")
    number = float(value) if value.isdecimal() and len(value) < 16 else None  # noqa: PLR2004 - more is a mistake

    def fits(call: Call) -> bool:
        entry = call.entry
        tests: dict[str, Callable[[], bool]] = {
            "failed": lambda: entry.failed,
            "status": lambda: _status_fits(str(entry.status or ""), value),
            "method": lambda: entry.method.lower() == value,
            "type": lambda: value in entry.mime.lower(),
            "host": lambda: value in entry.url.lower().partition("://")[2].partition("/")[0],
            "slower": lambda: number is not None and (entry.time or 0.0) > number,
            "larger": lambda: number is not None and (entry.size or 0) > number,
        }
        known = name in tests and (bool(value) or name == "failed")
        return tests[name]() if known else word in entry.url.lower()

    return lambda call: fits(call) == wanted


def _status_fits(status: str, value: str) -> bool:
    return len(status) == len(value) and all(b in {"x", a} for a, b in zip(status, value, strict=True))
