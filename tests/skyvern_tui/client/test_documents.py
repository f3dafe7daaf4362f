"""The seed documents' Python examples, run as they are printed: only their import lines name our package.

The server is a mock that follows scripts, so that no browser is needed; where it is says the environment. Examples that
go on from an earlier one are given what that one made. Time passes at once.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import io
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from skyvern_tui.client import Skyvern, TaskRun
from tests.skyvern_tui.client.server import PRODUCTS, TITLE

BLOCKS = [
    block
    for block in json.loads((Path(__file__).parents[3] / "fixtures/seed-docs/blocks.json").read_text(encoding="utf-8"))
    if block["language"] == "python"
]
IMPORTS = re.compile(r"^from skyvern(\.\S+)? import (Skyvern|RunEngine|RequestOptions)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def environment(mock_server, monkeypatch):
    """The server and a key where the examples look for them, and sleeps that take no time."""
    monkeypatch.setenv("SKYVERN_BASE_URL", mock_server)
    monkeypatch.setenv("SKYVERN_API_KEY", "documents")
    sleep = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda seconds: sleep(0))


def code_of(block: dict[str, str]) -> str:
    """Return an example with its import lines naming our package.

    One document has lost its indentation; it prints the same examples as another that has kept it.
    """
    code = block["code"]
    try:
        ast.parse(f"async def example():\n{textwrap.indent(code, '    ')}")
    except SyntaxError:
        (code,) = [other["code"] for other in BLOCKS if other is not block and same_words(other["code"], code)]
    return IMPORTS.sub(r"from skyvern_tui.client import \2", code)


def same_words(one: str, other: str) -> bool:
    return one.split() == other.split()


async def run(code: str, names: dict[str, Any]) -> str:
    """Run an example, top-level ``await`` and all; what it makes is in ``names``. Return what it printed."""
    printed = io.StringIO()
    names["print"] = lambda *values: print(*values, file=printed)
    compiled = compile(code, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if compiled.co_flags & inspect.CO_COROUTINE:
        await eval(compiled, names)
    else:
        exec(compiled, names)
    return printed.getvalue()


def numbers(having: str) -> list[int]:
    """Return the numbers of the examples with a text in them."""
    return [number for number, block in enumerate(BLOCKS) if having in block["code"]]


PROGRAMS = numbers("asyncio.run(main())")
WAITING = numbers("wait_for_completion=True")
POLLING = numbers("await client.get_run(")
LISTING = numbers("get_run_artifacts")
OPTIONS = numbers("RequestOptions(")
STARTING = numbers("webhook_url=")


def test_no_example_is_left_out():
    """Every example is held to one of the claims below, and every import of the SDK is met."""
    assert sorted(PROGRAMS + WAITING + POLLING + LISTING + OPTIONS + STARTING) == list(range(len(BLOCKS)))
    assert not [line for block in BLOCKS for line in re.findall(r"(?:from|import) skyvern\b.*", code_of(block))]


@pytest.mark.parametrize("number", PROGRAMS)
def test_whole_programs(number):
    """The first program of the documents starts a task, prints its id and leaves nothing open behind."""
    command = [sys.executable, "-W", "error", "-c", code_of(BLOCKS[number])]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"Run ID: tsk_v2_\d+\nStatus: queued\n", done.stdout)


async def names_for(*, ended: bool = False) -> dict[str, Any]:
    """What an example can count on: a client, and what an earlier example made with it."""
    client = Skyvern()
    result = await client.run_task(prompt="Get the title of the top post", wait_for_completion=ended)  # type: ignore[misc]
    return {"client": client, "asyncio": asyncio, "result": result, "run_id": result.run_id}


@pytest.mark.parametrize("number", WAITING)
async def test_examples_that_wait(number):
    """Awaiting the call gives the run as it ended, after more than one poll; what is printed is its output."""
    names = await names_for()
    printed = await run(code_of(BLOCKS[number]), names)
    result = names["result"]
    assert isinstance(result, TaskRun)
    assert result.status == "completed"
    assert result.output == (PRODUCTS if "top 3 products" in BLOCKS[number]["code"] else TITLE)
    if "print(result.output)" in BLOCKS[number]["code"]:
        assert printed == f"{result.output}\n"


@pytest.mark.parametrize("number", POLLING)
async def test_examples_that_poll(number):
    """The loop by hand sees the run go on and ends when it does."""
    names = await names_for()
    printed = await run(code_of(BLOCKS[number]), names)
    assert names["run"].status == "completed"
    assert printed.endswith(f"{names['run'].output}\n")


@pytest.mark.parametrize("number", STARTING)
async def test_examples_with_a_webhook(number):
    """The run is created with its receiver."""
    names = await names_for()
    await run(code_of(BLOCKS[number]), names)
    assert names["result"].run_request["webhook_url"] == "https://your-server.com/webhook"


@pytest.mark.parametrize("number", LISTING)
async def test_examples_that_list_artifacts(number):
    """Each artifact's type is printed with a link."""
    lines = (await run(code_of(BLOCKS[number]), await names_for(ended=True))).splitlines()
    assert {"recording", "screenshot_final"} <= {line.partition(":")[0] for line in lines}
    assert all(line.partition(": ")[2].startswith("http") for line in lines)


@pytest.mark.parametrize("number", OPTIONS)
async def test_request_options(number):
    """The options of the documents are made as printed and taken by a call."""
    names = await names_for()
    await run(code_of(BLOCKS[number]), names)
    assert names["request_options"]["max_retries"] == 3
    assert await names["client"].get_version(request_options=names["request_options"])
