"""Claims about the commands that list, compare, repeat and stop runs, on a real mock server."""

from __future__ import annotations

import json

import pytest

from skyvern_tui.cli.exits import Exit
from tests.skyvern_tui.cli.real import answered, cli, finished, records


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    """Files go to a folder of the test."""
    monkeypatch.chdir(tmp_path)


NOWHERE = {"SKYVERN_BASE_URL": "http://127.0.0.1:1", "SKYVERN_API_KEY": None}
"""No server answers there."""


def ids(result):
    assert result.exit_code == 0, result.stderr
    return [line.split()[0] for line in result.stdout.splitlines()]


def ended(mock, status, prompt="Get the title", **how):
    mock.script(times=1).running(polls=1).end(status, **how)
    return json.loads(cli(mock, "run", prompt, "--json").stdout)["data"]["run_id"]


def test_conditions_are_those_of_the_app(skyvern_mock):
    """Words, statuses, minus: what keeps a run in the app's list keeps it here, words of the prompt included."""
    good = ended(skyvern_mock, "completed", "Read the invoice")
    bad = ended(skyvern_mock, "failed", "Buy some tea")
    worse = ended(skyvern_mock, "terminated", "Buy an invoice")
    assert ids(cli(skyvern_mock, "runs", "list")) == [worse, bad, good]
    assert ids(cli(skyvern_mock, "runs", "list", "status:bad")) == [worse, bad]
    assert ids(cli(skyvern_mock, "runs", "list", "invoice")) == [worse, good]
    assert ids(cli(skyvern_mock, "runs", "list", "--", "invoice", "-status:bad")) == [good]
    assert ids(cli(skyvern_mock, "runs", "list", "an invoice")) == [worse]
    assert ids(cli(skyvern_mock, "runs", "list", f"id:{bad[-6:]}", "age:<1h")) == [bad]
    assert ids(cli(skyvern_mock, "runs", "list", "--status", "failed")) == [bad]


def test_a_condition_that_can_not_be_read_is_told(skyvern_mock):
    """Nothing is listed under a condition that was not understood."""
    result = cli(skyvern_mock, "runs", "list", "age:old")
    assert result.exit_code == Exit.bad_input
    assert "age:<2h" in result.stderr


def test_pages_and_limits(skyvern_mock):
    """--limit, --page and --all cut the same list, with and without a condition."""
    made = [finished(skyvern_mock, f"Task {number}") for number in range(7)][::-1]
    for condition in ([], ["status:completed"]):
        listed = ["runs", "list", *condition]
        assert ids(cli(skyvern_mock, *listed, "--limit", "3")) == made[:3]
        assert ids(cli(skyvern_mock, *listed, "--limit", "3", "--page", "3")) == made[6:]
        assert ids(cli(skyvern_mock, *listed, "--all")) == made


def test_columns_are_what_is_printed(skyvern_mock):
    """The columns asked for, in that order; as objects for programs; an unknown one is named with the known ones."""
    run_id = finished(skyvern_mock, "Get the title")
    text = cli(skyvern_mock, "runs", "list", "--columns", "status,prompt,url,id").stdout
    assert text.split("  ") == ["completed", "Get the title", "https://example.com/", f"{run_id}\n"]
    (record,) = answered(cli(skyvern_mock, "runs", "list", "--columns", "id,prompt,failure-reason", "--json"))
    assert record == {"id": run_id, "prompt": "Get the title", "failure_reason": None}
    wrong = cli(skyvern_mock, "runs", "list", "--columns", "id,colour")
    assert wrong.exit_code == Exit.bad_input
    assert "'colour' is none of id, status" in wrong.stderr


def test_cancel_takes_ids_from_stdin(skyvern_mock):
    """What the list prints can be piped in; one that can't be canceled keeps none of the others from it."""
    skyvern_mock.script().never_ending()
    first, second = (cli(skyvern_mock, "run", "Get the title", "--no-wait").stdout.strip() for _ in range(2))
    piped = cli(skyvern_mock, "runs", "cancel", "-", input=f"{first}  running  x\n\ntsk_unknown  y\n{second}\n")
    assert piped.stdout.splitlines() == [f"{first}  canceled", "tsk_unknown  not canceled", f"{second}  canceled"]
    assert piped.exit_code == Exit.not_found
    assert "1 of 3 runs could not be canceled" in piped.stderr
    empty = cli(skyvern_mock, "runs", "cancel", "-", input="\n")
    assert empty.exit_code == Exit.bad_input


