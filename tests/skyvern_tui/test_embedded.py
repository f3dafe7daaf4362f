"""Claims about the mock beside the program: started, found, waited for, ended."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from skyvern_tui.client import Skyvern
from skyvern_tui.config import Connection
from skyvern_tui.embedded import EmbeddedMock, EmbeddedMockError

READY = '{"url": "http://127.0.0.1:4711/", "port": 4711, "pid": 1, "api_key": "k-1"}'


def server(code: str, ready: str = READY):
    """A stand-in for the server: notes its pid, prints its line, then does ``code``."""
    program = (
        "import os, pathlib, sys, time\n"
        "data = pathlib.Path(sys.argv[sys.argv.index('--data-dir') + 1])\n"
        "data.mkdir(exist_ok=True)\n"
        "(data / 'pid').write_text(str(os.getpid()))\n"
        "(data / 'argv').write_text(' '.join(sys.argv[1:]))\n"
        f"print('''{ready}''', flush=True) if '''{ready}''' else None\n"
        f"{code}\n"
    )
    return [sys.executable, "-c", program]


FOREVER = "time.sleep(600)"


def gone(data) -> bool:
    """Whether the stand-in's process is over."""
    return not psutil.pid_exists(int((data / "pid").read_text()))


def wait_for(path) -> None:
    """Wait for another process to have made a file; there is no event to wait for."""
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_connection_is_what_the_server_says(tmp_path):
    """URL and key come from its one line; it runs on a free port and on the directory asked for."""
    with EmbeddedMock(tmp_path / "d", command=server(FOREVER)) as connection:
        assert connection == Connection("http://127.0.0.1:4711", "k-1", "mock", embedded=True)
        assert (tmp_path / "d" / "argv").read_text() == f"--port 0 --data-dir {tmp_path / 'd'}"
        assert not gone(tmp_path / "d")
    assert gone(tmp_path / "d")


def test_the_port_stays_while_it_is_free(tmp_path):
    """The next server on the same data gets the port of the last: kept addresses stay good; any if it is taken."""
    (tmp_path / "d").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ready = READY.replace("4711", str(port))
        with EmbeddedMock(tmp_path / "d", command=server(FOREVER, ready)):
            pass
        with EmbeddedMock(tmp_path / "d", command=server(FOREVER, ready)):
            assert (tmp_path / "d" / "argv").read_text().startswith("--port 0 ")
    with EmbeddedMock(tmp_path / "d", command=server(FOREVER, ready)):
        assert (tmp_path / "d" / "argv").read_text().startswith(f"--port {port} ")


async def test_the_async_form_does_the_same(tmp_path):
    """Started and ended without blocking the loop."""
    async with EmbeddedMock(tmp_path / "d", command=server(FOREVER)) as connection:
        assert connection.api_key == "k-1"
    assert gone(tmp_path / "d")


def test_the_server_ends_with_an_exception(tmp_path):
    """Whatever ends the block ends the server."""
    with pytest.raises(KeyboardInterrupt), EmbeddedMock(tmp_path / "d", command=server(FOREVER)):
        raise KeyboardInterrupt
    assert gone(tmp_path / "d")


async def test_the_server_ends_when_its_start_is_cancelled(tmp_path):
    """Cancelling in mid-start leaves no process behind."""
    slow = server(FOREVER, ready="")
    starting = asyncio.create_task(EmbeddedMock(tmp_path / "d", command=slow, start_seconds=1.0).__aenter__())
    await asyncio.to_thread(wait_for, tmp_path / "d" / "argv")
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert gone(tmp_path / "d")


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(tmp_path):
    """The time limit holds, the message has the server's last words, and the process is ended."""
    silent = server("print('working on it', file=sys.stderr, flush=True); " + FOREVER, ready="")
    with pytest.raises(EmbeddedMockError, match=r"not ready after 1 s") as caught:
        EmbeddedMock(tmp_path / "d", command=silent, start_seconds=1.0).start()
    assert "working on it" in caught.value.message
    assert gone(tmp_path / "d")


def test_a_server_that_ends_at_once_shows_why(tmp_path):
    """Its exit status and the end of its stderr are in the error."""
    broken = server("print('line ' * 3, file=sys.stderr); print('no browser', file=sys.stderr); sys.exit(7)", ready="")
    with pytest.raises(EmbeddedMockError, match="status 7") as caught:
        EmbeddedMock(tmp_path / "d", command=broken).start()
    assert caught.value.message.endswith("no browser")


def test_missing_dependencies_are_named_as_such(tmp_path):
    """Without the mock extra the hint is the command that installs it."""
    broken = server("import no_such_module_of_ours", ready="")
    with pytest.raises(EmbeddedMockError) as caught:
        EmbeddedMock(tmp_path / "d", command=broken).start()
    assert "pip install 'skyvern-tui[mock]'" in caught.value.hint


def test_a_program_that_cannot_be_started_is_explained(tmp_path):
    """No traceback for a missing executable."""
    with pytest.raises(EmbeddedMockError, match="could not be started"):
        EmbeddedMock(tmp_path, command=["no-such-program-anywhere"]).start()


