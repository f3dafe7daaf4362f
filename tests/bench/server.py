"""Budgets of the mock server without a browser: a poll, a create, start-up, memory."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from measure import Row, Served, child_cpu, cpu_per_request, load, median_pair, python_cpu, request_bytes, served

KEY = "bench-key"
HEADERS = {"x-api-key": KEY}
CREATE = json.dumps({"prompt": "Get the title of the top post", "url": "https://example.com"}).encode()
BASELINES = str(Path(__file__).with_name("baselines.py"))


@contextmanager
def mock() -> Iterator[tuple[Served, str]]:
    """A server that takes runs and executes none, and the id of a run it holds."""
    with tempfile.TemporaryDirectory() as data_dir:
        command = [
            sys.executable,
            "-m",
            "mock_server",
            "serve",
            "--port",
            "0",
            "--data-dir",
            data_dir,
            "--parallel",
            "0",
        ]
        with served(command) as server:
            answer = httpx.post(f"{server.url}/v1/run/tasks", content=CREATE, headers=HEADERS | JSON)
            yield server, answer.json()["run_id"]


JSON = {"content-type": "application/json"}


def requests(quick: bool) -> list[Row]:
    """CPU per request of the whole server process, against a one-route Starlette app with the same bytes."""
    count = 2_000 if quick else 12_000
    with mock() as (server, run_id), tempfile.NamedTemporaryFile(suffix=".json") as body:
        path = f"/v1/runs/{run_id}"
        Path(body.name).write_bytes(httpx.get(server.url + path, headers=HEADERS).content)
        with served([sys.executable, BASELINES, "starlette", body.name]) as bare:
            get, post = request_bytes("GET", path, HEADERS), request_bytes("POST", "/v1/run/tasks", HEADERS, CREATE)
            how = f"{count} requests over 8 connections, three rounds in turn"
            value, baseline = median_pair(
                lambda: cpu_per_request(server, get, count), lambda: cpu_per_request(bare, get, count), 3
            )
            rows = [Row("mock GET /v1/runs/{id}, CPU per request", value, baseline, "µs", 2.5, how)]
            value, baseline = median_pair(
                lambda: cpu_per_request(server, post, count // 4), lambda: cpu_per_request(bare, post, count // 4), 3
            )
            rows.append(Row("mock POST /v1/run/tasks, committed, CPU", value, baseline, "µs", 6, how))
    return rows


def start() -> list[Row]:
    """CPU until the first 200, against importing the web framework alone."""

    def first_answer() -> float:
        with tempfile.TemporaryDirectory() as data_dir:
            return child_cpu([sys.executable, str(Path(__file__).with_name("first_answer.py")), data_dir])

    value, baseline = median_pair(first_answer, lambda: python_cpu("import fastapi, uvicorn"), 5)
    how = "a serve process from start to one answered GET and SIGTERM, five rounds"
    return [Row("mock start to first 200, CPU", value * 1e3, baseline * 1e3, "ms", 2, how)]


def memory(quick: bool) -> list[Row]:
    """Resident memory after many requests, against itself after a thousand."""
    count = 20_000 if quick else 200_000
    with mock() as (server, run_id):
        get = request_bytes("GET", f"/v1/runs/{run_id}", HEADERS)
        load(server.port, get, 1_000)
        before = server.memory()
        load(server.port, get, count)
        after = server.memory()
    return [Row(f"mock memory after {count:,} requests", after / 2**20, before / 2**20, "MiB", 1.2, "resident size")]
