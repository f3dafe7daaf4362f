"""No browser outlives the process that started it, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def leasing(tmp_path: Path, browser_path: Path | None) -> Iterator[subprocess.Popen[str]]:
    """A process with an open lease, in a group of its own."""
    arguments = [str(tmp_path), *([str(browser_path)] if browser_path else [])]
    process = subprocess.Popen(
        [sys.executable, "-W", "error", str(Path(__file__).with_name("leasing_process.py")), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def test_a_killed_server_takes_its_browser_along(leasing, processes):
    """After SIGKILL, which nothing can handle, no browser, renderer or driver is left."""
    started = list(processes.below(leasing.pid))
    assert processes.browsers(leasing.pid)
    assert processes.renderers(leasing.pid)
    leasing.kill()
    leasing.wait(10)
    assert processes.left(started) == []


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_whole_group(leasing, processes, sign):
    """Ctrl+C reaches the driver as well; closing still ends quietly, with code 0 and nothing left."""
    started = list(processes.below(leasing.pid))
    os.killpg(leasing.pid, sign)
    output, errors = leasing.communicate(timeout=30)
    assert (output, errors) == ("closed\n", "")
    assert leasing.returncode == 0
    assert processes.left(started) == []