def test_rerun_asks_for_the_same_but_for_what_is_set(skyvern_mock):
    """The new run has the old one's task, with parameters changed and left out, and no old id."""
    run_id = finished(skyvern_mock, "Get the title")
    skyvern_mock.script().completed(output={"title": "Hello"})
    result = cli(skyvern_mock, "runs", "rerun", run_id, "--set", "max_steps=5", "--set", "url=")
    assert result.exit_code == 0
    assert result.stdout.strip() not in {"", run_id}
    again = answered(cli(skyvern_mock, "runs", "get", result.stdout.strip(), "--json"))["run_request"]
    assert (again["prompt"], again["max_steps"], again["url"]) == ("Get the title", 5, None)
    output = cli(skyvern_mock, "runs", "rerun", run_id, "--watch")
    assert json.loads(output.stdout) == {"title": "Hello"}


def test_rerun_shows_what_it_would_send(skyvern_mock):
    """--dry-run starts nothing; of a saved run it needs no server."""
    run_id = finished(skyvern_mock)
    shown = cli(skyvern_mock, "runs", "rerun", run_id, "--dry-run", "--set", "title=New", "--format", "curl").stdout
    assert shown.startswith("curl ")
    assert '"title": "New"' in shown
    assert ids(cli(skyvern_mock, "runs", "list")) == [run_id]
    cli(skyvern_mock, "export", run_id, "--format", "skyrun", "--out", "r.skyrun")
    offline = cli(skyvern_mock, "runs", "rerun", "r.skyrun", "--dry-run", env=NOWHERE)
    assert json.loads(offline.stdout)["prompt"] == "Get the title"


def test_rerun_knows_all_of_what_was_sent_from_here(skyvern_mock):
    """A request of this machine is remembered whole but for its secrets, which come from the environment again."""
    skyvern_mock.script().completed()
    secret = ["--header", "Authorization=Bearer 123456", "--header", "X-Shop=tea"]
    run_id = cli(skyvern_mock, "run", "Buy tea", *secret, "--no-wait").stdout.strip()
    lost = cli(skyvern_mock, "runs", "rerun", run_id, "--dry-run")
    assert lost.exit_code == Exit.bad_input
    name = "SKYVERN_EXTRA_HTTP_HEADERS_AUTHORIZATION"
    assert name in lost.stderr
    again = cli(skyvern_mock, "runs", "rerun", run_id, env={name: "123456"})
    assert again.exit_code == 0, again.stderr
    headers = answered(cli(skyvern_mock, "runs", "get", again.stdout.strip(), "--json"))["run_request"]
    assert headers["extra_http_headers"] == {"Authorization": "Bearer 123456", "X-Shop": "tea"}


