"""Scenario files do what they say, and a mistake in one is told with its place and its remedy."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mock_server.scenarios.files import ScenarioError, load, read
from mock_server.scenarios.script import Script

Stage = Any
EXAMPLES = Path(__file__).parents[3] / "fixtures" / "scenarios"

WAYS: dict[str, list[str]] = {
    "completed": ["queued", "running", "running", "completed"],
    "failed": ["queued", "running", "failed"],
    "terminated": ["queued", "running", "terminated"],
    "timed_out": ["queued", "running", "running", "+600", "timed_out"],
    "canceled": ["queued", "running", "canceled"],
    "paused": ["running", "+5", "paused", "+1799", "paused", "+1", "running", "+5", "completed"],
    "stuck": ["queued", "running", "+100000", "running"],
    "unknown_status": ["warming_up", "archived", "archived"],
    "late_success": ["queued", "cancel", "canceled", "+5", "completed"],
    "late_recording": ["running", "completed", "completed"],
    "list_lags": ["running", "completed"],
    "duplicate_webhook": ["queued", "+2", "completed"],
    "no_webhook": ["queued", "+2", "completed"],
}
"""What polls see; +n lets n seconds pass, ``cancel`` cancels."""

BOMB = "\n".join(
    ["- &a [x, x, x, x, x, x, x, x, x]"]
    + [f"- &{name} [{', '.join([f'*{one}'] * 9)}]" for one, name in pairwise("abcdefghi")]
)
"""A hundred million values in half a kilobyte."""

WEBHOOKS = {"duplicate_webhook": 2, "no_webhook": 0, "stuck": 0, "late_success": 2}


@pytest.mark.parametrize("name", sorted(WAYS))
async def test_every_example(stage: Stage, name: str):
    """Each example, run over the API, goes the way its comment tells and sends as many webhooks."""
    (script,) = read(EXAMPLES / f"{name}.yaml")
    await stage.freeze()
    run_id = await stage.submit(script.dump())
    for expected in WAYS[name]:
        if expected.startswith("+"):
            await stage.advance(float(expected))
        elif expected == "cancel":
            await stage.ok("POST", f"/v1/runs/{run_id}/cancel")
        else:
            assert (await stage.run(run_id))["status"] == expected
    assert len(stage.webhooks) == WEBHOOKS.get(name, 1)


@pytest.mark.parametrize("stage", [{"scenarios": (EXAMPLES / "by_prompt.yaml",)}], indirect=True)
async def test_the_scripts_of_a_file_are_for_every_key(stage: Stage):
    """A server started with a file follows its first script that fits, counting for each key and anew after a reset."""
    for _ in range(2):
        prompts = ["Get my invoices", "Search for tea", "Search for cups", "Read the title"]
        runs = [await stage.submit(prompt=prompt) for prompt in prompts]
        seen = [(await stage.run(run_id))["status"] for run_id in runs]
        assert seen == ["running", "completed", "failed", "completed"]
        await stage.ok("POST", "/_mock/reset")
    await stage.ok("POST", "/_mock/scripts", json={"ending": {"output": "mine first"}})
    assert (await stage.run(await stage.submit(prompt="Get my invoices")))["output"] == "mine first"


@pytest.mark.parametrize("stage", [{"progression": "immediate"}], indirect=True)
async def test_a_server_without_agent(stage: Stage):
    """A server started with a progression scripts every run that has no script of its own."""
    assert (await stage.run(await stage.submit()))["status"] == "completed"
    run_id = await stage.submit(headers={"x-mock-end": "failed"})
    assert (await stage.run(run_id))["status"] == "failed"


def test_all_examples_are_tried():
    """No example is left out of the test above."""
    assert {path.stem for path in EXAMPLES.iterdir()} == {*WAYS, "by_prompt"}


def test_a_directory_is_read_by_name():
    """A directory gives the scripts of its files in the order of their names."""
    names = [script.name for script in load([EXAMPLES])]
    assert names[:2] == ["invoices can be downloaded", "the second search fails"]
    assert len(names) == len(WAYS) + 3


def test_dump_and_read_are_inverse(tmp_path: Path):
    """What a script is dumped to is read as the same script."""
    for script in load([EXAMPLES]):
        assert Script.model_validate(script.dump()) == script


@pytest.mark.parametrize(
    ("text", "line", "where", "what"),
    [
        ("ending:\n  status: done\n", 1, "script", "unchecked: true"),
        ("name: x\nending:\n  state: failed\n", 3, "ending.state", "no such key"),
        ("progression: poll=2\n", 1, "script", "polls=N"),
        ("phases:\n- {status: queued, polls: 1}\n- {status: running}\n", 3, "phases[1]", "exactly one"),
        ("scripts:\n- {}\n- artifacts:\n  - nothing\n", 4, "scripts[1].artifacts[0].type", "no artifact type"),
        ("- {}\n- match:\n    prompt: {regex: '('}\n", 3, "[1].match.prompt.regex", "no regular expression"),
        ("downloads:\n  a.pdf: {base64: '?'}\n", 2, "downloads.a.pdf", "base64"),
        ("ending: {status: completed, failure_reason: why}\n", 1, "script", "failure_reason"),
        ("just text\n", 1, "script", "Script"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, text: str, line: int, where: str, what: str):
    """A wrong file is refused with its name, the line, the path inside, and what to write instead."""
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read(path)
    first = str(caught.value).splitlines()[0]
    assert first.startswith(f"{path}:{line}: {where}: ")
    assert what in first


def test_what_is_no_scenario_file(tmp_path: Path):
    """A missing path, an empty directory, bytes and broken YAML are each told as what they are."""
    broken, binary = tmp_path / "broken.yaml", tmp_path / "binary.yaml"
    broken.write_text("a: [1\n")
    binary.write_bytes(b"\xff\xfe\0")
    (tmp_path / "empty").mkdir()
    for path, what in (
        (tmp_path / "missing.yaml", "no such file"),
        (tmp_path / "empty", "no scenario file"),
        (broken, "no YAML"),
        (binary, "cannot be read"),
    ):
        with pytest.raises(ScenarioError, match=what):
            load([path])


def test_dates_stay_text(tmp_path: Path):
    """An output with a date in it is the text that was written, as JSON has no dates."""
    path = tmp_path / "date.yaml"
    path.write_text("ending: {output: {due: 2026-01-31}}\n")
    assert read(path)[0].ending.output == {"due": "2026-01-31"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BOMB, "aliases"),
        ("output: &a [*a]", "alias of itself"),
        ("output: " + "[" * 100_000, "nested too deeply"),
    ],
    ids=["bomb", "itself", "deep"],
)
def test_files_that_are_small_and_mean_much(tmp_path: Path, text: str, told: str):
    """A file whose aliases would fill the memory, or whose nesting the stack, is refused before it does."""
    path = tmp_path / "bomb.yaml"
    path.write_text(text)
    with pytest.raises(ScenarioError, match=told):
        read(path)
