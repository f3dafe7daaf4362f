"""Claims about the ways to say what a run should do."""

from __future__ import annotations

import json

import pytest

from skyvern_tui.cli.exits import Exit
from tests.skyvern_tui.cli.service import Service, command


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    """Files go to a folder of the test."""
    monkeypatch.chdir(tmp_path)


def asked(*words, **options):
    """Return the request that ``run`` with these words sends."""
    service = Service(states=[{"status": "completed"}])
    result = command(service, "run", *words, **options)
    assert result.exit_code == 0, result.stderr
    return service.created[0]


def refused(*words, **options):
    """Return what is said of words that make no request; nothing was sent."""
    service = Service()
    result = command(service, "run", *words, **options)
    assert result.exit_code == Exit.bad_input
    assert service.keys == set()
    return result.stderr


def test_a_prompt_is_itself_a_file_or_stdin(tmp_path):
    """@FILE and - are read whole, line breaks and all; @@ begins a text with @."""
    (tmp_path / "task.txt").write_text("\ufeffBuy tea\nthen coffee", encoding="utf-8")
    assert asked("@task.txt")["prompt"] == "Buy tea\nthen coffee"
    assert asked("-", input="Größe 日本")["prompt"] == "Größe 日本"
    assert asked("@@someone writes what?")["prompt"] == "@someone writes what?"


def test_a_file_that_is_not_there_is_told_with_the_way_out():
    """A prompt that begins with @ by chance is told how to be written."""
    assert "@@someone" in refused("@someone")
    assert "No such file" in refused("x", "--model", "@no.json")


def test_files_that_are_no_text_are_refused(tmp_path):
    """Bytes that are no UTF-8 are a fault of the input, not a traceback."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in refused("@bytes")


def test_every_long_value_may_be_in_a_file(tmp_path):
    """Schema, headers, error codes and the model: from files, as JSON or a line each."""
    (tmp_path / "schema.json").write_text('{"type": "array"}')
    (tmp_path / "headers").write_text("# ours\nX-A=1\n\nX-B = b=c\n")
    (tmp_path / "codes.json").write_text('{"closed": "the shop is closed"}')
    (tmp_path / "model.json").write_text('{"name": "m"}')
    words = ["--schema", "@schema.json", "--header", "@headers", "--header", "X-C=3"]
    request = asked("x", *words, "--error-code", "@codes.json", "--model", "@model.json")
    assert request["data_extraction_schema"] == {"type": "array"}
    assert request["extra_http_headers"] == {"X-A": "1", "X-B": " b=c", "X-C": "3"}
    assert request["error_code_mapping"] == {"closed": "the shop is closed"}
    assert request["model"] == {"name": "m"}


def test_stdin_is_given_away_once():
    """Two values can't both be on stdin; both are named."""
    said = refused("-", "--schema", "-", input="x")
    assert "PROMPT" in said
    assert "--schema" in said


CURL = """curl -X POST https://api.skyvern.com/v1/run/tasks -H 'x-api-key: secret-key-1234' \\
  -d '{"prompt": "Buy tea", "url": "https://example.com", "max_steps": 9, "nonsense": 1}'"""


@pytest.mark.parametrize(
    "text",
    [
        CURL,
        '{"prompt": "Buy tea", "url": "https://example.com", "max_steps": 9}',
        'client.run_task(prompt="Buy tea", url="https://example.com", max_steps=9)',
        'await client.runTask({ prompt: "Buy tea", url: "https://example.com", max_steps: 9 })',
    ],
    ids=["curl", "json", "python", "typescript"],
)
def test_a_whole_request_comes_from_elsewhere(text, tmp_path):
    """--request takes any form from a file or stdin; PROMPT and options win over it."""
    (tmp_path / "task").write_text(text)
    whole = {"prompt": "Buy tea", "url": "https://example.com", "max_steps": 9, "engine": "skyvern-2.0"}
    assert asked("--request", "task") == whole
    assert asked("--request", "-", input=text) == whole
    assert asked("Buy coffee", "--request", "task", "--max-steps", "3") == {
        **whole,
        "prompt": "Buy coffee",
        "max_steps": 3,
    }


def test_what_was_not_understood_is_a_warning():
    """It is on stderr, and in the envelope."""
    service = Service(states=[{"status": "completed"}])
    result = command(service, "run", "--request", "-", "--json", input=CURL)
    assert any("nonsense" in warning for warning in json.loads(result.stdout)["warnings"])
    assert "nonsense" in result.stderr
    assert "secret-key" not in result.stdout + result.stderr


def test_a_text_without_a_request_is_refused():
    """What is no request at all starts nothing."""
    assert "--request" in refused("--request", "-", input="hello")


def test_a_template_is_a_beginning():
    """Its name in any case; what is typed wins; a wrong name lists what there is."""
    request = asked("--template", "list of products", "--url", "https://example.com")
    assert "name, price and rating" in request["prompt"]
    assert "products" in request["data_extraction_schema"]["properties"]
    assert "Top post" in refused("--template", "nothing")
    listed = command(Service(), "run", "--template", "list", base_url=None)
    assert listed.exit_code == 0
    assert "Fill in a form: " in listed.stdout


def test_without_a_task_the_ways_to_give_one_are_told():
    """No prompt, no request, no template."""
    said = refused()
    for way in ("PROMPT", "@FILE", "--request", "--template"):
        assert way in said


def test_a_dry_run_sends_nothing():
    """The request as JSON or for another tool, to the address meant; no server is needed and no key is shown."""
    service = Service()
    words = ["run", "Buy tea", "--max-steps", "3", "--dry-run"]
    assert json.loads(command(service, *words).stdout) == {"prompt": "Buy tea", "max_steps": 3}
    text = command(service, *words, "--format", "curl").stdout
    assert "http://service.example/v1/run/tasks" in text
    assert "key-of-the-environment" not in text
    for name in ("powershell", "python", "python-client", "typescript", "httpx"):
        assert "Buy tea" in command(service, *words, "--format", name).stdout
    nowhere = command(service, *words, "--format", "curl", base_url=None, env={"SKYVERN_API_KEY": None})
    assert "https://api.skyvern.com" in nowhere.stdout
    assert service.keys == set()


def test_a_secret_that_was_left_out_is_put_in_from_its_variable():
    """A request written by this program has variables for secrets: they are filled in, or asked for by name."""
    text = json.dumps({"prompt": "x", "extra_http_headers": {"Authorization": "${SKYVERN_AUTH}"}})
    request = asked("--request", "-", input=text, env={"SKYVERN_AUTH": 'Bearer "1"'})
    assert request["extra_http_headers"] == {"Authorization": 'Bearer "1"'}
    assert "SKYVERN_AUTH" in refused("--request", "-", input=text)


def test_cancel_on_timeout_stops_the_run():
    """A run that takes too long is asked to stop, and that is said."""
    service = Service(states=[{"status": "running"}])
    result = command(service, "run", "x", "--timeout", "30", "--cancel-on-timeout")
    assert result.exit_code == Exit.wait_timeout
    assert service.canceled == ["tsk_v2_1"]
    assert "asked to stop" in result.stderr
