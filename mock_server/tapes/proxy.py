"""The proxy between a client and the server that is recorded.

Owns: passing requests and answers on, byte for byte and as they come, and noticing when either
side goes away. Must not: write anything down; the recording does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final

import httpx
from starlette.types import Message, Receive, Scope, Send

from mock_server.api.faulting import TRANSPORT
from mock_server.api.hosts import HostRule
from mock_server.api.refusals import Refusal, refuse
from mock_server.clock import Clock
from mock_server.scenarios.faults import ConnectionCutError
from mock_server.scenarios.journal import Entry, RawHeaders
from mock_server.settings import Settings
from mock_server.tapes.cassette import decoded
from mock_server.tapes.session import Recording

DEFAULT_MOST_BYTES: Final = 4 << 20
CONNECT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 600.0
"""How long the upstream may be silent; clients have their own, shorter patience."""

_CLOSING_SECONDS: Final = 30.0
"""How long a client may take to read what is sent before its connection is closed."""

_HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_READABLE_ENCODINGS: Final = (b"gzip", b"deflate", b"identity")
_API: Final = ("/v1/", "/api/v1/")
_KEY: Final = b"x-api-key"


def client() -> httpx.AsyncClient:
    """Return a client that keeps nothing from one request to the next."""
    return httpx.AsyncClient(
        cookies=httpx.Cookies(CookieJar(DefaultCookiePolicy(allowed_domains=[]))),
        follow_redirects=False,
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
        timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS, pool=None),
    )


def shown(upstream: httpx.URL) -> str:
    """Return an upstream's address without a user's name and password, and without a slash at its end."""
    return str(upstream.copy_with(userinfo=b"", query=None, fragment=None)).rstrip("/")


class _Kept:
    """As much of a body as is kept."""

    __slots__ = ("data", "length", "most")

    def __init__(self, most: int) -> None:
        self.data = bytearray()
        self.length = 0
        self.most = most

    @property
    def whole(self) -> bool:
        return self.length <= self.most

    def take(self, chunk: bytes) -> None:
        self.length += len(chunk)
        if self.whole:
            self.data += chunk
        elif self.data:
            self.data.clear()  # Half of it would be of no use.


class Proxy:
    """The ASGI application.

    ``key`` is sent upstream in place of whatever key a client has. ``all_paths`` records what is no API path as well.
    """

    def __init__(
        self,
        upstream: httpx.URL,
        recording: Recording,
        http: httpx.AsyncClient,
        clock: Clock,
        settings: Settings,
        *,
        key: str | None = None,
        all_paths: bool = False,
        most_bytes: int = DEFAULT_MOST_BYTES,
    ) -> None:
        self._upstream = upstream
        self._recording = recording
        self._http = http
        self._clock = clock
        self._hosts = HostRule(settings)
        self._key = key
        self._all_paths = all_paths
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._hosts.check(next((value for name, value in scope["headers"] if name == b"host"), b""))
        except Refusal as refusal:
            await _refuse(refusal, scope, receive, send)
            return
        await _Passage(self, scope, receive, send).go()

    # -- for a passage ----------------------------------------------------------------------

    def request(self, scope: Scope, body: AsyncIterator[bytes]) -> httpx.Request:
        """Return the request as it goes upstream."""
        headers = self._onward(scope["headers"])
        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
        raw = self._upstream.raw_path.partition(b"?")[0].rstrip(b"/") + (
            scope.get("raw_path") or scope["path"].encode()
        )
        query = scope.get("query_string", b"")
        url = self._upstream.copy_with(raw_path=raw + (b"?" + query if query else b""))
        return httpx.Request(scope["method"], url, headers=headers, content=body if has_body else None)

    def _onward(self, headers: Iterable[tuple[bytes, bytes]]) -> RawHeaders:
        passed = [
            (name, value)
            for name, value in end_to_end(headers)
            if name not in (b"host", b"expect") and not (name == _KEY and self._key is not None)
        ]
        asked = [value for name, value in passed if name == b"accept-encoding"]
        passed = [(name, value) for name, value in passed if name != b"accept-encoding"]
        # What cannot be unpacked cannot be scrubbed.
        wanted = [each for each in _READABLE_ENCODINGS if any(each in value.lower() for value in asked)]
        passed.append((b"accept-encoding", b", ".join(wanted) or b"identity"))
        if self._key is not None:
            passed.append((_KEY, self._key.encode()))
        return passed

    @property
    def name(self) -> str:
        """The upstream's address as it is shown."""
        return shown(self._upstream)

    async def send(self, request: httpx.Request) -> httpx.Response:
        return await self._http.send(request, stream=True)

    def now(self) -> tuple[datetime, float]:
        return self._clock.now(), self._clock.monotonic()

    def kept(self) -> _Kept:
        return _Kept(self._most_bytes)

    @property
    def recording(self) -> Recording:
        return self._recording

    def records(self, path: str) -> bool:
        return self._all_paths or any(api in path for api in _API)


