"""Claims about shell completion: it offers what this machine knows, quickly, and never fails in the shell's face."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from skyvern_tui.cli import main
from skyvern_tui.cli.commands.completion import SHELLS, script_for
from skyvern_tui.cli.completing import OFFERS, profiles
from skyvern_tui.cli.groups import Lazy
from skyvern_tui.client.models import Run
from skyvern_tui.core.history import History
from tests.skyvern_tui.cli.service import Service, command

PROGRAM = "import sys; from skyvern_tui.cli import main; main(prog_name='skyvern-tui')"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home with a profile and two remembered runs of different servers."""
    for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("SKYVERN_TUI_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text('[profiles.work]\nbase_url = "https://w"\n')
    history = History(tmp_path / "skyvern-tui/history.sqlite")
    for number, server in ((1, "http://one"), (2, "http://two")):
        at = datetime(2026, 1, number, tzinfo=UTC)
        run = Run(
            run_id=f"tsk_v2_{number}",
            status="completed",
            run_type="task_v2",
            created_at=at,
            modified_at=at,
            run_request={"prompt": f"prompt {number}"},
        )
        history.seen(server, [run])
    history.close()
    return tmp_path


def offered(line, shell="zsh"):
    """Return what the shell is told for a line, as words with what they are."""
    at = line.count(" ")
    env = {"COMP_WORDS": line, "COMP_CWORD": str(at), "_SKYVERN_TUI_COMPLETE": f"{shell}_complete"}
    words = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(words, capture_output=True, text=True, env=os.environ | env, check=False)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    return dict(zip(lines[1::3], lines[2::3], strict=True))


def test_runs_are_offered_newest_first_with_what_they_are(home):
    """Ids come from the history of this machine, of all servers, with status and prompt; saved runs are files."""
    (home / "kept.skyrun").write_text("")
    found = offered("skyvern-tui runs get ")
    assert list(found) == ["tsk_v2_2", "tsk_v2_1", "kept.skyrun"]
    assert found["tsk_v2_2"] == "completed prompt 2"
    assert list(offered("skyvern-tui runs cancel tsk_v2_1")) == ["tsk_v2_1"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("skyvern-tui con", {"config"}),
        ("skyvern-tui mock st", {"start", "stop", "status"}),
        ("skyvern-tui --prof", {"--profile"}),
        ("skyvern-tui --profile ", {"work", "cloud", "mock"}),
        ("skyvern-tui runs list --profile w", {"work"}),
        ("skyvern-tui runs list --status comp", {"completed"}),
        ("skyvern-tui artifacts list x --type screenshot_f", {"screenshot_final"}),
        ("skyvern-tui export x --format ty", {"typescript"}),
        ("skyvern-tui config set profiles.work.read", {"profiles.work.read_only"}),
        ("skyvern-tui webhook listen --status ", set()),
        ("skyvern-tui completion ", {"bash", "zsh", "fish"}),
    ],
)
def test_words_are_offered_where_they_belong(home, line, expected):
    """Commands, options, profiles, statuses, types, formats and settings; nothing where a number is meant."""
    assert set(offered(line)) - {"_"} == expected


def test_profiles_are_offered_with_where_they_lead(home):
    """Beside a name stands its address, beside one that every machine has, that it is built in."""
    assert dict(profiles("")) == {"work": "https://w", "cloud": "built in", "mock": "built in"}


@pytest.mark.parametrize("damage", ["history", "config"])
def test_a_damaged_file_offers_nothing_and_says_nothing(home, damage):
    """What is typed is not to be drowned in a traceback."""
    path = home / "skyvern-tui/history.sqlite" if damage == "history" else home / "config.toml"
    path.write_bytes(b"\xff nonsense")
    assert set(offered("skyvern-tui runs get ")) <= {"tsk_v2_1", "tsk_v2_2", "_"}
    assert {"cloud", "mock"} <= set(offered("skyvern-tui --profile "))


def test_asking_writes_nothing(tmp_path, monkeypatch):
    """A home without a history has none afterwards."""
    for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    offered("skyvern-tui runs get ")
    assert list(tmp_path.iterdir()) == []


def every_command(group, path=()):
    context = click.Context(group, info_name="skyvern-tui", resilient_parsing=True, **group.context_settings)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, Lazy):
            yield from every_command(found, (*path, name))
        else:
            yield (*path, name), found


def test_every_run_and_profile_can_be_completed():
    """No command is forgotten: wherever a run or a profile is named, it is offered."""
    context = click.Context(click.Command("x"))
    named = {"RUN_ID", "--profile"}
    for path, found in every_command(main):
        for parameter in found.params:
            metavar = parameter.make_metavar(context) if isinstance(parameter, click.Argument) else ""
            if named & {*parameter.opts, metavar.split("|")[0].strip("[].")}:
                assert parameter.name in OFFERS, (path, parameter.name)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_printed_and_installed(home, shell):
    """It goes where the shell looks for it, is the same as printed, and what is left to do is told."""
    printed = command(Service(), "completion", shell, base_url=None)
    installed = command(Service(), "completion", shell, "--install", base_url=None)
    assert (printed.exit_code, installed.exit_code) == (0, 0)
    path = Path(installed.stdout.strip())
    assert path.is_relative_to(home)
    assert path.read_text() == script_for(shell)
    assert printed.stdout.strip() == script_for(shell).strip()
    assert "new shell" in installed.stderr


def test_bash_completes_with_the_script(home):
    """The script works in the real shell: the words come back as its replies."""
    bash = shutil.which("bash")
    assert bash is not None
    program = home / "skyvern-tui"
    program.mkdir(exist_ok=True)
    program = home / "bin/skyvern-tui"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{PROGRAM}" "$@"\n')
    program.chmod(0o755)
    lines = (
        script_for("bash"),
        "COMP_WORDS=(skyvern-tui runs canc) COMP_CWORD=2",
        f"_skyvern_tui_completion {program}",
        'echo "${COMPREPLY[@]}"',
    )
    done = subprocess.run([bash, "--norc", "-c", "\n".join(lines)], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("cancel", "")
