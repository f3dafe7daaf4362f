"""A server killed again and again loses nothing it has acknowledged, and leaves nothing half done."""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
import uuid
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
import pytest

pytestmark = pytest.mark.browser

SEED = 20261122
KILLS = 50
CLIENTS = 3
RUNS_PER_CLIENT = 4
"""In one round; so that what is to be verified in the end stays within a test's time."""
AGENT_ROUNDS = 10
"""Every so many rounds, one with runs that are done in a browser."""
FINAL = {"completed", "failed", "terminated", "timed_out", "canceled"}
SCRIPT = {
    "phases": [{"status": "queued", "polls": 1}, {"status": "running", "seconds": 0.05}],
    "ending": {"status": "completed", "output": {"done": True}},
    "downloads": {"receipt.txt": "1 x tea", "large.bin": {"size": 100_000}},
    "artifacts": ["screenshot_final"],
}
RESTART_SECONDS = 2.0
"""The promise for a machine of one's own. A test may share its machine with others, so it is held to the share of
the processor it got: what counts is that starting does not grow with what the killed server left."""


class Server:
    """A real process that is started on one data directory again and again."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._log = data_dir.with_suffix(".log").open("w")
        self._process: subprocess.Popen[str] | None = None
        self.mark = uuid.uuid4().hex
        self.starts: list[float] = []
        self.client = httpx.Client()

    def start(self) -> None:
        """Start it and wait for its first answer."""
        began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--data-dir", str(self._data_dir)],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "KILL_TEST_MARK": self.mark},
        )
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        self.client = httpx.Client(base_url=ready["url"], headers={"x-api-key": "killed"}, timeout=20)
        assert self.client.get("/v1/version").status_code == 200
        self.starts.append(time.monotonic() - began)

    def kill(self) -> None:
        """End it with the one signal nobody can handle."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._close()

    def stop(self) -> None:
        """End it politely."""
        assert self._process is not None
        self._process.terminate()
        self._close()

    def finish(self) -> None:
        """See to it that nothing is left of it."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        self._log.close()

    def left(self) -> list[str]:
        """Return the processes that were started by any of the servers and are still there, each as its command."""
        return [" ".join(process.cmdline()[:2]) for process in _with_mark(self.mark)]

    def _close(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.wait(30)
        self._process.stdout.close()
        self.client.close()


def _with_mark(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("KILL_TEST_MARK") == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


class Load:
    """Clients that submit and poll until their server is gone; what was acknowledged to them is remembered."""

    def __init__(self, server: Server, moments: random.Random, *, with_agent: bool) -> None:
        self._client = server.client
        self.acknowledged: list[str] = []
        self.refused: list[str] = []
        self._threads = [
            threading.Thread(target=self._be_a_client, args=(random.Random(moments.random()),)) for _ in range(CLIENTS)
        ]
        if with_agent:
            self._submit({"prompt": "Get the title of the top post", "url": f"{self._client.base_url}/sites/news/"}, {})

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join(30)

    def _be_a_client(self, dice: random.Random) -> None:
        mine: list[str] = []
        with suppress(httpx.TransportError, RuntimeError):  # RuntimeError: the client was closed with the server.
            while True:
                if len(mine) < RUNS_PER_CLIENT:
                    mine.append(self._submit({"prompt": "Buy tea"}, {"x-mock-script": json.dumps(SCRIPT)}))
                answer = self._client.get(f"/v1/runs/{dice.choice(mine)}")
                if answer.status_code != 200:
                    self.refused.append(answer.text)

    def _submit(self, body: dict[str, Any], headers: dict[str, str]) -> str:
        answer = self._client.post("/v1/run/tasks", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        run_id = str(answer.json()["run_id"])
        self.acknowledged.append(run_id)
        return run_id


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data")
    yield server
    server.finish()


@pytest.mark.timeout(900)
def test_fifty_kills_under_load(server: Server, capsys: pytest.CaptureFixture[str]):
    """Each run a client was told of is still there and ends; each artifact listed is whole; no browser stays."""
    dice = random.Random(SEED)
    acknowledged: list[str] = []
    for number in range(KILLS):
        server.start()
        with_agent = number % AGENT_ROUNDS == 0
        with Load(server, dice, with_agent=with_agent) as load:
            time.sleep(dice.uniform(1, 3) if with_agent else dice.uniform(0.02, 0.4))
            server.kill()
        assert load.refused == []
        acknowledged += load.acknowledged
    server.start()
    ended = {run_id: _ended(server.client, run_id) for run_id in acknowledged}
    assert len(acknowledged) == len(ended) > KILLS
    assert set(ended.values()) <= FINAL
    assert sum(status == "completed" for status in ended.values()) > 0.9 * len(ended)
    assert [fault for run_id in ended for fault in _faults(server.client, run_id)] == []
    server.stop()
    assert _gone(server) == []
    median = statistics.median(server.starts)
    with capsys.disabled():
        sys.stdout.write(f" {len(ended)} runs acknowledged, {KILLS} kills, median restart {median:.2f} s ")
    # Starting is work for one processor; on a busy machine it waits for its turn with all the others.
    assert median < RESTART_SECONDS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)) * 2


def _ended(client: httpx.Client, run_id: str) -> str:
    end = time.monotonic() + 120
    while True:
        answer = client.get(f"/v1/runs/{run_id}")
        assert answer.status_code == 200, f"{run_id} was acknowledged and is lost: {answer.text}"
        status = str(answer.json()["status"])
        if status in FINAL or time.monotonic() > end:
            return status
        time.sleep(0.02)


def _faults(client: httpx.Client, run_id: str) -> list[str]:
    """Return what is wrong with the artifacts of a run."""
    faults = []
    for artifact in client.get(f"/v1/runs/{run_id}/artifacts").json():
        content = client.get(f"/v1/artifacts/{artifact['artifact_id']}/content")
        if content.status_code != 200:
            faults.append(f"{artifact['artifact_type']} of {run_id}: {content.status_code}")
        elif artifact["file_size"] not in (None, len(content.content)):
            faults.append(f"{artifact['artifact_type']} of {run_id}: {len(content.content)} bytes are there")
        elif artifact.get("checksum") not in (None, sha256(content.content).hexdigest()):
            faults.append(f"{artifact['artifact_type']} of {run_id}: other content")
    return faults


def _gone(server: Server) -> list[str]:
    """Return what is left of the servers after a moment; browsers notice a moment later that theirs is gone."""
    end = time.monotonic() + 20
    while (left := server.left()) and time.monotonic() < end:
        time.sleep(0.2)
    return left
