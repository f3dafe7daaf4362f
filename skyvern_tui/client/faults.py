"""From what went wrong to the error that says so, with what to do about it.

Owns: the reading of refused answers, unreadable answers and httpx's exceptions; every
hint. Must not: decide whether to try again, or raise anything itself.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from skyvern_tui.client.effects import Reply, Send
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
    ServerError,
    TransportError,
    UnprocessableEntityError,
)
from skyvern_tui.client.options import API_KEY_VARIABLE, Endpoint, SkyvernEnvironment
from skyvern_tui.client.retry import parse_retry_after
from skyvern_tui.client.secrets import describe_key, looks_like_jwt, redact, redact_bytes, redact_url

KEY_PAGE: Final = "https://app.skyvern.com/settings"
_LONGEST_EXCERPT: Final = 200
_ABOUT_THE_KEY: Final = re.compile(r"credential|api.?key|token|authenticat|not authorized|unauthorized", re.IGNORECASE)
_ARTIFACT_URL: Final = re.compile(r"artifact url", re.IGNORECASE)
_BY_STATUS: Final[dict[int, type[ApiError]]] = {
    400: BadRequestError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
}
_HINTS: Final = {
    402: "The account has no credits left; see its billing page.",
    409: "Something else holds it or has changed it; read it again before trying again.",
    410: "The browser session is over; create_browser_session() opens another.",
    413: "It is larger than the server takes; uploads may have 10 MB.",
}
_REDIRECTS: Final = range(300, 400)
_TELLING_CAUSES: Final = (socket.gaierror, ssl.SSLError, ConnectionRefusedError)
_SERVER_FAULTS: Final = range(500, 600)


def refused(request: Send, reply: Reply, endpoint: Endpoint) -> ApiError:
    """Return the error for an answer whose status is not 2xx."""
    body = _body(reply, endpoint.api_key)
    detail = _detail(body)
    url = redact_url(request.url)
    message = f"{request.method} {url} was answered with {reply.status}" + (f": {detail}" if detail else ".")
    common: dict[str, Any] = {
        "status_code": reply.status,
        "headers": {name: redact(value, endpoint.api_key) for name, value in reply.headers.items()},
        "body": body,
        "method": request.method,
        "url": url,
        "run_id": request.run_id,
    }
    status = reply.status
    hint = ""
    if status == httpx.codes.UNAUTHORIZED or (status == httpx.codes.FORBIDDEN and _is_about_the_key(detail)):
        return AuthenticationError(message, hint=_key_hint(detail, endpoint), **common)
    if status == httpx.codes.UNPROCESSABLE_ENTITY:
        problems = _problems(body)
        return UnprocessableEntityError(message, problems=problems, hint=_field_hint(problems, body), **common)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        after = parse_retry_after(reply.headers)
        hint = f"Try again in {after:g} s." if after is not None else "Too many requests; try again later."
        return RateLimitError(message, retry_after=after, hint=hint, **common)
    if status == httpx.codes.FORBIDDEN:
        hint = _forbidden_hint(detail, endpoint)
    elif status == httpx.codes.NOT_FOUND:
        hint = _not_found_hint(detail, body, request, endpoint)
    elif status in _REDIRECTS:
        target = redact_url(reply.headers.get("location", ""))
        hint = f"The server points to {target or 'another place'}; a key is not sent there by itself. Fix base_url."
    elif status in _HINTS:
        hint = _HINTS[status]
    elif status in _SERVER_FAULTS:
        hint = "The fault is on the server's side; trying again later may help."
    kind = ServerError if status in _SERVER_FAULTS else _BY_STATUS.get(status, ApiError)
    return kind(message, hint=hint, **common)


def unreadable(request: Send, reply: Reply, problem: ValueError, endpoint: Endpoint) -> ResponseParseError:
    """Return the error for a 2xx answer that could not be parsed."""
    body = _body(reply, endpoint.api_key)
    is_json = not isinstance(body, str)
    url = redact_url(request.url)
    if not reply.content:
        what = "an empty body"
    elif is_json:
        what = f"JSON of another shape ({_first_line(str(problem))})"
    else:
        what = f"something that is no JSON: {_excerpt(str(body))!r}"
    return ResponseParseError(
        f"{request.method} {url} was answered with {reply.status} and {what}.",
        hint=f"Is {endpoint.base_url} a Skyvern server, or a page in front of it?",
        status_code=reply.status,
        headers={name: redact(value, endpoint.api_key) for name, value in reply.headers.items()},
        body=body,
        is_json=is_json,
        method=request.method,
        url=url,
        run_id=request.run_id,
    )


def unanswered(request: Send, problem: Exception) -> TransportError:
    """Return the error for an exception of the transport; the exception becomes its cause."""
    url = redact_url(request.url)
    host = urlsplit(url).netloc
    common: dict[str, Any] = {"method": request.method, "url": url, "run_id": request.run_id}
    error: TransportError
    if isinstance(problem, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)):
        what, hint = _why_no_connection(problem, host)
        error = ConnectError(f"{request.method} {url}: {what}.", hint=hint, **common)
    elif isinstance(problem, (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError)):
        error = ConnectError(f"{request.method} {url} cannot be sent: {problem}.", hint="Check the URL.", **common)
    elif isinstance(problem, (httpx.TimeoutException, TimeoutError)):
        text = f"{request.method} {url} was sent and not answered in time."
        error = RequestTimeoutError(text, hint=_sent_hint(request), **common)
    else:
        reason = str(problem) or type(problem).__name__
        text = f"{request.method} {url}: the connection broke before the answer was complete ({reason})."
        error = ConnectionLostError(text, hint=_sent_hint(request), **common)
    error.__cause__ = problem
    return error


def _sent_hint(request: Send) -> str:
    if request.method == "GET":
        return "The server may be overloaded or restarting."
    return "It may have been carried out; look at the list of runs before sending it again."


def _why_no_connection(problem: Exception, host: str) -> tuple[str, str]:
    """Say why there is no connection, and what to do, from the exceptions below httpx's."""
    known = next((cause for cause in _causes(problem) if isinstance(cause, _TELLING_CAUSES)), None)
    match known, problem:
        case socket.gaierror(), _:
            what, hint = f"the name of {host} cannot be resolved", "Check base_url for a typo, and the network."
        case ssl.SSLCertVerificationError(), _:
            reason = getattr(known, "verify_message", "") or "not trusted"
            hint = "If the certificate is your own, pass httpx_client=httpx.Client(verify=...) or set SSL_CERT_FILE."
            what = f"the certificate of {host} was not accepted ({reason})"
        case ssl.SSLError(), _:
            what, hint = f"{host} does not speak TLS", "If the server has no TLS, write http:// instead of https://."
        case ConnectionRefusedError(), _:
            what, hint = f"{host} refused the connection", _start_hint(host)
        case _, httpx.PoolTimeout():
            what = "no connection became free in time"
            hint = "Make fewer calls at once, or pass an httpx_client with higher limits."
        case _, httpx.ConnectTimeout() | httpx.ProxyError():
            what = f"{host} could not be reached ({problem or 'no answer in time'})"
            hint = "Check the network and any proxy."
        case _:
            what, hint = f"{host} could not be reached ({problem})", _start_hint(host)
    return what, hint


