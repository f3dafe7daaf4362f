"""Claims about the comparison behind ``make contract``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

COMPARE = Path(__file__).parent / "compare.py"
CASES = ("endings.completed", "endings.no_end", "polling.500", "submitting.500_taken", "files.expired")


@pytest.mark.timeout(400)
def test_both_faces_handle_what_the_official_sdk_does_not(tmp_path):
    """One bad poll: ours waits on, the SDK loses the run. The table says so, with the error; the exit code is ours."""
    kept = tmp_path / "verdicts.json"
    only = [part for case in CASES for part in ("--only", case)]
    done = subprocess.run(
        [sys.executable, COMPARE, *only, "--json", kept, "--jobs", "2"],
        capture_output=True,
        text=True,
        timeout=380,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = json.loads(kept.read_text())
    assert set(verdicts) == {"our client", "our client, async", "official SDK"}
    for name in ("our client", "our client, async"):
        assert verdicts[name] == dict.fromkeys(CASES, "handled")
    assert verdicts["official SDK"]["endings.completed"] == "handled"
    assert verdicts["official SDK"]["polling.500"] == "lost run"
    assert "official SDK: ApiError" in done.stdout
    assert "5 of 5" in done.stdout
