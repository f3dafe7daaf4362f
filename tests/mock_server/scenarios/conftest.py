"""A server without a browser, driven over its API the way a tester in any language would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.app import Composition
from mock_server.scenarios.tenants import Tenant
from mock_server.settings import Settings
from mock_server.store.records import RunRecord

START = "2026-03-01T12:00:00"


class Stage:
    """One server and a client with one key; ``webhooks`` are the runs whose end was told."""

    def __init__(self, directory: Path, key: str = "tester", **settings: Any) -> None:
        self.directory = directory
        self.key = key
        self.settings = settings
        self.webhooks: list[tuple[str, str]] = []
        self.composition: Composition
        self.client: httpx.AsyncClient
        self.open()

    def open(self) -> None:
        self.composition = Composition(Settings(data_dir=self.directory, **{"parallel_runs": 0, **self.settings}))
        self.composition.services.director._staging._ended = self._told
        self.application = self.composition.application()
        self.client = self.client_of(self.key)

    def client_of(self, key: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.application),
            base_url="http://127.0.0.1:8000",
            headers={"x-api-key": key},
        )

    def _told(self, run: RunRecord) -> None:
        self.webhooks.append((run.run_id, run.status))

    async def start(self) -> None:
        await self.composition.start()

    async def close(self) -> None:
        await self.client.aclose()
        await self.composition.close()

    async def restart(self) -> None:
        await self.close()
        self.open()
        await self.start()

    @property
    def tenant(self) -> Tenant:
        return self.composition.services.tenants.with_key(self.key.encode())

    async def submit(
        self, script: dict[str, Any] | None = None, headers: dict[str, str] | None = None, **task: Any
    ) -> str:
        """Submit a task, with a script laid ready for it if one is given, and return its run's id."""
        if script is not None:
            await self.ok("POST", "/_mock/scripts", json={"times": 1, **script})
        body = {"prompt": "Get the title", "url": "http://127.0.0.1:9/", **task}
        run_id = (await self.ok("POST", "/v1/run/tasks", json=body, headers=headers or {}))["run_id"]
        assert isinstance(run_id, str)
        return run_id

    async def ok(self, method: str, path: str, **options: Any) -> Any:
        answer = await self.client.request(method, path, **options)
        assert answer.status_code < 300, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def run(self, run_id: str) -> dict[str, Any]:
        found = await self.ok("GET", f"/v1/runs/{run_id}")
        assert isinstance(found, dict)
        return found

    async def statuses(self, run_id: str, polls: int) -> list[str]:
        return [(await self.run(run_id))["status"] for _ in range(polls)]

    async def listed(self, run_id: str) -> dict[str, Any]:
        (item,) = [item for item in await self.ok("GET", "/v1/runs?page_size=100") if item["run_id"] == run_id]
        return dict(item)

    async def freeze(self, at: str = START) -> None:
        await self.ok("PUT", "/_mock/clock", json={"mode": "frozen", "now": at})

    async def advance(self, seconds: float) -> None:
        await self.ok("POST", "/_mock/clock/advance", json={"seconds": seconds})


@pytest.fixture
async def stage(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """Return a started stage; parametrize indirectly with settings."""
    stage = Stage(tmp_path / "data", **getattr(request, "param", {}))
    await stage.start()
    yield stage
    await stage.close()
