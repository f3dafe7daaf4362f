"""Thousands of scripted runs cost next to nothing, and half an hour of polling less than a second."""

from __future__ import annotations

import asyncio
import selectors
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from mock_server.app import Composition
from mock_server.settings import Settings

Stage = Any
RUNS = 1000
PLANNER_BODY = {"prompt": "x", "engine": "skyvern-2.0"}


@pytest.mark.timeout(400)
async def test_a_thousand_pollers_on_a_thousand_runs(stage: Stage):
    """A thousand clients poll a thousand scripted runs at once: each gets its run's way, and memory stays flat."""
    process = psutil.Process()

    async def follow(client: httpx.AsyncClient) -> list[str]:
        run_id = (await client.post("/v1/run/tasks", json=PLANNER_BODY)).json()["run_id"]
        seen = []
        while not seen or seen[-1] != "completed":
            answer = await client.get(f"/v1/runs/{run_id}")
            assert answer.status_code == 200
            seen.append(answer.json()["status"])
        return seen

    async def round_of(count: int) -> None:
        headers = {"x-mock-progression": "polls=4", "x-api-key": "crowd"}
        stage.client.headers.update(headers)
        ways = await asyncio.gather(*(follow(stage.client) for _ in range(count)))
        assert set(map(tuple, ways)) == {("queued", "running", "running", "running", "completed")}

    await round_of(RUNS)
    before = process.memory_info().rss
    await round_of(RUNS // 3)
    assert process.memory_info().rss < before * 1.2
    assert stage.composition.services.tenants.with_key(b"crowd").scripted == 0
    assert not stage.composition.services.director._live


class _SkippingSelector(selectors.DefaultSelector):
    """Waits for nothing: when nothing is ready, the loop's clock is moved instead."""

    ahead = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout:
            self.ahead += timeout
        return ready


class _SkippingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._skipping = _SkippingSelector()
        super().__init__(self._skipping)

    def time(self) -> float:
        return time.monotonic() + self._skipping.ahead


async def _wait_for_completion(client: httpx.AsyncClient, run_id: str, interval: float) -> tuple[str, int]:
    """Poll as every client does, knowing nothing of the mock."""
    polls = 0
    async with asyncio.timeout(3600):
        while True:
            run = (await client.get(f"/v1/runs/{run_id}")).json()
            polls += 1
            if run["finished_at"]:
                return run["status"], polls
            await asyncio.sleep(interval)


def test_half_an_hour_of_polling(tmp_path: Path):
    """An unmodified poll loop over a run of thirty minutes ends in well under a second of CPU, in auto mode.

    With a step, each poll skips what the client thinks it slept; without, each skips to the run's next event.
    """

    async def wait(step: float | None) -> tuple[str, int]:
        composition = Composition(Settings(data_dir=tmp_path / str(step), parallel_runs=0))
        await composition.start()
        transport = httpx.ASGITransport(composition.application())
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            client.headers["x-api-key"] = "patient"
            await client.put("/_mock/clock", json={"mode": "auto", "step": step})
            headers = {"x-mock-progression": "seconds=1800"}
            run_id = (await client.post("/v1/run/tasks", json=PLANNER_BODY, headers=headers)).json()["run_id"]
            began = time.process_time()
            ended = await _wait_for_completion(client, run_id, 10)
            took.append(time.process_time() - began)
            run = (await client.get(f"/v1/runs/{run_id}")).json()
        await composition.close()
        assert run["created_at"] < run["started_at"] < run["finished_at"]
        return ended

    took: list[float] = []
    with asyncio.Runner(loop_factory=_SkippingLoop) as runner:
        assert runner.run(wait(10.0)) == ("completed", 181)
        assert runner.run(wait(None)) == ("completed", 3)
    assert max(took) < 1.0
