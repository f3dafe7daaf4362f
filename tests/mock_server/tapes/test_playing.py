"""What was recorded can be played without the server it was recorded from."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import vcr
import yaml
from click.testing import CliRunner

from mock_server.cli import main
from mock_server.scenarios.files import load
from mock_server.scenarios.journal_export import cassette
from mock_server.tapes.cassette import read
from mock_server.tapes.session import convert
from tests.mock_server.tapes.exchanges import entry

FIXTURES = Path(__file__).parents[3] / "fixtures"
SCRIPTS: list[dict[str, Any]] = [
    {
        "match": {"prompt": {"exact": "with everything"}},
        "phases": [{"status": "queued", "polls": 2}, {"status": "running", "polls": 3}],
        "ending": {"output": {"title": "T", "n": [1, None]}, "summary": "Done.", "step_count": 7},
        "downloads": {"a b.txt": {"text": "downloaded\n"}},
        "artifacts": ["recording", "screenshot_final", {"type": "har", "content": {"text": '{"log": {}}'}}],
        "timeline": [
            {"thought": {"thought": "plan"}},
            {
                "block": {"block_type": "for_loop", "actions": [{"action_type": "click"}, {"action_type": "wait"}]},
                "children": [{"block": {"block_type": "extraction"}}, {"thought": {"thought": "inner"}}],
            },
        ],
    },
    {
        "match": {"prompt": {"exact": "fails"}},
        "progression": "polls=2",
        "ending": {
            "status": "failed",
            "failure_reason": "No such page.",
            "errors": [{"error_code": "gone", "reasoning": "404", "error_type": "USER_DEFINED_ERROR"}],
        },
    },
    {
        "match": {"prompt": {"exact": "paused"}},
        "phases": [
            {"status": "running", "polls": 1},
            {"status": "paused", "polls": 2},
            {"status": "running", "polls": 1},
        ],
        "ending": {"status": "terminated", "failure_reason": "Not possible."},
    },
    {
        "match": {"prompt": {"exact": "odd"}},
        "unchecked": True,
        "phases": [{"status": "warming_up", "polls": 1}],
        "ending": {"status": "timed_out", "failure_reason": "Late."},
    },
]
PROMPTS = ["with everything", "fails", "paused", "odd"]


def scenario_file(directory: Path, scripts: list[dict[str, Any]]) -> Path:
    path = directory / "upstream.yaml"
    path.write_text(yaml.safe_dump({"scripts": scripts}))
    return path


async def test_the_same_code_sees_the_same_runs(studio: Any, worker: Any, tmp_path: Path):
    """Statuses poll by poll, output, errors, timeline, files and their bytes are those that were recorded."""
    upstream = await studio.mock(scenarios=(scenario_file(tmp_path, SCRIPTS),))
    proxy, recording = await studio.record(upstream)
    async with worker(proxy) as client:
        before = [await client.see_through(prompt) for prompt in PROMPTS]
    recording.close()
    assert recording.trouble is None
    again = await studio.mock(scenarios=(studio.out / "scenarios.yaml",))
    async with worker(again) as client:
        after = [await client.see_through(prompt) for prompt in PROMPTS]
    assert after == before
    assert before[0]["statuses"] == ["queued"] * 2 + ["running"] * 3 + ["completed"]
    assert len(before[0]["contents"]) == 4


async def test_statuses_last_as_long_as_they_did(studio: Any, worker: Any, tmp_path: Path):
    """Paced by seconds, a phase has the length it had, by the server's clock where that fits what was seen."""
    phases = [{"status": "queued", "seconds": 0.3}, {"status": "running", "seconds": 0.6}]
    upstream = await studio.mock(scenarios=(scenario_file(tmp_path, [{"phases": phases}]),))
    proxy, recording = await studio.record(upstream, pace="seconds")
    async with worker(proxy) as client:
        await client.see_through()
    recording.close()
    (script,) = load([studio.out / "scenarios.yaml"])
    found = {phase.status: phase.seconds for phase in script.phases}
    assert list(found) == ["queued", "running"]
    assert found == {"queued": pytest.approx(0.3, abs=0.2), "running": pytest.approx(0.6, abs=0.2)}


