"""Claims about the commands that look after runs, and about the command line as a whole."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from skyvern_tui.cli import entry
from skyvern_tui.cli.exits import MEANINGS, Exit
from skyvern_tui.config.locations import mock_data_dir
from skyvern_tui.core.skyrun import SUFFIX
from skyvern_tui.embedded import EmbeddedMock
from tests.skyvern_tui.cli.service import RUN_ID, TIME, Service, action, artifact, block, command

COMMANDS = [
    *(["run"], ["demo"], ["doctor"], ["runs"], ["artifacts"]),
    *(["watch"], ["export"], ["import"]),
    *(["runs", name] for name in ("get", "list", "cancel", "rerun", "diff", "timeline", "open")),
    *(["artifacts", name] for name in ("list", "get", "show", "open")),
]


def test_get_prints_the_run():
    """What was asked, how it stands and what came out; looking at a failed run is no failure."""
    service = Service(states=[{"status": "failed", "failure_reason": "no\ndoor", "output": {"a": 1}}])
    result = command(service, "runs", "get", RUN_ID)
    assert result.exit_code == 0
    facts = [line.split(maxsplit=1) for line in result.stdout.splitlines()]
    assert ["status", "failed after 9.0 s"] in facts
    assert ["prompt", "x"] in facts
    assert ["reason", "no"] in facts
    assert '"a": 1' in result.stdout
    assert json.loads(command(service, "runs", "get", RUN_ID, "--json").stdout)["data"]["status"] == "failed"


def test_get_wait_takes_up_a_run():
    """--wait follows a run that is going on; the exit status is its ending."""
    service = Service(states=[{"status": "running"}] * 4 + [{"status": "terminated"}])
    result = command(service, "runs", "get", RUN_ID, "--wait")
    assert result.exit_code == Exit.terminated
    assert "terminated after" in result.stdout


@pytest.mark.parametrize(
    "words", [["runs", "get"], ["runs", "timeline"], ["artifacts", "list"], ["artifacts", "get"], ["runs", "cancel"]]
)
def test_an_unknown_run_is_status_10(words):
    """Every command says so in the same way."""
    result = command(Service(), *words, "tsk_unknown")
    assert result.exit_code == Exit.not_found
    assert "tsk_unknown" in result.stderr


def test_list_is_a_table_or_json():
    """Rows for people, records for programs."""
    row = {
        "task_run_id": "tr_1",
        "run_id": RUN_ID,
        "task_run_type": "task_v2",
        "status": "completed",
        "title": "A\x1b[31m title",
        "created_at": TIME.format(0),
    }
    service = Service(rows=[row])
    assert command(service, "runs", "list").stdout == f"{RUN_ID}  completed  2026-01-20 11:52:00  A␛[31m title\n"
    assert json.loads(command(service, "runs", "list", "--json").stdout)["data"][0]["run_id"] == RUN_ID


def test_list_asks_for_what_it_was_told():
    """Options become the API's filters."""
    service = Service()
    result = command(
        service,
        *("runs", "list", "--page", "2", "--limit", "5", "--status", "failed", "--status", "queued"),
        *("--type", "task_v2", "--search", "invoice"),
    )
    assert result.stdout == ""
    assert service.queries == [
        {
            "page": ["2"],
            "page_size": ["5"],
            "status": ["failed", "queued"],
            "run_type": ["task_v2"],
            "search_key": ["invoice"],
        }
    ]


def test_cancel_asks_the_server():
    """Each run is asked for, and how it stands is told."""
    service = Service(states=[{"status": "canceled"}])
    result = command(service, "runs", "cancel", RUN_ID)
    assert (result.exit_code, service.canceled) == (0, [RUN_ID])
    assert result.stdout == f"{RUN_ID}  canceled\n"


def test_timeline_is_in_the_order_of_events():
    """Oldest first and nested for people, as it came for programs."""
    service = Service(states=[{"status": "completed", "output": {"a": 1}}])
    service.timeline = [
        block(3, "extraction", "completed"),
        block(1, "navigation", "completed", [action(2, "click", "completed", "why")]),
    ]
    lines = command(service, "runs", "timeline", RUN_ID).stdout.splitlines()
    assert [line.strip() for line in lines] == [
        "0:00  created",
        "0:01  navigation goal 1",
        "0:02    click why",
        "0:03  extraction goal 3",
        "0:09  completed",
    ]
    assert len(json.loads(command(service, "runs", "timeline", RUN_ID, "--json").stdout)["data"]) == 2


