"""A proxy in this process between a client and an upstream, with the real server around both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
import uvicorn

from mock_server.app import Composition
from mock_server.clock import RealClock
from mock_server.listening import Protocol, bind
from mock_server.settings import Settings
from mock_server.tapes.proxy import Proxy, client, shown
from mock_server.tapes.session import Recording

KEY = "tester-key-0123456789"


@asynccontextmanager
async def listening(app: Any) -> AsyncIterator[str]:
    """Serve an application on a real socket; yield its address."""
    with bind("127.0.0.1", 0) as listener:
        config = uvicorn.Config(app, http=Protocol, ws="none", lifespan="off", log_config=None, date_header=False)
        server = uvicorn.Server(config)
        task = asyncio.ensure_future(server._serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            await task


class Studio:
    """Starts mocks, upstreams and recordings, and ends them all."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.out = directory / "tape"
        self._stack = AsyncExitStack()
        self._mocks = 0

    async def mock(self, **settings: Any) -> str:
        """Return the address of a mock without a browser."""
        self._mocks += 1
        directory = self.directory / f"mock{self._mocks}"
        composition = Composition(Settings(data_dir=directory, parallel_runs=0, **settings))
        await composition.start()
        self._stack.push_async_callback(composition.close)
        return await self.serve(composition.application())

    async def serve(self, app: Any) -> str:
        return await self._stack.enter_async_context(listening(app))

    async def record(self, upstream: str, **options: Any) -> tuple[str, Recording]:
        """Return the address of a proxy, and its recording."""
        kept = {name: options.pop(name) for name in ("secrets", "personal", "pace") if name in options}
        recording = Recording(self.out, shown(httpx.URL(upstream)), **{"pace": "polls", **kept})
        http = await self._stack.enter_async_context(client())
        proxy = Proxy(httpx.URL(upstream), recording, http, RealClock(), Settings(), **options)
        return await self.serve(proxy), recording

    async def close(self) -> None:
        await self._stack.aclose()


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    """Return a studio; whatever it started ends with the test."""
    studio = Studio(tmp_path)
    yield studio
    await studio.close()


class Worker:
    """A client that submits tasks, polls them and looks at everything, as users' code does."""

    def __init__(self, url: str, key: str = KEY) -> None:
        self.http = httpx.AsyncClient(base_url=url, headers={"x-api-key": key}, timeout=20)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def get(self, path: str) -> Any:
        answer = await self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    async def submit(self, prompt: str = "Get the title", **task: Any) -> str:
        body = {"prompt": prompt, "url": "http://127.0.0.1:9/page", **task}
        answer = await self.http.post("/v1/run/tasks", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["run_id"])

    async def see_through(self, prompt: str = "Get the title", **task: Any) -> dict[str, Any]:
        """Return what of a run is the same whenever it follows the same script."""
        run_id = await self.submit(prompt, **task)
        statuses: list[str] = []
        while True:
            run = await self.get(f"/v1/runs/{run_id}")
            statuses.append(run["status"])
            if run["finished_at"] is not None:
                break
            await asyncio.sleep(0.01)
        timeline = await self.get(f"/v1/runs/{run_id}/timeline")
        artifacts = await self.get(f"/v1/runs/{run_id}/artifacts")
        contents = []
        for artifact in artifacts:
            answer = await self.http.get(f"/v1/artifacts/{artifact['artifact_id']}/content")
            contents.append((artifact["artifact_type"], answer.status_code, answer.content))
        return {
            "statuses": statuses,
            "output": run["output"],
            "failure_reason": run["failure_reason"],
            "errors": run["errors"],
            "step_count": run["step_count"],
            "timeline": [shape(item) for item in timeline],
            "contents": sorted(contents),
            "files": [(file["filename"], file["checksum"]) for file in run["downloaded_files"]],
        }


def shape(item: dict[str, Any]) -> Any:
    """Return what a timeline item is, without ids and times."""
    block = item["block"] or {}
    actions = [(action["action_type"], action["status"]) for action in block.get("actions", [])]
    return item["type"], block.get("block_type"), block.get("status"), actions, [shape(one) for one in item["children"]]


@pytest.fixture
def worker() -> type[Worker]:
    """Return the class of clients."""
    return Worker
