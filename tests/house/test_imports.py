"""The arrows between the rooms hold, and light imports stay light."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def loaded_by(statement: str) -> set[str]:
    """Return the names of the modules a fresh interpreter has loaded after ``statement``."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(result.stdout))


def test_import_contracts_hold():
    """Every import-linter contract of pyproject.toml is kept."""
    result = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import skyvern_tui.client", {"textual", "playwright", "click", "rich", "mock_server", "pydantic_settings"}),
        ("import skyvern_tui.cli", {"textual", "playwright", "mock_server"}),
        ("import skyvern_tui.core.journal", {"textual", "httpx"}),
        ("import mock_server.app", {"playwright", "av", "dateparser", "price_parser", "skyvern_tui"}),
        ("import mock_server.cli", {"playwright", "av", "fastapi", "skyvern_tui"}),
    ],
)
def test_import_loads_nothing_heavy(statement: str, unwanted: set[str]):
    """A door that does not need a heavy library does not load it."""
    assert not loaded_by(statement) & unwanted
