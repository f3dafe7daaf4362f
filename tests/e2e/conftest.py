"""A real server process with a real browser, once per session; each test is its own tenant."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest


@dataclass(frozen=True)
class Mock:
    """A running ``skyvern-mock serve`` and a key nobody else uses."""

    url: str
    api_key: str
    pid: int
    data_dir: Path

    def site(self, name: str) -> str:
        """Return the address of a bundled site."""
        sites = httpx.get(f"{self.url}/_mock/sites", headers={"x-api-key": self.api_key}).json()
        return next(site["url"] for site in sites if site["name"] == name)


@contextmanager
def serving(data_dir: Path, *options: str) -> Iterator[dict]:
    """Run a server that checks itself and yield what it says when it is ready."""
    log = (data_dir.parent / f"{data_dir.name}.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "mock_server", "serve", "--port=0", f"--data-dir={data_dir}", "--self-check", *options],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()
        log.close()


@contextmanager
def tenant(ready: dict, data_dir: Path) -> Iterator[Mock]:
    """Yield a server under a key of its own. An answer that was not as published fails the test."""
    mock = Mock(ready["url"], f"test-{uuid.uuid4().hex}", ready["pid"], data_dir)
    yield mock
    found = httpx.get(f"{mock.url}/_mock/conformance", params={"blame": "mock"}, headers={"x-api-key": mock.api_key})
    assert found.json()["findings"] == []


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict, Path]]:
    data_dir = tmp_path_factory.mktemp("mock")
    with serving(data_dir) as ready:
        yield ready, data_dir


@pytest.fixture
def mock(server: tuple[dict, Path]) -> Iterator[Mock]:
    """Return the server, under a key of the test's own."""
    with tenant(*server) as mock:
        yield mock


@pytest.fixture
def unfilmed(tmp_path: Path) -> Iterator[Mock]:
    """Return a server of the test's own that makes no recordings, for those who have many runs and look at no film."""
    data_dir = tmp_path / "mock"
    data_dir.mkdir()
    with serving(data_dir, "--no-record") as ready, tenant(ready, data_dir) as mock:
        yield mock
