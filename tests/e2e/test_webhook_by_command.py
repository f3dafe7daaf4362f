"""What a real server delivers, as ``webhook listen`` tells it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import httpx
from click.testing import CliRunner

from skyvern_tui.cli import main


def test_a_real_delivery_is_refused_repeated_and_resent(mock):
    """The mock signs what it delivers, repeats what was refused, and sends it again when asked; each is told."""
    listening = subprocess.Popen(
        [
            *(sys.executable, "-m", "skyvern_tui", "webhook", "listen", "--port", "0", "--jsonl"),
            *("--key-env", "THE_KEY", "--status", "503", "--times", "1"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"THE_KEY": mock.api_key},
    )
    assert listening.stdout is not None
    try:
        url = json.loads(listening.stdout.readline())["url"]
        asked = httpx.post(
            f"{mock.url}/v1/run/tasks",
            headers={"x-api-key": mock.api_key, "x-mock-progression": "immediate"},
            json={"prompt": "Get the title of the top post", "webhook_url": url},
        ).json()
        told = [json.loads(listening.stdout.readline()) for _ in range(2)]
        env = {"SKYVERN_API_KEY": mock.api_key, "SKYVERN_TUI_CONFIG": "/nonexistent/config.toml"}
        words = ["webhook", "resend", asked["run_id"], "--base-url", mock.url]
        resent = CliRunner().invoke(main, words, env=env, prog_name="skyvern-tui")
        told.append(json.loads(listening.stdout.readline()))
    finally:
        listening.kill()
        listening.communicate()
    assert [(d["run_id"], d["verified"], d["answered"]) for d in told] == [
        (asked["run_id"], True, 503),
        (asked["run_id"], True, 200),
        (asked["run_id"], True, 200),
    ]
    assert [d["repeated"] for d in told] == [False, True, True]
    assert (resent.exit_code, "answered 200" in resent.stdout) == (0, True)