def test_a_line_that_is_not_the_servers_is_refused(tmp_path):
    """Something else on stdout is shown, not trusted."""
    with pytest.raises(EmbeddedMockError, match="hello"):
        EmbeddedMock(tmp_path / "d", command=server(FOREVER, ready="hello")).start()
    assert gone(tmp_path / "d")


@pytest.mark.parametrize(("note", "key"), [({"api_key": "theirs"}, "theirs"), ({}, "mock-local-key")])
def test_a_server_that_is_there_is_used_and_left_alone(tmp_path, note, key):
    """Exit status 3 means that another one has the directory; its note says where it is."""
    (tmp_path / "server.json").write_text(json.dumps({"pid": os.getpid(), "url": "http://127.0.0.1:9", **note}))
    taken = server("sys.exit(3)", ready="")
    with EmbeddedMock(tmp_path, command=taken) as connection:
        assert connection == Connection("http://127.0.0.1:9", key, "mock", embedded=True)


def test_a_taken_directory_without_a_note_is_an_error(tmp_path):
    """Without the note there is nothing to talk to."""
    with pytest.raises(EmbeddedMockError, match="does not say where"):
        EmbeddedMock(tmp_path / "d", command=server("sys.exit(3)", ready="")).start()


def test_a_talkative_server_is_not_blocked(tmp_path):
    """Megabytes on both streams do not fill a pipe that nobody reads."""
    code = (
        "[print('x' * 10_000, flush=True) for _ in range(200)]\n"
        "[print('y' * 10_000, file=sys.stderr, flush=True) for _ in range(200)]\n"
        "(data / 'through').write_text('')\n" + FOREVER
    )
    with EmbeddedMock(tmp_path / "d", command=server(code)):
        wait_for(tmp_path / "d" / "through")


def test_a_server_that_does_not_end_is_killed(tmp_path, monkeypatch):
    """SIGTERM is asked, SIGKILL is told."""
    monkeypatch.setattr("skyvern_tui.embedded.STOP_SECONDS", 0.3)
    stubborn = server("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + FOREVER, ready="")
    stubborn[-1] = stubborn[-1].replace(FOREVER, f"print('''{READY}''', flush=True)\n{FOREVER}")
    with EmbeddedMock(tmp_path / "d", command=stubborn):
        pass
    assert gone(tmp_path / "d")


def test_an_interrupt_of_the_terminal_does_not_reach_the_server(tmp_path):
    """Ctrl-C goes to this program's process group, which the server is not in."""
    with EmbeddedMock(tmp_path / "d", command=server(FOREVER)):
        assert os.getpgid(int((tmp_path / "d" / "pid").read_text())) != os.getpgid(0)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def parent(data, code: str) -> subprocess.Popen:
    """A program that starts the stand-in and then does ``code``."""
    program = (
        "import time\nfrom pathlib import Path\n"
        "from skyvern_tui.cli.signals import ending_by_exception\nfrom skyvern_tui.embedded import EmbeddedMock\n"
        f"mock = EmbeddedMock(Path({str(data)!r}), command={server(FOREVER)!r})\n{code}\n"
    )
    return subprocess.Popen([sys.executable, "-c", program])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_server_ends_with_a_program_that_is_told_to_end(tmp_path, number):
    """SIGTERM, and the SIGHUP of a closed terminal, end the server too; the exit status names the signal."""
    data = tmp_path / "d"
    with parent(
        data, f"with ending_by_exception(), mock:\n    Path({str(data / 'up')!r}).touch()\n    time.sleep(600)"
    ) as it:
        wait_for(data / "up")
        it.send_signal(number)
        assert it.wait(20) == 128 + number
    assert gone(data)


def test_a_program_that_gets_stuck_while_it_ends_ends_all_the_same(tmp_path):
    """A clean-up that waits for ever, as of a terminal that is gone, is given up; another signal is nothing."""
    data = tmp_path / "d"
    touched = f"Path({str(data / 'up')!r}).touch()"
    stuck = f"    try:\n        {touched}\n        time.sleep(600)\n    finally: time.sleep(600)"
    with parent(data, f"with ending_by_exception(grace=2), mock:\n{stuck}") as it:
        wait_for(data / "up")
        it.send_signal(signal.SIGHUP)
        it.send_signal(signal.SIGTERM)
        assert it.wait(60) == -signal.SIGALRM


def test_the_server_ends_with_a_program_that_forgot_it(tmp_path):
    """A program that leaves without its blocks being left in order still ends the server."""
    with parent(tmp_path / "d", "mock.start()") as it:
        assert it.wait(20) == 0
    assert gone(tmp_path / "d")


def test_the_real_server_starts_answers_and_ends(tmp_path):
    """`python -m mock_server serve` keeps its side: one line, the note, the exit status 3."""
    with EmbeddedMock(tmp_path / "mock") as first:
        with Skyvern(base_url=first.base_url, api_key=first.api_key) as client:
            assert client.heartbeat() == "Server is running."
            assert {site.name for site in client.get_mock_sites()} >= {"news", "shop", "contact"}
        with EmbeddedMock(tmp_path / "mock") as second:
            assert second == first
        with Skyvern(base_url=first.base_url, api_key=first.api_key) as client:
            assert client.get_runs() == []
