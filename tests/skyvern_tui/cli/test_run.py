"""Claims about ``skyvern-tui run``."""

from __future__ import annotations

import io
import json

import httpx
import pytest

from skyvern_tui.cli.exits import Exit
from tests.skyvern_tui.cli.service import BASE, RUN_ID, Service, action, artifact, block, command

OUTPUT = {"title": "Größe \u2028 日本"}


def completed(output=None):
    return Service(states=[{"status": "running"}, {"status": "completed", "output": output}])


def test_stdout_is_the_output_and_nothing_else():
    """A script gets the output as JSON; everything else is on stderr."""
    result = command(completed(OUTPUT), "run", "Get the title")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == OUTPUT
    assert RUN_ID in result.stderr


def test_json_is_the_whole_run():
    """--json gives the run as the server has it."""
    run = json.loads(command(completed(OUTPUT), "run", "x", "--json").stdout)["data"]
    assert (run["run_id"], run["status"], run["output"]) == (RUN_ID, "completed", OUTPUT)


@pytest.mark.parametrize(
    ("status", "code"),
    [("completed", 0), ("failed", 3), ("terminated", 4), ("timed_out", 5), ("canceled", 6), ("novel", 1)],
)
def test_the_exit_status_is_how_the_run_ended(status, code):
    """Each ending has its own status, and the reason is told."""
    state = {"status": status, "failure_reason": "because", "finished_at": "2026-01-20T11:53:00"}
    result = command(Service(states=[state]), "run", "x")
    assert result.exit_code == code
    assert f"is {status}" in result.stderr
    assert "because" in result.stderr
    assert result.stdout == "null\n"


def test_no_wait_prints_the_id():
    """--no-wait leaves at once; stdout is the id alone, and stderr says how to come back."""
    service = completed()
    result = command(service, "run", "x", "--no-wait")
    assert (result.exit_code, result.stdout, service.polls) == (0, f"{RUN_ID}\n", 0)
    assert f"skyvern-tui watch {RUN_ID} --base-url {BASE}" in result.stderr


def test_every_option_reaches_the_request(tmp_path):
    """Options become fields under their wire names; repeated ones become objects."""
    service = completed()
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object"}')
    options = {
        "--url": "https://example.com",
        "--engine": "skyvern-1.0",
        "--title": "t",
        "--max-steps": "7",
        "--schema": str(schema),
        "--webhook-url": "https://example.com/hook",
        "--proxy-location": "RESIDENTIAL_DE",
        "--browser-session-id": "pbs_1",
        "--browser-profile-id": "bp_1",
        "--browser-address": "http://127.0.0.1:9222",
        "--max-screenshot-scrolls": "0",
        "--totp-identifier": "me",
        "--totp-url": "https://example.com/totp",
        "--model": '{"model_name": "m"}',
        "--run-with": "agent",
    }
    words = [word for pair in options.items() for word in pair]
    pairs = ["--header", "X-A=1", "--header", "X-B=a=b", "--error-code", "bad_login=The password is wrong"]
    flags = ["--publish-workflow", "--include-action-history-in-verification"]
    assert command(service, "run", "Do it", *words, *pairs, *flags).exit_code == 0
    assert service.created == [
        {
            "prompt": "Do it",
            "url": "https://example.com",
            "engine": "skyvern-1.0",
            "title": "t",
            "max_steps": 7,
            "data_extraction_schema": {"type": "object"},
            "webhook_url": "https://example.com/hook",
            "proxy_location": "RESIDENTIAL_DE",
            "browser_session_id": "pbs_1",
            "browser_profile_id": "bp_1",
            "browser_address": "http://127.0.0.1:9222",
            "max_screenshot_scrolls": 0,
            "totp_identifier": "me",
            "totp_url": "https://example.com/totp",
            "model": {"model_name": "m"},
            "run_with": "agent",
            "extra_http_headers": {"X-A": "1", "X-B": "a=b"},
            "error_code_mapping": {"bad_login": "The password is wrong"},
            "publish_workflow": True,
            "include_action_history_in_verification": True,
        }
    ]


