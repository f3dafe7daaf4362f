"""The examples of docs/client.md, run as they are printed against a mock server."""

from __future__ import annotations

import asyncio
import re
import uuid
from pathlib import Path

import pytest

from skyvern_tui.client import Skyvern
from tests.skyvern_tui.client.test_documents import run

GUIDE = (Path(__file__).parents[3] / "docs" / "client.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
RUN_ID = "tsk_v2_486305187432193504"
PRINTS = {
    "top 3 products": "Widget A",
    "Get the title of the top post": "completed {'title': 'The top post'}",
    "with_raw_response": "200 application/json",
    "watch(": "{'title': 'The top post'}",
}


@pytest.mark.parametrize("code", EXAMPLES, ids=range(len(EXAMPLES)))
def test_each_example_of_the_guide_runs(code, mock_server, monkeypatch):
    """It raises nothing and prints what it is for; only the id of the run it speaks of is exchanged for a real one."""
    monkeypatch.setenv("SKYVERN_BASE_URL", mock_server)
    monkeypatch.setenv("SKYVERN_API_KEY", f"guide-{uuid.uuid4().hex}")
    if RUN_ID in code:
        with Skyvern() as client:
            code = code.replace(RUN_ID, client.run_task("Get the title").run_id)
    names = {"__name__": "example"}
    example = run(code, names)
    if re.search(r"^\S*.*await", re.sub(r"(?s)async def.*", "", code), re.MULTILINE):
        printed = asyncio.run(example)
    else:
        with pytest.raises(StopIteration) as done:  # nothing is awaited, and no loop runs: what blocks may block
            example.send(None)
        printed = done.value.value
    assert all(text in printed for sign, text in PRINTS.items() if sign in code)


def test_every_call_is_in_the_guide():
    """What the client offers is named in its guide, in full or by the verbs before its noun."""
    words = set(re.findall(r"\w+", GUIDE))
    nouns = ("browser_session", "browser_profile", "credential")

    def is_named(name: str) -> bool:
        return name in words or any(name.endswith(noun) and name.removesuffix(noun) in words for noun in nouns)

    offered = {name for name in dir(Skyvern) if not name.startswith("_")}
    plumbing = {"answer", "drive", "close", "aclose", "base_url", "get_mock_sites", "traced"}
    assert [name for name in sorted(offered - plumbing) if not is_named(name)] == []
