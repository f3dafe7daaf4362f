"""The front of the server: what every request passes before a route sees it.

Owns: the order of the checks that do not depend on the route (host, preflight, size), the
headers every answer gets, the last catch of exceptions, and the short way for the requests
that make up nearly all of the load. Must not: know what a route does.

It is plain ASGI and stands outside the framework, which would cost more than the answers do.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_server.api import body
from mock_server.api.faulting import Connection, Faulting
from mock_server.api.hosts import HostRule
from mock_server.api.origins import OriginRule
from mock_server.api.recording import UNRECORDED, Exchange, Recorder
from mock_server.api.refusals import Refusal, failure, invalid, refuse, unexpected
from mock_server.api.wire import SECURITY_HEADERS, Answer, RawHeaders, complete
from mock_server.scenarios.faults import FaultError, Hit
from mock_server.store.errors import StoreError

_LOG: Final = logging.getLogger("mock_server.api")

DirectRoute = Callable[[Scope, Receive], Awaitable[Answer]]
"""Serves a request whole, without the framework. Raises Refusal."""

FindDirect = Callable[[str, str], DirectRoute | None]
"""Method and path -> the short way, if there is one."""

FAULT_HEADER: Final = b"x-mock-fault"
"""With it a request asks to be answered wrongly."""
SITES: Final = "/sites/"
"""Below this lie pages for the agent, which bring their own headers and frame one another."""


class _Heads:
    """The few request headers that are looked at here, found in one pass."""

    __slots__ = ("asked_headers", "asked_method", "fault", "host", "key", "length", "origin", "size")

    def __init__(self, scope: Scope) -> None:
        self.host = self.origin = self.length = self.asked_method = self.asked_headers = self.key = self.fault = b""
        size = 0
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"host":
                self.host = value
            elif name == b"x-api-key":
                self.key = self.key or value
            elif name == b"origin":
                self.origin = value
            elif name == b"content-length":
                self.length = value
            elif name == b"access-control-request-method":
                self.asked_method = value
            elif name == b"access-control-request-headers":
                self.asked_headers = value
            elif name == FAULT_HEADER:
                self.fault = value
        self.size = size
        """Bytes of all headers."""


class Front:
    """Stands around the application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: HostRule,
        origins: OriginRule,
        direct: FindDirect,
        recorder: Recorder,
        faulting: Faulting,
    ) -> None:
        self._app = app
        self._recorder = recorder
        self._faulting = faulting
        self._hosts = hosts
        self._origins = origins
        self._direct = direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        heads = _Heads(scope)
        extra = self._origins.headers(heads.origin)
        try:
            self._hosts.check(heads.host)
        except Refusal as refusal:
            await _send(refusal.answer(), extra, send)
            return
        if scope["path"].startswith(SITES):
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS" and heads.origin and heads.asked_method:
            await self._preflight(heads, send)
        elif len(heads.length) > _DIGITS or (heads.length.isdigit() and int(heads.length) > body.MAX_BODY_BYTES):
            await body.drain(receive)
            await _send(refuse(413, body.too_large(body.MAX_BODY_BYTES)).answer(), extra, send)
        else:
            if not heads.length:
                receive = body.limited(receive, body.MAX_BODY_BYTES)
            if scope["path"].startswith(UNRECORDED):
                await self._serve(scope, receive, send, extra)
            else:
                await self._recorded(heads, scope, receive, send, extra)

    async def _recorded(self, heads: _Heads, scope: Scope, receive: Receive, send: Send, extra: RawHeaders) -> None:
        """Serve a request of the API: it is journaled, and may meet a fault."""
        exchange = self._recorder.open(scope, heads.key, heads.size)
        method = scope["method"]
        if method != "GET":
            receive = exchange.hearing(receive)
        if heads.fault or exchange.island.faults.active:
            connection = Connection(scope, receive, exchange.watching(send), extra)
            await self._perhaps_faulty(heads.fault, exchange, connection)
            return
        direct = self._direct(method, scope["path"])
        if direct is None:
            try:
                await self._through_the_app(scope, receive, exchange.watching(send), extra)
            finally:
                exchange.close()
            return
        answer = await _answer(direct, scope, receive)
        headers = complete(answer.headers, extra)
        exchange.answered(answer.status, headers, answer.body)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _perhaps_faulty(self, asked: bytes, exchange: Exchange, connection: Connection) -> None:
        scope, extra = connection.scope, connection.extra
        try:
            hit = _asked_for(asked) if asked else self._recorder.hit(exchange, scope)
            if hit is None:
                await self._serve(scope, connection.receive, connection.send, extra)
            else:
                await self._faulting(hit, exchange, partial(self._serve, scope, extra=extra), connection)
        except FaultError as error:
            fault = {"type": "value_error", "loc": ("header", FAULT_HEADER.decode()), "msg": str(error)}
            await _send(invalid([{**fault, "input": asked.decode("latin-1")}]).answer(), extra, connection.send)
        finally:
            exchange.close()

    async def _serve(self, scope: Scope, receive: Receive, send: Send, extra: RawHeaders) -> None:
        direct = self._direct(scope["method"], scope["path"])
        if direct is None:
            await self._through_the_app(scope, receive, send, extra)
        else:
            await _send(await _answer(direct, scope, receive), extra, send)

    async def _through_the_app(self, scope: Scope, receive: Receive, send: Send, extra: RawHeaders) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = complete(message.get("headers") or [], extra)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    async def _preflight(self, heads: _Heads, send: Send) -> None:
        status, text, headers = self._origins.preflight(heads.origin, heads.asked_method, heads.asked_headers)
        headers += [(b"content-length", b"%d" % len(text)), (b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": status, "headers": headers + SECURITY_HEADERS})
        await send({"type": "http.response.body", "body": text})


class LastCatch:
    """Stands around the routes, inside the framework, and answers for what they did not foresee."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watching_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watching_send)
        except Exception as error:
            if started:
                # The connection has to be cut, or the client would take half an answer for a whole one.
                raise
            await _broken(scope, error)(scope, receive, send)


_DIGITS: Final = 20
"""A content-length longer than this is larger than anything."""


async def _answer(direct: DirectRoute, scope: Scope, receive: Receive) -> Answer:
    """Return a route's answer, whatever comes of it."""
    try:
        return await direct(scope, receive)
    except Refusal as refusal:
        return refusal.answer()
    except HTTPException as error:
        return refuse(error.status_code, error.detail).answer()
    except Exception as error:  # noqa: BLE001  # the last catch: the server goes on
        return _broken(scope, error)


def _asked_for(header: bytes) -> Hit:
    """Return the fault a request asks for itself. Raises FaultError."""
    from mock_server.scenarios.faults_notation import from_header  # noqa: PLC0415  # with the first fault

    return Hit(from_header(header.decode("latin-1")))


async def _send(answer: Answer, extra: RawHeaders, send: Send) -> None:
    start: dict[str, Any] = {"type": "http.response.start", "status": answer.status}
    start["headers"] = complete(answer.headers, extra)
    await send(start)
    await send({"type": "http.response.body", "body": answer.body})


def _broken(scope: Scope, error: Exception) -> Answer:
    """Return the answer to a request that failed in a way nobody foresaw, and keep the traceback."""
    if isinstance(error, ClientDisconnect):
        return Answer(499, b"")
    _LOG.error("%s %s failed", scope["method"], scope["path"], exc_info=error)
    # The store's own text says what to do about its disk.
    refusal = failure(str(error)) if isinstance(error, StoreError) else unexpected(error)
    return refusal.answer()
