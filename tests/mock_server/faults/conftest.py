"""A real server process, and ways to talk to it below HTTP."""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

PATIENCE = 30.0
_KEYS = itertools.count(1)


@dataclass
class Talk:
    """One tenant of a running server."""

    url: str
    key: str = field(default_factory=lambda: f"tenant-of-a-test-{next(_KEYS)}")

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"x-api-key": self.key, **options.pop("headers", {})}
        return httpx.request(method, self.url + path, headers=headers, **{"timeout": PATIENCE, **options})

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return self.request("POST", path, json=body, **options)

    def fault(self, **fault: Any) -> dict[str, Any]:
        answer = self.post("/_mock/faults", fault)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def submit(self, prompt: str = "Get the title") -> str:
        answer = self.post("/v1/run/tasks", {"prompt": prompt})
        assert answer.status_code == 200, answer.text
        return answer.json()["run_id"]

    def journal(self, **asked: Any) -> list[dict[str, Any]]:
        answer = self.get("/_mock/journal", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()["entries"]

    def raw(self, method: str, path: str, body: bytes = b"") -> tuple[bytes, str]:
        """Send a request over a socket of its own; return every byte that comes, and how it ends: eof or reset."""
        port = int(self.url.rpartition(":")[2])
        head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nx-api-key: {self.key}\r\n"
        if body:
            head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        received = b""
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            connection.sendall(head.encode() + b"connection: close\r\n\r\n" + body)
            try:
                while chunk := connection.recv(65536):
                    received += chunk
            except ConnectionResetError:
                return received, "reset"
        return received, "eof"


@contextmanager
def _serving(data_dir: Any, *options: str) -> Iterator[str]:
    """Run the command and yield its address; what it says on stderr may only be nothing."""
    command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--parallel", "0"]
    process = subprocess.Popen(
        [*command, "--data-dir", str(data_dir), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield json.loads(line)["url"]
    finally:
        process.terminate()
        said = process.communicate(timeout=PATIENCE)[1]
    assert said == "", said


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with _serving(tmp_path_factory.mktemp("data")) as url:
        yield url


@pytest.fixture
def talk(server: str) -> Talk:
    """Return a tenant nobody else has."""
    return Talk(server)


@pytest.fixture
def tenant(server: str) -> Callable[[], Talk]:
    """Return a function that makes more tenants."""
    return lambda: Talk(server)


@pytest.fixture
def serving() -> Callable[..., Any]:
    """Return a context manager that runs a server with options of its own."""
    return _serving


@pytest.fixture
def tenant_of() -> Callable[[str], Talk]:
    """Return a function that makes a tenant of the server at an address."""
    return Talk
