"""Claims about what the client offers and what it costs to import."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys

import httpx
import pytest

import skyvern_tui.client as package
from skyvern_tui.client import AsyncSkyvern, Skyvern, SkyvernEnvironment
from skyvern_tui.client.calls import Calls
from skyvern_tui.client.exchange import Exchange
from tests.skyvern_tui.client.playground import BASE, KEY, Answer, Face, json_answer, run_body

REFERENCE = {
    "prompt": inspect.Parameter.empty,
    "url": None,
    "engine": "skyvern-2.0",
    "wait_for_completion": False,
    "timeout": 1800,
    "max_steps": None,
    "data_extraction_schema": None,
    "proxy_location": None,
    "browser_session_id": None,
    "publish_workflow": False,
    "webhook_url": None,
    "error_code_mapping": None,
    "totp_identifier": None,
    "totp_url": None,
    "title": None,
    "model": None,
    "user_agent": None,
    "extra_http_headers": None,
    "include_action_history_in_verification": None,
    "max_screenshot_scrolls": None,
    "browser_address": None,
    "run_with": None,
    "request_options": None,
}
"""Parameters and defaults of run_task in the SDK reference; its engine skyvern_v2 is skyvern-2.0 on the wire."""


PLUMBING = {name for name in vars(Exchange) if not name.startswith("_")}


def calls():
    return [
        name
        for name, value in inspect.getmembers(Calls, inspect.isfunction)
        if not name.startswith("_") and name not in PLUMBING
    ]


def test_public_names_are_these():
    """What can be imported is decided here, not by accident."""
    assert package.__all__ == sorted(package.__all__, key=lambda name: (not name.isupper(), name))
    assert set(package.__all__) == {
        *("Skyvern", "AsyncSkyvern", "SkyvernEnvironment", "RequestOptions", "PollPolicy", "PollReport", "MockSite"),
        *("Run", "RunListItem", "RunStatus", "RunEngine", "RunType", "TaskRunRequest", "ScriptRun", "FileInfo"),
        *("Artifact", "TimelineItem", "TimelineBlock", "TimelineAction", "TimelineThought", "FINAL_STATUSES"),
        *("SkyvernError", "ApiError", "BadRequestError", "ForbiddenError", "AuthenticationError", "NotFoundError"),
        *("ConflictError", "UnprocessableEntityError", "RateLimitError", "ServerError", "TransportError"),
        *("ConnectError", "RequestTimeoutError", "ConnectionLostError", "ResponseParseError", "RunTimeoutError"),
        *("DownloadError", "WebhookError", "WebhookSignatureError", "WebhookTimestampError", "WebhookBodyError"),
        *("Progress", "RunHandle", "AsyncRunHandle", "verify_webhook", "sign_webhook", "WebhookEvent"),
        *("Change", "StatusChanged", "TimelineItemAdded", "TimelineItemChanged", "ArtifactAdded", "OutageBegan"),
        *("OutageEnded", "Finished", "Position"),
        *("RetryReport", "RawResponse", "ProxyLocation", "GeoTarget", "TaskRun", "WorkflowRun", "TaskRunResponse"),
        *("WorkflowRunResponse", "ScriptRunResponse", "WorkflowRunAttempt", "BulkCancel", "BrowserSession"),
        *("BrowserProfile", "Credential", "TotpCode", "UploadedFile", "WebhookReplay"),
    }


@pytest.mark.parametrize("name", package.__all__)
def test_every_public_name_is_there(name):
    """Each name loads, and says what it is."""
    value = getattr(package, name)
    assert name in dir(package)
    assert name == "FINAL_STATUSES" or value.__doc__


def test_an_unknown_name_is_an_attribute_error():
    """Late loading does not make every name exist."""
    with pytest.raises(AttributeError, match="Nonsense"):
        _ = package.Nonsense


@pytest.mark.parametrize("face_type", [Skyvern, AsyncSkyvern])
def test_run_task_has_the_parameters_of_the_reference(face_type):
    """Names and defaults are those of the SDK reference, so that its examples run unchanged."""
    parameters = inspect.signature(face_type.run_task).parameters
    assert {name: parameters[name].default for name in REFERENCE} == REFERENCE


@pytest.mark.parametrize("face_type", [Skyvern, AsyncSkyvern])
@pytest.mark.parametrize("name", calls())
def test_both_faces_offer_every_call(face_type, name):
    """Each call is on both faces, with its own signature, result and docstring."""
    method, call = getattr(face_type, name), getattr(Calls, name)
    assert inspect.signature(method).parameters == inspect.signature(call).parameters
    assert "Flow" not in str(inspect.signature(method).return_annotation)
    assert method.__doc__ == call.__doc__
    assert len(method.__doc__) > 30
    assert inspect.iscoroutinefunction(method) == (face_type is AsyncSkyvern)


def fresh(code):
    """Run code in a new interpreter; return what it prints as JSON."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


LOADED = "import json, sys; print(json.dumps([name for name in sys.modules]))"


