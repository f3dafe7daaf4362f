"""A hundred runs, four at a time, some of them canceled and the browser shot once, leave nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

RUNS = 100
CANCELED = 9
AT_A_TIME = 4
SHOT_AFTER = 50
"""Runs after which the browser is killed, in the middle of the others."""
PATIENCE = 1200.0
MARK = "ORPHAN_TEST_MARK"


class Server:
    """A server process, all of whose temporary files are in ``folder`` and whose processes carry a mark."""

    def __init__(self, folder: Path, temporary: Path) -> None:
        self.temporary = temporary
        self.mark = uuid.uuid4().hex
        self._log = (folder / "server.log").open("w")
        options = ["--port", "0", "--data-dir", str(folder / "data"), "--parallel", str(AT_A_TIME), "--no-record"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mock_server", "serve", *options],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "TMPDIR": str(self.temporary), MARK: self.mark},
        )
        assert self.process.stdout is not None
        url = json.loads(self.process.stdout.readline())["url"]
        self.client = httpx.Client(base_url=url, headers={"x-api-key": "orphans"}, timeout=120)

    def descendants(self) -> list[psutil.Process]:
        """Every process that this server, or a process of it, has started and that is still there."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                mine = process.environ().get(MARK) == self.mark and process.pid != self.process.pid
                if mine and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def shoot_the_browser(self) -> None:
        """Kill its main process with the signal nobody can handle."""
        browsers = [
            process
            for process in self.descendants()
            if any(part.startswith("--user-data-dir=") for part in process.cmdline())
            and not any(part.startswith("--type=") for part in process.cmdline())
        ]
        assert browsers, "no browser is running"
        for browser in browsers:
            with suppress(psutil.NoSuchProcess):
                browser.kill()

    def stop(self) -> None:
        """End it politely and wait for its end."""
        self.client.close()
        self.process.terminate()
        self.process.wait(120)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    # Not below pytest's folder: the path of a browser's socket must be short.
    with tempfile.TemporaryDirectory(prefix="o") as temporary:
        server = Server(tmp_path, Path(temporary))
        yield server
        if server.process.poll() is None:
            server.stop()
        for process in server.descendants():
            process.kill()


def do(server: Server, number: int) -> str:
    """Do one run to its end, or cancel it while it waits; return its status. One of them shoots the browser first."""
    if number == SHOT_AFTER:
        server.shoot_the_browser()
    canceled = number % (RUNS // CANCELED) == 0 and number < CANCELED * (RUNS // CANCELED)
    prompt = "Wait 300 seconds, then get the page title" if canceled else "Get the page title"
    body = {"prompt": prompt, "url": f"{server.client.base_url}/sites/contact/", "max_steps": 5}
    run_id = server.client.post("/v1/run/tasks", json=body).json()["run_id"]
    end = time.monotonic() + PATIENCE
    is_asked_to_stop = False
    while True:
        run = server.client.get(f"/v1/runs/{run_id}").json()
        if run["finished_at"] is not None:
            return str(run["status"])
        if canceled and not is_asked_to_stop and "wait" in server.client.get(f"/v1/runs/{run_id}/timeline").text:
            server.client.post(f"/v1/runs/{run_id}/cancel").raise_for_status()
            is_asked_to_stop = True
        assert time.monotonic() < end, f"run {number} does not end"
        time.sleep(0.05)


@pytest.mark.browser
@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_hundred_runs_leave_no_process_and_no_profile(server: Server):
    """Canceled runs and a killed browser cost their own runs only; after shutdown nothing of any of them is left."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        endings = Counter(pool.map(lambda number: do(server, number), range(RUNS)))
    assert endings["canceled"] == CANCELED, endings
    assert endings["failed"] <= AT_A_TIME, "the killed browser had no more runs than that"
    assert endings["completed"] == RUNS - CANCELED - endings["failed"]
    assert server.descendants(), "a warm browser is kept for the next run"
    profiles = [path.name for path in server.temporary.iterdir() if "profile" in path.name]
    assert len(profiles) <= 1, "one browser has one profile"
    server.stop()
    for process in server.descendants():
        with suppress(psutil.TimeoutExpired):  # a process that is just ending may take its time
            process.wait(30)
    assert [" ".join(process.cmdline()[:2]) for process in server.descendants()] == []
    # The driver of a browser that was killed leaves empty directories of its traces.
    left = [path for path in server.temporary.rglob("*") if not path.is_dir()]
    assert [str(path.relative_to(server.temporary)) for path in left] == []
