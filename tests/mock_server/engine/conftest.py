"""An engine on a directory of its own, with an agent and a browser that do as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mock_server.agent.events import Event, Finished, Task
from mock_server.artifacts.writer import ArtifactWriter
from mock_server.clock import Clock
from mock_server.dialect import dialect_named
from mock_server.engine.engine import Engine
from mock_server.engine.runner import Runner
from mock_server.ids import IdFactory
from mock_server.store.records import RunRecord
from mock_server.store.store import Store

ORGANIZATION = "o_2"
PATIENCE = 10.0
"""Seconds after which a test that waits for the engine fails."""

REQUEST: dict[str, Any] = {
    "prompt": "Get the title of the top post",
    "url": "http://site.test/",
    "engine": "skyvern-2.0",
    "title": None,
    "data_extraction_schema": None,
    "error_code_mapping": None,
    "max_steps": None,
    "publish_workflow": False,
    "extra_http_headers": None,
    "include_action_history_in_verification": None,
    "max_screenshot_scrolls": None,
    "file_ids": None,
}


class ManualClock:
    """Every look at it takes a millisecond; sleepers wake when the test lets time pass."""

    def __init__(self) -> None:
        self._now = datetime.fromisoformat("2026-11-21T12:00:00")
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    async def sleep(self, seconds: float) -> None:
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + timedelta(seconds=seconds), waking))
        await waking

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        for due, waking in self._sleepers:
            if due <= self._now and not waking.done():
                waking.set_result(None)


@dataclass
class FakePage:
    url: str = "http://site.test/"


@dataclass
class FakeCaptured:
    recording: Path | None
    har: Path | None
    trace: Path | None
    console_log: str = "[log] hello\n"
    state: Any = None


@dataclass
class FakeLease:
    spec: Any
    faults: Faults
    page: FakePage = field(default_factory=FakePage)
    concealed: list[str] = field(default_factory=list)

    def conceal(self, secret: str) -> None:
        self.concealed.append(secret)

    async def lost(self) -> None:
        await self.faults.death.wait()
        assert self.faults.finish is not None
        raise self.faults.finish

    async def finish(self) -> FakeCaptured:
        if self.faults.finish is not None:
            raise self.faults.finish
        for name in ("run.webm", "run.har", "run.zip"):
            (self.spec.work_dir / name).write_bytes(name.encode())
        await asyncio.sleep(0)
        return FakeCaptured(*(self.spec.work_dir / name for name in ("run.webm", "run.har", "run.zip")))


@dataclass
class Faults:
    """What the fake browser does wrong, until told otherwise."""

    start: Exception | None = None
    slow_start: asyncio.Event | None = None
    finish: Exception | None = None
    death: asyncio.Event = field(default_factory=asyncio.Event)


class FakeBrowsers:
    def __init__(self) -> None:
        self.faults = Faults()
        self.starting = asyncio.Event()
        self.started = self.closed = 0
        self.leases: list[Any] = []
        self.open = self.most_open = 0

    async def start(self) -> None:
        self.starting.set()
        if self.faults.slow_start is not None:
            await self.faults.slow_start.wait()
        if self.faults.start is not None:
            raise self.faults.start
        self.started += 1

    async def close(self) -> None:
        self.closed += 1

    @asynccontextmanager
    async def lease(self, spec: Any) -> AsyncIterator[FakeLease]:
        self.leases.append(spec)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            yield FakeLease(spec, self.faults)
        finally:
            self.open -= 1


Perform = Callable[[Task, Any, Clock], AsyncIterator[Event]]


async def nothing_to_do(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
    """The simplest agent: done at once."""
    yield Finished("completed", {"title": "Hello"}, "Read the title.")


class Heard:
    """Notes what the engine tells of ends."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, str]] = []

    def run_ended(self, run: RunRecord) -> None:
        self.said.append(("ended", run.run_id, run.status))

    def cancel_noticed(self, run: RunRecord) -> None:
        self.said.append(("noticed", run.run_id, run.status))

    def cancel_repeated(self, run: RunRecord) -> None:
        self.said.append(("repeated", run.run_id, run.status))


class Harness:
    """An engine that can be stopped, killed and started again on the same directory."""

    def __init__(self, directory: Path, dialect: str = "cloud") -> None:
        self.directory = directory
        self.clock = ManualClock()
        self.browsers = FakeBrowsers()
        self.agent: Perform = nothing_to_do
        self.dialect = dialect_named(dialect)  # type: ignore[arg-type]
        self.parallel = 2
        self.notices = Heard()
        self.starts = 0
        self.store: Store
        self.engine: Engine
        self.writer: ArtifactWriter
        self.open()

    def open(self) -> None:
        self.starts += 1
        self.ids = IdFactory(self.clock, worker=self.starts)
        self.store = Store(self.directory / "store.sqlite3")
        self.writer = ArtifactWriter(self.directory / "artifacts", self.store, self.ids, self.clock)
        self.engine = Engine(
            store=self.store,
            ids=self.ids,
            clock=self.clock,
            dialect=self.dialect,
            make_runner=self._make_runner,
            parallel=self.parallel,
            notices=self.notices,
        )

    async def _make_runner(self) -> Runner:
        await asyncio.sleep(0)
        return Runner(
            store=self.store,
            writer=self.writer,
            ids=self.ids,
            clock=self.clock,
            dialect=self.dialect,
            browsers=self.browsers,
            perform=self._perform,
            work_dir=self.directory / "work",
            run_timeout_seconds=60.0,
            notices=self.notices,
        )

    def _perform(self, task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        return self.agent(task, page, clock)

    async def start(self) -> None:
        await self.engine.start()

    async def stop(self) -> None:
        await self.engine.close()
        self.store.close()

    async def restart(self) -> None:
        """Stop as a signal would, and start a new server."""
        await self.stop()
        self.open()
        await self.start()

    def submit(self, **changes: Any) -> RunRecord:
        """Submit a request; the record that comes back is the live one, not the admitted copy."""
        admitted = self.engine.submit(ORGANIZATION, {**REQUEST, **changes})
        return self.run(admitted.run_id)

    def run(self, run_id: str) -> RunRecord:
        run = self.store.run(ORGANIZATION, run_id)
        assert run is not None
        return run

    async def idle(self) -> None:
        await asyncio.wait_for(self.engine.wait_idle(), PATIENCE)

    async def do(self, agent: Perform, **changes: Any) -> RunRecord:
        """Submit a run for that agent and wait for its end."""
        self.agent = agent
        run = self.submit(**changes)
        await self.idle()
        return run

    def artifacts(self, run: RunRecord, *types: str) -> list[Any]:
        return self.store.artifacts(ORGANIZATION, run.run_id, types)

    def log(self, run: RunRecord) -> str:
        (record,) = self.artifacts(run, "skyvern_log")
        return self.writer.path(record).read_text()

    def blocks(self, run: RunRecord) -> list[dict[str, Any]]:
        return [item.body for item in self.store.timeline(run.run_id) if item.kind == "block"]


@pytest.fixture
async def harness(
    tmp_path: Path, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Harness]:
    """A started engine; parametrize indirectly with a dialect name for another than cloud.

    Whatever is done to a run, the engine itself must not break.
    """
    harness = Harness(tmp_path, getattr(request, "param", "cloud"))
    await harness.start()
    yield harness
    await harness.stop()
    messages = [record.getMessage() for record in caplog.get_records("call")]
    assert not [message for message in messages if "broke the engine" in message]
