"""A run's answer, in each state and for each engine, has the fields filled and empty that a real server's had.

Compared is the kind of every value (``null``, text, list, object ...) and, where a server chooses it, the value. The
runs are done by the real engine with an agent that follows a script, in the ``oss`` dialect.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from mock_server.agent.events import (
    Action,
    ActionFinished,
    ActionStarted,
    ArtifactMade,
    BlockClosed,
    BlockOpened,
    Event,
    Finished,
    StepClosed,
    StepOpened,
    Task,
)
from mock_server.app import Composition
from mock_server.clock import Clock
from mock_server.settings import Settings

ORACLE = Path(__file__).parents[2] / "fixtures" / "oracle"
KEY = {"x-api-key": "test-key"}
PATIENCE = 10.0

ENGINES = {
    "task_v1": "skyvern-1.0",
    "task_v2": "skyvern-2.0",
    "task_v3": "skyvern-3.0",
    "openai_cua": "openai-cua",
    "anthropic_cua": "anthropic-cua",
    "yutori_navigator": "yutori-navigator",
}
CHOSEN = ("status", "run_type", "recording_archived", "downloaded_files")
"""Fields whose very values the server chooses, not the run."""

NOT_COMPARED = {
    "output": "what a run has to say depends on its task",
    "recording_url": "the real service shows it late, or early and partial",
    "screenshot_urls": "a picture comes with an action, or none",
    "run_request": "compared by itself",
    "webhook_url": "asked for in the recording only",
}

CASES: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
for _line in (ORACLE / "stateful.jsonl").read_text(encoding="utf-8").splitlines():
    _exchange = json.loads(_line)
    if _exchange["request"]["method"] == "GET" and "/runs/tsk_" in _exchange["request"]["path"]:
        _body = json.loads(_exchange["response"]["body"])
        if isinstance(_body, dict) and _body.get("run_type") in ENGINES:
            CASES[_body["run_type"], _body["status"]].append(_body)


class StubBrowsers:
    """Hands out pages that are none; a film is left behind."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    @asynccontextmanager
    async def lease(self, spec: Any) -> AsyncIterator[Any]:
        async def lost() -> None:
            await asyncio.Event().wait()

        async def finish() -> Any:
            film = spec.work_dir / "film.webm"
            film.write_bytes(b"film")
            return SimpleNamespace(recording=film, har=None, trace=None, console_log="", state=None)

        yield SimpleNamespace(page=SimpleNamespace(url="http://site.test/"), lost=lost, finish=finish)


