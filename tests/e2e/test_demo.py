"""The demo as a user runs it: a process of its own, a real server, a real browser."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-c", "from skyvern_tui.cli import main; main(prog_name='skyvern-tui')"]


@pytest.mark.browser
@pytest.mark.slow
def test_the_demo_does_three_documented_tasks_and_checks_them(tmp_path):
    """Exit status 0, three outputs on stdout and nothing else, the timeline on stderr, the files in --out."""
    out = tmp_path / "out"
    done = subprocess.run(
        [*COMMAND, "demo", "--out", str(out)], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    outputs, rest = [], done.stdout
    while rest.strip():
        value, end = json.JSONDecoder().raw_decode(rest.lstrip())
        outputs.append(value)
        rest = rest.lstrip()[end:]
    assert len(outputs) == 3
    assert done.stderr.count("The answer is right") == 3
    assert "goto url" in done.stderr
    for folder in ("1-news", "2-shop", "3-contact"):
        names = {path.name.partition("-")[2] for path in (out / folder).iterdir()}
        assert {"recording.webm", "screenshot_final.png", "har.har", "trace.zip", "skyvern_log.log"} <= names
