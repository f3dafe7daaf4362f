"""A scripted server, virtual time, and one way to call either face of the client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

from skyvern_tui.client import AsyncSkyvern, Skyvern

KEY = "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl-1234"
BASE = "https://skyvern.example.com"
RUN_ID = "tsk_v2_486305187432193504"


def run_body(status: str = "running", **over: Any) -> dict[str, Any]:
    """A run as ``GET /v1/runs/{id}`` answers it."""
    finished = status in ("completed", "failed", "terminated", "timed_out", "canceled")
    return {
        "run_id": RUN_ID,
        "status": status,
        "output": None,
        "created_at": "2026-01-20T11:52:29.276851",
        "modified_at": "2026-01-20T11:54:08.822807",
        "finished_at": "2026-01-20T11:54:08.821985" if finished else None,
        "run_type": "task_v2",
        **over,
    }


class VirtualTime:
    """A clock that only sleeping and slow answers move."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.sleeps.append(seconds)
        self.now += seconds

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)


@dataclass(frozen=True)
class Answer:
    """One answer: a response, or an exception, after ``seconds``; ``jump`` moves the clock besides."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    error: type[httpx.TransportError] | None = None
    seconds: float = 0.0
    jump: float = 0.0


def json_answer(body: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, json.dumps(body).encode(), headers)


class Script:
    """A transport that gives the answers in turn, the last one again and again, and notes each request."""

    def __init__(self, time: VirtualTime, answers: Iterable[Answer]) -> None:
        self.time = time
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.times: list[float] = []
        self.ends: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.times.append(self.time.now)
        try:
            return self._answer(request, self.answers[min(len(self.requests), len(self.answers)) - 1])
        finally:
            self.ends.append(self.time.now)

    def _answer(self, request: httpx.Request, answer: Answer) -> httpx.Response:
        allowed = request.extensions["timeout"]["read"]
        if allowed is not None and answer.seconds > allowed:
            self.time.now += allowed
            raise httpx.ReadTimeout("too slow", request=request)
        self.time.now += answer.seconds + answer.jump
        if answer.error is not None:
            raise answer.error("broken", request=request)
        return httpx.Response(answer.status, content=answer.body, headers=answer.headers)


class Face:
    """One face of the client on a scripted server; ``call`` runs a method to its end whichever face it is."""

    def __init__(
        self, kind: str, *answers: Answer, handler: Callable[[httpx.Request], Any] | None = None, **options: Any
    ):
        self.kind = kind
        self.time = VirtualTime()
        self.script = Script(self.time, answers)
        self.transport = httpx.MockTransport(handler or self.script)
        self.options: dict[str, Any] = {"api_key": KEY, "base_url": BASE, "random": lambda: 0.0, **options}

    def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        options = {"transport": self.transport, "clock": self.time.clock, **self.options}
        if self.kind == "sync":
            with Skyvern(sleep=self.time.sleep, **options) as client:
                return getattr(client, method)(*args, **kwargs)

        async def main() -> Any:
            async with AsyncSkyvern(sleep=self.time.asleep, **options) as client:
                return await getattr(client, method)(*args, **kwargs)

        return asyncio.run(main())

    @property
    def requests(self) -> list[httpx.Request]:
        return self.script.requests
