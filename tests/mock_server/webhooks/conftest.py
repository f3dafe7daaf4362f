"""A receiver of webhooks on loopback and a clock that skips waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest


@dataclass
class Received:
    """One request as it came over the wire."""

    line: str
    headers: list[list[str]]
    body: bytes

    def header(self, name: str) -> str:
        return dict(self.headers)[name]


Reply = bytes | Callable[[asyncio.StreamWriter], Any]


def reply(status: int, body: bytes = b'{"received": true}', *headers: str) -> bytes:
    """Return an HTTP answer."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@dataclass
class Receiver:
    """Answers with the next of ``replies``, the last of them for ever; a callable reply writes by itself."""

    replies: list[Reply] = field(default_factory=lambda: [reply(200)])
    received: list[Received] = field(default_factory=list)
    url: str = ""
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def arrived(self, count: int) -> None:
        """Return when so many requests have been received."""
        async with asyncio.timeout(30), self.news:
            await self.news.wait_for(lambda: len(self.received) >= count)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
            headers = [line.split(": ", 1) for line in head[1:]]
            length = int(dict(headers)["Content-Length"])
            self.received.append(Received(head[0], headers, await reader.readexactly(length)))
            async with self.news:
                self.news.notify_all()
            answer = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    serving: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(receiver.serve(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    yield receiver
    server.close()
    for task in serving:
        task.cancel()
    await asyncio.gather(*serving, return_exceptions=True)
    await server.wait_closed()


class SkippingClock:
    """Every wait is over at once, and written down."""

    def __init__(self) -> None:
        self._now = datetime.fromisoformat("2026-11-21T12:00:00.250000")
        self.slept: list[float] = []

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> SkippingClock:
    return SkippingClock()
