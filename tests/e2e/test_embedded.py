"""The mock that a program embeds goes when the program goes."""

from __future__ import annotations

import json
import subprocess
import sys

import psutil

PROGRAM = """
import json, sys
from pathlib import Path
from skyvern_tui.embedded import EmbeddedMock
mock = EmbeddedMock(Path(sys.argv[1]))
connection = mock.start()
note = json.loads((Path(sys.argv[1]) / "server.json").read_text())
print(json.dumps({"url": connection.base_url, "pid": note["pid"]}), flush=True)
sys.stdin.read()
"""


def test_a_killed_program_takes_its_mock_along(tmp_path):
    """SIGKILL of the program that embeds the server ends the server too: nothing is left running."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        server = psutil.Process(json.loads(program.stdout.readline())["pid"])
        program.kill()
        program.wait(10)
        server.wait(20)
    assert not server.is_running()