@pytest.mark.parametrize(
    ("value", "stdin"), [('{"type": "array"}', None), ('[{"a": 1}]', None), ("-", '{"type": "array"}')]
)
def test_a_schema_is_a_file_stdin_or_itself(value, stdin):
    """--schema takes JSON on the spot and - for stdin."""
    service = completed()
    assert command(service, "run", "x", "--schema", value, input=stdin).exit_code == 0
    assert service.created[0]["data_extraction_schema"] == json.loads(stdin or value)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([""], "PROMPT: say what the run should do"),
        (["x", "--max-steps", "ten"], "--max-steps: must be a whole number"),
        (["x", "--max-steps", "0"], "--max-steps: must be 1 or more"),
        (["x", "--url", "ftp://x"], "--url"),
        (["x", "--engine", "skyvern-9"], "unknown engine"),
        (["x", "--schema", "{"], "--schema: line 1"),
        (["x", "--schema", "no-such-file.json"], "no-such-file.json: No such file"),
        (["x", "--header", "nonsense"], "--header 'nonsense': write it as KEY=VALUE"),
        (["x", "--error-code", "=x"], "CODE=TEXT"),
        (["x", "--timeout", "-1"], "--timeout"),
        ([], "PROMPT"),
        (["x", "--nonsense"], "--nonsense"),
    ],
)
def test_bad_input_is_named_before_anything_is_sent(arguments, says):
    """Faulty options are status 2, say which and why, and reach no server."""
    service = Service()
    result = command(service, "run", *arguments)
    assert result.exit_code == Exit.bad_input
    assert says in result.stderr
    assert result.stdout == ""
    assert service.keys == set()


def test_all_faults_are_named_at_once():
    """Two mistakes need one round."""
    stderr = command(Service(), "run", "x", "--max-steps", "a", "--url", "ftp://x").stderr
    assert "--max-steps" in stderr
    assert "--url" in stderr


@pytest.mark.parametrize(
    ("refusal", "code", "says"),
    [
        ((400, {"detail": "Invalid url: blocked host."}), 2, "blocked host"),
        ((422, {"detail": [{"loc": ["body", "engine"], "msg": "bad", "type": "enum"}]}), 2, "body.engine: bad"),
        ((403, {"detail": "Invalid credentials"}), 9, "ending in 1234"),
        ((404, {"detail": "Not Found"}), 10, "Not Found"),
        ((500, {"error": "Unexpected error: X"}), 1, "500"),
    ],
)
def test_a_refusal_has_its_status_and_hint(refusal, code, says):
    """What the server refuses is told with what to do; the key is not."""
    result = command(Service(refusal=refusal), "run", "x")
    assert result.exit_code == code
    assert says in result.stderr
    assert "key-of-the-environment" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.ReadError])
def test_no_server_is_status_8(error):
    """A server that cannot be reached or does not answer."""
    assert command(Service(error=error), "run", "x").exit_code == Exit.no_server


def test_a_wait_that_is_too_long_leaves_the_run():
    """--timeout ends the waiting with status 7; the run goes on and the way back is told."""
    service = Service(states=[{"status": "running"}])
    result = command(service, "run", "x", "--timeout", "30")
    assert result.exit_code == Exit.wait_timeout
    assert f"skyvern-tui watch {RUN_ID}" in result.stderr
    assert service.canceled == []


def test_an_interrupt_leaves_the_run():
    """Ctrl-C is status 130: the run is not canceled, its id and the way back are told."""
    service = Service(states=[{"status": "running"}], interrupt_at=3)
    result = command(service, "run", "x")
    assert result.exit_code == Exit.interrupted
    assert f"Run {RUN_ID} was not canceled" in result.stderr
    assert f"skyvern-tui watch {RUN_ID} --base-url {BASE}" in result.stderr
    assert service.canceled == []


def test_an_interrupt_still_tells_the_run():
    """--json has the run as far as it is known, and the error."""
    service = Service(states=[{"status": "running"}], interrupt_at=3)
    envelope = json.loads(command(service, "run", "x", "--json").stdout)
    assert (envelope["data"]["run_id"], envelope["error"]["code"]) == (RUN_ID, "interrupted")


def test_the_timeline_is_told_as_it_grows():
    """Each thing that happens is one line, told once, actions with their outcome, failures as such."""
    service = Service(states=[{"status": "running"}] * 3 + [{"status": "failed", "failure_reason": "no door"}])
    service.timeline = [
        block(3, "extraction", "failed", failure_reason="nothing there"),
        block(1, "navigation", "completed", [action(2, "click", "completed", "Opens the door.")]),
    ]
    lines = command(service, "run", "x").stderr.splitlines()
    told = [line.strip() for line in lines if line.startswith("  ")]
    assert told == [
        "0:00  created",
        "0:01  navigation goal 1",
        "0:02    click Opens the door.",
        "0:03  extraction failed: nothing there",
        "0:05  queued",
        "0:05  running",
        "0:09  failed no door",
    ]


