"""Doing what a fault says.

Owns: the waits, the cuts of the connection and the order of it all; the bytes come from
``scenarios.faults_replies``. Must not: decide which call meets a fault.

A connection is cut through its transport, which the server of ``serving`` puts into the ASGI
scope. Where there is none (another server, an in-process client) :class:`ConnectionCutError`
is raised after whatever was to arrive has been sent.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from asyncio import Transport
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from starlette.types import Message, Receive, Scope, Send

from mock_server.api.recording import Exchange
from mock_server.api.wire import RawHeaders, complete
from mock_server.clock import Clock
from mock_server.scenarios.faults import ConnectionCutError, Hit
from mock_server.scenarios.journal import Applied

if TYPE_CHECKING:
    from mock_server.scenarios.faults_replies import Reply

TRANSPORT: Final = "skyvern_mock.transport"
"""Where in ``scope["extensions"]`` the connection's transport is."""
INJECTED: Final = "skyvern_mock.injected"
"""Set in the scope of a request that is answered wrongly on purpose, so that the self-check does not mind."""

_LINGER_NOT: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""Closing a socket with this option throws away what is not sent and resets the connection."""
_ARRIVING_SECONDS: Final = 0.05
"""How long what was sent has to arrive before the reset, which would overtake it."""
_CLOSING_SECONDS: Final = 30
"""How long a client may take to read what is sent before its connection is closed."""

Serve = Callable[[Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Connection:
    """The two directions of a request, and the headers every answer to it has."""

    scope: Scope
    receive: Receive
    send: Send
    extra: RawHeaders


class Faulting:
    """Answers requests that meet a fault."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, hit: Hit, exchange: Exchange, serve: Serve, connection: Connection) -> None:
        """Answer a request under a fault; ``serve`` would answer it truly. The exchange watches the connection."""
        connection.scope[INJECTED] = True
        doing = _Doing(hit, exchange, connection, self._clock)
        try:
            await doing.do(serve)
        finally:
            exchange.close()


