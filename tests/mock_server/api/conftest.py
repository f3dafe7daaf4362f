"""A mock server that executes nothing, a client of it, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from mock_server.app import Composition
from mock_server.artifacts.writer import Belonging
from mock_server.ids import organization_for
from mock_server.services import Services
from mock_server.store.records import ArtifactRecord, RunRecord

START = datetime.fromisoformat("2026-11-21T12:00:00.123456")


class StandingClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - START).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.move(seconds)

    def move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def mock(open_mock: Callable[..., Composition], clock: StandingClock, request: pytest.FixtureRequest) -> Composition:
    """Return a server; ``@pytest.mark.parametrize("mock", [{...}], indirect=True)`` sets its settings."""
    return open_mock(clock=clock, **getattr(request, "param", {}))


@pytest.fixture
def services(mock: Composition) -> Services:
    return mock.services


@pytest.fixture
def client(mock: Composition, open_client: Callable[..., httpx.AsyncClient]) -> httpx.AsyncClient:
    return open_client(mock.application())


@pytest.fixture
def submit(services: Services, client: httpx.AsyncClient) -> Callable[..., Any]:
    """Return a function that submits a task and returns its record."""

    async def submit(key: str = "test-key", **request: Any) -> RunRecord:
        body = {"prompt": "Get the title", "url": "http://127.0.0.1:8000/", **request}
        answer = await client.post("/v1/run/tasks", json=body, headers={"x-api-key": key})
        assert answer.status_code == 200, answer.text
        run = services.store.run(organization_for(key), answer.json()["run_id"])
        assert run is not None
        return run

    return submit


@pytest.fixture
def keep(services: Services, clock: StandingClock) -> Callable[..., ArtifactRecord]:
    """Return a function that gives a run an artifact, a second after the one before."""

    def keep(run: RunRecord, kind: str, data: bytes = b"content", filename: str | None = None) -> ArtifactRecord:
        clock.move(1)
        belonging = Belonging(
            run.organization_id, run.run_id, run.task_id, "stp_1", workflow_run_id=run.workflow_run_id
        )
        return services.artifacts.write(kind, data, belonging, filename=filename)

    return keep