async def test_equal_tasks_are_told_apart_by_their_order(studio: Any, worker: Any, tmp_path: Path):
    """The n-th run of equal tasks plays again as the n-th; later ones go like the last."""
    scripts = [
        {"match": {"order": 1}, "ending": {"output": "first"}},
        {"match": {"order": 2}, "ending": {"output": "second"}},
    ]
    upstream = await studio.mock(scenarios=(scenario_file(tmp_path, scripts),))
    proxy, recording = await studio.record(upstream)
    async with worker(proxy) as client:
        for _ in range(2):
            await client.see_through()
    recording.close()
    again = await studio.mock(scenarios=(studio.out / "scenarios.yaml",))
    async with worker(again) as client:
        outputs = [(await client.see_through())["output"] for _ in range(3)]
    assert outputs == ["first", "second", "second"]


async def test_a_canceled_run_waits_for_its_cancel(studio: Any, worker: Any):
    """A run that was canceled by the recorded client goes on until it is canceled again."""
    upstream = await studio.mock(progression="manual")

    async def work(url: str) -> list[str]:
        async with worker(url) as client:
            run_id = await client.submit("stop me")
            seen = [(await client.get(f"/v1/runs/{run_id}"))["status"]]
            assert (await client.http.post(f"/v1/runs/{run_id}/cancel")).status_code == 200
            return [*seen, (await client.get(f"/v1/runs/{run_id}"))["status"]]

    proxy, recording = await studio.record(upstream)
    before = await work(proxy)
    recording.close()
    again = await studio.mock(scenarios=(studio.out / "scenarios.yaml",))
    assert await work(again) == before == ["queued", "canceled"]


async def test_a_cancel_that_came_too_late(studio: Any, worker: Any, tmp_path: Path):
    """A run that was canceled and turned completed all the same does so again, after as many polls."""
    late = {"after": {"polls": 2}, "output": {"done": "anyway"}}
    script = {"progression": "manual", "late_success": late}
    upstream = await studio.mock(scenarios=(scenario_file(tmp_path, [script]),))

    async def work(url: str) -> list[tuple[str, Any]]:
        async with worker(url) as client:
            run_id = await client.submit("stop me")
            await client.http.post(f"/v1/runs/{run_id}/cancel")
            runs = [await client.get(f"/v1/runs/{run_id}") for _ in range(4)]
            return [(run["status"], run["output"]) for run in runs]

    proxy, recording = await studio.record(upstream)
    before = await work(proxy)
    recording.close()
    again = await studio.mock(scenarios=(studio.out / "scenarios.yaml",))
    assert await work(again) == before
    assert before == [("canceled", None)] * 2 + [("completed", {"done": "anyway"})] * 2


async def test_vcrpy_replays_the_cassette(studio: Any, worker: Any, tmp_path: Path):
    """With the upstream gone, the same code runs on the cassette alone: every exchange is there, in order."""
    upstream = await studio.mock(scenarios=(scenario_file(tmp_path, SCRIPTS),))
    proxy, recording = await studio.record(upstream)
    async with worker(proxy) as client:
        before = [await client.see_through(prompt) for prompt in PROMPTS]
    recording.close()
    await studio.close()
    match = ["method", "scheme", "host", "port", "path", "query", "body"]
    with vcr.VCR(record_mode="none", match_on=match).use_cassette(str(studio.out / "cassette.yaml")) as played:
        async with worker(upstream) as client:
            after = [await client.see_through(prompt) for prompt in PROMPTS]
        assert played.all_played
    assert after == before


async def test_concurrent_clients(studio: Any, worker: Any, tmp_path: Path):
    """Twenty runs of two keys at a time are each recorded as what they were."""
    scripts = [
        {"match": {"prompt": {"exact": f"task {n}"}}, "progression": "polls=3", "ending": {"output": {"n": n}}}
        for n in range(20)
    ]
    upstream = await studio.mock(scenarios=(scenario_file(tmp_path, scripts),))
    proxy, recording = await studio.record(upstream)
    async with worker(proxy, "first-key-123") as one, worker(proxy, "other-key-123") as two:
        seen = await asyncio.gather(*((one, two)[n % 2].see_through(f"task {n}") for n in range(20)))
    recording.close()
    assert [each["output"] for each in seen] == [{"n": n} for n in range(20)]
    scripts_made = {script.match.prompt.exact: script for script in load([studio.out / "scenarios.yaml"])}
    assert {name: made.ending.output for name, made in scripts_made.items()} == {
        f"task {n}": {"n": n} for n in range(20)
    }
    assert all([phase.polls for phase in made.phases] == [1, 2] for made in scripts_made.values())


