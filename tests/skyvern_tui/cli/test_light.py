"""Claims about what a start of the command line costs: nothing that the command does not need, and no network."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"httpx", "textual", "pydantic", "pydantic_settings", "rich", "aiohttp", "sqlite3", "mock_server", "playwright"}


def loaded_by(*words):
    """Return the modules a fresh interpreter has loaded after a command; a socket that is opened fails it."""
    code = (
        "import json, sys, socket\n"
        "def refuse(*_, **__): raise AssertionError('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from skyvern_tui.cli import main\n"
        "try:\n    main(sys.argv[1:], prog_name='skyvern-tui')\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "words",
    [
        ("--version",),
        ("--help",),
        ("runs", "--help"),
        ("completion", "bash"),
        ("config", "path"),
        ("config", "path", "--all", "--json"),
    ],
    ids=" ".join,
)
def test_a_light_command_loads_nothing_heavy(words):
    """What shells run at every start, and what people run to find their way, loads no client, app or models."""
    assert not loaded_by(*words) & HEAVY


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        (("config", "schema"), HEAVY - {"pydantic", "pydantic_settings"}),
        (("config", "show"), {"httpx", "textual", "aiohttp", "mock_server", "playwright"}),
        (("serve", "--help"), {"textual", "aiohttp", "mock_server", "playwright"}),
        (("mock", "start", "--help"), {"textual", "aiohttp", "mock_server", "playwright"}),
        (("webhook", "listen", "--help"), {"textual", "aiohttp", "mock_server", "playwright"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_command_loads_only_what_it_works_with(words, unwanted):
    """Settings need their models and no client; help needs neither the app nor the web server of `serve`."""
    assert not loaded_by(*words) & unwanted
