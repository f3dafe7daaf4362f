"""``skyvern-mock serve`` as a process: ready, stopped, killed, refused."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.store.schema import VERSION

SCRIPTED = str(Path(__file__).with_name("scripted_server.py"))
HEADERS = {"x-api-key": "a-key"}
PATIENCE = 30.0
MARK = f"SERVED_BY_TEST_{uuid.uuid4().hex.upper()}"
"""A variable that servers of this test run and their children have in their environment."""


@dataclass
class Server:
    process: subprocess.Popen[str]
    ready: dict[str, Any]

    @property
    def url(self) -> str:
        return self.ready["url"]

    def get(self, path: str, key: str = "a-key") -> httpx.Response:
        return httpx.get(self.url + path, headers={"x-api-key": key}, timeout=PATIENCE)

    def post(self, prompt: str) -> str:
        body = {"prompt": prompt, "url": "http://127.0.0.1:9/"}
        answer = httpx.post(f"{self.url}/v1/run/tasks", json=body, headers=HEADERS, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer.json()["run_id"]

    def wait_for(self, run_id: str, *statuses: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            run = self.get(f"/v1/runs/{run_id}").json()
            if run["status"] in statuses:
                return run
            time.sleep(0.02)
        raise AssertionError(f"{run_id} is {run['status']}, not {statuses}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


Start = Callable[..., Server]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start servers; whatever is left of them is killed at the end."""
    processes: list[subprocess.Popen[str]] = []

    def start(*command: str) -> Server:
        process = subprocess.Popen(
            [sys.executable, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {MARK: str(len(processes))},
        )
        processes.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        return Server(process, json.loads(line))

    yield start
    for process in processes:
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def serve(*arguments: str | Path) -> list[str]:
    return ["-m", "mock_server", "serve", *map(str, arguments)]


def refused(*arguments: str | Path) -> tuple[int, str]:
    """Run a serve command that is expected to give up; return its exit code and message."""
    done = subprocess.run(
        [sys.executable, *serve(*arguments)], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_stops_when_told(start: Start, tmp_path: Path, number: int):
    """One JSON line when it answers; a signal ends it with 0 and leaves no claim on the data directory."""
    server = start(*serve("--port", "0", "--data-dir", tmp_path / "data"))
    assert server.ready == {
        "url": f"http://127.0.0.1:{server.ready['port']}",
        "port": server.ready["port"],
        "pid": server.process.pid,
        "api_key": "mock-local-key",
    }
    assert server.get("/v1/version").status_code == 200
    assert server.get("/v1/runs", server.ready["api_key"]).json() == []
    assert server.stop(number) == 0
    out, err = server.process.communicate()
    assert (out, err) == ("", "")
    assert not (tmp_path / "data" / "server.json").exists()


def test_required_keys_are_asked_for_and_not_told(start: Start, tmp_path: Path):
    """Only the required keys are let in; the first is in the ready line, none is in the log."""
    server = start(*serve("--port", "0", "--data-dir", tmp_path, "--require-key", "k-1", "--require-key", "k-2", "-v"))
    assert server.ready["api_key"] == "k-1"
    assert [server.get("/v1/runs", key).status_code for key in ("k-1", "k-2", "k-3")] == [200, 200, 403]
    server.stop()
    assert "k-1" not in server.process.communicate()[1]


def test_a_port_in_use(tmp_path: Path):
    """The message names the port and the way out; nothing is created."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, message = refused("--port", str(port), "--data-dir", tmp_path / "data")
    assert code == 4
    assert f"Port {port}" in message
    assert "--port 0" in message
    assert not (tmp_path / "data").exists()


def test_two_servers_on_one_data_directory(start: Start, tmp_path: Path):
    """The second names the first by process and address and leaves it alone."""
    first = start(*serve("--port", "0", "--data-dir", tmp_path))
    code, message = refused("--port", "0", "--data-dir", tmp_path)
    assert code == 3
    assert str(first.process.pid) in message
    assert first.url in message
    assert first.get("/v1/version").status_code == 200


def test_a_data_directory_that_cannot_be_made(tmp_path: Path):
    """The message names the directory, the cause and --data-dir."""
    (tmp_path / "file").touch()
    code, message = refused("--port", "0", "--data-dir", tmp_path / "file" / "data")
    assert code == 5
    assert str(tmp_path / "file" / "data") in message
    assert "Not a directory" in message
    assert "--data-dir" in message


@pytest.mark.parametrize("name", ["signing.key", "skyvern-mock.sqlite3"])
def test_a_data_directory_with_something_in_the_way(tmp_path: Path, name: str):
    """A directory where a file belongs is reported without a traceback."""
    (tmp_path / name).mkdir()
    code, message = refused("--port", "0", "--data-dir", tmp_path)
    assert code == 5
    assert str(tmp_path) in message


def test_a_store_of_a_newer_release(tmp_path: Path):
    """An old release does not touch a new release's store."""
    connection = sqlite3.connect(tmp_path / "skyvern-mock.sqlite3")
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    code, message = refused("--port", "0", "--data-dir", tmp_path)
    assert code == 5
    assert f"version {VERSION + 1}" in message


def test_bad_usage_names_the_option():
    """A wrong value is refused by the option's name before anything starts."""
    code, message = refused("--port", "70000")
    assert code == 2
    assert "--port" in message


def test_nothing_acknowledged_is_lost_by_kill_9(start: Start, tmp_path: Path):
    """Two running and three queued runs survive a kill: the first are retried, the others resume, all are completed."""
    server = start(SCRIPTED, str(tmp_path))
    run_ids = [server.post(f"task {number}") for number in range(5)]
    for run_id in run_ids[:2]:
        server.wait_for(run_id, "running")
    assert server.get(f"/v1/runs/{run_ids[2]}").json()["status"] == "queued"
    started = server.get(f"/v1/runs/{run_ids[0]}").json()["started_at"]
    server.process.kill()
    server.process.wait(PATIENCE)
    assert (tmp_path / "server.json").exists()

    (tmp_path / "go").touch()
    server = start(SCRIPTED, str(tmp_path))
    runs = [server.wait_for(run_id, "completed") for run_id in run_ids]
    assert [run["output"] for run in runs] == [{"prompt": f"task {number}"} for number in range(5)]
    assert runs[0]["started_at"] == started
    items = server.get(f"/v1/runs/{run_ids[0]}/timeline").json()
    assert [(item["attempt"], item["block"]["status"]) for item in items] == [(2, "failed"), (1, "failed")]
    assert [item["attempt"] for item in server.get(f"/v1/runs/{run_ids[4]}/timeline").json()] == [1]


def test_a_burst_of_requests_cut_by_kill_9(start: Start, tmp_path: Path):
    """Every run id that was answered before the kill is there after it, and was done."""
    server = start(SCRIPTED, str(tmp_path))
    with httpx.Client(base_url=server.url, headers=HEADERS) as client:
        answers = [client.post("/v1/run/tasks", json={"prompt": "at once"}) for _ in range(60)]
    server.process.kill()
    run_ids = [answer.json()["run_id"] for answer in answers]
    server.process.wait(PATIENCE)
    server = start(SCRIPTED, str(tmp_path))
    assert len({server.wait_for(run_id, "completed")["run_id"] for run_id in run_ids}) == 60


def test_a_signal_in_the_middle_of_a_run(start: Start, tmp_path: Path):
    """The server stops within seconds; the run is begun again by the next one."""
    server = start(SCRIPTED, str(tmp_path))
    run_id = server.post("task")
    server.wait_for(run_id, "running")
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 5
    (tmp_path / "go").touch()
    server = start(SCRIPTED, str(tmp_path))
    assert server.wait_for(run_id, "completed")["output"] == {"prompt": "task"}


def test_a_client_that_holds_its_connection_does_not_hold_the_server(start: Start, tmp_path: Path):
    """An idle kept-alive connection is closed by the signal, not waited for."""
    server = start(*serve("--port", "0", "--data-dir", tmp_path))
    with httpx.Client(base_url=server.url) as client:
        assert client.get("/v1/version").status_code == 200
        began = time.monotonic()
        assert server.stop() == 0
    assert time.monotonic() - began < 5


def marked_processes() -> list[str]:
    """Return the command lines of living processes that come from servers of this test run."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if MARK.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


@pytest.mark.browser
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_browser_outlives_the_server(start: Start, tmp_path: Path, number: int):
    """Stopped or killed in the middle of a run, the server leaves no process behind."""
    server = start(SCRIPTED, str(tmp_path), "--browser")
    run_id = server.post("wait")
    server.wait_for(run_id, "running")
    deadline = time.monotonic() + PATIENCE
    while not server.get(f"/v1/runs/{run_id}/timeline").json():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert any("--headless" in command for command in marked_processes())
    server.stop(number)
    while left := marked_processes():
        assert time.monotonic() < deadline, left
        time.sleep(0.02)


def test_half_requests_hold_nobody_up(start: Start, tmp_path: Path):
    """Connections that send half a request and then nothing keep nobody waiting; nor does a huge header."""
    server = start("-m", "mock_server", "serve", "--port", "0", "--parallel", "0", "--data-dir", str(tmp_path))
    address = ("127.0.0.1", server.ready["port"])
    beginnings = (
        b"",
        b"GET /v1/ru",
        b"POST /v1/run/tasks HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{",
    )
    waiting = [socket.create_connection(address) for _ in range(100)]
    try:
        for number, connection in enumerate(waiting):
            connection.sendall(beginnings[number % len(beginnings)])
        for _ in range(5):
            assert server.get("/v1/version").elapsed.total_seconds() < PATIENCE / 10
        with suppress(OSError), socket.create_connection(address) as connection:
            connection.sendall(b"GET /v1/version HTTP/1.1\r\nhost: localhost\r\nx-long: " + b"a" * (8 << 20))
        assert server.get("/v1/version").status_code == 200
    finally:
        for connection in waiting:
            connection.close()
