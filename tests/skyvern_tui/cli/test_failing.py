"""Claims about what is said when something goes wrong."""

from __future__ import annotations

import shlex
import subprocess
import sys

import httpx
import pytest

from skyvern_tui.cli.failing import Failure, reported
from skyvern_tui.client import NotFoundError, SkyvernError
from tests.skyvern_tui.cli.service import RUN_ID, Service, command

CALLS = ("api_key=", "wait_for_run", "cancel_run", "httpx_client", "base_url")
"""How the client is spoken of in Python, which helps nobody at a prompt."""


@pytest.mark.parametrize(
    ("hint", "typed"),
    [
        (
            "No key was sent: set SKYVERN_API_KEY or pass api_key=.",
            "set SKYVERN_API_KEY or name a profile with --profile.",
        ),
        ("wait_for_run('tsk_1') waits again, cancel_run('tsk_1') stops it.", "`skyvern-tui watch tsk_1` waits again"),
        ("wait_for_run('tsk_1') waits again, cancel_run('tsk_1') stops it.", "`skyvern-tui runs cancel tsk_1` stops"),
        ("If it is your own, pass httpx_client=httpx.Client(verify=...) or set SSL_CERT_FILE.", "set SSL_CERT_FILE"),
        ("Check base_url for a typo.", "Check --base-url for a typo."),
        ("", "skyvern-tui doctor"),
    ],
)
def test_advice_is_what_can_be_typed(hint, typed):
    """The client's advice to programmers becomes options and commands; an error without any has some, too."""
    with pytest.raises(Failure) as caught, reported():
        raise SkyvernError("broken", hint=hint)
    assert typed in caught.value.hint
    assert not any(call in caught.value.hint for call in CALLS)


def test_what_is_not_found_is_found_by_a_list():
    """An unknown id without advice of its own is told where ids come from."""
    with pytest.raises(Failure) as caught, reported():
        raise NotFoundError("no such artifact", status_code=404)
    assert "artifacts list" in caught.value.hint


@pytest.mark.parametrize("group", ["sessions", "browser-profiles"])
def test_what_is_not_found_is_found_by_its_own_list(group):
    """An unknown session or profile is not advised to be looked for among the runs."""
    result = command(Service(refusal=(404, {"detail": "not found"})), group, "get", "x_1")
    assert result.exit_code == 10
    assert f"skyvern-tui {group} list" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX closes the streams")
@pytest.mark.parametrize(
    ("words", "status", "said"),
    [("import - <&-", 2, "nothing was pasted"), ("webhook verify - --key-stdin --signature 0 <&- >&-", 2, "stdin")],
)
def test_closed_streams_are_empty_ones(words, status, said):
    """What reads a closed stdin is told that there is nothing; a closed stdout is no accident either."""
    line = f"{shlex.quote(sys.executable)} -m skyvern_tui {words}"
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 422, 429, 500, 502, 503])
@pytest.mark.parametrize("words", [["runs", "get", RUN_ID], ["run", "x"], ["artifacts", "get", "a_1"]], ids=" ".join)
def test_every_refusal_says_what_next(status, words):
    """Whatever a server answers, there is a message and an advice, no traceback and no Python."""
    result = command(Service(refusal=(status, {"detail": "no"})), *words, env={"SKYVERN_API_KEY": None})
    lines = result.stderr.splitlines()
    assert lines[0].startswith("Error: ")
    assert isinstance(result.exception, SystemExit)
    assert not any(call in result.stderr for call in CALLS)
    assert len(lines) > 1


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.ReadError, httpx.ConnectTimeout])
def test_every_silence_says_what_next(error):
    """A server that does not answer: what happened in the first line, what to do in the second."""
    lines = command(Service(error=error), "runs", "list").stderr.splitlines()
    assert len(lines) > 1
    assert not any(call in line for call in CALLS for line in lines)
