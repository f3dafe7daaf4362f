"""Claims about `skyvern-tui run` of one task as several runs."""

from __future__ import annotations

import json

import pytest

from tests.skyvern_tui.cli.service import RUN_ID, Service, command


def asked(service):
    """Return what was sent, without what every request has."""
    return [{name: value for name, value in sent.items() if name != "engine"} for sent in service.created]


def test_each_value_is_a_run_and_several_names_all_combinations():
    """--each starts a run for every value; those of two names are combined."""
    service = Service()
    words = ["--each", "url=https://a.example", "--each", "url=https://b.example", "--each", "max-steps=3"]
    result = command(service, "run", "x", *words)
    assert result.exit_code == 0, result.stderr
    assert asked(service) == [
        {"prompt": "x", "url": "https://a.example", "max_steps": 3},
        {"prompt": "x", "url": "https://b.example", "max_steps": 3},
    ]
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["variant"] for line in lines] == ["https://a.example, 3", "https://b.example, 3"]
    assert {(line["run_id"], line["status"]) for line in lines} == {(RUN_ID, "completed")}
    assert "2 of 2 runs completed." in result.stderr


def test_values_may_be_lines_of_stdin():
    """`--each url=-` takes a value per line, without blanks and repetitions."""
    service = Service()
    urls = "https://a.example\n\nhttps://b.example\nhttps://a.example\n"
    assert command(service, "run", "x", "--each", "url=-", "--no-wait", input=urls).exit_code == 0
    assert [sent["url"] for sent in service.created] == ["https://a.example", "https://b.example"]


@pytest.mark.parametrize("wrap", [list, None], ids=["array", "lines"])
def test_variants_are_laid_over_the_task(tmp_path, wrap):
    """Each line of a file is laid over PROMPT and options, typed as in any request; an array does as well."""
    wanted = [{"max_steps": 3}, {"prompt": "y", "data_extraction_schema": {"type": "object"}}]
    path = tmp_path / "variants.jsonl"
    path.write_text(json.dumps(wanted, indent=1) if wrap else "\n".join(map(json.dumps, wanted)) + "\n")
    service = Service()
    result = command(service, "run", "x", "--title", "t", "--variants", f"@{path}", "--no-wait")
    assert result.exit_code == 0, result.stderr
    assert asked(service) == [
        {"prompt": "x", "title": "t", "max_steps": 3},
        {"prompt": "y", "title": "t", "data_extraction_schema": {"type": "object"}},
    ]
    assert result.stdout.splitlines() == [RUN_ID, RUN_ID]


def test_nothing_is_started_before_all_are_right():
    """A fault in one variant keeps all from being sent, and every fault is told with the variant it is in."""
    service = Service()
    lines = '{"max_steps": 0}\n{"max_steps": 3}\n{"url": "nonsense"}\n'
    result = command(service, "run", "x", "--variants", "-", input=lines)
    assert (result.exit_code, service.created, result.stdout) == (2, [], "")
    assert "Nothing was started" in result.stderr
    assert "--max-steps" in result.stderr
    assert "--url" in result.stderr


@pytest.mark.parametrize(
    ("words", "stdin", "said"),
    [
        (["--each", "colour=red"], "", "NAME is one of"),
        (["--each", "url"], "", "NAME=VALUE"),
        (["--each", "url=-"], "\n\n", "there is no value"),
        (["--copies", "100", "--each", "max-steps=1", "--each", "max-steps=2"], "", "between 1 and 100"),
        (["--variants", "-"], "", "between 1 and 100"),
        (["--variants", "-"], "max_steps: 3\n", "line 1: a JSON object is wanted"),
        (["--variants", "-"], '{"a": 1', "line 1"),
        (["--variants", "-", "--each", "url=-"], "https://a.example", "read from stdin"),
    ],
)
def test_what_cannot_be_varied_is_refused(words, stdin, said):
    """Wrong input says what is wrong, with status 2, and starts nothing."""
    service = Service()
    result = command(service, "run", "x", *words, input=stdin)
    assert (result.exit_code, service.created) == (2, [])
    assert said in " ".join(result.stderr.split())


@pytest.mark.parametrize(("status", "code"), [("completed", 0), ("terminated", 4), ("timed_out", 5)])
def test_the_exit_status_is_the_one_all_share(status, code):
    """All that ended alike give that way's status; the envelope has every run."""
    service = Service(states=[{"status": status}])
    result = command(service, "run", "x", "--copies", "2", "--json")
    assert result.exit_code == code
    envelope = json.loads(result.stdout)
    assert [(one["variant"], one["run"]["status"]) for one in envelope["data"]] == [
        ("as written #1", status),
        ("as written #2", status),
    ]
    assert envelope["ok"] is (code == 0)


def test_ended_differently_is_status_1():
    """Runs that ended in several ways are an error of no special kind."""
    service = Service(states=[{"status": "completed"}, {"status": "failed"}])
    result = command(service, "run", "x", "--copies", "2")
    assert result.exit_code == 1
    assert "1 of 2 runs completed." in result.stderr


def test_time_that_is_up_leaves_all_that_go_on():
    """--timeout is for all of them together; status 7, and those that ended are told all the same."""
    service = Service(states=[{"status": "running"}])
    result = command(service, "run", "x", "--copies", "2", "--timeout", "0")
    assert (result.exit_code, result.stdout, service.canceled) == (7, "", [])
    assert "0 of 2 runs completed." in result.stderr


def test_jsonl_tells_of_every_run_what_happened():
    """Every event names its run; all are started before one is waited for."""
    result = command(Service(), "run", "x", "--copies", "2", "--jsonl")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds[:2] == ["started", "started"]
    assert kinds.count("ended") == 2
    assert all("run" in event or event["run_id"] == RUN_ID for event in events)


def test_dry_run_prints_a_request_a_line_that_comes_in_again():
    """--dry-run sends nothing, and what it prints is a file of variants."""
    service = Service()
    words = ["run", "x", "--each", "max_steps=1", "--each", "max_steps=2"]
    lines = command(service, *words, "--dry-run").stdout
    assert [json.loads(line)["max_steps"] for line in lines.splitlines()] == [1, 2]
    assert service.created == []
    assert command(service, "run", "--variants", "-", "--no-wait", input=lines).exit_code == 0
    assert [sent["max_steps"] for sent in service.created] == [1, 2]


def test_ctrl_c_says_that_they_go_on():
    """An interruption cancels none, and says how to find them."""
    service = Service(states=[{"status": "running"}], interrupt_at=1)
    result = command(service, "run", "x", "--copies", "2")
    assert (result.exit_code, service.canceled) == (130, [])
    assert "runs list status:live" in result.stderr
