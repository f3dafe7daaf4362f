"""The official SDK, unmodified and in its own environment, cannot tell the mock from the service."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.parametrize("dialect", ["cloud", "oss"])
def test_the_official_sdk(dialect):
    """Every task-related call, wait and error of the SDK, and every example of its documentation, works on the mock."""
    ran = subprocess.run(
        [sys.executable, Path(__file__).with_name("run_official.py"), "--dialect", dialect, "-q"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