def _start_hint(host: str) -> str:
    name = host.rpartition(":")[0] or host
    if name in ("localhost", "127.0.0.1", "[::1]"):
        return "Is the server running? `skyvern-mock serve` starts a local one."
    return "Is the server running, and is the port right?"


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """Yield the exception and all below it; connection libraries nest the telling one."""
    queue, seen = [problem], set[int]()
    while queue:
        current = queue.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        queue.extend(nested for nested in (current.__cause__, current.__context__) if nested is not None)
        if isinstance(current, BaseExceptionGroup):
            queue.extend(current.exceptions)


def _body(reply: Reply, key: str | None) -> Any:
    """Return the body as JSON if it is JSON, else as text; the caller's key is taken out."""
    content = redact_bytes(reply.content, key)
    try:
        return json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")


def _detail(body: Any) -> str:
    """Say in one line what an error body says."""
    match body:
        case None:
            text = ""
        case {"detail": str(text)} | {"error": str(text)} | {"message": str(text)}:
            pass
        case {"detail": list()}:
            text = "; ".join(f"{path}: {problem}" for path, problem in _problems(body).items())
        case str() if "<" in body:
            title = re.search(r"<title[^>]*>(.*?)</title>", body, re.IGNORECASE | re.DOTALL)
            text = title.group(1) if title else "an HTML page"
        case str():
            text = body
        case _:
            text = json.dumps(body)
    return _excerpt(text)