def test_a_memory_that_can_not_be_written_keeps_no_run_from_starting(skyvern_mock, tmp_path, monkeypatch):
    """Where nothing can be kept, a run is started all the same."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert finished(skyvern_mock)


@pytest.mark.parametrize(
    ("assignment", "says"),
    [("max_step=5", "Did you mean max_steps?"), ("max_steps", "name=value"), ("max_steps=x", "whole number")],
)
def test_what_can_not_be_set_is_told(skyvern_mock, assignment, says):
    """A faulty --set starts nothing."""
    run_id = finished(skyvern_mock)
    result = cli(skyvern_mock, "runs", "rerun", run_id, "--set", assignment)
    assert result.exit_code == Exit.bad_input
    assert says in result.stderr
    assert ids(cli(skyvern_mock, "runs", "list")) == [run_id]


def test_diff_tells_same_from_different(skyvern_mock):
    """Status 0 for runs that were asked for the same and ended the same, 1 for others, whose differences are lines."""
    first, second = finished(skyvern_mock, output={"a": 1, "b": [1]}), finished(skyvern_mock, output={"a": 1, "b": [1]})
    third = finished(skyvern_mock, "Get the name", output={"a": 2, "b": [1, 2]})
    same = cli(skyvern_mock, "runs", "diff", first, second)
    assert (same.exit_code, "output: the same" in same.stdout) == (0, True)
    other = cli(skyvern_mock, "runs", "diff", first, third, "--only", "request", "--only", "output")
    assert other.exit_code == 1
    assert other.stdout.splitlines() == [
        "request",
        "  prompt",
        "    - Get the title",
        "    + Get the name",
        "output",
        "  a",
        "    - 1",
        "    + 2",
        "  b[1]",
        "    + 2",
    ]


def test_diff_as_json(skyvern_mock):
    """Programs get the same: ok, since it was compared, and exit status 1, since they differ."""
    first, second = finished(skyvern_mock, output={"a": 1}), finished(skyvern_mock, output={"a": 2})
    result = cli(skyvern_mock, "runs", "diff", first, second, "--json")
    data = answered(result)
    assert (result.exit_code, data["is_same"], data["first"]) == (1, False, first)
    assert data["output"] == [{"path": "a", "change": "changed", "first": "1", "second": "2"}]
    assert {timing["name"] for timing in data["timings"]} >= {"waiting", "working", "in all"}


def test_diff_of_saved_runs_needs_no_server(skyvern_mock):
    """A file stands for a run; two of them are compared without any server, one beside an id with one."""
    first, second = finished(skyvern_mock), finished(skyvern_mock)
    for run_id, name in ((first, "a.skyrun"), (second, "b.skyrun")):
        cli(skyvern_mock, "export", run_id, "--format", "skyrun", "--out", name)
    assert cli(skyvern_mock, "runs", "diff", "a.skyrun", "b.skyrun", env=NOWHERE).exit_code == 0
    assert cli(skyvern_mock, "runs", "diff", first, "b.skyrun").exit_code == 0
    gone = cli(skyvern_mock, "runs", "diff", "a.skyrun", "c.skyrun", env=NOWHERE)
    assert gone.exit_code == Exit.not_found
    assert "c.skyrun" in gone.stderr


def test_the_timeline_of_a_saved_run(skyvern_mock):
    """What happened is told from a file as from the server; --jsonl gives the items themselves."""
    run_id = finished(skyvern_mock)
    cli(skyvern_mock, "export", run_id, "--format", "skyrun", "--out", "r.skyrun")
    live = cli(skyvern_mock, "runs", "timeline", run_id)
    saved = cli(skyvern_mock, "runs", "timeline", "r.skyrun", env=NOWHERE)
    assert live.stdout == saved.stdout
    assert "completed" in saved.stdout.splitlines()[-1]
    items = records(cli(skyvern_mock, "runs", "timeline", run_id, "--jsonl"))
    assert items
    assert all("type" in item for item in items)


def test_open_takes_the_runs_page(skyvern_mock, monkeypatch):
    """The page's address is printed and handed to the browser; a browser that can't be started is told."""
    run_id = finished(skyvern_mock)
    launched = []
    monkeypatch.setattr("click.launch", lambda url: launched.append(url) or 0)
    shown = cli(skyvern_mock, "runs", "open", run_id)
    assert shown.stdout.strip() == launched[0]
    assert launched[0].startswith("http")
    assert cli(skyvern_mock, "runs", "open", run_id, "--print").stdout == shown.stdout
    assert len(launched) == 1
    monkeypatch.setattr("click.launch", lambda url: 3)
    failed = cli(skyvern_mock, "runs", "open", run_id)
    assert failed.exit_code == Exit.error
    assert launched[0] in failed.stderr


def test_a_read_only_profile_starts_and_stops_nothing(skyvern_mock, tmp_path):
    """Commands that change something are refused before they ask; those that look are not."""
    run_id = finished(skyvern_mock)
    config = tmp_path / "config.toml"
    config.write_text(f'[profiles.look]\nbase_url = "{skyvern_mock.base_url}"\napi_key_env = "K"\nread_only = true\n')
    env = {"SKYVERN_TUI_CONFIG": str(config), "SKYVERN_TUI_PROFILE": "look", "K": skyvern_mock.api_key}
    for words in (["run", "x"], ["runs", "cancel", run_id], ["runs", "rerun", run_id]):
        refused = cli(skyvern_mock, *words, env=env)
        assert refused.exit_code == Exit.bad_input
        assert "read-only" in refused.stderr
    assert ids(cli(skyvern_mock, "runs", "list", env=env)) == [run_id]
