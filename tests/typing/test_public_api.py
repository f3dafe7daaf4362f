"""Claims about the types of the public API, as mypy sees them in strict mode."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def complaints():
    """What mypy says of right and of wrong uses: file name and line."""
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context"]
    files = [str(HERE / name) for name in ("api.py", "mistakes.py")]
    done = subprocess.run([*command, *files], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = re.findall(r"^(?:.*[/\\])?(\w+\.py):(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    return [(file, int(line), message) for file, line, message in found]


def test_every_use_has_the_type_it_says(complaints):
    """The public API is typed as ``api.py`` asserts, without a complaint under --strict."""
    assert [complaint for complaint in complaints if complaint[0] != "mistakes.py"] == []


def test_every_mistake_is_refused(complaints):
    """Wrong names, wrong types and a forgotten await are errors: nothing of it is Any by accident."""
    lines = (HERE / "mistakes.py").read_text(encoding="utf-8").splitlines()
    wrong = {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}
    assert {line for file, line, _ in complaints if file == "mistakes.py"} == wrong


def test_the_package_says_that_it_is_typed():
    """Without the marker no type checker would look."""
    assert (ROOT / "skyvern_tui" / "py.typed").is_file()
