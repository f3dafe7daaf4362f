"""The repository keeps its shape, and its modules and tests say what they are for."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP_LEVEL = {
    "pyproject.toml",
    "requirements.lock",
    "skyvern_tui",
    "mock_server",
    "tests",
    "fixtures",
    "Makefile",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "docs",
}
HARD_LINE_LIMIT = 500
"""350 is the aim; beyond 500 a file is more than one thing."""


def tracked(*patterns: str) -> list[Path]:
    """Return the tracked and not yet ignored files that match."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in (ROOT / line for line in listing.splitlines()) if path.is_file()]


MODULES = tracked("skyvern_tui/*.py", "mock_server/*.py")
TESTS = tracked("tests/*.py")


def test_top_level_is_fixed():
    """Nothing but the agreed entries and dotfiles stands at the top."""
    names = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {name for name in names if not name.startswith(".")} == TOP_LEVEL


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_says_what_it_owns(path: Path):
    """Every module has a docstring and stays one thing in size."""
    source = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(source)), "no module docstring"
    assert len(source.splitlines()) <= HARD_LINE_LIMIT


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_test_states_its_claim(path: Path):
    """Every test function's docstring is the promise it holds."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert not silent


def test_nothing_names_a_machine_or_a_registry():
    """No tracked text holds a path of somebody's machine or the host of a package registry."""
    pattern = re.compile(
        r"(?<![\w./-])/(?:work|home/\w+|Users/\w+)/[a-z]|https?://[^ ]*(?:pyp[i]|pythonhoste[d]|npm[j]s|debia[n])\."
    )
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in pattern.finditer(text)]
    assert not found
