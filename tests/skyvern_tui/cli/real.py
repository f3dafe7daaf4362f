"""The command line on a real mock server, over HTTP."""

from __future__ import annotations

import json
import time

from click.testing import CliRunner, Result

from skyvern_tui.cli import main
from skyvern_tui.cli.server import Tools
from skyvern_tui.client import Skyvern


def cli(mock, *words: str, env: dict[str, str | None] | None = None, **options) -> Result:
    """Run ``skyvern-tui`` as someone who has the mock's address and key in the environment."""
    environment = {
        "SKYVERN_BASE_URL": mock.base_url,
        "SKYVERN_API_KEY": mock.api_key,
        "SKYVERN_TUI_PROFILE": None,
        "SKYVERN_TUI_CONFIG": "/nonexistent/config.toml",
        **(env or {}),
    }
    tools = Tools(make_client=_client)
    return CliRunner().invoke(main, words, obj=tools, env=environment, prog_name="skyvern-tui", **options)


def _client(**options) -> Skyvern:
    """Return a client that looks its time up when it needs it: the test's is virtual, the program's was real."""

    def clock() -> float:
        return time.monotonic()

    def sleep(seconds: float) -> None:
        time.sleep(seconds)

    return Skyvern(clock=clock, sleep=sleep, **options)


def answered(result: Result):
    """Return ``data`` of an envelope that tells of no error."""
    envelope = json.loads(result.stdout)
    assert envelope["ok"], envelope
    return envelope["data"]


def records(result: Result) -> list:
    """Return the lines of --jsonl."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def finished(mock, prompt: str = "Get the title", **over) -> str:
    """Start a run through the command line, see it end, and return its id."""
    mock.script(times=1).running(polls=1).completed(**{"output": {"title": "Hello"}, **over})
    done = cli(mock, "run", prompt, "--url", "https://example.com/", "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)["data"]["run_id"]