class _Doing:
    """One fault being done to one request."""

    def __init__(self, hit: Hit, exchange: Exchange, connection: Connection, real: Clock) -> None:
        self._hit = hit
        self._fault: Any = hit.fault
        self._exchange = exchange
        self._clock = real if hit.fault.clock == "real" else exchange.island.clock
        self._real = real
        self._receive = connection.receive
        self._send = connection.send
        self._extra = connection.extra
        self._transport: Transport | None = (connection.scope.get("extensions") or {}).get(TRANSPORT)

    async def do(self, serve: Serve) -> None:
        """Answer the request."""
        fault = self._fault
        if fault.delay:
            await self._clock.sleep(fault.delay)
        if fault.kind == "latency" and fault.when == "before":
            self._note("late")
            await self._clock.sleep(self._latency())
            await serve(self._receive, self._send)
            return
        reply = None
        if fault.when == "after":
            reply = await _captured(serve, self._receive)
        else:
            await _read(self._receive)
        how = self._HOW.get(fault.kind)
        if how is None:
            await self._answer_otherwise(reply)
        else:
            await how(self, reply)

    # -- another answer ---------------------------------------------------------------------

    async def _answer_otherwise(self, true: Reply | None) -> None:
        from mock_server.scenarios.faults_replies import INSTEAD, altered  # noqa: PLC0415  # with the first fault

        reply, differs = altered(self._fault, true, self._exchange.island.clock.now())
        if self._fault.kind in INSTEAD:
            reply = reply._replace(headers=complete(reply.headers, self._extra))
        if not differs:
            self._hit.missed()
        self._note("answered" if differs else "none")
        await self._emit(reply)

    async def _late(self, reply: Reply | None) -> None:
        assert reply is not None
        self._note("late")
        if await self._stays(self._latency()):
            await self._emit(reply)

    async def _slowly(self, reply: Reply | None) -> None:
        assert reply is not None
        self._note("late")
        await self._start(reply)
        size = self._fault.chunk
        for place in range(0, len(reply.body), size):
            if place:
                await self._clock.sleep(self._fault.interval)
                if self._transport is not None and self._transport.is_closing():
                    return
            chunk = reply.body[place : place + size]
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})

    def _latency(self) -> float:
        return float(self._fault.seconds + self._fault.jitter * self._hit.draw)

    # -- no answer, or half of one ----------------------------------------------------------

    async def _reset(self, _: Reply | None) -> None:
        self._note("cut")
        await self._cut(reset=True)

    async def _hang(self, _: Reply | None) -> None:
        self._note("cut")
        if await self._stays(self._fault.seconds):
            await self._cut(reset=False)

    async def _stays(self, seconds: float) -> bool:
        """Wait; tell whether the client is still there. It is not waited for one that has left."""
        leaving = asyncio.ensure_future(_gone(self._receive))
        waiting = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({leaving, waiting}, return_when=asyncio.FIRST_COMPLETED)
            return not leaving.done()
        finally:
            leaving.cancel()
            waiting.cancel()
            await asyncio.gather(leaving, waiting, return_exceptions=True)

    async def _garbage(self, _: Reply | None) -> None:
        self._note("cut")
        if self._transport is not None:
            self._transport.write(self._fault.text.encode("latin-1", errors="replace"))
        await self._cut(reset=False)

    async def _reset_mid_body(self, reply: Reply | None) -> None:
        await self._half(reply)
        if self._transport is not None:
            await self._real.sleep(_ARRIVING_SECONDS)
        await self._cut(reset=True)

    async def _truncated(self, reply: Reply | None) -> None:
        await self._half(reply)
        await self._cut(reset=False)

    async def _half(self, reply: Reply | None) -> None:
        """Send the beginning of an answer."""
        assert reply is not None
        self._note("cut")
        wanted = self._fault.bytes
        # All of it would be no cut.
        most = max(len(reply.body) - 1, 0)
        part = reply.body[: len(reply.body) // 2 if wanted is None else min(wanted, most)]
        await self._start(reply)
        await self._send({"type": "http.response.body", "body": part, "more_body": True})

    async def _cut(self, *, reset: bool) -> None:
        """End the connection and wait until it is gone, so that the server has nothing to add."""
        self._exchange.close()
        transport = self._transport
        if transport is None:
            raise ConnectionCutError(self._fault.kind, reset=reset)
        if reset:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
            transport.abort()
        else:
            transport.close()
        limit = asyncio.get_running_loop().call_later(_CLOSING_SECONDS, transport.abort)
        try:
            await _gone(self._receive)
        finally:
            limit.cancel()

    # -- the wire ---------------------------------------------------------------------------

    def _note(self, effect: str) -> None:
        rule = self._hit.rule
        self._exchange.fault = Applied(self._fault.kind, rule.rule_id if rule else None, self._fault.when, effect)

    async def _emit(self, reply: Reply) -> None:
        await self._start(reply)
        await self._send({"type": "http.response.body", "body": reply.body})

    async def _start(self, reply: Reply) -> None:
        await self._send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})

    _HOW: ClassVar[dict[str, Callable[[_Doing, Any], Awaitable[None]]]] = {
        "latency": _late,
        "slow_body": _slowly,
        "hang": _hang,
        "reset": _reset,
        "lost_reply": _reset,
        "garbage": _garbage,
        "reset_mid_body": _reset_mid_body,
        "truncated": _truncated,
    }
    """The kinds that are more than another answer."""


async def _captured(serve: Serve, receive: Receive) -> Reply:
    """Return the true answer without sending it."""
    from mock_server.scenarios.faults_replies import Reply  # noqa: PLC0415  # with the first fault

    status, headers, chunks = 0, [], []

    async def catch(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message.get("headers") or ())
        else:
            chunks.append(message.get("body", b""))

    await serve(receive, catch)
    return Reply(status, headers, b"".join(chunks))


async def _read(receive: Receive) -> None:
    """Read the request to its end: it is in the journal, and the connection can go on."""
    message = await receive()
    while message["type"] == "http.request" and message.get("more_body", False):
        message = await receive()


async def _gone(receive: Receive) -> None:
    """Wait until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
