"""``skyvern-mock contract``, as it is typed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

MANUAL = Path(__file__).parents[4] / "docs" / "contract-report.md"


def contract(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mock_server", "contract", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def snippet(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n```python\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
    assert found, name
    return found[1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with the adapter of the manual."""
    (tmp_path / "adapter.py").write_text(snippet("adapter"), encoding="utf-8")
    return tmp_path


def test_the_manuals_adapter_is_found_wanting(project):
    """The adapter of the manual works as printed; its mistakes are reported and end the command with 1."""
    cases = [f"--only={name}" for name in ("endings.completed", "endings.paused", "polling.500", "files.whole")]
    done = contract("--target", f"{sys.executable} adapter.py", *cases, "--out=r.json", "--out=r.xml", cwd=project)
    assert done.returncode == 1, done.stderr
    verdicts = {case["id"]: case["verdict"] for case in json.loads((project / "r.json").read_text())["cases"]}
    assert verdicts == {
        "endings.completed": "handled",
        "endings.paused": "wrong",
        "polling.500": "lost run",
        "files.whole": "not offered",
    }
    assert ET.parse(project / "r.xml").getroot().get("failures") == "2"
    assert "1 handled, 1 not offered, 1 wrong, 1 lost run" in done.stdout


def test_all_handled_ends_with_0(project):
    """A client that does what is asked of it passes."""
    done = contract("--target", f"{sys.executable} adapter.py", "--only", "endings.failed", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_list_of_cases():
    """--list shows names and titles, and needs no client."""
    done = contract("--list", "--only", "files.*")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()][:2] == ["files.whole", "files.truncated"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "Say what is to be tried"),
        (["--target", "x", "--only", "nothing"], 2, "No case is called nothing"),
        (["--target", "x", "--out", "report.doc"], 2, "ends with none of .json"),
        (["--target", "no-such-program", "--only", "endings.failed"], 3, "cannot be started"),
    ],
)
def test_mistakes_are_told(arguments, code, said):
    """Bad usage ends with 2 and a broken adapter with 3, each with what to do."""
    done = contract(*arguments)
    assert done.returncode == code
    assert said in done.stderr
