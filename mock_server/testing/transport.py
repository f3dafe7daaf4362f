"""The way to a server in this process that leads through no socket.

Owns: httpx transports, for async and for sync clients, that hand a request to the server's thread and its
answer back; timeouts; and what a connection that was cut looks like to httpx. Must not: know what is asked.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, NoReturn

import httpx
from starlette.types import ASGIApp, Message

from mock_server.scenarios.faults import ConnectionCutError
from mock_server.testing.virtual_time import TIME

Hear = Callable[[Message | BaseException | None], None]
"""Takes the messages of an answer, then None, or what went wrong."""


class Door:
    """A server's application and the event loop it lives in."""

    def __init__(self, app: ASGIApp, loop: asyncio.AbstractEventLoop) -> None:
        self._app = app
        self._loop = loop
        self._tasks: set[asyncio.Task[None]] = set()

    def ask(self, request: httpx.Request, body: bytes, hear: Hear) -> Callable[[], None]:
        """Begin a request; return what is to be called when its client has left."""
        gone = asyncio.Event()

        def begin() -> None:
            task = self._loop.create_task(self._serve(_scope(request), body, hear, gone))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self._loop.call_soon_threadsafe(begin)
        return lambda: self._leave(gone)

    def _leave(self, gone: asyncio.Event) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(gone.set)

    async def _serve(self, scope: dict[str, Any], body: bytes, hear: Hear, gone: asyncio.Event) -> None:
        sent = False

        async def receive() -> Message:
            nonlocal sent
            if not sent:
                sent = True
                return {"type": "http.request", "body": body, "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            hear(message)

        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001  # it is raised where the answer is waited for
            hear(error)
        else:
            hear(None)


class MemoryTransport(httpx.AsyncBaseTransport):
    """For ``httpx.AsyncClient(transport=…)``: in memory, with httpx's own errors for timeouts and cut connections."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        loop = asyncio.get_running_loop()
        heard: asyncio.Queue[Message | BaseException | None] = asyncio.Queue()
        body = await request.aread()

        def hear(message: Message | BaseException | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(heard.put_nowait, message)

        leave = self._door.ask(request, body, hear)
        limit = _read_timeout(request)

        async def following() -> Message | None:
            try:
                with TIME.outside():
                    async with asyncio.timeout(limit):
                        message = await heard.get()
            except TimeoutError:
                leave()
                raise httpx.ReadTimeout("The server did not answer in time.", request=request) from None
            except asyncio.CancelledError:
                leave()
                raise
            if isinstance(message, BaseException):
                _raise(message, request)
            return message

        return await _response(following, leave, request)


class BlockingMemoryTransport(httpx.BaseTransport):
    """The same for ``httpx.Client``."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        heard: queue.SimpleQueue[Message | BaseException | None] = queue.SimpleQueue()
        leave = self._door.ask(request, request.read(), heard.put)
        following = _blocking(heard, leave, request)
        start = following()
        if start is None:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
        return httpx.Response(
            start["status"], headers=start["headers"], stream=_Chunks(following, leave), request=request
        )


def _blocking(
    heard: queue.SimpleQueue[Message | BaseException | None], leave: Callable[[], None], request: httpx.Request
) -> Callable[[], Message | None]:
    def get(seconds: float) -> tuple[Message | BaseException | None] | None:
        try:
            return (heard.get(timeout=seconds),)
        except queue.Empty:
            return None

    def following() -> Message | None:
        try:
            (message,) = TIME.hold(get, _read_timeout(request))
        except TimeoutError:
            leave()
            raise httpx.ReadTimeout("The server did not answer in time.", request=request) from None
        if isinstance(message, BaseException):
            _raise(message, request)
        found: Message | None = message
        return found

    return following


async def _response(following: Any, leave: Callable[[], None], request: httpx.Request) -> httpx.Response:
    start = await following()
    if start is None:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    return httpx.Response(
        start["status"], headers=start["headers"], stream=_AsyncChunks(following, leave), request=request
    )


class _AsyncChunks(httpx.AsyncByteStream):
    def __init__(self, following: Any, leave: Callable[[], None]) -> None:
        self._following = following
        self._leave = leave

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (message := await self._following()) is not None:
            if message.get("body"):
                yield message["body"]
            if not message.get("more_body", False):
                return

    async def aclose(self) -> None:
        self._leave()


class _Chunks(httpx.SyncByteStream):
    def __init__(self, following: Callable[[], Message | None], leave: Callable[[], None]) -> None:
        self._following = following
        self._leave = leave

    def __iter__(self) -> Iterator[bytes]:
        while (message := self._following()) is not None:
            if message.get("body"):
                yield message["body"]
            if not message.get("more_body", False):
                return

    def close(self) -> None:
        self._leave()


def _raise(error: BaseException, request: httpx.Request) -> NoReturn:
    """Raise what a client of httpx would meet on a socket."""
    if not isinstance(error, ConnectionCutError):
        raise error
    if error.reset:
        raise httpx.ReadError(f"Connection reset ({error.kind}).", request=request) from None
    told = {
        "garbage": "illegal status line",
        "truncated": "peer closed connection without sending complete message body",
    }
    message = told.get(error.kind, "Server disconnected without sending a response.")
    raise httpx.RemoteProtocolError(message, request=request) from None


def _read_timeout(request: httpx.Request) -> float | None:
    found = request.extensions.get("timeout", {}).get("read")
    return None if found is None else float(found)


def _scope(request: httpx.Request) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 123),
        "root_path": "",
    }