def test_importing_the_client_loads_little():
    """The package itself loads not even httpx; its two faces nothing that httpx does not load."""
    assert not {"httpx", "pydantic", "click", "textual", "playwright"} & set(
        fresh(f"import skyvern_tui.client; {LOADED}")
    )
    bare = set(fresh(f"import httpx, pydantic; {LOADED}"))
    ours = set(fresh(f"from skyvern_tui.client import Skyvern, AsyncSkyvern; {LOADED}"))
    more = {name for name in ours - bare if not name.startswith("skyvern_tui")}
    assert not {name.partition(".")[0] for name in more} & {"textual", "playwright", "click", "rich", "asyncio"}
    assert "skyvern_tui.client.models" not in ours


def test_models_do_not_load_httpx():
    """The headless core gets models and errors without a network library."""
    loaded = set(fresh(f"from skyvern_tui.client import Run, SkyvernError; {LOADED}"))
    assert "skyvern_tui.client.models" in loaded
    assert "httpx" not in loaded


@pytest.mark.parametrize(
    ("options", "env", "url"),
    [
        ({}, {}, "https://api.skyvern.com"),
        ({}, {"SKYVERN_BASE_URL": "http://h:1/"}, "http://h:1"),
        ({"environment": SkyvernEnvironment.LOCAL}, {"SKYVERN_BASE_URL": "http://h:1"}, "http://localhost:8000"),
        (
            {"base_url": "http://b:2", "environment": SkyvernEnvironment.LOCAL},
            {"SKYVERN_BASE_URL": "http://h:1"},
            "http://b:2",
        ),
        ({"base_url": "http://b:2/v1/"}, {}, "http://b:2"),
        ({"base_url": "http://b:2/prefix/"}, {}, "http://b:2/prefix"),
    ],
)
def test_where_requests_go(monkeypatch, options, env, url):
    """Argument, environment enum, variable, cloud: in this order."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    with Skyvern(api_key=KEY, **options) as client:
        assert client.base_url == url


def test_the_key_comes_from_argument_or_environment(face, monkeypatch):
    """The argument wins; space around a key is not part of it; an empty argument means none."""
    monkeypatch.setenv("SKYVERN_API_KEY", "from-env")
    for given, sent in ((None, "from-env"), (f" {KEY}\n", KEY), ("", None)):
        it = face(json_answer(run_body()), api_key=given)
        it.call("get_run", "tsk_1")
        assert it.requests[0].headers.get("x-api-key") == sent


@pytest.mark.parametrize(
    "options", [{"base_url": "localhost:8000"}, {"base_url": "ftp://x"}, {"api_key": "ключ-от-сервера"}]
)
def test_settings_that_cannot_work_are_refused_at_once(options):
    """An address without a scheme and a key that no header can carry are ValueErrors that say so."""
    with pytest.raises(ValueError, match=r"scheme|characters"):
        Skyvern(**{"api_key": KEY, **options})


def test_repr_holds_no_key():
    """Printing a client shows the server and nothing else."""
    for kind in (Skyvern, AsyncSkyvern):
        client = kind(api_key=KEY, base_url=BASE)
        assert repr(client) == f"{kind.__name__}(base_url='{BASE}')"
        assert KEY not in repr(client.calls.endpoint)


def test_a_client_handed_in_stays_open():
    """Closing the face does not close connections that belong to somebody else."""
    with httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, json=run_body()))) as own:
        with Skyvern(api_key=KEY, base_url=BASE, httpx_client=own) as client:
            assert client.get_run("tsk_1").status == "running"
        assert not own.is_closed
        assert "x-api-key" not in own.headers


def test_a_proxy_in_the_environment_is_not_used_for_this_machine(monkeypatch):
    """A mock on loopback is reached directly, whatever HTTP_PROXY says."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with Skyvern(api_key=KEY) as client:
        for host in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000"):
            assert client._http._transport_for_url(httpx.URL(f"http://{host}/")) is client._http._transport
        assert client._http._transport_for_url(httpx.URL("http://example.com/")) is not client._http._transport


def test_both_faces_send_the_same_bytes():
    """Method, URL, headers and body do not depend on the face."""
    sent = []
    for kind in ("sync", "async"):
        it = Face(kind, json_answer(run_body()))
        it.call("run_task", "x", url="https://example.com", max_steps=3)
        it.call("get_run", "tsk_1")
        sent.append([(r.method, str(r.url), sorted(r.headers.items()), r.content) for r in it.requests])
    assert sent[0] == sent[1]


def test_headers_of_the_client_go_with_every_call(face):
    """Headers given once are sent always, in any case; ours can be overridden."""
    it = face(Answer(200, json.dumps(run_body()).encode()), headers={"X-Team": "a", "User-Agent": "mine/1"})
    it.call("get_run", "tsk_1")
    assert (it.requests[0].headers["x-team"], it.requests[0].headers["user-agent"]) == ("a", "mine/1")
