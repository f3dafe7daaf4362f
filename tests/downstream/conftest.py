"""The wheel, and an environment that has it instead of the source."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
VENV = ROOT / ".venv-downstream"
BIN = "Scripts" if os.name == "nt" else "bin"

collect_ignore = ["project"]
"""Somebody else's tests, for that project's own environment."""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def call(*command: Any, path: Path | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program outside the source tree and outside this environment."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON", "SKYVERN"))
    }
    if path is not None:
        inherited["PYTHONPATH"] = str(path)
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, env=inherited, **options
    )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from the source as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    built = call(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder the wheel is installed in: one for each worker of pytest-xdist, so that none is in the way."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    done = call(*pip, "install", "--no-deps", "--no-index", "--target", folder, wheel)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def downstream(installed: Path) -> Run:
    """Return a function that runs the downstream project's Python, with the wheel installed."""
    python = VENV / BIN / "python"
    assert python.exists(), f"There is no {python}: `make test` makes the environment of the downstream project."
    return lambda *arguments, **options: call(python, *arguments, path=installed, **options)


@pytest.fixture(scope="session")
def run_elsewhere() -> Run:
    """Return the function that runs a program outside the source tree."""
    return call