def test_an_outage_is_told_once_and_so_is_its_end():
    """A server that is away for a while costs two lines."""
    service = Service(states=[{"status": "running"}, {"status": "completed"}])
    seen = []

    def handler(request):
        if request.url.path == f"/v1/runs/{RUN_ID}":
            seen.append(1)
            if 2 <= len(seen) <= 5:
                return httpx.Response(503)
        return service(request)

    result = command(handler, "run", "x")
    assert result.exit_code == 0
    assert result.stderr.count("503") == 1
    assert result.stderr.count("answers again") == 1


def test_a_run_without_a_timeline_is_followed_all_the_same():
    """400 from the timeline is how runs of some types say that they have none; it is asked once."""
    service, asked = completed({"a": 1}), []

    def handler(request):
        if request.url.path.endswith("/timeline"):
            asked.append(1)
            return httpx.Response(400, json={"detail": "no timeline"})
        return service(request)

    assert json.loads(command(handler, "run", "x").stdout) == {"a": 1}
    assert len(asked) == 1


def test_out_saves_everything_under_readable_names(tmp_path):
    """--out has the run, its timeline and each artifact, numbered in the order of the run."""
    service = completed({"a": 1})
    service.artifacts = [
        artifact(2, "screenshot_final", ".png"),
        artifact(1, "recording", ".webm"),
        artifact(3, "download", ".pdf", uri="file:///d/2026_a_3_invoice%20May.pdf"),
    ]
    service.contents = {f"/v1/artifacts/a_{n}/content": bytes([n]) * 10 for n in (1, 2, 3)}
    result = command(service, "run", "x", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["01-recording.webm", "02-screenshot_final.png", "03-invoice-May.pdf", "run.json", "timeline.json"]
    assert (tmp_path / "out" / "01-recording.webm").read_bytes() == b"\x01" * 10
    assert json.loads((tmp_path / "out" / "run.json").read_text())["output"] == {"a": 1}
    assert json.loads(result.stdout) == {"a": 1}


def test_an_artifact_that_is_gone_does_not_lose_the_others(tmp_path):
    """What cannot be fetched is told and left out."""
    service = completed()
    service.artifacts = [artifact(1, "recording", ".webm"), artifact(2, "har", ".har")]
    service.contents = {"/v1/artifacts/a_2/content": b"{}"}
    result = command(service, "run", "x", "--out", str(tmp_path))
    assert result.exit_code == 0
    assert "01-recording.webm could not be saved" in result.stderr
    assert (tmp_path / "02-har.har").exists()


def test_a_directory_that_cannot_be_made_is_explained(tmp_path):
    """--out below a file is an error with the place's name, after the output was printed."""
    (tmp_path / "file").write_text("")
    result = command(completed({"a": 1}), "run", "x", "--out", str(tmp_path / "file" / "out"))
    assert result.exit_code == Exit.error
    assert str(tmp_path / "file") in result.stderr
    assert json.loads(result.stdout) == {"a": 1}


def test_what_a_page_says_cannot_act_on_the_terminal():
    """Escapes in titles, reasons and outputs are shown, not obeyed; the JSON still says the same."""
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egpj"
    service = completed({"t": evil})
    service.timeline = [block(1, "navigation", "completed", navigation_goal=evil)]
    service.states[-1]["failure_reason"] = evil
    result = command(service, "run", "x")
    for stream in (result.stdout, result.stderr):
        assert not any(character in stream for character in "\x1b\x07\x9b\u202e")
    assert json.loads(result.stdout) == {"t": evil}


def test_on_a_terminal_one_line_lives(monkeypatch):
    """On a terminal there is a line that changes in place: status, steps, the latest action; it leaves no trace."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    service = Service(states=[{"status": "running", "step_count": 3}] * 3 + [{"status": "completed", "output": 1}])
    service.timeline = [block(1, "navigation", "completed", [action(2, "click", "completed", "Opens the door.")])]
    terminal = io.StringIO()
    result = command(service, "run", "x", terminal=terminal)
    shown = terminal.getvalue()
    assert result.stdout == "1\n"
    assert "click Opens the door." in shown
    assert "is completed" in shown
    assert "\x1b[" in shown


def test_no_color_is_respected(monkeypatch):
    """NO_COLOR takes the colours away, on a terminal too."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = io.StringIO()
    command(Service(states=[{"status": "failed"}]), "run", "x", terminal=terminal)
    assert "\x1b[31m" not in terminal.getvalue()
    assert "is failed" in terminal.getvalue()
