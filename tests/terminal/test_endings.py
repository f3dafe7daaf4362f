"""Claims about how the installed program ends, and what it leaves of the terminal and of its mock."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.terminal.conftest import Account, Opening
from tests.terminal.emulator import Terminal, installed

AWHILE = 60.0
AT_WORK = """
import os, signal, sys
from skyvern_tui.tui.app import SkyvernApp
SkyvernApp._tick = lambda app: os.kill(os.getpid(), signal.SIGTERM)
from skyvern_tui.cli import main
sys.argv = ["skyvern-tui", "--base-url", "http://127.0.0.1:9"]
main()
"""
CRASHING = """
import sys
from skyvern_tui.tui.app import SkyvernApp
def crash(app):
    raise RuntimeError("broken on purpose")
SkyvernApp.action_help = crash
from skyvern_tui.cli import main
sys.argv = ["skyvern-tui", "--base-url", "http://127.0.0.1:9"]
main()
"""


def still_there(terminal: Terminal, *, at_least: int = 2) -> list[str]:
    """Close the window; return what of the processes in it is still there after a while."""
    processes = terminal.processes()
    assert len(processes) >= at_least, "the app, and what it has started"
    terminal.hang_up()
    _gone, alive = psutil.wait_procs(processes, timeout=AWHILE)
    return [" ".join(process.cmdline()[:4]) for process in alive]


def a_program(path: Path, text: str) -> Path:
    """Write a shell script that can be run; return its path."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_ctrl_c_says_how_to_leave(open_app: Opening) -> None:
    """ctrl+c, which copies in a text field, does not end the app by a slip; it tells the key that does."""
    terminal = open_app()
    terminal.until("n new task")
    terminal.press("ctrl+c")
    terminal.until("q quits.")
    terminal.press("ctrl+q")
    assert terminal.wait() == 0


def test_a_closed_window_ends_everything(open_terminal: Opening) -> None:
    """Closing the window ends the app, the mock it started and that one's browser: no process stays."""
    terminal = open_terminal("--mock")
    terminal.until("● ")
    assert still_there(terminal) == []


def test_a_closed_window_ends_it_while_the_mock_starts(open_terminal: Opening) -> None:
    """The same before there is a server: what is just being started is ended, too."""
    terminal = open_terminal("--mock")
    terminal.until("starting the local mock")
    assert still_there(terminal, at_least=1) == []


def test_a_terminal_that_goes_without_a_word_ends_everything(environment: dict[str, str]) -> None:
    """The app and its mock end, too, if nothing tells that the terminal is gone, as in some containers."""
    with Terminal([installed("skyvern-tui"), "--mock"], environment, controls=False) as terminal:
        terminal.until("● ")
        assert still_there(terminal) == []


def test_an_app_in_a_browser_ends_with_its_server(environment: dict[str, str], account: Account) -> None:
    """When the server that shows it is killed, nobody can reach the app any more, and it ends."""
    variables = environment | {
        "SKYVERN_API_KEY": account.key,
        "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver",
    }
    command = [installed("skyvern-tui"), "--base-url", account.url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables) as app:
        assert app.stdin is not None
        assert app.stdout is not None
        assert app.stdout.readline() == b"__GANGLION__\n", "with which Textual begins"
        app.stdin.close()
        app.stdout.close()
        try:
            app.wait(AWHILE)
        finally:
            app.kill()


def test_it_ends_while_an_editor_has_the_terminal(
    environment: dict[str, str], account: Account, tmp_path: Path
) -> None:
    """The same while the app waits for another program, which ends with it."""
    editor = a_program(tmp_path / "editor", "echo open; exec sleep 600")
    variables = environment | {"SKYVERN_API_KEY": account.key, "EDITOR": str(editor)}
    with Terminal([installed("skyvern-tui"), "--base-url", account.url], variables, controls=False) as terminal:
        terminal.until("n new task")
        terminal.press("n")
        terminal.until("Prompt")
        terminal.press("f4")
        terminal.until("open")
        assert still_there(terminal) == []


