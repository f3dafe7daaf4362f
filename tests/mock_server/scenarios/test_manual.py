"""The manual's examples are true: every script is one, and every curl command gets an answer."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server.scenarios.casting import parse

Stage = Any
MANUAL = (Path(__file__).parents[3] / "docs" / "scenarios.md").read_text(encoding="utf-8")
SCRIPTS = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)
COMMANDS = [
    command.replace("\\\n", " ")
    for block in re.findall(r"```sh\n(.*?)```", MANUAL, re.DOTALL)
    for command in re.findall(r"^curl (?:.*\\\n)*.*$", block, re.MULTILINE)
]


@pytest.mark.parametrize("text", SCRIPTS)
async def test_every_script_of_the_manual_runs(stage: Stage, text: str):
    """A script shown in the manual is taken as it stands; a run that follows it gets to its end when it is moved."""
    script = parse(yaml.safe_load(text))
    run_id = await stage.submit(headers={"x-mock-script": json.dumps(script.dump())})
    for _ in range(3):
        await stage.client.post(f"/_mock/runs/{run_id}/advance")
    run = await stage.run(run_id)
    assert run["status"] == script.ending.status
    assert {file["filename"] for file in run["downloaded_files"]} == set(script.downloads)


@pytest.mark.parametrize("command", COMMANDS)
async def test_every_command_of_the_manual_works(stage: Stage, command: str):
    """A curl command shown in the manual is answered with success when it is given as it stands."""
    run_id = await stage.submit(headers={"x-mock-progression": "manual"}) if "$RUN" in command else ""
    words = shlex.split(command.replace("$RUN", run_id))[1:]
    method, headers, body, url = "GET", {}, None, ""
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(":")
            headers[name] = stage.key if name == "x-api-key" else value.strip()
        elif word == "-d":
            body, method = words.pop(0), "POST" if method == "GET" else method
        elif word != "-s":
            url = word.removeprefix("$MOCK")
    answer = await stage.client.request(method, url, headers=headers, content=body)
    assert answer.status_code in (200, 204), answer.text


def test_the_manual_has_examples():
    """Both kinds of examples are found, so that the tests above test something."""
    assert len(SCRIPTS) >= 2
    assert len(COMMANDS) >= 9
