"""docs/testing.md is true: its files, in one empty folder, do what the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "testing.md"
FILES = re.findall(
    r"<!-- file: ([\w.]+)(, fails)? -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
)
UNNEEDED = ("cacheprovider", "schemathesis", "playwright", "pytest-textual-snapshot", "syrupy", "rerunfailures")
FAILING = [name for name, fails, _ in FILES if fails]


def test_every_block_of_python_is_a_file():
    """No Python on the page is left out of what is run."""
    assert len(FILES) == PAGE.read_text(encoding="utf-8").count("```python")


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_every_file_does_as_it_says(tmp_path):
    """The tests of the page pass, but for the one that is there to fail, which prints the journal."""
    for name, _, text in FILES:
        (tmp_path / name).write_text(text, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SKYVERN_"))}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-o", "asyncio_mode=auto", "--junitxml=out.xml",
         *(f"-pno:{name}" for name in UNNEEDED)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip
    outcomes = {
        (case.get("classname"), case.get("name")): "failed" if len(case) else "passed"
        for case in ET.parse(tmp_path / "out.xml").iter("testcase")
    }
    failed = {key for key, outcome in outcomes.items() if outcome == "failed"}
    assert {name for name, _ in failed} == {name.removesuffix(".py") for name in FAILING}, ran.stdout[-6000:]
    assert len(outcomes) > 25
    assert "skyvern mock: what was asked of it" in ran.stdout
    assert "-> 502  [fault: html]" in ran.stdout