@pytest.mark.parametrize("path", sorted((FIXTURES / "cassettes").glob("*.yaml")), ids=lambda path: path.stem)
def test_cassettes_of_others_become_scenarios(path: Path, tmp_path: Path):
    """The command takes cassettes vcrpy wrote, and what it makes can be loaded; their runs are in it."""
    out = tmp_path / "made" / "scenarios.yaml"
    result = CliRunner().invoke(main, ["scenarios", str(path), "--out", str(out)])
    assert result.exit_code == 0, result.output
    scripts = load([out])
    posts = [item for item in read(path).entries if item.operation == "run_task" and item.status == 200]
    assert [script.match.prompt.exact for script in scripts] == [json.loads(item.body)["prompt"] for item in posts]


def test_top_post_is_told_whole(tmp_path: Path):
    """Of a fixture with a whole run everything is in the script: phases by polls, output, timeline, artifacts."""
    out = tmp_path / "scenarios.yaml"
    convert(read(FIXTURES / "cassettes" / "top_post.yaml"), out, "top_post.yaml")
    (script,) = load([out])
    assert [(phase.status, phase.polls) for phase in script.phases] == [("queued", 3), ("running", 5)]
    assert script.ending.output == {"top_post_title": "Show DW: A spreadsheet that compiles to a single SQL query"}
    assert script.ending.summary
    assert len(script.timeline) == 6
    contents = {artifact.type for artifact in script.artifacts if artifact.content is not None}
    assert contents == {"llm_response"}
    assert len(script.artifacts) > 10


@pytest.mark.parametrize("name", ["exchanges.jsonl", "stateful.jsonl"])
def test_exchanges_of_a_real_server_become_scenarios(name: str, tmp_path: Path):
    """What was recorded from a self-hosted server, put on a cassette by the journal's export, makes scenarios."""
    entries = []
    for number, line in enumerate((FIXTURES / "oracle" / name).read_text().splitlines(), 1):
        asked, answered = json.loads(line)["request"], json.loads(line)["response"]
        entries.append(
            entry(
                number=number,
                method=asked["method"],
                path=asked["path"],
                query=(asked["query"] or "").encode(),
                headers=[(key.encode(), value.encode()) for key, value in asked["headers"].items()],
                body=_bytes(asked["body"]),
                status=answered["status"],
                answer_headers=[(key.encode(), value.encode()) for key, value in answered["headers"]],
                answer=_bytes(answered["body"]),
            )
        )
    path = tmp_path / "oracle.yaml"
    path.write_text(cassette(entries, "http://oracle.test"))
    runs, scripts = convert(read(path), tmp_path / "scenarios.yaml", path.name)
    loaded = load([tmp_path / "scenarios.yaml"])
    assert len(loaded) == scripts
    assert 0 < scripts <= runs
    assert all(script.match.prompt is not None for script in loaded)


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def test_a_journal_export_becomes_scenarios(tmp_path: Path):
    """A cassette from the journal of a mock, which has no times, is paced by polls."""
    run = {"run_id": "tsk_v2_1", "run_type": "task_v2", "run_request": {"prompt": "p"}}
    answers = [
        {**run, "status": "running"},
        {**run, "status": "running"},
        {**run, "status": "completed", "output": [1]},
    ]
    entries = [entry(answer=json.dumps(answer).encode()) for answer in answers]
    path = tmp_path / "journal.yaml"
    path.write_text(cassette(entries, "http://127.0.0.1:8000"))
    convert(read(path), tmp_path / "out.yaml", "journal.yaml")
    (script,) = load([tmp_path / "out.yaml"])
    assert [(phase.status, phase.polls) for phase in script.phases] == [("running", 2)]
    assert (script.ending.status, script.ending.output) == ("completed", [1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "no YAML"),
        ("- 1", "no cassette"),
        ("interactions: [{request: {}}]", "interaction 1"),
        ("\x00", "no YAML"),
    ],
)
def test_what_is_no_cassette(text: str, message: str, tmp_path: Path):
    """A file that is none is refused as bad usage, with what is wrong and where."""
    path = tmp_path / "x.yaml"
    path.write_text(text)
    result = CliRunner().invoke(main, ["scenarios", str(path), "--out", str(tmp_path / "out.yaml")])
    assert result.exit_code == 2
    assert message in result.output
    assert str(path) in result.output