class Script:
    """The agent: one step with a picture, then the end the test asks for; it waits there for ``go``."""

    def __init__(self) -> None:
        self.end = "completed"
        self.go = asyncio.Event()
        self.at_work = asyncio.Event()

    async def __call__(self, task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        del page, clock
        steps = task.max_steps + 1 if self.end == "max_steps" else 1
        yield BlockOpened("navigation", "go", "Goes", url="http://site.test/", navigation_goal="go")
        for order in range(steps):
            yield StepOpened(order)
            self.at_work.set()
            await self.go.wait()
            yield ActionStarted(order, Action("click", "It is there."))
            yield ArtifactMade("screenshot_action", b"png", step_order=order, action_key=order)
            yield ActionFinished(order, "completed")
            yield StepClosed(order, "completed")
        yield BlockClosed("completed")
        reason = None if self.end == "completed" else "There is no such item. Ask for another."
        output = {"title": "x"} if self.end == "completed" else None
        yield Finished(self.end, output, failure_reason=reason)  # type: ignore[arg-type]  # one of its words


@pytest.fixture
async def script() -> Script:
    return Script()


@pytest.fixture
async def client(script: Script, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a self-hosted server that executes what it is given."""
    settings = Settings(data_dir=tmp_path, dialect="oss", self_check=True)
    composition = Composition(settings, provider=StubBrowsers(), perform=script)  # type: ignore[arg-type]  # stand-ins
    await composition.start()
    transport = httpx.ASGITransport(composition.application())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=KEY) as client:
        yield client
    script.go.set()
    await composition.close()
    assert composition.services.conformance is not None
    assert [str(finding) for finding in composition.services.conformance.blamed("mock")] == []


async def reached(client: httpx.AsyncClient, script: Script, run_type: str, status: str, **request: Any) -> Any:
    """Return the answer for a run that has got as far as ``status``."""
    if status in ("completed", "failed", "terminated"):
        script.end = status
        script.go.set()
    asked = {"prompt": "p", "url": "http://site.test/", "engine": ENGINES[run_type], **request}
    created = (await client.post("/v1/run/tasks", json=asked)).json()
    path = f"/v1/runs/{created['run_id']}"
    if status == "queued":
        return (await client.get(path)).json()
    async with asyncio.timeout(PATIENCE):
        await script.at_work.wait()
        if status == "canceled":
            assert (await client.post(f"{path}/cancel")).json() is None
    return await arrival(client, path, status)


async def arrival(client: httpx.AsyncClient, path: str, status: str) -> Any:
    """Return the first answer that shows a status."""
    async with asyncio.timeout(PATIENCE):
        while True:
            body = (await client.get(path)).json()
            if body["status"] == status:
                return body
            assert body["finished_at"] is None, (body["status"], body["failure_reason"])
            await asyncio.sleep(0)


def kind(value: Any) -> str:
    return "null" if value is None else type(value).__name__


@pytest.mark.parametrize(("run_type", "status"), sorted(CASES), ids=lambda value: value)
async def test_fields_filled_and_empty(run_type: str, status: str, client: httpx.AsyncClient, script: Script):
    """Every field of the run and of its request has a kind of value that was recorded in this state."""
    recorded = CASES[run_type, status]
    body = await reached(client, script, run_type, status)
    assert list(body) == list(recorded[0])
    assert list(body["run_request"]) == list(recorded[0]["run_request"])
    faults = []
    for name, value in body.items():
        if name in NOT_COMPARED:
            continue
        allowed = {kind(other[name]) for other in recorded}
        if kind(value) not in allowed:
            faults.append(f"{name}: {value!r} where {sorted(allowed)} was recorded")
        if name in CHOSEN and value not in [other[name] for other in recorded]:
            faults.append(f"{name}: {value!r}")
    for name, value in body["run_request"].items():
        allowed = {kind(other["run_request"][name]) for other in recorded}
        if kind(value) not in allowed and name not in NOT_COMPARED:
            faults.append(f"run_request.{name}: {value!r} where {sorted(allowed)} was recorded")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("run_type", ["task_v1", "task_v2", "task_v3"])
async def test_full_request_comes_back_rebuilt(run_type: str, client: httpx.AsyncClient, script: Script):
    """The request of a run that had every option set is rebuilt as the real server rebuilds it (findings 5)."""
    (sent,) = [
        json.loads(line)
        for line in (ORACLE / "exchanges.jsonl").read_text(encoding="utf-8").splitlines()
        if f'"run_task_ok_full_{ENGINES[run_type]}"' in line
    ]
    (recorded,) = [body for states in CASES.values() for body in states if _is_answer_to(sent, body)]
    asked = json.loads(sent["request"]["body"]) if isinstance(sent["request"]["body"], str) else sent["request"]["body"]
    body = await reached(client, script, run_type, "running", **asked)
    for name, value in recorded["run_request"].items():
        assert body["run_request"][name] == value, name
    for name in ("browser_session_id", "browser_profile_id", "max_screenshot_scrolls", "script_run"):
        assert body[name] is None


def _is_answer_to(sent: dict[str, Any], body: dict[str, Any]) -> bool:
    return json.loads(sent["response"]["body"])["run_id"] == body["run_id"]


async def test_used_up_steps(client: httpx.AsyncClient, script: Script):
    """A step run that used up its steps fails with REACH_MAX_STEPS, told as recorded (findings 6)."""
    (recorded,) = [body for body in CASES["task_v1", "failed"] if body["run_request"]["max_steps"] == 2][:1]
    script.end = "max_steps"
    script.go.set()
    created = (await client.post("/v1/run/tasks", json={"prompt": "p", "url": "http://s.test/", "max_steps": 2})).json()
    body = await arrival(client, f"/v1/runs/{created['run_id']}", "failed")
    assert body["step_count"] == recorded["step_count"] == 3
    assert [error["error_code"] for error in body["errors"]] == ["REACH_MAX_STEPS"]
    assert list(body["errors"][0]) == list(recorded["errors"][0])
    assert body["errors"][0]["error_type"] == recorded["errors"][0]["error_type"]
    start = "Reached the maximum steps (2). "
    assert body["failure_reason"].startswith(start)
    assert recorded["failure_reason"].startswith(start)
    assert body["run_request"]["max_steps"] == recorded["run_request"]["max_steps"] == 2
