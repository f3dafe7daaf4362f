"""``skyvern-mock record`` as a process: its line, its signals, its files, its exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import vcr
import yaml

from mock_server.listening import bind
from mock_server.tapes.cassette import read
from skyvern_tui.client import PollPolicy, Skyvern

COMMAND = [sys.executable, "-m", "mock_server"]
KEY = "official-key-0123456789"


@contextmanager
def running(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Yield a process that is ready, and its line."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": "", **environment},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        yield process, json.loads(line)
    finally:
        process.kill()
        process.communicate()


def work(url: str, key: str = KEY) -> tuple[str, Any]:
    with Skyvern(base_url=url, api_key=key, poll_policy=PollPolicy(jitter=0.0), random=lambda: 0.0) as client:
        run = client.run_task("Get the title", url="http://127.0.0.1:9/", wait_for_completion=True, timeout=30)
        return run.status, run.output


def serving(directory: Path, scenarios: Path) -> Any:
    return running("serve", "--port", "0", "--data-dir", str(directory), "--scenarios", str(scenarios))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_recording_and_playing_with_our_client(tmp_path: Path, number: int):
    """A client pointed at the proxy is recorded until a signal comes; cassette and scenarios replay it."""
    script = tmp_path / "script.yaml"
    script.write_text(yaml.safe_dump({"progression": "polls=2", "ending": {"output": {"n": 7}}}))
    out = tmp_path / "tape"
    with serving(tmp_path / "up", script) as (_, mock):
        recording = running("record", "--upstream", mock["url"], "--out", str(out), "--pace", "polls")
        with recording as (process, line):
            assert {"url", "port", "pid", "api_key", "upstream", "out"} == set(line)
            assert (line["upstream"], line["api_key"]) == (mock["url"], None)
            before = work(line["url"])
            process.send_signal(number)
            printed, told = process.communicate(timeout=20)
    assert process.returncode == 0
    assert printed == ""
    assert "1 runs, 1 scripts" in told
    with vcr.use_cassette(str(out / "cassette.yaml"), record_mode="none"):
        assert work(mock["url"]) == before == ("completed", {"n": 7})
    with serving(tmp_path / "again", out / "scenarios.yaml") as (_, mock):
        assert work(mock["url"]) == before
    assert not [path for path in out.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def test_a_kill_leaves_valid_files(tmp_path: Path):
    """After kill -9 the cassette holds every exchange whose answer the client has; scenarios can be made of it."""
    script = tmp_path / "script.yaml"
    script.write_text(yaml.safe_dump({"progression": "polls=2", "ending": {"output": "done"}}))
    out = tmp_path / "tape"
    with serving(tmp_path / "up", script) as (_, mock):
        recording = running("record", "--upstream", mock["url"], "--out", str(out))
        with recording as (process, line), httpx.Client(base_url=line["url"], headers={"x-api-key": KEY}) as client:
            for _ in range(10):
                client.get("/v1/version")
            run_id = client.post("/v1/run/tasks", json={"prompt": "p"}).json()["run_id"]
            client.get(f"/v1/runs/{run_id}")
            process.kill()
    kept = read(out / "cassette.yaml").entries
    assert [entry.operation for entry in kept] == ["get_version"] * 10 + ["run_task", "get_run"]
    made = tmp_path / "made.yaml"
    command = [*COMMAND, "scenarios", str(out / "cassette.yaml"), "--out", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    assert yaml.safe_load(made.read_text())["scripts"][0]["match"]["prompt"] == {"exact": "p"}


def refused(*arguments: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [*COMMAND, "record", *arguments], capture_output=True, text=True, env={"PATH": "", **environment}, check=False
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_what_is_refused(tmp_path: Path):
    """Bad addresses, a directory in use, a port in use and an empty key variable each say what to do instead."""
    (tmp_path / "cassette.yaml").write_text("interactions: []\n")
    code, told = refused("--upstream", "http://127.0.0.1:9", "--out", str(tmp_path))
    assert (code, "is there already" in told) == (5, True)
    code, told = refused("--upstream", "ftp://x", "--out", str(tmp_path / "a"))
    assert (code, "no address such as https://" in told) == (2, True)
    code, told = refused("--upstream", "http://127.0.0.1:9", "--out", str(tmp_path / "b"), "--key-env", "NOT_SET_HERE")
    assert (code, "NOT_SET_HERE holds no API key" in told) == (2, True)
    with bind("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        code, told = refused("--upstream", "http://127.0.0.1:9", "--out", str(tmp_path / "c"), "--port", port)
    assert (code, "is in use" in told) == (4, True)
    assert not (tmp_path / "c" / "cassette.yaml").exists()
