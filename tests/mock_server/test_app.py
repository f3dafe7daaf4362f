"""The parts of a server fit together, start and stop together, and the heavy ones come late."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from mock_server.agent.events import ArtifactMade, Event, Finished, Task
from mock_server.app import Composition, running
from mock_server.clock import Clock
from mock_server.settings import Settings
from mock_server.store.errors import StoreError

HEADERS = {"x-api-key": "a-key"}


class NoBrowser:
    """Leases without a browser; counts what is asked of it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.started = asyncio.Event()

    async def start(self) -> None:
        self.calls.append("start")
        self.started.set()

    async def close(self) -> None:
        self.calls.append("close")

    @asynccontextmanager
    async def lease(self, spec: Any) -> AsyncIterator[Any]:
        self.calls.append("lease")
        yield SimpleNamespace(page=SimpleNamespace(url=""), lost=asyncio.Event().wait, finish=self.finish)

    async def finish(self) -> Any:
        return SimpleNamespace(recording=None, har=None, trace=None, console_log="", state=None)


async def agent(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
    yield ArtifactMade("download", b"pdf", filename="invoice.pdf")
    yield Finished("completed", {"prompt": task.prompt})


def client_of(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000", headers=HEADERS)


async def test_a_run_goes_from_post_to_output_and_artifact(tmp_path: Path):
    """What is posted is done by the agent that was given, and its file is served at the signed link."""
    server = Composition(Settings(data_dir=tmp_path), provider=NoBrowser(), perform=agent)
    async with running(server) as app, client_of(app) as client:
        run_id = (await client.post("/v1/run/tasks", json={"prompt": "Get it"})).json()["run_id"]
        await asyncio.wait_for(server.services.engine.wait_idle(), 10)
        run = (await client.get(f"/v1/runs/{run_id}")).json()
        assert (run["status"], run["output"]) == ("completed", {"prompt": "Get it"})
        (file,) = run["downloaded_files"]
        content = await client.get(file["url"], headers={"x-api-key": ""})
        assert (content.status_code, content.content) == (200, b"pdf")


async def test_the_bundled_sites_are_served_where_they_are_listed(tmp_path: Path):
    """Every site of the list answers at its address, without a key."""
    server = Composition(Settings(data_dir=tmp_path))
    async with running(server) as app, client_of(app) as client:
        sites = (await client.get("/_mock/sites")).json()
        assert [site["name"] for site in sites] == list(server.services.sites)
        for site in sites:
            page = await client.get(site["url"], headers={"x-api-key": ""}, follow_redirects=True)
            assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


async def test_the_browser_is_warmed_beside_the_first_answers_and_closed_at_the_end(tmp_path: Path):
    """Where it is asked for the browser starts while the server answers, and the server's end is the browser's."""
    browsers = NoBrowser()
    server = Composition(Settings(data_dir=tmp_path, warm=True), provider=browsers, perform=agent)
    async with running(server) as app, client_of(app) as client:
        assert (await client.get("/v1/version")).status_code == 200
        await asyncio.wait_for(browsers.started.wait(), 10)
    assert browsers.calls == ["start", "close"]


def test_a_store_that_cannot_be_opened_says_why(tmp_path: Path):
    """A file that is no database is refused with what to do about it."""
    (tmp_path / "skyvern-mock.sqlite3").write_bytes(b"not a database, but quite long enough to be looked at" * 50)
    with pytest.raises(StoreError, match="move the file away"):
        Composition(Settings(data_dir=tmp_path))


async def test_a_start_touches_nothing_that_is_not_its_own(tmp_path: Path):
    """A data directory with other things in it keeps them; only what a killed server left is cleared."""
    for name in ("work", "tmp", "artifacts", "cache"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine").write_text("precious")
    leftover = Settings(data_dir=tmp_path).work_dir / "tsk_1" / "half.webm"
    leftover.parent.mkdir(parents=True)
    leftover.touch()
    async with running(Composition(Settings(data_dir=tmp_path))):
        assert not leftover.exists()
    kept = [name for name in ("work", "tmp", "artifacts", "cache") if (tmp_path / name / "mine").exists()]
    assert kept == ["work", "tmp", "artifacts", "cache"]


async def test_two_servers_of_one_second_make_different_ids(tmp_path: Path):
    """A server that is started again at once does not repeat the ids of the one before."""
    run_ids = []
    for _ in range(2):
        server = Composition(Settings(data_dir=tmp_path, parallel_runs=0))
        async with running(server) as app, client_of(app) as client:
            run_ids += [(await client.post("/v1/run/tasks", json={"prompt": "x"})).json()["run_id"] for _ in range(3)]
    assert len(set(run_ids)) == 6


def test_a_server_that_only_answers_loads_neither_browser_nor_agent(tmp_path: Path):
    """Starting, taking a run and answering reads brings in nothing that only runs need."""
    code = """
import asyncio, json, pathlib, sys, httpx
from mock_server.app import Composition, running
from mock_server.settings import Settings
async def main():
    async with running(Composition(Settings(data_dir=pathlib.Path(sys.argv[1]), parallel_runs=0))) as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            client.headers["x-api-key"] = "k"
            run = (await client.post("/v1/run/tasks", json={"prompt": "x"})).json()
            assert (await client.get("/v1/runs/" + run["run_id"])).status_code == 200
asyncio.run(main())
print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert not loaded & {"playwright", "av", "dateparser", "price_parser", "rapidfuzz", "mock_server.agent.loop"}