class _Passage:
    """One request on its way there, and its answer on its way back."""

    def __init__(self, proxy: Proxy, scope: Scope, receive: Receive, send: Send) -> None:
        self._proxy = proxy
        self._scope = scope
        self._receive = receive
        self._send = send
        self._body = proxy.kept()
        self._answer = proxy.kept()
        self._gone = asyncio.Event()
        self._at, self._since = proxy.now()
        self._number = proxy.recording.number() if proxy.records(scope["path"]) else 0

    async def go(self) -> None:
        try:
            response = await self._proxy.send(self._proxy.request(self._scope, self._asked()))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            await self._lose(f"the upstream could not be reached ({type(error).__name__})")
            await _refuse(self._unreachable(error), self._scope, self._receive, self._send)
            return
        except _LeftError:
            await self._lose("the client left before it had asked all")
            return
        watching = asyncio.ensure_future(self._watch())
        try:
            await self._pass_on(response)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            await response.aclose()

    async def _asked(self) -> AsyncIterator[bytes]:
        """Yield the body as the client sends it."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _LeftError
            if chunk := message.get("body", b""):
                self._body.take(chunk)
                yield chunk
            if not message.get("more_body", False):
                return

    async def _watch(self) -> None:
        """Notice that the client leaves."""
        while True:
            if (await self._receive())["type"] == "http.disconnect":
                self._gone.set()
                return

    async def _pass_on(self, response: httpx.Response) -> None:
        """Send the answer as it comes, its last part when the exchange is written down."""
        headers = end_to_end(response.headers.raw)
        start: Message = {"type": "http.response.start", "status": response.status_code, "headers": headers}
        held: bytes | None = None
        started = False
        measured = "content-length" in response.headers
        try:
            async for chunk in response.aiter_raw():
                self._answer.take(chunk)
                if self._gone.is_set() and self._answer.length > self._answer.most:
                    await self._lose("the client left, and the answer is longer than what is kept")
                    return
                if held is not None or not measured:
                    if not started:
                        await self._send(start)
                        started = True
                    part = chunk if held is None else held
                    await self._send({"type": "http.response.body", "body": part, "more_body": True})
                held = chunk if measured else None
        except (httpx.HTTPError, OSError) as error:
            await self._lose(f"the upstream broke off in the middle of its answer ({type(error).__name__})")
            if started:
                await self._cut()
            else:
                await _refuse(self._unreachable(error), self._scope, self._receive, self._send)
            return
        await self._keep(response, headers)
        if not started:
            await self._send(start)
        await self._send({"type": "http.response.body", "body": held or b""})

    async def _keep(self, response: httpx.Response, headers: RawHeaders) -> None:
        if not self._number:
            return
        entry = self._entry(response.status_code, headers)
        if not (self._body.whole and self._answer.whole):
            await self._lose(f"its body or its answer is longer than the {self._body.most:,} bytes that are kept")
            return
        body = decoded(entry.body, entry.headers, self._body.most)
        answer = decoded(entry.answer, headers, self._answer.most)
        if body is None or answer is None:
            await self._lose("it is packed in a way that cannot be read, or larger than what is kept when unpacked")
            return
        entry = replace(
            entry,
            body=body,
            body_length=len(body),
            headers=_plain(entry.headers),
            answer=answer,
            answer_length=len(answer),
            answer_headers=_plain(headers),
        )
        await asyncio.shield(self._proxy.recording.keep(entry))

    async def _lose(self, reason: str) -> None:
        if self._number:
            await asyncio.shield(self._proxy.recording.lose(self._entry(None, []), reason))

    def _entry(self, status: int | None, headers: RawHeaders) -> Entry:
        _, now = self._proxy.now()
        scope = self._scope
        return Entry(
            number=self._number,
            at=self._at,
            seconds=now - self._since,
            method=scope["method"],
            path=scope["path"],
            query=scope.get("query_string", b""),
            headers=[(name, value) for name, value in end_to_end(scope["headers"]) if name != b"host"],
            body=bytes(self._body.data),
            body_length=self._body.length,
            status=status,
            answer_headers=headers,
            answer=bytes(self._answer.data),
            answer_length=self._answer.length,
            fault=None,
        )

    async def _cut(self) -> None:
        """End the connection: a client that was promised more must not take what it has for all."""
        transport: Any = (self._scope.get("extensions") or {}).get(TRANSPORT)
        if transport is None:
            raise ConnectionCutError("truncated", reset=False)
        transport.close()
        limit = asyncio.get_running_loop().call_later(_CLOSING_SECONDS, transport.abort)
        try:
            await self._gone.wait()
        finally:
            limit.cancel()

    def _unreachable(self, error: Exception) -> Refusal:
        reason = str(error) or type(error).__name__
        return refuse(
            502,
            f"skyvern-mock record: {self._proxy.name} did not answer: {reason}. "
            "Check that it is up and that --upstream is its address.",
        )


class _LeftError(Exception):
    """The client left before its request was whole."""


def end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> RawHeaders:
    """Return headers, their names lower-case, without those that are about one connection only."""
    pairs = [(name.lower(), value) for name, value in headers]
    named = {part.strip().lower() for name, value in pairs if name == b"connection" for part in value.split(b",")}
    return [(name, value) for name, value in pairs if name not in _HOP_BY_HOP and name not in named]


def _plain(headers: RawHeaders) -> RawHeaders:
    """Return the headers of a body that was unpacked."""
    return [(name, value) for name, value in headers if name != b"content-encoding"]


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    await refusal.answer()(scope, receive, send)
