"""A server that executes nothing with a visitor who is signed in, and runs put together by hand."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from mock_server.app import Composition, running
from mock_server.artifacts.writer import Belonging
from mock_server.ids import organization_for
from mock_server.services import Services
from mock_server.settings import Settings
from mock_server.store.records import ArtifactRecord, ResourceRecord, RunRecord, TimelineRecord

START = datetime.fromisoformat("2026-11-21T12:00:00.123456")
ORIGIN = "http://127.0.0.1:8000"
KEY = "test-key"
OTHER_KEY = "other-key"


class MovedClock:
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


class Maker:
    """Puts runs, timelines, artifacts and deliveries into a server's store, as an engine would."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def run(self, key: str = KEY, **fields: Any) -> RunRecord:
        """Add a run; ``request`` is merged into a small one, everything else is set on the record."""
        services = self._services
        request = {"prompt": "Get the title", "url": "http://127.0.0.1:8000/", "engine": "skyvern-2.0"}
        request |= fields.pop("request", {})
        now = services.clock.now()
        run = RunRecord(
            run_id=services.ids.new("tsk_v2"),
            organization_id=organization_for(key),
            list_id=services.ids.new("tr"),
            workflow_run_id=services.ids.new("wr"),
            task_id=services.ids.new("tsk"),
            engine="skyvern-2.0",
            run_type="task_v2",
            status="completed",
            request=request,
            created_at=now,
            modified_at=now,
            title=request["prompt"],
        )
        run = replace(run, **fields)
        services.store.insert_run(run)
        return run

    def change(self, run: RunRecord, **fields: Any) -> None:
        """Set fields of a run and save it."""
        for name, value in fields.items():
            setattr(run, name, value)
        self._services.store.save_run(run)

    def item(self, run: RunRecord, kind: str, body: dict[str, Any], parent_id: str | None = None) -> TimelineRecord:
        """Add a block or thought to a run's timeline."""
        services = self._services
        now = services.clock.now()
        item_id = services.ids.new("wrb" if kind == "block" else "ot")
        record = TimelineRecord(item_id, run.run_id, kind, parent_id, 1, body, now, now)
        services.store.put_timeline(record)
        return record

    def artifact(
        self,
        run: RunRecord,
        kind: str,
        data: bytes = b"content",
        filename: str | None = None,
        step: str | None = "stp_1",
    ) -> ArtifactRecord:
        """Store an artifact of a run."""
        belonging = Belonging(run.organization_id, run.run_id, run.task_id, step, workflow_run_id=run.workflow_run_id)
        return self._services.artifacts.write(kind, data, belonging, filename=filename)

    def delivery(self, run: RunRecord, **body: Any) -> ResourceRecord:
        """Add a webhook delivery of a run."""
        services = self._services
        now = services.clock.now()
        record = ResourceRecord(
            services.ids.new("whd"), run.organization_id, "webhook_delivery", run.run_id, body, now, now
        )
        services.store.put_resource(record)
        return record


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def mock(open_mock: Callable[..., Composition], clock: MovedClock, request: pytest.FixtureRequest) -> Composition:
    """Return a server; ``@pytest.mark.parametrize("mock", [{...}], indirect=True)`` sets its settings."""
    return open_mock(clock=clock, **getattr(request, "param", {}))


@pytest.fixture
def services(mock: Composition) -> Services:
    return mock.services


@pytest.fixture
def make(services: Services) -> Maker:
    return Maker(services)


@pytest.fixture
def visit(mock: Composition, open_client: Callable[..., httpx.AsyncClient]) -> Callable[..., Any]:
    """Return a function that makes a browser-like client: it keeps cookies, sends its origin, and may be signed in."""
    app = mock.application()

    async def visit(key: str | None = KEY) -> httpx.AsyncClient:
        client = open_client(app, headers={"origin": ORIGIN}, base_url=ORIGIN)
        if key is not None:
            answer = await client.post("/viewer/sign-in", data={"key": key, "place": "/runs"})
            assert answer.status_code == 303, answer.text
        return client

    return visit


@pytest.fixture
async def visitor(visit: Callable[..., Any]) -> httpx.AsyncClient:
    """Return a client that is signed in with ``test-key``."""
    client: httpx.AsyncClient = await visit()
    return client


@dataclass
class Site:
    """A served mock that executes nothing; things are put into it in its own thread, where its store lives."""

    address: str
    services: Services
    inside: Callable[[Callable[[], Any]], Any]
    """Calls a function in the server's thread."""

    def make(self, what: Callable[[Maker], Any]) -> Any:
        """Put something into the server."""
        return self.inside(lambda: what(Maker(self.services)))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Serve a mock on a free port, in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    started: Future[tuple[Services, uvicorn.Server, asyncio.AbstractEventLoop]] = Future()

    async def serve() -> None:
        composition = Composition(Settings(data_dir=tmp_path / "mock", port=port, parallel_runs=0))
        async with running(composition) as app:
            config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
            server = uvicorn.Server(config)
            started.set_result((composition.services, server, asyncio.get_running_loop()))
            await server.serve(sockets=[listener])

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    services, server, loop = started.result(60)

    def inside(call: Callable[[], Any]) -> Any:
        async def now() -> Any:
            return call()

        return asyncio.run_coroutine_threadsafe(now(), loop).result(60)

    try:
        yield Site(f"http://127.0.0.1:{port}", services, inside)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
