"""Claims about requests written for other tools: each means exactly the request it was made of."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import types
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from skyvern_tui.core.exports import FORMATS, export
from tests.skyvern_tui.core.requests import task_requests

NAMES = [format_.name for format_ in FORMATS]
SECRETIVE: dict[str, Any] = {
    "prompt": "Use hunter2-and-more to sign in",
    "url": "https://jane:hunter2-and-more@example.com/?token=tok-4711&page=2",
    "extra_http_headers": {"Authorization": "Bearer sk-live-1234", "Accept": "text/html"},
    "cdp_connect_headers": {"x-any": "cdp-secret"},
    "model": {"api_key": "model-secret", "model_name": "m"},
    "data_extraction_schema": {"properties": {"password": {"type": "string"}}},
}
SECRETS = ["hunter2-and-more", "tok-4711", "sk-live-1234", "cdp-secret", "model-secret", "the-key-in-use"]


class Printed:
    """What a stub client was called with."""

    def __init__(self) -> None:
        self.client: dict[str, Any] = {}
        self.fields: dict[str, Any] = {}


def run_python(text: str, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str] | None = None) -> Printed:
    """Execute an exported program with stubs in place of the libraries, and return what it sent."""
    seen = Printed()
    answer = types.SimpleNamespace(run_id="tsk_1", status="completed", output=None)

    def take(fields: dict[str, Any]) -> Any:
        others = fields.pop("request_options", {}).get("additional_body_parameters", {})
        assert fields.pop("wait_for_completion") is True
        seen.fields = {**fields, **others}
        return answer

    class Awaitable:
        def __init__(self, **client: Any) -> None:
            seen.client = client

        async def run_task(self, **fields: Any) -> Any:
            return take(fields)

    class Blocking:
        def __init__(self, **client: Any) -> None:
            seen.client = client

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def run_task(self, **fields: Any) -> Any:
            return take(fields)

    def post(url: str, *, headers: dict[str, str], json: Any, timeout: float) -> Any:
        seen.client, seen.fields = {"api_key": headers["x-api-key"], "base_url": url}, json
        assert timeout > 0
        return types.SimpleNamespace(raise_for_status=lambda: None, json=lambda: {"run_id": "tsk_1"})

    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "skyvern", types.SimpleNamespace(Skyvern=Awaitable))
        patch.setitem(sys.modules, "skyvern_tui.client", types.SimpleNamespace(Skyvern=Blocking))
        patch.setitem(sys.modules, "httpx", types.SimpleNamespace(post=post))
        patch.setenv("SKYVERN_API_KEY", "the-key")
        for name, value in (environment or {}).items():
            patch.setenv(name, value)
        exec(compile(text, "exported", "exec"), {"__name__": "exported", "print": lambda *_: None})
    return seen


@pytest.fixture(scope="module")
def fake_curl(tmp_path_factory):
    """Return a folder whose ``curl`` prints its arguments, each ended by a NUL."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "curl"
    script.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    script.chmod(0o755)
    return folder


def run_curl(text: str, folder: Any, environment: dict[str, str] | None = None) -> list[str]:
    """Give the command to a shell and return the arguments curl got."""
    env = {"PATH": f"{folder}:{os.environ['PATH']}", "SKYVERN_API_KEY": "the-key", **(environment or {})}
    done = subprocess.run(["sh", "-c", text], env=env, capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout.decode().split("\0")[:-1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(request_=task_requests())
def test_curl_posts_the_request(fake_curl, request_):
    """A shell hands curl the body unchanged, whatever quotes and signs the request holds."""
    arguments = run_curl(export(request_, "curl").text, fake_curl)
    assert arguments[:4] == ["--fail-with-body", "-X", "POST", "https://api.skyvern.com/v1/run/tasks"]
    assert arguments[4:9] == ["-H", "x-api-key: the-key", "-H", "Content-Type: application/json", "--data-raw"]
    assert json.loads(arguments[9]) == request_
    assert len(arguments) == 10


@pytest.mark.parametrize("name", ["python", "python-client", "httpx"])
def test_python_sends_the_request(name, monkeypatch):
    """Each Python program compiles and sends the same request to the same server."""

    @settings(deadline=None, max_examples=60)
    @given(request_=task_requests())
    def holds(request_):
        text = export(request_, name, base_url="http://127.0.0.1:8000/").text
        ast.parse(text)
        seen = run_python(text, monkeypatch)
        assert seen.fields == request_
        assert seen.client["api_key"] == "the-key"
        assert seen.client["base_url"].startswith("http://127.0.0.1:8000")

    holds()


@settings(deadline=None)
@given(task_requests())
def test_json_is_the_request(request_):
    """The JSON export reads back as the request."""
    assert json.loads(export(request_, "json").text) == request_


def powershell_string(text: str) -> str:
    """Return what PowerShell reads from one single-quoted string."""
    assert text.isascii()
    assert re.fullmatch(r"'(?:[^']|'')*'", text, re.DOTALL)
    return text[1:-1].replace("''", "'")


@settings(deadline=None)
@given(task_requests())
def test_powershell_posts_the_request(request_):
    """PowerShell gets the body as one string of ASCII without a stray quote."""
    body = export(request_, "powershell").text.split("\nInvoke-RestMethod", 1)[0].removeprefix("$body = ")
    assert json.loads(powershell_string(body)) == request_


@settings(deadline=None)
@given(task_requests())
def test_nothing_exported_can_act_on_a_terminal(request_):
    """Every export is printable characters and line feeds."""
    for name in NAMES:
        assert export(request_, name).text.replace("\n", "").isprintable(), name


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_is_exported(name):
    """Headers, passwords and tokens in URLs, settings and the key in use are variables in every format."""
    request = {**SECRETIVE, "title": "for the-key-in-use"}
    exported = export(request, name, secrets={"SKYVERN_API_KEY": "the-key-in-use"})
    assert not [secret for secret in SECRETS if secret in exported.text]
    assert "SKYVERN_EXTRA_HTTP_HEADERS_AUTHORIZATION" in exported.variables
    assert all(variable in exported.text for variable in exported.variables)
    assert "page=2" in exported.text
    assert "text/html" in exported.text


def environment_of(names: tuple[str, ...]) -> dict[str, str]:
    """Return the values the variables of SECRETIVE stand for."""
    values = {
        "SKYVERN_URL_PASSWORD": "hunter2-and-more",
        "SKYVERN_URL_TOKEN": "tok-4711",
        "SKYVERN_EXTRA_HTTP_HEADERS_AUTHORIZATION": "sk-live-1234",
        "SKYVERN_CDP_CONNECT_HEADERS_X_ANY": "cdp-secret",
        "SKYVERN_MODEL_API_KEY": "model-secret",
    }
    return {name: values[name] for name in names if name in values}


def test_variables_give_the_secrets_back(fake_curl, monkeypatch):
    """With the variables set, shell and Python send the original request."""
    exported = export(SECRETIVE, "curl")
    arguments = run_curl(exported.text, fake_curl, environment_of(exported.variables))
    assert json.loads(arguments[-1]) == SECRETIVE
    for name in ("python", "python-client", "httpx"):
        exported = export(SECRETIVE, name)
        assert run_python(exported.text, monkeypatch, environment_of(exported.variables)).fields == SECRETIVE


def test_an_unknown_format_is_refused():
    """A format that does not exist is a KeyError."""
    with pytest.raises(KeyError):
        export({"prompt": "p"}, "cobol")
