"""A small receiver for webhooks, for whoever wants to see what a server delivers.

Owns: taking deliveries in, telling genuine ones from others, handing them on, and the
answer the sender gets. Must not: print, or trust anything a delivery says.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from typing import Any, Final, Self

from skyvern_tui.client.errors import WebhookError
from skyvern_tui.client.webhooks import DEFAULT_TOLERANCE, verify_webhook
from skyvern_tui.core.clock import Clock, RealClock

MOST_BYTES: Final = 32 * 1024 * 1024
"""The largest delivery taken in: a run's output has no bound of its own."""
_DEEPEST: Final = 200
"""Levels of nesting that are kept as JSON; a body that has more is text."""
_SOCKET_SECONDS: Final = 60.0
"""A sender that says nothing for so long is let go of."""
_LOOK_SECONDS: Final = 0.5
"""How long a wait for deliveries may keep Ctrl-C waiting where the system cannot interrupt one."""
_HOP_BY_HOP: Final = frozenset(
    {"connection", "content-length", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)


class NotForwardedError(Exception):
    """The address deliveries are handed on to does not answer; the message says why."""


Forward = Callable[[bytes, Mapping[str, str]], int]
"""Hands a delivery on and returns the status it was answered with. Raises NotForwardedError."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a delivery is genuine. ``kind`` is ``genuine``, ``signature``, ``timestamp`` or ``body``."""

    kind: str
    reason: str = ""
    hint: str = ""

    @property
    def genuine(self) -> bool:
        """True if whoever sent it has the key, and it is as old as may be."""
        return self.kind == "genuine"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as it came, what to think of it, and what its sender was told. The ids in it are only claims."""

    number: int
    at: datetime
    path: str
    verdict: Verdict
    run_id: str
    status: str
    payload: Any
    """The body as JSON, or as text if it is none."""
    repeated: bool
    """True if the same news came before."""
    answered: int
    forward_error: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the delivery for a program."""
        return {
            "number": self.number,
            "received_at": self.at.isoformat(),
            "path": self.path,
            "verified": self.verdict.genuine,
            "verdict": self.verdict.kind,
            "reason": self.verdict.reason,
            "run_id": self.run_id,
            "status": self.status,
            "repeated": self.repeated,
            "answered": self.answered,
            "forward_error": self.forward_error,
            "payload": self.payload,
        }


@dataclass(frozen=True)
class Answers:
    """What senders are told: ``status``, to the first ``times`` deliveries or to all, after ``delay`` seconds."""

    status: int = 200
    times: int | None = None
    delay: float = 0.0

    def to(self, number: int) -> int:
        """Return the status for the delivery of this number, from 1."""
        return self.status if self.times is None or number <= self.times else HTTPStatus.OK


@dataclass(frozen=True)
class Trust:
    """What a delivery is held to: the ``keys`` one of which has signed it, and its age in seconds (None: any)."""

    keys: Sequence[str] = field(repr=False)
    tolerance: float | None = DEFAULT_TOLERANCE

    def judge(self, body: bytes, headers: Mapping[str, str], clock: Clock) -> Verdict:
        """Return whether a delivery is genuine, and else why not."""
        try:
            verify_webhook(body, headers, self.keys, tolerance=self.tolerance, clock=lambda: clock.now().timestamp())
        except WebhookError as error:
            kind = type(error).__name__.removeprefix("Webhook").removesuffix("Error").lower()
            return Verdict(kind, error.message, error.hint)
        return Verdict("genuine")


class Receiver:
    """Listens from ``with`` on; :meth:`deliveries` yields what comes. Port 0 takes a free one.

    Raises OSError if the address cannot be had.
    """

    def __init__(
        self,
        host: str,
        port: int,
        trust: Trust,
        *,
        answers: Answers = Answers(),
        forward: Forward | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._trust = trust
        self._answers = answers
        self._forward = forward
        self._clock = RealClock() if clock is None else clock
        self._taken: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._count = 0
        self._known: set[str] = set()
        self._ending = threading.Event()
        self._server = _Server((host, port), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, name="webhook-receiver", daemon=True)

    @property
    def url(self) -> str:
        """Where to send to from this machine."""
        host, port = self._server.server_address[:2]
        shown = "127.0.0.1" if host in ("0.0.0.0", "::", b"0.0.0.0") else str(host)  # noqa: S104 - compared, not bound
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"

    def deliveries(self) -> Iterator[Delivery]:
        """Yield deliveries as they come, without end."""
        while True:
            try:
                yield self._taken.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue

    def take(self, path: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Take a delivery in and return the status to answer with."""
        verdict = self._trust.judge(body, headers, self._clock)
        payload = _parsed(body)
        run_id, status = (_text_of(payload, name) for name in ("run_id", "status"))
        with self._lock:
            self._count += 1
            number = self._count
            news = f"{run_id}:{status}"
            repeated = verdict.genuine and news in self._known
            if verdict.genuine:
                self._known.add(news)
        answered, trouble = self._answer(number, body, headers)
        self._taken.put(
            Delivery(
                number,
                self._clock.now(),
                path,
                verdict,
                run_id,
                status,
                payload,
                repeated,
                answered,
                forward_error=trouble,
            )
        )
        self._ending.wait(self._answers.delay)
        return answered

    def _answer(self, number: int, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Return the status for the sender, and what went wrong with handing the delivery on.

        The sender is told what the address told, so that it repeats what failed there.
        """
        chosen = self._answers.to(number)
        if self._forward is None:
            return chosen, ""
        try:
            status = self._forward(body, {n: v for n, v in headers.items() if n.lower() not in _HOP_BY_HOP})
        except NotForwardedError as error:
            return HTTPStatus.BAD_GATEWAY, str(error)
        return (status if chosen == HTTPStatus.OK else chosen), ""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a sender that goes away is its own trouble, and no traceback belongs among deliveries."""
        del request, client_address


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _SOCKET_SECONDS
        server: BaseServer
        server_version = "skyvern-tui"
        sys_version = ""

        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            if not length.isascii() or not length.isdigit():
                self._say(HTTPStatus.LENGTH_REQUIRED, "Say how long the body is: Content-Length.")
                return
            if int(length) > MOST_BYTES:
                self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"More than {MOST_BYTES} bytes.")
                return
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                self._say(receiver.take(self.path, body, dict(self.headers.items())))

        def do_GET(self) -> None:
            self._say(HTTPStatus.METHOD_NOT_ALLOWED, "Webhooks are taken in here: POST one.")

        def _say(self, status: int, text: str = "") -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("content-type", "text/plain; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has in the library
            del format, args

    return Handler


def _parsed(body: bytes) -> Any:
    text = body.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if _is_shallow(value) else text


def _is_shallow(value: Any) -> bool:
    """Tell whether a value can be written again: what is nested too deeply can be read and not be written."""
    level = [value]
    for _ in range(_DEEPEST):
        inner = [item for one in level if isinstance(one, dict | list) for item in _items(one)]
        if not inner:
            return True
        level = inner
    return False


def _items(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _text_of(payload: Any, name: str) -> str:
    value = payload.get(name) if isinstance(payload, dict) else None
    return value if isinstance(value, str) else ""


def forward_to(url: str, *, timeout: float = 30.0) -> Forward:
    """Return what hands deliveries on to ``url``: same bytes, same headers; redirects are answers."""

    def forward(body: bytes, headers: Mapping[str, str]) -> int:
        import httpx  # noqa: PLC0415 - for those who forward only

        try:
            answer = httpx.post(url, content=body, headers=dict(headers), timeout=timeout)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotForwardedError(f"{type(error).__name__}: {error}".rstrip(": ")) from error
        return answer.status_code

    return forward
