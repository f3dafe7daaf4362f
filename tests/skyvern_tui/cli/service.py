"""A small task service behind a fake transport, and a way to run the command line on it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import httpx
from click.testing import CliRunner, Result
from rich.console import Console

from skyvern_tui.cli import main
from skyvern_tui.cli.console import Narrator
from skyvern_tui.cli.server import Tools
from skyvern_tui.client import Skyvern
from skyvern_tui.config import Connection

BASE = "http://service.example"
RUN_ID = "tsk_v2_1"
TIME = "2026-01-20T11:52:{:02d}.000000"


@dataclass
class Service:
    """Answers the calls of the command line. A run passes through ``states``, one per GET; the last one stays."""

    states: list[dict[str, Any]] = field(default_factory=lambda: [{"status": "running"}, {"status": "completed"}])
    timeline: list[dict[str, Any]] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    """Bytes by path."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    refusal: tuple[int, Any] | None = None
    """A status and body that every call gets."""
    error: type[BaseException] | None = None
    interrupt_at: int | None = None
    """The poll, from 1, at which the person presses Ctrl-C."""
    created: list[dict[str, Any]] = field(default_factory=list)
    canceled: list[str] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)
    polls: int = 0
    queries: list[dict[str, list[str]]] = field(default_factory=list)

    def run(self, **state: Any) -> dict[str, Any]:
        body = {
            "run_id": RUN_ID,
            "status": "created",
            "output": None,
            "run_type": "task_v2",
            "created_at": TIME.format(0),
            "modified_at": TIME.format(5),
            "run_request": {"prompt": "x", "max_steps": 10},
        }
        if state.get("status") in ("completed", "failed", "terminated", "timed_out", "canceled"):
            body |= {"finished_at": TIME.format(9), "step_count": 2}
        return body | state

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.keys.add(request.headers.get("x-api-key"))
        if self.error is not None:
            raise self.error("broken")
        if self.refusal is not None:
            return httpx.Response(self.refusal[0], json=self.refusal[1])
        path = request.url.path
        if path in self.contents:
            return httpx.Response(200, content=self.contents[path])
        routes: dict[str, Callable[[httpx.Request], Any]] = {
            "POST /v1/run/tasks": self._create,
            f"POST /v1/runs/{RUN_ID}/cancel": self._cancel,
            f"GET /v1/runs/{RUN_ID}": self._get,
            f"GET /v1/runs/{RUN_ID}/timeline": lambda _: self.timeline,
            f"GET /v1/runs/{RUN_ID}/artifacts": self._artifacts,
            "GET /v1/runs": self._list,
            "GET /v1/version": lambda _: {"version": "1.0"},
        }
        route = routes.get(f"{request.method} {path}")
        if route is not None:
            return httpx.Response(200, json=route(request))
        detail = f"Task run not found {path.split('/')[3]}" if path.startswith("/v1/runs/") else "Not Found"
        return httpx.Response(404, json={"detail": detail})

    def _create(self, request: httpx.Request) -> Any:
        self.created.append(json.loads(request.content))
        return self.run(status="queued")

    def _cancel(self, request: httpx.Request) -> None:
        self.canceled.append(request.url.path.split("/")[3])

    def _get(self, request: httpx.Request) -> Any:
        self.polls += 1
        if self.polls == self.interrupt_at:
            raise KeyboardInterrupt
        return self.run(**self.states[min(self.polls, len(self.states)) - 1])

    def _artifacts(self, request: httpx.Request) -> Any:
        wanted = parse_qs(request.url.query.decode()).get("artifact_type")
        return [self._sized(record) for record in self.artifacts if wanted is None or record["artifact_type"] in wanted]

    def _sized(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return a record that tells the size of what is there: a client would refuse anything else as cut short."""
        content = self.contents.get(f"/v1/artifacts/{record['artifact_id']}/content")
        return record if content is None else {**record, "file_size": len(content)}

    def _list(self, request: httpx.Request) -> Any:
        self.queries.append(parse_qs(request.url.query.decode()))
        return self.rows


def artifact(number: int, kind: str, suffix: str, **over: Any) -> dict[str, Any]:
    return {
        "artifact_id": f"a_{number}",
        "artifact_type": kind,
        "uri": f"file:///data/2026-01-20T115200.1_a_{number}_{kind}{suffix}",
        "organization_id": "o_1",
        "created_at": TIME.format(number),
        "modified_at": TIME.format(number),
        "file_size": 1000 * number,
        **over,
    }


def block(
    number: int, kind: str, status: str, actions: list[dict[str, Any]] | None = None, **over: Any
) -> dict[str, Any]:
    times = {"created_at": TIME.format(number), "modified_at": TIME.format(number)}
    return {
        "type": "block",
        **times,
        "children": [],
        "block": {
            "workflow_run_block_id": f"wrb_{number}",
            "block_type": kind,
            "status": status,
            "navigation_goal": f"goal {number}",
            "actions": actions or [],
            **times,
            **over,
        },
    }


def action(number: int, kind: str, status: str, reasoning: str) -> dict[str, Any]:
    at = TIME.format(number)
    return {
        "action_id": f"act_{number}",
        "action_type": kind,
        "status": status,
        "reasoning": reasoning,
        "created_at": at,
    }


def command(
    service: Service | Callable[[httpx.Request], httpx.Response],
    *arguments: str,
    base_url: str | None = BASE,
    env: dict[str, str | None] | None = None,
    terminal: io.StringIO | None = None,
    **options: Any,
) -> Result:
    """Run ``skyvern-tui`` on a service. Time is virtual: sleeping moves it. ``terminal`` makes stderr a terminal."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    make_client = partial(Skyvern, transport=httpx.MockTransport(service), clock=lambda: now[0], sleep=sleep)

    @contextmanager
    def make_mock(data_dir: Any):
        yield Connection(BASE, "mock-key", "mock", embedded=True)

    console = None
    if terminal is not None:
        console = Console(file=terminal, force_terminal=True, width=200, highlight=False, markup=False, emoji=False)
    tools = Tools(make_client=make_client, make_mock=make_mock, narrator=Narrator(console))
    environment = {
        "SKYVERN_API_KEY": "key-of-the-environment-1234",
        "SKYVERN_BASE_URL": None,
        "SKYVERN_TUI_PROFILE": None,
        "SKYVERN_TUI_CONFIG": "/nonexistent/config.toml",
        **(env or {}),
    }
    words = [*arguments, *(["--base-url", base_url] if base_url else [])]
    return CliRunner().invoke(main, words, obj=tools, env=environment, prog_name="skyvern-tui", **options)
