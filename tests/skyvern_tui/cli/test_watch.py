"""Claims about ``skyvern-tui watch``, on a real mock server."""

from __future__ import annotations

import json

import pytest

from skyvern_tui.cli.exits import Exit
from tests.skyvern_tui.cli.real import cli, finished, records


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    """Files go to a folder of the test."""
    monkeypatch.chdir(tmp_path)


def started(mock):
    return cli(mock, "run", "Get the title", "--no-wait").stdout.strip()


@pytest.mark.parametrize(
    ("status", "code"), [("completed", 0), ("failed", 3), ("terminated", 4), ("timed_out", 5), ("canceled", 6)]
)
def test_the_exit_status_is_the_ending_also_of_a_run_that_is_over(skyvern_mock, status, code):
    """A run that goes on is followed to its end; asked once more, it is over already and ends the same."""
    skyvern_mock.script().queued(polls=1).running(polls=2).end(status)
    run_id = started(skyvern_mock)
    for _ in range(2):
        result = cli(skyvern_mock, "watch", run_id)
        assert result.exit_code == code
        assert f"is {status}" in result.stdout.splitlines()[-1]


def test_lines_are_plain_and_on_stdout(skyvern_mock):
    """What happens is data here: a line each, without escapes, and nothing is drawn over."""
    skyvern_mock.script().queued(polls=1).running(polls=2).completed(output={"a": 1})
    run_id = started(skyvern_mock)
    lines = cli(skyvern_mock, "watch", run_id).stdout.splitlines()
    assert run_id in lines[0]
    assert len(lines) > 3
    assert all(line.isprintable() for line in lines)


def test_without_an_id_the_newest_live_run_is_taken(skyvern_mock):
    """The newest of those that are not over; with none that is said, with what to do."""
    skyvern_mock.script(times=1).running(polls=3).completed()
    skyvern_mock.script(times=1).running(polls=3).completed()
    skyvern_mock.script(times=1).completed()
    first, second = started(skyvern_mock), started(skyvern_mock)
    over = cli(skyvern_mock, "run", "Get the title", "--json").stdout
    assert json.loads(over)["data"]["status"] == "completed"
    assert second in cli(skyvern_mock, "watch").stdout
    assert first in cli(skyvern_mock, "watch").stdout
    none = cli(skyvern_mock, "watch")
    assert none.exit_code == Exit.not_found
    assert "No run is going on" in none.stderr
    assert "skyvern-tui run" in none.stderr


def test_an_outage_is_waited_out(skyvern_mock):
    """However often the server fails in between, the watch goes on, says so once, and ends as the run does."""
    skyvern_mock.script().running(seconds=900).fault("get_run", calls=list(range(3, 40)), status=503).completed()
    run_id = started(skyvern_mock)
    result = cli(skyvern_mock, "watch", run_id)
    assert result.exit_code == 0
    assert result.stdout.count("asking again") == 1
    assert result.stdout.count("answers again") == 1


def test_events_are_records(skyvern_mock):
    """--jsonl: statuses as they come, outages, and at the end the run."""
    skyvern_mock.script().queued(polls=1).running(polls=2).fault("get_run", calls=[3], status=503).end(
        "failed", failure_reason="no door"
    )
    run_id = started(skyvern_mock)
    result = cli(skyvern_mock, "watch", run_id, "--jsonl")
    events = records(result)
    assert result.exit_code == Exit.failed
    told = [event["event"] for event in events if "event" in event]
    assert {"status", "server_away", "server_back", "ended"} <= set(told)
    statuses = [event["status"] for event in events if event.get("event") == "status"]
    assert statuses[-1] == "failed"
    assert "running" in statuses
    ended = next(event for event in events if event.get("event") == "ended")
    assert ended["run"]["failure_reason"] == "no door"
    assert events[-1]["error"]["code"] == "failed"


def test_a_time_that_is_up_leaves_the_run(skyvern_mock):
    """--timeout ends the watch with status 7 and says how to come back."""
    skyvern_mock.script().running(seconds=600).completed()
    run_id = started(skyvern_mock)
    result = cli(skyvern_mock, "watch", run_id, "--timeout", "60")
    assert result.exit_code == Exit.wait_timeout
    assert f"skyvern-tui watch {run_id}" in result.stderr
    assert cli(skyvern_mock, "watch", run_id).exit_code == 0


def test_a_saved_run_is_told_without_a_server(skyvern_mock):
    """A .skyrun file is told as the run was, and nothing is asked of any server."""
    run_id = finished(skyvern_mock)
    live = cli(skyvern_mock, "watch", run_id).stdout.splitlines()
    assert cli(skyvern_mock, "export", run_id, "--format", "skyrun").exit_code == 0
    nowhere = {"SKYVERN_BASE_URL": "http://127.0.0.1:1", "SKYVERN_API_KEY": None}
    saved = cli(skyvern_mock, "watch", f"{run_id}.skyrun", env=nowhere)
    assert saved.exit_code == 0
    assert saved.stdout.splitlines() == live[1:]
