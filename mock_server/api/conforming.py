"""The self-check: every exchange with a published operation is held to the published schema.

Owns: listening to requests and answers as they pass, without changing them. Must not:
decide what is wrong; that is ``mock_server.conformance``. It is not there at all unless
the server is started with it.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_server.api.auth import Doorman
from mock_server.api.refusals import Refusal
from mock_server.conformance.check import Exchange, check, is_json
from mock_server.conformance.findings import Ledgers
from mock_server.conformance.published import Operation, published

INJECTED: Final = "skyvern_mock.injected"
"""Key of the ASGI scope; set by whoever answers wrongly on purpose, so that it is not taken for a mistake."""
MAX_BYTES: Final = 4 * 1024 * 1024
"""Bodies larger than this are not looked at."""


class _Tap:
    """Keeps what flows by, up to a limit."""

    __slots__ = ("_chunks", "_size")

    def __init__(self) -> None:
        self._chunks: list[bytes] | None = []
        self._size = 0

    def take(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > MAX_BYTES:
            self._chunks = None
        elif self._chunks is not None and chunk:
            self._chunks.append(chunk)

    def whole(self) -> bytes | None:
        """Return everything; None if it was too much."""
        return None if self._chunks is None else b"".join(self._chunks)


class Conforming:
    """Stands around everything else."""

    def __init__(self, app: ASGIApp, ledgers: Ledgers, doorman: Doorman) -> None:
        self._app = app
        self._ledgers = ledgers
        self._doorman = doorman
        self._published = published()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = None
        if scope["type"] == "http":
            operation = self._published.operation(scope["method"], scope["path"])
        if operation is None:
            await self._app(scope, receive, send)
            return
        sent, answered = _Tap(), _Tap()
        start: Message = {}

        async def listening_receive() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                sent.take(message.get("body", b""))
            return message

        async def listening_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                answered.take(message.get("body", b""))
                if not message.get("more_body", False) and not scope.get(INJECTED):
                    # Before the last byte is out: whoever has the answer can look at the findings at once.
                    self._take_down(scope, operation, start, sent.whole(), answered.whole())
            await send(message)

        await self._app(scope, listening_receive, listening_send)

    def _take_down(
        self, scope: Scope, operation: Operation, start: Message, sent: bytes | None, answered: bytes | None
    ) -> None:
        status: int = start["status"]
        if status == _GONE:
            return
        answer_type = _header(start.get("headers") or (), b"content-type")
        request_type = _header(scope["headers"], b"content-type")
        if operation.takes_json and not is_json(request_type) and status == _REFUSED_KEY:
            sent = None
        exchange = Exchange(
            operation,
            status,
            answer_type,
            answered,
            parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True),
            request_type,
            sent,
        )
        try:
            organization = self._doorman.organization(scope)
        except Refusal:
            organization = None
        self._ledgers.of(organization).add(check(exchange))


_GONE: Final = 499
"""The client went away; nobody gets this answer."""
_REFUSED_KEY: Final = 403


def _header(headers: Any, name: bytes) -> str:
    for key, value in headers:
        if key.lower() == name:
            return str(value.decode("latin-1"))
    return ""
