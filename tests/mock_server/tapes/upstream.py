"""A server to put the proxy in front of, which answers by path in every way there is."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from typing import Any

BIG = 50 << 20
CHUNK = bytes(range(256)) * 256

Pair = tuple[bytes, bytes]


class Exchange:
    """A request and the means to answer it."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        self.receive = receive
        self._send = send
        self.headers = dict(scope["headers"])
        self.body = b""

    async def read(self) -> None:
        while (message := await self.receive())["type"] == "http.request":
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                return

    async def start(self, status: int, *pairs: Pair) -> None:
        await self._send({"type": "http.response.start", "status": status, "headers": list(pairs)})

    async def more(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, data: bytes = b"") -> None:
        await self._send({"type": "http.response.body", "body": data})


async def echo(exchange: Exchange) -> None:
    """Say what was asked."""
    scope = exchange.scope
    said = b"\n".join(b"%b: %b" % pair for pair in scope["headers"])
    await exchange.start(200, (b"content-type", b"text/plain"), (b"connection", b"x-hop"), (b"x-hop", b"1"))
    first = b"%b %b?%b" % (scope["method"].encode(), scope["raw_path"], scope["query_string"])
    await exchange.end(first + b"\n" + said + b"\n\n" + exchange.body)


async def big(exchange: Exchange) -> None:
    """Send 50 MB."""
    await exchange.start(200, (b"content-type", b"video/webm"), (b"content-length", b"%d" % BIG))
    for _ in range(BIG // len(CHUNK)):
        await exchange.more(CHUNK)
    await exchange.end()


async def part(exchange: Exchange) -> None:
    """Send a range."""
    first, last = map(int, exchange.headers[b"range"].decode().removeprefix("bytes=").split("-"))
    await exchange.start(206, (b"content-range", b"bytes %d-%d/%d" % (first, last, len(CHUNK))))
    await exchange.end(CHUNK[first : last + 1])


async def packed(exchange: Exchange) -> None:
    """Send gzip; call it something else if gzip is not wanted."""
    data = gzip.compress(b'{"password": "hidden-in-gzip"}')
    encoding = b"gzip" if b"gzip" in exchange.headers.get(b"accept-encoding", b"") else b"br"
    await exchange.start(200, (b"content-encoding", encoding), (b"content-length", b"%d" % len(data)))
    await exchange.end(data)


async def odd(exchange: Exchange) -> None:
    """Send bytes of a type nobody knows."""
    kind = (b"content-type", b"application/x-nobody-knows")
    await exchange.start(418, kind, (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"))
    await exchange.end(b"\x00\xff\x85\xe2\x80\xa8")


async def moved(exchange: Exchange) -> None:
    """Redirect."""
    await exchange.start(302, (b"location", b"https://elsewhere.example/"), (b"content-length", b"0"))
    await exchange.end()


async def dies(exchange: Exchange) -> None:
    """Break off in the middle."""
    await exchange.start(200, (b"content-type", b"application/json"), (b"content-length", b"1000000"))
    await exchange.more(b"{" + b" " * 200_000)
    await asyncio.sleep(0.05)
    exchange.scope["extensions"]["skyvern_mock.transport"].abort()
    await exchange.receive()


async def slow(exchange: Exchange) -> None:
    """Send events over half a second."""
    await exchange.start(200, (b"content-type", b"text/event-stream"))
    for n in range(3):
        await exchange.more(b"data: %d\n\n" % n)
        await asyncio.sleep(0.2)
    await exchange.end()


async def page(exchange: Exchange) -> None:
    """Send a page."""
    await exchange.start(200, (b"content-type", b"text/html"))
    await exchange.end(b"a page")


ANSWERS: dict[str, Callable[[Exchange], Awaitable[None]]] = {
    f"/v1/{answer.__name__}": answer for answer in (echo, big, part, packed, odd, moved, dies, slow)
}


async def upstream(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request; a path that is none of the table's is a page."""
    exchange = Exchange(scope, receive, send)
    await exchange.read()
    await ANSWERS.get(scope["path"], page)(exchange)