def _problems(body: Any) -> dict[str, str]:
    """Map each faulty field of a 422 body to what is wrong with it."""
    items = body.get("detail") if isinstance(body, dict) else None
    if not isinstance(items, list):
        return {}
    found: dict[str, str] = {}
    for item in items:
        if isinstance(item, dict):
            loc = item.get("loc")
            path = ".".join(str(part) for part in loc) if isinstance(loc, list) else "?"
            found.setdefault(path, str(item.get("msg", "")))
    return found


def _excerpt(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_EXCERPT else text[:_LONGEST_EXCERPT] + "…"


def _first_line(text: str) -> str:
    """Return pydantic's message on one line, without its link."""
    lines = [line.strip() for line in text.splitlines() if "errors.pydantic.dev" not in line]
    return _excerpt(" ".join(lines))


def _is_about_the_key(detail: str) -> bool:
    return bool(_ABOUT_THE_KEY.search(detail)) and not _ARTIFACT_URL.search(detail)


def _key_hint(detail: str, endpoint: Endpoint) -> str:
    key = endpoint.api_key
    where = f"Keys for the cloud are at {KEY_PAGE}." if _is_cloud(endpoint) else "Use a key of that server."
    if not key:
        return f"No key was sent: set {API_KEY_VARIABLE} or pass api_key=. {where}"
    sent = f"{describe_key(key)} from {endpoint.key_source} was sent to {endpoint.base_url}"
    if key.lower().startswith("bearer "):
        return f"{sent}; it begins with 'Bearer ', which does not belong to it: give the bare key."
    if key[0] in "\"'" or key[-1] in "\"'":
        return f"{sent}; it is in quotes: give the bare key."
    if "expired" in detail.lower():
        return f"{sent} and has expired. {where}"
    if _is_cloud(endpoint) and not looks_like_jwt(key):
        return f"{sent}; it does not look like a key of the cloud (eyJ…, three parts with dots). {where}"
    return f"{sent} and was refused. {where}"


def _forbidden_hint(detail: str, endpoint: Endpoint) -> str:
    if _ARTIFACT_URL.search(detail):
        return "The signed URL is no longer good: get the artifact again for a fresh one."
    key = describe_key(endpoint.api_key)
    return f"{key} from {endpoint.key_source} was sent; it may lack the right to do this." if endpoint.api_key else ""


def _not_found_hint(detail: str, body: Any, request: Send, endpoint: Endpoint) -> str:
    if "organization" in detail.lower():
        return f"{describe_key(endpoint.api_key)} from {endpoint.key_source} belongs to another server."
    if detail == "Not Found" or (isinstance(body, str) and body.strip()):  # a Skyvern server names what it lacks
        return f"There is no such path under {endpoint.base_url}; is it the root of a Skyvern server?"
    if request.run_id:
        return f"Run ids belong to a server and a key; this was asked of {endpoint.base_url}."
    return ""


def _field_hint(problems: dict[str, str], body: Any) -> str:
    if "body.prompt" in problems and _wraps_body(body):
        return 'The fields belong at the top level of the JSON, not inside "body".'
    if "body.engine" in problems:
        return "Engines are written as on the wire: skyvern-1.0, skyvern-2.0, openai-cua, anthropic-cua, ui-tars."
    names = ", ".join(path.removeprefix("body.") for path in problems)
    return f"Correct {names}." if names else ""


def _wraps_body(body: Any) -> bool:
    items = body.get("detail", []) if isinstance(body, dict) else []
    return any(
        isinstance(item, dict) and isinstance(item.get("input"), dict) and "body" in item["input"] for item in items
    )


def _is_cloud(endpoint: Endpoint) -> bool:
    return endpoint.base_url == SkyvernEnvironment.CLOUD.value
