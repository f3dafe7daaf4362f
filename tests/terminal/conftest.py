"""What the tests in a real terminal share: a server, and the app in a window on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.terminal.emulator import Terminal, backends, installed

HERE = Path(__file__).parent


def pytest_report_header() -> str:
    """Say in what the app will be run."""
    return f"terminals: {', '.join(backends())}"


class Server:
    """A mock server in a process of its own, whose runs follow scripts; it can be killed, and comes back as it was."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.start()

    def start(self) -> None:
        """Start it, on the port it had before."""
        options = ["--port", str(self._port), "--data-dir", str(self._folder / "data")]
        with (self._folder / "server.log").open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mock_server", "serve", *options],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )
        assert self._process.stdout is not None
        note = json.loads(self._process.stdout.readline())
        self.url, self._port = note["url"], note["port"]

    def kill(self) -> None:
        """End it as a crash would."""
        assert self._process is not None
        self._process.kill()
        self._ended()

    def stop(self) -> None:
        """End it in order."""
        assert self._process is not None
        self._process.terminate()
        self._ended()

    def _ended(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.wait(60)
        self._process.stdout.close()

    def account(self) -> Account:
        """Return an account of its own, without runs."""
        return Account(self.url, f"key-{uuid.uuid4().hex}")


class Account:
    """One API key of the server: what a test arranges and looks at beside the app."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.key = key

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Make a request; return the decoded answer."""
        head = {"x-api-key": self.key, **headers}
        answer = httpx.request(method, self.url + path, json=body, headers=head, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def run(self, prompt: str, **script: Any) -> str:
        """Start a run that follows a script; return its id."""
        body = {"prompt": prompt, "url": "https://example.com/"}
        run: dict[str, Any] = self.call("POST", "/v1/run/tasks", body, **{"x-mock-script": json.dumps(script)})
        return str(run["run_id"])

    def advance(self, run_id: str) -> None:
        """Let a run that is moved by hand go on."""
        self.call("POST", f"/_mock/runs/{run_id}/advance")

    def prompts(self) -> list[str]:
        """Return what was asked for so far, newest first."""
        listed = self.call("GET", "/v1/runs")
        return [self.call("GET", f"/v1/runs/{run['run_id']}")["run_request"]["prompt"] for run in listed]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests of a file."""
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


@pytest.fixture
def account(server: Server) -> Account:
    """Return an account of this test's own."""
    return server.account()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a person who has never used the app; everything it keeps is below the test's folder."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH") if name in os.environ}
    places = {f"XDG_{what}_HOME": str(tmp_path / what.lower()) for what in ("CONFIG", "DATA", "STATE", "CACHE")}
    return kept | places | {"HOME": str(tmp_path), "TERM": "xterm-256color", "LANG": "C.UTF-8", "EDITOR": "true"}


@pytest.fixture(params=backends())
def inside(request: pytest.FixtureRequest) -> str:
    """What the app runs in: a terminal, and tmux in a terminal where tmux is installed."""
    return str(request.param)


Opening = Callable[..., Terminal]


@pytest.fixture
def open_terminal(environment: dict[str, str], inside: str) -> Iterator[Opening]:
    """Return a function that runs ``skyvern-tui`` with arguments in a window; windows are closed after the test."""
    opened: list[Terminal] = []

    def start(*arguments: str, size: tuple[int, int] = (80, 24), **variables: str) -> Terminal:
        command = [installed("skyvern-tui"), *arguments]
        terminal = Terminal(command, environment | variables, size=size, inside=inside)
        opened.append(terminal)
        return terminal

    yield start
    for terminal in opened:
        terminal.__exit__()


@pytest.fixture
def open_app(open_terminal: Opening, account: Account) -> Opening:
    """Return a function that opens the app on the account of the test."""

    def start(*, size: tuple[int, int] = (80, 24), **variables: str) -> Terminal:
        terminal = open_terminal("--base-url", account.url, size=size, **{"SKYVERN_API_KEY": account.key, **variables})
        terminal.until("● ")
        return terminal

    return start
