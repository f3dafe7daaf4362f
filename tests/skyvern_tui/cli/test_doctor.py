"""Claims about ``doctor``: every line is true, every fault says what to do, and no key is shown."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from types import SimpleNamespace

import httpx
import pytest

from skyvern_tui.cli import findings
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.findings import Finding, terminal
from skyvern_tui.cli.serverchecks import answers, webhooks
from skyvern_tui.client import Skyvern
from skyvern_tui.config import Connection
from skyvern_tui.core.clock import RealClock
from tests.skyvern_tui.cli.service import BASE, Service, command

KEY = "key-of-the-environment-1234"
NOW = datetime(2026, 1, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def browser(monkeypatch, tmp_path):
    """What the mock's own doctor says of the browser; asking it for real takes seconds."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    found = [Finding("browser", "chromium 156")]
    monkeypatch.setattr("skyvern_tui.cli.findings.browser", lambda: iter(found))
    return found


def test_it_says_what_works():
    """Installation, terminal, settings, server and key each have a line; all well is status 0."""
    result = command(Service(), "doctor")
    assert result.exit_code == 0
    lines = {line.split()[1]: line for line in result.stdout.splitlines() if not line.startswith(" ")}
    wanted = {"version", "extras", "mock", "browser", "terminal", "settings", "server", "latency", "key", "webhooks"}
    assert wanted <= lines.keys()
    assert not [line for line in lines.values() if line.startswith("FAIL")]
    assert "ending in 1234" in lines["key"]
    assert "key-of-the-environment" not in result.output


@pytest.mark.parametrize(
    ("service", "line", "code"),
    [
        (Service(refusal=(403, {"detail": "Invalid credentials"})), "key", Exit.key_refused),
        (Service(refusal=(500, {"detail": "broken"})), "server", Exit.error),
        (Service(error=httpx.ConnectError), "server", Exit.no_server),
    ],
)
def test_it_says_what_does_not(service, line, code):
    """A fault is a FAIL line with what to do, and the exit status that any command would end with."""
    result = command(service, "doctor")
    failed = [row.split()[1] for row in result.stdout.splitlines() if row.startswith("FAIL")]
    assert (result.exit_code, failed) == (code, [line])


def test_faults_of_settings_and_browser_are_all_told(browser, tmp_path):
    """Several faults are all told; the first decides the exit status; as JSON each is a record."""
    browser[0] = Finding("browser", "none found", Exit.error, "apt-get install chromium")
    (tmp_path / "config.toml").write_text("profile =\n")
    env = {"SKYVERN_TUI_CONFIG": str(tmp_path / "config.toml"), "SKYVERN_API_KEY": None}
    result = command(Service(), "doctor", "--json", base_url=None, env=env)
    envelope = json.loads(result.stdout)
    failed = {(f["what"], f["hint"]) for f in envelope["data"] if f["result"] == "fail"}
    assert {("browser", "apt-get install chromium"), ("settings", "Texts stand in quotes.")} <= failed
    assert (result.exit_code, envelope["error"]["message"]) == (Exit.error, "browser: none found")


def test_odd_keys_are_notes(tmp_path, monkeypatch):
    """What the app can start with is no fault, and still told with its line."""
    (tmp_path / "config.toml").write_text('[keys]\n"runs.cancl" = "x"\n')
    monkeypatch.setenv("SKYVERN_TUI_CONFIG", str(tmp_path / "config.toml"))
    (_, odd) = findings.settings()
    assert (odd.mark, odd.hint) == ("note", "Did you mean runs.cancel?")
    assert ":2: keys.runs.cancl" in odd.text


def test_a_missing_extra_says_what_it_is_for(monkeypatch):
    """The command that installs it, and what it brings; that is no fault."""
    monkeypatch.setattr("skyvern_tui.cli.findings.find_spec", lambda name: None if name == "keyring" else object())
    found = next(f for f in findings.installation() if f.what == "extras")
    assert found.code is Exit.completed
    assert "pip install 'skyvern-tui[keyring]' for keys in the system's keyring" in found.hint


def report(*checks, returncode=0):
    listed = [{"name": name, "state": state, "detail": detail} for name, state, detail in checks]
    text = json.dumps({"ok": not returncode, "checks": listed})
    return subprocess.CompletedProcess([], returncode, text, "")


@pytest.mark.parametrize(
    ("done", "marks"),
    [
        (report(("python", "ok", "3"), ("browser", "ok", "chromium"), ("start", "ok", "starts")), [("ok", "browser")]),
        (report(("browser", "fail", "none: install one"), returncode=1), [("FAIL", "browser")]),
        (
            report(("browser", "ok", "chromium"), ("start", "fail", "does not start"), returncode=1),
            [("ok", "browser"), ("FAIL", "start")],
        ),
        (subprocess.CompletedProcess([], 1, "", "Traceback"), [("FAIL", "browser")]),
        (subprocess.TimeoutExpired("x", 1), [("FAIL", "browser")]),
    ],
)
def test_the_browser_is_as_the_mocks_own_doctor_finds_it(monkeypatch, done, marks):
    """What it can do is one line, each fault another; a doctor that fails itself is a fault."""

    def run(*_, **__):
        if isinstance(done, Exception):
            raise done
        return done

    monkeypatch.undo()
    monkeypatch.setattr("skyvern_tui.cli.findings.subprocess.run", run)
    assert [(f.mark, f.what) for f in findings.browser()] == marks