def test_artifacts_are_listed_and_saved(tmp_path):
    """Listing names each; --type filters; --out saves and prints the files."""
    service = Service()
    service.artifacts = [artifact(1, "recording", ".webm"), artifact(2, "har", ".har")]
    listed = command(service, "artifacts", "list", RUN_ID).stdout
    assert listed == "a_1    1.0 kB  01-recording.webm\na_2    2.0 kB  02-har.har\n"
    assert "a_1" not in command(service, "artifacts", "list", RUN_ID, "--type", "har").stdout
    assert len(json.loads(command(service, "artifacts", "list", RUN_ID, "--json").stdout)["data"]) == 2
    service.contents = {"/v1/artifacts/a_1/content": b"webm", "/v1/artifacts/a_2/content": b"{}"}
    saved = command(service, "artifacts", "get", RUN_ID, "--type", "har", "--out", str(tmp_path)).stdout
    assert saved == f"{tmp_path / '01-har.har'}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["01-har.har"]


def test_artifacts_that_cannot_be_saved_are_an_error(tmp_path):
    """The exit status tells that something is missing; the rest is there."""
    service = Service(artifacts=[artifact(1, "recording", ".webm"), artifact(2, "har", ".har")])
    service.contents = {"/v1/artifacts/a_2/content": b"{}"}
    result = command(service, "artifacts", "get", RUN_ID, "--out", str(tmp_path))
    assert result.exit_code == Exit.error
    assert str(tmp_path / "02-har.har") in result.stdout


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a\x1b[2Jb", "con", "..", "a" * 500 + ".pdf"])
def test_no_name_from_a_server_leaves_the_directory(tmp_path, name):
    """Files are saved in the directory asked for, under names that are names."""
    out = tmp_path / "out"
    service = Service(artifacts=[artifact(1, "download", "", uri=f"file:///d/{name}")])
    service.states = [
        {"status": "completed", "downloaded_files": [{"url": "x", "filename": name, "artifact_id": "a_1"}]}
    ]
    service.contents = {"/v1/artifacts/a_1/content": b"x"}
    assert command(service, "artifacts", "get", RUN_ID, "--out", str(out)).exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    saved = [path for path in out.iterdir() if path.suffix != ".json"]
    assert len(saved) == 1
    assert saved[0].name.isprintable()


def test_without_a_server_the_ways_to_name_one_are_told():
    """No flag, no variable, no profile: status 2 and the three ways."""
    result = command(Service(), "runs", "list", base_url=None, env={"SKYVERN_API_KEY": None})
    assert result.exit_code == Exit.bad_input
    for way in ("--mock", "--base-url", "SKYVERN_API_KEY"):
        assert way in result.stderr


def test_the_mock_gives_its_own_key():
    """--mock never sends a key of the environment."""
    service = Service(states=[{"status": "completed"}])
    assert command(service, "run", "x", "--mock", base_url=None).exit_code == 0
    assert service.keys == {"mock-key"}


def test_a_server_of_a_profile_without_a_key_gets_none(tmp_path):
    """The key in the environment was not set for this server."""
    (tmp_path / "config.toml").write_text('[profiles.open]\nbase_url = "http://service.example"\n')
    service = Service()
    env = {"SKYVERN_TUI_CONFIG": str(tmp_path / "config.toml")}
    assert command(service, "runs", "list", "--profile", "open", base_url=None, env=env).exit_code == 0
    assert service.keys == {None}


def test_flags_may_stand_before_the_command():
    """``skyvern-tui --mock runs list`` is ``skyvern-tui runs list --mock``."""
    service = Service()
    assert command(service, "--mock", "runs", "list", base_url=None, env={"SKYVERN_API_KEY": None}).exit_code == 0
    assert service.keys == {"mock-key"}


@pytest.mark.parametrize("words", [[], *COMMANDS], ids=" ".join)
def test_every_help_ends_with_the_exit_statuses(words):
    """--help lists all of them, everywhere."""
    text = command(Service(), *words, "--help", base_url=None).stdout
    for code, meaning in MEANINGS.items():
        assert f"{code.value:>3}  {meaning}" in text
    assert set(MEANINGS) == set(Exit)


def test_exit_statuses_are_what_scripts_rely_on():
    """These numbers are an interface and do not change."""
    assert {code.name: code.value for code in Exit} == {
        "completed": 0,
        "error": 1,
        "bad_input": 2,
        "failed": 3,
        "terminated": 4,
        "timed_out": 5,
        "canceled": 6,
        "wait_timeout": 7,
        "no_server": 8,
        "key_refused": 9,
        "not_found": 10,
        "interrupted": 130,
    }


def test_without_a_terminal_the_demo_takes_the_apps_place(monkeypatch):
    """``skyvern-tui`` in a pipe says so and runs the demo instead of failing."""
    called = []
    monkeypatch.setattr("skyvern_tui.cli.commands.demo.demo.callback", lambda **options: called.append(options))
    result = command(Service(), base_url=None)
    assert result.exit_code == 0
    assert "no terminal" in result.stderr
    assert called == [{"out": None}]


class OpenTerminal:
    """Makes the command line believe in a terminal, and notes what the app was opened with."""

    def __init__(self, monkeypatch) -> None:
        self.opened = []
        monkeypatch.setattr("skyvern_tui.cli.entry.has_terminal", lambda: True)
        monkeypatch.setattr("skyvern_tui.tui.run_app", self.run)

    def run(self, source, *, saved=(), **options):
        self.opened.append(source)
        self.saved = [path.name for path in saved]
        return 0


def test_on_a_terminal_the_app_opens_on_a_mock(monkeypatch, tmp_path):
    """With nothing named the app gets a mock to start itself, in the user's data directory."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    terminal = OpenTerminal(monkeypatch)
    assert command(Service(), base_url=None, env={"SKYVERN_API_KEY": None}).exit_code == 0
    (source,) = terminal.opened
    assert isinstance(source, EmbeddedMock)
    assert source.data_dir == mock_data_dir()


def test_on_a_terminal_the_app_opens_on_the_server_named(monkeypatch):
    """A named server is handed to the app as a connection, with the key that belongs to it."""
    terminal = OpenTerminal(monkeypatch)
    assert command(Service(), base_url="http://service.example").exit_code == 0
    assert command(Service(), "--mock", base_url=None).exit_code == 0
    connection, mock = terminal.opened
    assert (connection.base_url, connection.api_key) == ("http://service.example", "key-of-the-environment-1234")
    assert isinstance(mock, EmbeddedMock)


def test_settings_that_cannot_be_used_do_not_open_the_app(monkeypatch):
    """A faulty profile is told on stderr, not on a screen that vanishes."""
    terminal = OpenTerminal(monkeypatch)
    result = command(Service(), "--profile", "nonsense", base_url=None)
    assert (result.exit_code, terminal.opened) == (Exit.bad_input, [])
    assert "nonsense" in result.stderr


def test_a_saved_run_opens_the_app_on_it(monkeypatch, tmp_path):
    """`skyvern-tui a.skyrun b.skyrun` connects to nothing; with a server named, to that."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.skyrun", "b.skyrun"):
        (tmp_path / name).write_bytes(b"")
    terminal = OpenTerminal(monkeypatch)
    run = {"base_url": None, "env": {"SKYVERN_API_KEY": None}}
    assert command(Service(), "a.skyrun", "b.skyrun", **run).exit_code == 0
    assert (terminal.opened, terminal.saved) == ([None], ["a.skyrun", "b.skyrun"])
    assert command(Service(), "--base-url", "http://service.example", "a.skyrun", **run).exit_code == 0
    assert terminal.opened[1].base_url == "http://service.example"
    gone = command(Service(), "c.skyrun", **run)
    assert (gone.exit_code, "c.skyrun: no such file" in gone.stderr) == (Exit.not_found, True)
    assert len(terminal.opened) == 2


def test_without_a_terminal_a_saved_run_is_told_by_other_commands(tmp_path, monkeypatch):
    """In a pipe the commands that print the file are named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.skyrun").write_bytes(b"")
    result = command(Service(), "a.skyrun", base_url=None)
    assert result.exit_code == Exit.error
    assert "skyvern-tui watch a.skyrun" in result.stderr


def test_the_suffix_is_that_of_saved_runs():
    """The command line knows saved runs by the ending that they are written with."""
    assert entry._SAVED == SUFFIX


def test_the_command_is_installed_and_ends_well():
    """The module that the script entry names works in a process of its own."""
    code = "import sys; from skyvern_tui.cli import main; sys.argv = ['skyvern-tui', '--version']; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "skyvern-tui" in done.stdout
