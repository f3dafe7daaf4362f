"""Claims about what a program gets on stdout, the same for every command."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import httpx
import pytest

from skyvern_tui.cli import main
from skyvern_tui.cli.console import json_line, json_text
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.groups import Branch, Lazy
from tests.skyvern_tui.cli.service import RUN_ID, TIME, Service, action, artifact, block, command

ROOT = Path(__file__).parents[3]
FIELDS = {"schema_version", "ok", "action", "data", "warnings", "error"}

WORDS = {
    "run": ["Get the title"],
    "watch": [RUN_ID],
    "runs.list": [],
    "runs.get": [RUN_ID],
    "runs.cancel": [RUN_ID],
    "runs.rerun": [RUN_ID],
    "runs.diff": [RUN_ID, RUN_ID],
    "runs.timeline": [RUN_ID],
    "runs.open": [RUN_ID, "--print"],
    "artifacts.list": [RUN_ID],
    "artifacts.get": [RUN_ID],
    "artifacts.show": [RUN_ID],
    "artifacts.open": [RUN_ID],
    "export": [RUN_ID],
}
"""Words with which each command that takes --json and asks a server does its work on the service below."""

LOCAL = {"import": ["request.json"]}
"""The same for commands that ask no server. The request lies in the working directory."""

ELSEWHERE = ("webhook.", "config.", "mock.", "sessions.", "browser-profiles.", "doctor", "serve", "completion")
"""Commands whose answers are tried in a file of their own: what they need is more than words and a server."""


def service(**over):
    """A server with a run that is over, its timeline and an artifact."""
    row = {"task_run_id": "tr_1", "run_id": RUN_ID, "task_run_type": "task_v2", "status": "completed"}
    return Service(
        **{
            "states": [{"status": "completed", "output": {"a": "\x1b[31m\u202e\u2028"}, "app_url": "http://x/1"}],
            "timeline": [block(1, "navigation", "completed", [action(2, "click", "completed", "why")])],
            "artifacts": [artifact(1, "har", ".har")],
            "contents": {"/v1/artifacts/a_1/content": b"{}"},
            "rows": [{**row, "title": "A", "created_at": TIME.format(0)}],
            **over,
        }
    )


def walk(group, context):
    """Yield every command below a group with the name of its action."""
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        inner = click.Context(found, info_name=name, parent=context)
        if isinstance(found, click.Group):
            yield from walk(found, inner)
        else:
            yield ".".join(inner.command_path.split(" ")[1:]), found


COMMANDS = dict(walk(main, click.Context(main, info_name="skyvern-tui", **main.context_settings)))


def takes(name, option):
    return any(option in parameter.opts for parameter in COMMANDS[name].params)


ANSWERING = [name for name in COMMANDS if takes(name, "--json")]
TRIED = [name for name in ANSWERING if not name.startswith(ELSEWHERE)]
STRICT = [name for name in ANSWERING if not COMMANDS[name].context_settings.get("ignore_unknown_options")]
ASKING = [name for name in ANSWERING if name in WORDS]
STREAMING = [name for name in TRIED if takes(name, "--jsonl")]


@pytest.fixture(autouse=True)
def nothing_is_opened(monkeypatch, tmp_path):
    """No browser and no other program is started, and files go to a folder of the test."""
    monkeypatch.setattr("click.launch", lambda url: 0)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "request.json").write_text('{"prompt": "x"}')


def words_of(name):
    return [*name.split("."), *WORDS.get(name, LOCAL.get(name, []))]


def told(result):
    """Return the envelope on stdout, which holds nothing else."""
    envelope = json.loads(result.stdout)
    assert set(envelope) == FIELDS
    assert envelope["schema_version"] == 1
    assert envelope["ok"] is (envelope["error"] is None)
    if envelope["error"] is not None:
        assert set(envelope["error"]) == {"code", "message", "hint"}
        assert Exit[envelope["error"]["code"]] == result.exit_code
        assert envelope["error"]["message"]
    return envelope


@pytest.mark.parametrize("name", TRIED)
def test_an_answer_is_one_envelope(name):
    """--json gives one document that says which action it answers, and nothing in it can act on a terminal."""
    result = command(service(), *words_of(name), "--json")
    envelope = told(result)
    assert (result.exit_code, envelope["ok"], envelope["action"]) == (0, True, name)
    assert not any(character in result.stdout for character in "\x1b\u202e\u2028")


@pytest.mark.parametrize("name", ASKING)
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"refusal": (403, {"detail": "Invalid credentials"})}, "key_refused"),
        ({"refusal": (500, {"error": "broken"})}, "error"),
        ({"error": httpx.ConnectError}, "no_server"),
        ({"error": KeyboardInterrupt}, "interrupted"),
    ],
)
def test_a_failure_is_an_envelope_too(name, fault, code):
    """What goes wrong is in the envelope and, for people, on stderr; the exit status is the same as without it."""
    words = words_of(name)
    result = command(service(**fault), *words, "--json")
    envelope = told(result)
    assert (envelope["ok"], envelope["action"], envelope["error"]["code"]) == (False, name, code)
    assert envelope["error"]["message"] in result.stderr
    assert result.exit_code == command(service(**fault), *words).exit_code


@pytest.mark.parametrize("name", STRICT)
@pytest.mark.parametrize("form", ["--json", "--jsonl"])
def test_bad_options_are_an_envelope_too(name, form):
    """Faults found before the command begins are told in the form asked for, wherever the option stands."""
    if not takes(name, form):
        form = "--json"
    for words in ([form, "--no-such-option"], ["--no-such-option", form]):
        envelope = told(command(service(), *words_of(name), *words))
        assert (envelope["action"], envelope["error"]["code"]) == (name, "bad_input")
        assert "--help" in envelope["error"]["hint"]


@pytest.mark.parametrize("name", STREAMING)
def test_lines_are_records(name):
    """--jsonl gives one JSON value per line, and no envelope if all went well."""
    result = command(service(), *words_of(name), "--jsonl")
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert records
    assert not any("ok" in record for record in records if isinstance(record, dict))


@pytest.mark.parametrize("name", STREAMING)
def test_the_last_line_tells_of_a_failure(name):
    """When a stream fails its last line is the envelope with the error."""
    result = command(service(error=httpx.ConnectError), *words_of(name), "--jsonl")
    last = json.loads(result.stdout.splitlines()[-1])
    assert set(last) == FIELDS
    assert (last["ok"], last["error"]["code"]) == (False, "no_server")


def test_every_answering_command_is_tried():
    """The table above has each command that takes --json, so that none is forgotten."""
    assert set(TRIED) == {*WORDS, *LOCAL}


def test_every_shape_is_documented():
    """docs/cli-output.md names each action, and none that is not there; the groups apart have pages of their own."""
    text = (ROOT / "docs/cli-output.md").read_text(encoding="utf-8")
    shapes = text.partition("## The shapes")[2].partition("###")[0]
    firsts = re.findall(r"^\| (`[^|]+`) \|", shapes, re.MULTILINE)
    rows = [name for first in firsts for name in re.findall(r"`([a-z.-]+)`", first)]
    assert set(TRIED) <= set(rows) <= set(ANSWERING)


def test_one_form_at_a_time():
    """--json and --jsonl exclude one another."""
    result = command(service(), "runs", "list", "--json", "--jsonl")
    assert result.exit_code == Exit.bad_input
    assert "exclude one another" in result.stderr


def test_help_is_not_an_answer():
    """--json --help prints the help text and no envelope."""
    assert command(Service(), "runs", "list", "--json", "--help").stdout.startswith("Usage:")


def test_a_failed_run_is_an_error_with_its_data():
    """A run that was waited for and failed: not ok, the status in the error, the run in the data all the same."""
    result = command(Service(states=[{"status": "failed", "failure_reason": "no door"}]), "run", "x", "--json")
    envelope = told(result)
    assert envelope["error"]["code"] == "failed"
    assert "no door" in envelope["error"]["message"]
    assert envelope["data"]["status"] == "failed"


@pytest.mark.parametrize("value", [{"a": float("nan")}, ["\ud800"], {"x": [1, None, True]}, "\u2028"])
def test_any_value_is_valid_json(value):
    """Numbers JSON does not have become null; halves of characters and line separators are escaped."""
    for text in (json_text(value), json_line(value)):
        json.loads(text, parse_constant=pytest.fail)
        text.encode()
        assert "\u2028" not in text
    assert "\n" not in json_line(value)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["lst"], "runs list"),
        (["list"], "runs list"),
        (["rnus"], "skyvern-tui runs?"),
        (["runs", "lsit"], "skyvern-tui runs list"),
        (["artifact"], "skyvern-tui artifacts"),
        (["xyzzy"], "--help lists the commands"),
    ],
)
def test_a_mistyped_command_gets_a_suggestion(words, meant):
    """What may have been meant is said in words that can be typed."""
    result = command(Service(), *words, base_url=None)
    assert result.exit_code == Exit.bad_input
    assert meant in result.stderr


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["runs", "-h"], ["--version"]])
def test_help_loads_nothing_heavy(words):
    """A list of commands needs no network library, no screen, no models: it is there at once."""
    code = (
        "import sys\nsys.argv = ['skyvern-tui', *sys.argv[1:]]\nfrom skyvern_tui.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stdout
    assert not set(done.stderr.split()) & {"httpx", "textual", "rich", "pydantic", "mock_server", "playwright"}


def test_every_command_says_the_same_in_lists_and_in_its_own_help():
    """A line in a list of commands is a sentence, and every command has a help text of its own."""
    for name, found in COMMANDS.items():
        assert found.help, name
        assert found.short_help is not None, name
        assert found.short_help.endswith("."), name
    assert isinstance(main, Lazy)
    assert all(part.help.endswith(".") for part in main.tree.values() if isinstance(part, Branch))


def test_a_reader_that_has_enough_ends_it_quietly():
    """`skyvern-tui ... | head -1` is no failure, and prints nothing about pipes."""
    code = "import sys; from skyvern_tui.cli import main; sys.argv = ['skyvern-tui', *sys.argv[1:]]; main()"
    words = [sys.executable, "-c", code, "run", "--template", "list"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, b"")