def test_an_editor_neither_ends_nor_blocks_it(environment: dict[str, str], account: Account, tmp_path: Path) -> None:
    """ctrl+c in an editor is the editor's; one that is not there is told; after both the app takes keys again."""
    editor = a_program(tmp_path / "editor", "trap '' INT; rm \"$0\"; kill -INT 0; exit 3")
    variables = environment | {"SKYVERN_API_KEY": account.key, "EDITOR": str(editor)}
    with Terminal([installed("skyvern-tui"), "--base-url", account.url], variables) as terminal:
        terminal.until("n new task")
        terminal.press("n")
        terminal.until("Prompt")
        terminal.press("f4")
        terminal.until("status 3")
        terminal.press("f4")
        terminal.until("could not be started")
        terminal.type("Still here")
        terminal.until("Still here")
        terminal.press("ctrl+q")
        assert terminal.wait() == 0


def test_it_is_drawn_where_somebody_looks(environment: dict[str, str], account: Account, tmp_path: Path) -> None:
    """With stderr sent to a file the screen is as ever, and nothing of it is in the file."""
    errors = tmp_path / "errors"
    command = ["sh", "-c", 'exec "$@" 2>"$0"', str(errors), installed("skyvern-tui"), "--base-url", account.url]
    with Terminal(command, environment | {"SKYVERN_API_KEY": account.key}) as terminal:
        terminal.until("n new task")
        terminal.press("ctrl+q")
        assert terminal.wait() == 0
        assert terminal.modes == set()
    assert errors.read_text() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_it_in_order(environment: dict[str, str], account: Account, number: signal.Signals) -> None:
    """Told to end by a signal it gives the terminal back, and its exit status says which signal it was."""
    command = [installed("skyvern-tui"), "--base-url", account.url]
    with Terminal(command, environment | {"SKYVERN_API_KEY": account.key}) as terminal:
        terminal.until("n new task")
        terminal.send_signal(number)
        assert terminal.wait() == 128 + number
        assert terminal.modes == set()
        assert terminal.settings_now == terminal.settings


def test_a_signal_in_the_middle_of_work_gives_the_terminal_back(environment: dict[str, str]) -> None:
    """The same where the app is just doing something, and does not come to its own end."""
    with Terminal([sys.executable, "-c", AT_WORK], environment | {"SKYVERN_API_KEY": "k"}) as terminal:
        assert terminal.wait() == 128 + signal.SIGTERM
        assert "\x1b[?1049h" in terminal.raw, "it had the terminal"
        assert terminal.modes == set()
        assert terminal.settings_now == terminal.settings


def test_a_crash_gives_the_terminal_back(environment: dict[str, str]) -> None:
    """After an error of the program's own the terminal is as it was, and the error is told."""
    command = [sys.executable, "-c", CRASHING]
    with Terminal(command, environment | {"SKYVERN_API_KEY": "k"}) as terminal:
        terminal.until("quit")
        terminal.press("?")
        assert terminal.wait() != 0
        assert "broken on purpose" in terminal.raw
        assert terminal.modes == set()
        assert terminal.settings_now == terminal.settings


def test_no_color_means_none(open_app: Opening) -> None:
    """With NO_COLOR set everything is there, and nothing is coloured but in shades of grey."""
    coloured = open_app()
    coloured.until("n new task")
    grey = open_app(NO_COLOR="1")
    screen = grey.until("n new task")
    assert "No runs yet" in screen
    assert any(is_coloured(colour) for colour in coloured.colours())
    assert [colour for colour in grey.colours() if is_coloured(colour)] == []


def is_coloured(colour: str) -> bool:
    """Tell whether a colour, as the emulator names it, is more than a grey."""
    if colour in ("default", "black", "white"):
        return False
    if len(colour) != 6:
        return True
    parts = [int(colour[at : at + 2], 16) for at in (0, 2, 4)]
    return max(parts) - min(parts) > 12


def test_a_terminal_that_draws_nothing_is_told_what_works(environment: dict[str, str]) -> None:
    """With TERM=dumb no screen is drawn; the commands that need none are named."""
    with Terminal([installed("skyvern-tui")], environment | {"TERM": "dumb"}) as terminal:
        assert terminal.wait() == 1
        assert "\x1b" not in terminal.raw
        assert "TERM=dumb" in terminal.raw
        assert "skyvern-tui run" in terminal.raw