@pytest.mark.parametrize(
    ("env", "what", "text"),
    [
        ({"TERM": "xterm-kitty", "COLORTERM": "truecolor"}, "colours", "16 million"),
        ({"TERM": "xterm-256color"}, "colours", "256"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "colours", "none, as NO_COLOR asks for"),
        ({"TERM": "dumb"}, "colours", "the terminal says it can do nothing (TERM)"),
        ({"TERM": "xterm-kitty"}, "pictures", "in pixels (Kitty)"),
        ({"TERM": "foot"}, "pictures", "in pixels (Sixel)"),
        ({"TERM": "tmux-256color", "TMUX": "x"}, "pictures", "in half-blocks, since tmux passes no pixels on"),
    ],
)
def test_the_terminal_is_told_by_what_it_says_of_itself(monkeypatch, env, what, text):
    """Colours and pictures go by the variables the terminal sets."""
    monkeypatch.setattr("skyvern_tui.cli.findings.subprocess.run", lambda *_, **__: SimpleNamespace(stdout="on\n"))
    found = {f.what: f.text for f in terminal(env, is_terminal=True)}
    assert found[what] == text


@pytest.mark.parametrize(("setting", "mark"), [("off", "note"), ("on", "ok"), ("external", "ok")])
def test_tmux_that_keeps_the_clipboard_is_told(monkeypatch, setting, mark):
    """With set-clipboard off nothing that is copied gets out; the line to set is named."""
    monkeypatch.setattr("skyvern_tui.cli.findings.subprocess.run", lambda *_, **__: SimpleNamespace(stdout=setting))
    found = {f.what: f for f in terminal({"TERM": "tmux", "TMUX": "x"}, is_terminal=True)}["clipboard"]
    assert found.mark == mark
    assert ("set-clipboard on" in found.hint) is (mark == "note")


class Clock(RealClock):
    """Stands at a time; each look at the stopwatch is ``step`` seconds after the last."""

    def __init__(self, step=0.01):
        self.seconds, self.step = 0.0, step

    def now(self):
        return NOW

    def monotonic(self):
        self.seconds += self.step
        return self.seconds


def examined(date, *, step=0.01, base_url=BASE):
    """Return the findings about a server whose clock shows ``date``."""

    def serve(request):
        body = [] if request.url.path.endswith("/runs") else {"version": "1"}
        return httpx.Response(200, json=body, headers={"date": date} if date else {})

    with Skyvern(base_url=base_url, api_key=KEY, transport=httpx.MockTransport(serve)) as client:
        server = SimpleNamespace(connection=Connection(base_url, KEY), client=client)
        return {f.what: f for f in answers(server, Clock(step))}


@pytest.mark.parametrize(
    ("date", "mark", "text"),
    [
        ("Tue, 20 Jan 2026 12:00:30 GMT", "ok", "agrees"),
        ("Tue, 20 Jan 2026 12:05:00 GMT", "note", "300 s ahead of this one"),
        ("Tue, 20 Jan 2026 11:00:00 GMT", "note", "3600 s behind this one"),
    ],
)
def test_clocks_that_differ_are_told(date, mark, text):
    """The server's Date against this machine's time."""
    found = examined(date)["clock"]
    assert (found.mark, text in found.text) == (mark, True)


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_a_server_that_tells_no_time_is_not_judged(date):
    """No Date, or one that is none: nothing is said about clocks."""
    assert "clock" not in examined(date)


def test_a_slow_server_and_a_key_in_the_clear_are_notes():
    """Latency over two seconds, and http:// beyond this machine, are worth a word."""
    found = examined("", step=3.0)
    assert (found["latency"].mark, found["latency"].text) == ("note", "3000 ms")
    assert found["encryption"].mark == "note"
    assert "encryption" not in examined("", base_url="http://127.0.0.1:1")
    assert "encryption" not in examined("", base_url="https://service.example")


@pytest.mark.parametrize(
    ("own", "where", "text"),
    [
        (None, "http://127.0.0.1:8000", "the server is on it"),
        ("10.0.0.5", "https://service.example", "don't reach 10.0.0.5"),
        ("8.8.8.8", "https://service.example", "may reach this machine at 8.8.8.8"),
        (None, "https://service.example", "no address"),
    ],
)
def test_whether_webhooks_come_back_is_told(monkeypatch, own, where, text):
    """A server on this machine reaches it; one elsewhere only if this machine has a public address."""
    monkeypatch.setattr("skyvern_tui.cli.serverchecks._own_address", lambda host: own)
    assert text in webhooks(where).text
