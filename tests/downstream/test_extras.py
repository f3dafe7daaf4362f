"""The wheel is of use with any one of its extras, and says what is missing for the rest."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

PROGRAMS = {
    "": "from skyvern_tui.client import Skyvern, AsyncSkyvern",
    "mock": "import mock_server.testing as kit\nwith kit.open_mock() as mock: mock.script().completed()",
    "tui": "import skyvern_tui.tui.app",
    "images": "import skyvern_tui.core.preview, av, PIL, pypdfium2",
    "keyring": "import keyring",
    "telemetry": "import skyvern_tui.client.telemetry",
    "web": "import textual_serve.server",
}
"""By extra, what it is there for."""


def needed(wheel: Path, extra: str) -> set[str]:
    """Return the names of the distributions the wheel wants for an extra."""
    with ZipFile(wheel) as contents:
        metadata = contents.read(next(name for name in contents.namelist() if name.endswith("/METADATA"))).decode()
    wants = [Requirement(line) for line in re.findall(r"^Requires-Dist: (.*)$", metadata, re.MULTILINE)]
    return {want.name.lower() for want in wants if want.marker is None or want.marker.evaluate({"extra": extra})}


def test_every_extra_is_tried(wheel):
    """No extra is added without a program that shows what it is for."""
    with ZipFile(wheel) as contents:
        metadata = contents.read(next(name for name in contents.namelist() if name.endswith("/METADATA"))).decode()
    assert set(re.findall(r"^Provides-Extra: (.*)$", metadata, re.MULTILINE)) - {"dev"} == set(PROGRAMS) - {""}
    assert "textual" not in needed(wheel, "mock")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("extra", PROGRAMS)
def test_the_wheel_installs_with_one_extra_alone(extra, wheel, tmp_path, run_elsewhere):
    """In an empty environment the wheel and one extra are enough for what the extra is for, and nothing conflicts."""
    environment = tmp_path / "venv"
    made = run_elsewhere(sys.executable, "-m", "venv", environment)
    assert made.returncode == 0, made.stderr
    python = next(environment.glob("[bS]*/python*"))
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    constraints = tmp_path / "constraints.txt"
    locked = (Path(__file__).parents[2] / "requirements.lock").read_text(encoding="utf-8")
    constraints.write_text("\n".join(re.findall(r"^[\w.\-]+==\S+(?: ; [^\\\n]*)?", locked, re.MULTILINE)))
    wanted = f"{wheel}[{extra}]" if extra else str(wheel)
    done = run_elsewhere(*pip, "install", "--constraint", constraints, wanted)
    assert done.returncode == 0, done.stderr
    assert run_elsewhere(*pip, "check").returncode == 0
    ran = run_elsewhere(python, "-c", PROGRAMS[extra], cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    version = run_elsewhere(python.with_name("skyvern-tui"), "--version")
    assert version.stdout.startswith("skyvern-tui"), version.stderr
