"""What an answer becomes under a fault.

Owns: the altered status, headers and body of every kind that leaves the connection alone.
Must not: send anything, or know the time but by being told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from mock_server.scenarios.faults_kinds import Fault

RawHeaders = list[tuple[bytes, bytes]]

_JSON: Final = b"application/json"
_BODILESS: Final = (204, 304)
_OFFSET: Final = timezone(timedelta(hours=5, minutes=30))
_BAD_DATETIME: Final = "21/11/2026 half past noon"
_EACH: Final = "*"
_PROXY_PAGE: Final = """<html>\r
<head><title>{status} {phrase}</title></head>\r
<body>\r
<center><h1>{status} {phrase}</h1></center>\r
<hr><center>proxy</center>\r
</body>\r
</html>\r
"""


class Reply(NamedTuple):
    """A whole answer."""

    status: int
    headers: RawHeaders
    body: bytes


def altered(fault: Fault, true: Reply | None, now: datetime) -> tuple[Reply, bool]:
    """Return what is sent instead of the true answer, and whether that differs from it.

    ``true`` is None if the request was not executed; ``now`` is naive UTC.
    """
    if fault.kind in INSTEAD:
        return INSTEAD[fault.kind](fault, now), True
    assert true is not None
    body, headers = true.body, true.headers
    if fault.kind == "content_type":
        headers = _with(headers, b"content-type", fault.value.encode())
    elif fault.kind == "malformed_json":
        body = _malformed(body, fault.form)
    else:
        body = _with_other_fields(fault, body)
    reply = Reply(true.status, _with(headers, b"content-length", b"%d" % len(body)), body)
    return reply, reply != true


def _status(fault: Any, now: datetime) -> Reply:
    headers = [(name.lower().encode(), value.encode()) for name, value in fault.headers.items()]
    if fault.retry_after is not None:
        headers.append((b"retry-after", _retry_after(fault.retry_after, now).encode()))
    body, kind = _stated(fault.status, fault.body)
    return _reply(fault.status, body, kind, headers)


def _retry_after(text: str, now: datetime) -> str:
    if not text.startswith("date"):
        return text
    moment = (now + timedelta(seconds=float(text[4:] or "0"))).replace(tzinfo=UTC)
    return format_datetime(moment, usegmt=True)


def _stated(status: int, body: Any) -> tuple[bytes, bytes]:
    """Return a body and its content type; the service's own form if none is given."""
    if body is None:
        phrase = _phrase(status)
        stated = {"error": phrase} if status >= HTTPStatus.INTERNAL_SERVER_ERROR else {"detail": phrase}
        return _dump(stated), _JSON
    if isinstance(body, str):
        try:
            json.loads(body)
        except ValueError:
            return body.encode(errors="replace"), b"text/plain; charset=utf-8"
        return body.encode(errors="replace"), _JSON
    return _dump(body), _JSON


def _error(fault: Any, _now: datetime) -> Reply:
    return _reply(fault.status, _dump({"error": fault.message}), _JSON)


def _html(fault: Any, _now: datetime) -> Reply:
    page = _PROXY_PAGE.format(status=fault.status, phrase=_phrase(fault.status))
    return _reply(fault.status, page.encode(), b"text/html")


def _empty(fault: Any, _now: datetime) -> Reply:
    return _reply(fault.status, b"", None)


INSTEAD: Final[dict[str, Callable[[Any, datetime], Reply]]] = {
    "status": _status,
    "error": _error,
    "html": _html,
    "empty": _empty,
}
"""The kinds that do not need the true answer."""


def _reply(status: int, body: bytes, content_type: bytes | None, headers: RawHeaders | None = None) -> Reply:
    whole = list(headers or ())
    named = {name for name, _ in whole}
    if status in _BODILESS:
        return Reply(status, whole, b"")
    if content_type and b"content-type" not in named:
        whole.append((b"content-type", content_type))
    if b"content-length" not in named:
        whole.append((b"content-length", b"%d" % len(body)))
    return Reply(status, whole, body)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _malformed(body: bytes, form: str) -> bytes:
    if form == "trailing":
        return body + b"}{"
    # An empty body has nothing to be cut off; half of a value is one in no grammar, unless it is a bare number.
    return body[: len(body) // 2] if len(body) > 1 and body[:1] in b'{["' else b"{"


def _with_other_fields(fault: Any, body: bytes) -> bytes:
    """Return a JSON body with its fields changed; any other as it is."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return body
    if fault.kind == "datetime" and fault.field is None:
        return _dump(_all_datetimes(value, fault.form))
    found = False
    for holder, name in _places(value, fault.field, new=fault.kind == "extra_field"):
        found = True
        _change(fault, holder, name)
    return _dump(value) if found else body


def _change(fault: Any, holder: Any, name: Any) -> None:
    kind = fault.kind
    if kind == "missing_field":
        del holder[name]
    elif kind == "null_field":
        holder[name] = None
    elif kind == "renamed_field":
        if isinstance(holder, dict):
            renamed = {fault.to if key == name else key: value for key, value in holder.items()}
            holder.clear()
            holder.update(renamed)
    elif kind == "datetime":
        holder[name] = _datetime(holder[name], fault.form)
    else:
        holder[name] = fault.value


def _places(value: Any, path: str, *, new: bool) -> Iterator[tuple[Any, Any]]:
    """Find what a dotted path means: ``run_request.engine``, ``downloaded_files.0.url``, ``blocks.*.status``.

    A list at the top is gone through without being named. With ``new`` the last name need not be there yet.
    """
    parts = path.split(".")
    if isinstance(value, list) and parts[0] != _EACH and not parts[0].isdigit():
        parts.insert(0, _EACH)
    holders = [value]
    for part in parts[:-1]:
        holders = [holder[name] for holder in holders for name in _names(holder, part, new=False)]
    last = parts[-1]
    for holder in holders:
        for name in _names(holder, last, new=new):
            yield holder, name


def _names(holder: Any, part: str, *, new: bool) -> list[Any]:
    if isinstance(holder, list):
        if part == _EACH:
            return list(range(len(holder)))
        return [int(part)] if part.isdecimal() and int(part) < len(holder) else []
    if not isinstance(holder, dict):
        return []
    if part == _EACH:
        return list(holder)
    return [part] if new or part in holder else []


def _all_datetimes(value: Any, form: str) -> Any:
    if isinstance(value, list):
        return [_all_datetimes(item, form) for item in value]
    if isinstance(value, dict):
        return {
            name: _datetime(item, form)
            if name.endswith("_at") and isinstance(item, str)
            else _all_datetimes(item, form)
            for name, item in value.items()
        }
    return value


def _datetime(value: Any, form: str) -> Any:
    """Return a datetime in another form; the moment stays the same. What is no datetime stays as it is."""
    if form == "bad":
        return _BAD_DATETIME if value is not None else None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        if form == "offset":
            return moment.astimezone(_OFFSET).isoformat()
        text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    except OverflowError:
        return value
    return text + "Z" if form == "z" else text


def _with(headers: RawHeaders, name: bytes, value: bytes) -> RawHeaders:
    """Return headers with one of them set, at its place if it was there."""
    if any(own == name for own, _ in headers):
        return [(own, value if own == name else kept) for own, kept in headers]
    return [*headers, (name, value)]


def _dump(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return json.dumps(value, separators=(",", ":")).encode()
