"""Claims about ``mock``: a server that outlives the command, is found again, and ends when told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading

import httpx
import pytest

from skyvern_tui.cli import background
from skyvern_tui.cli.exits import Exit
from skyvern_tui.embedded import EmbeddedMock
from tests.skyvern_tui.cli.service import Service, command


@pytest.fixture
def mock(tmp_path):
    """Return a function that runs ``mock`` on data of the test's own; what it left running is ended."""
    data_dir = tmp_path / "data"

    def run(*words):
        return command(Service(), "mock", words[0], "--data-dir", str(data_dir), *words[1:], base_url=None)

    run.data_dir = data_dir
    yield run
    found = background.running(data_dir)
    if found is not None:
        os.kill(found.pid, signal.SIGKILL)


def test_a_mock_started_goes_on_until_it_is_stopped(mock):
    """Started in the background it answers, is found, used by whoever embeds one, listed, logged and stopped."""
    started = json.loads(mock("start", "--port", "0", "--json").stdout)["data"]
    assert httpx.get(f"{started['url']}/health").json()["status"] == "ok"
    again = mock("start")
    assert (again.exit_code, started["url"] in again.stdout, "runs already" in again.stderr) == (0, True, True)
    assert json.loads(mock("status", "--json").stdout)["data"] == started
    with EmbeddedMock(mock.data_dir) as connection:
        assert connection.base_url == started["url"]
    sites = json.loads(mock("sites", "--json").stdout)["data"]
    assert httpx.get(sites[0]["url"]).status_code == 200
    assert f"Serving {started['url']}" in mock("logs").stdout
    assert mock("stop").stdout == f"stopped {started['url']}\n"
    with pytest.raises(httpx.ConnectError):
        httpx.get(started["url"])
    assert mock("stop").stdout == "none was running\n"


@pytest.mark.parametrize("words", [("status",), ("sites",)])
def test_nothing_running_is_status_8(mock, words):
    """Scripts can ask, and are told how to start one."""
    result = mock(*words)
    assert (result.exit_code, "mock start" in result.stderr) == (Exit.no_server, True)


def test_a_note_left_by_a_killed_one_is_not_believed(mock):
    """A process that is gone, or an address where nobody answers, is no running mock."""
    mock.data_dir.mkdir()
    note = mock.data_dir / "server.json"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for pid in (gone.pid, os.getpid()):
        note.write_text(json.dumps({"pid": pid, "url": "http://127.0.0.1:1"}))
        assert background.running(mock.data_dir) is None
    note.write_text("no json")
    assert background.running(mock.data_dir) is None


def test_a_mock_that_cannot_start_says_why(mock):
    """The end of its log is in the error; nothing is left running."""
    result = mock("start", "--nonsense")
    assert result.exit_code == Exit.no_server
    assert "No such option" in result.stderr
    assert background.running(mock.data_dir) is None


@pytest.mark.parametrize("words", [("start",), ("serve",)])
def test_without_the_extra_it_says_how_to_get_it(mock, monkeypatch, words):
    """A missing library is named with the command that installs it, before anything is started."""
    monkeypatch.setattr("skyvern_tui.cli.background._PARTS", ("mock_server", "a_library_nobody_has"))
    result = command(Service(), "mock", *words, base_url=None)
    assert result.exit_code == Exit.no_server
    assert "a_library_nobody_has" in result.stderr
    assert "skyvern-tui[mock]" in result.stderr


def test_serve_is_the_mock_in_the_foreground(tmp_path):
    """Its line of JSON comes to stdout, and a signal ends it with its own status."""
    code = "import sys; from skyvern_tui.cli import main; main(sys.argv[1:], prog_name='skyvern-tui')"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "mock", "serve", "--port", "0", "--data-dir", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        ready = json.loads(process.stdout.readline())
        assert ready["pid"] == process.pid
        assert httpx.get(f"{ready['url']}/health").status_code == 200
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_log_is_read_from_its_end(tmp_path, monkeypatch):
    """The last lines come whole however long they are, and no more of the file is read than that."""
    monkeypatch.setattr("skyvern_tui.cli.background._BLOCK", 10)
    log = tmp_path / "log"
    log.write_text("".join(f"line {n} {'x' * n}\n" for n in range(30)))
    assert background.last_lines(log, 2) == [f"line 28 {'x' * 28}", f"line 29 {'x' * 29}"]
    assert len(background.last_lines(log, 100)) == 30
    assert background.last_lines(log, 0) == []
    assert background.last_lines(tmp_path / "none", 5) == []


def test_a_log_is_followed_while_it_grows(tmp_path):
    """Lines come when they are whole, also after the file was emptied."""
    log = tmp_path / "log"
    log.write_text("old\n")
    pause = threading.Event()
    lines = background.following(log, pause=pause)
    seen = []

    def read():
        seen.append(next(lines))
        seen.append(next(lines))

    reader = threading.Thread(target=read)
    reader.start()
    while reader.is_alive() and len(seen) < 2:
        with log.open("a") as file:
            file.write("ne")
            file.flush()
            file.write("w\n")
        reader.join(0.2)
    pause.set()
    reader.join()
    assert set(seen) == {"new"}


def test_no_log_is_status_10(mock):
    """Nothing was started here yet."""
    assert mock("logs").exit_code == Exit.not_found


def test_a_log_that_is_emptied_is_followed_from_its_new_beginning(tmp_path):
    """What was begun before it was emptied is no part of the first line after."""
    log = tmp_path / "server.log"
    log.write_text("an earlier line\n")
    steps = [
        lambda: log.write_text("an earlier line\nbegun, "),
        lambda: log.write_text(""),
        lambda: log.write_text("first\nsecond\n"),
    ]

    class Writing(threading.Event):
        """Each pause is one thing that happens to the log."""

        def wait(self, timeout=None):
            steps.pop(0)()
            return False

    lines = background.following(log, pause=Writing())
    assert [next(lines), next(lines)] == ["first", "second"]
    lines.close()
