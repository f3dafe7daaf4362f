"""The life of a browser session and of what is kept of it, by commands, on a real mock with a real browser."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from skyvern_tui.cli import main

pytestmark = pytest.mark.browser


def test_a_session_is_opened_listed_closed_and_kept(mock):
    """What one command prints is what the next one takes."""

    def run(*words, attempts=1):
        env = {"SKYVERN_API_KEY": mock.api_key, "SKYVERN_TUI_CONFIG": "/nonexistent/config.toml"}
        for _ in range(attempts):
            result = CliRunner().invoke(main, [*words, "--base-url", mock.url], env=env, prog_name="skyvern-tui")
            if result.exit_code == 0:
                break
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    session = run("sessions", "create", "--timeout", "5", "--keep", "--url", mock.site("shop"))
    assert session in run("sessions", "list")
    # A session that was asked for a moment ago has no browser yet, and so nothing that could be kept.
    profile = run("browser-profiles", "create", "kept", "--session", session, attempts=300)
    assert profile in run("browser-profiles", "list")
    run("sessions", "close", session)
    assert session not in run("sessions", "list")
    assert json.loads(run("sessions", "get", session))["status"] == "completed"
    run("browser-profiles", "delete", profile)
    assert profile not in run("browser-profiles", "list")
