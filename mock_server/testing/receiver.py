"""A receiver of webhooks, on this machine.

Owns: taking deliveries, answering them as told, and remembering them. Must not: judge them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

from mock_server.testing import machine_time
from mock_server.webhooks.signature import SIGNATURE, sign

_LOOK_SECONDS: Final = 0.01
_MOST_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Reply:
    """How a delivery is answered."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Received:
    """A delivery. Header names are in lower case; ``body`` is the bytes that were signed."""

    path: str
    headers: dict[str, str]
    body: bytes
    status: int
    """How it was answered."""

    def json(self) -> Any:
        """Return the payload."""
        return json.loads(self.body)

    def is_genuine(self, api_key: str) -> bool:
        """Tell whether the signature is that of the key."""
        return self.headers.get(SIGNATURE) == sign(api_key, self.body)


Answer = int | Reply | Callable[[Received], "int | Reply"]


class WebhookSink:
    """An HTTP server in a thread. Replies are given in turn, then 200; a function is asked for its reply.

    ``settle`` is called when the block is left: it lets the mock deliver what is still to be delivered.
    Deliveries are taken until :meth:`close`.
    """

    def __init__(self, replies: Sequence[Answer] = (), settle: Callable[[], None] = lambda: None) -> None:
        self._replies = list(replies)
        self._settle = settle
        self._lock = threading.Lock()
        self.deliveries: list[Received] = []
        """What came, oldest first."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_LOOK_SECONDS,), name="webhook sink", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Address to give as ``webhook_url``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/webhook"

    @property
    def attempts(self) -> int:
        """How many deliveries came, those that were refused too."""
        return len(self.deliveries)

    @property
    def last(self) -> Received:
        """The latest delivery.

        Raises:
            LookupError: None came.
        """
        if not self.deliveries:
            raise LookupError("No webhook came. Was webhook_url sent, and has the run ended?")
        return self.deliveries[-1]

    def settle(self) -> None:
        """Let time pass until everything is delivered or given up."""
        self._settle()

    def close(self) -> None:
        """Take no more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._settle()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> Reply:
        """Take a delivery; return how it is answered."""
        with self._lock:
            answer = self._replies.pop(0) if self._replies else 200
        if callable(answer):
            answer = answer(Received(path, headers, body, 0))
        reply = Reply(answer) if isinstance(answer, int) else answer
        with self._lock:
            self.deliveries.append(Received(path, headers, body, reply.status))
        return reply


def _handler(sink: WebhookSink) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            length = min(int(self.headers.get("content-length") or 0), _MOST_BYTES)
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = sink.take(self.path, headers, self.rfile.read(length))
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
            """Say nothing: the test's output is not the place."""

    return Handler


def wait_until(is_so: Callable[[], bool], seconds: float) -> bool:
    """Wait, in the machine's time, until something is so; tell whether it is."""
    until = machine_time.monotonic() + seconds
    while not is_so():
        if machine_time.monotonic() > until:
            return False
        machine_time.sleep(_LOOK_SECONDS)
    return True
