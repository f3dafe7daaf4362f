"""Claims about what is sent for each call and how its answer is read."""

from __future__ import annotations

import json

import pytest

from skyvern_tui.client import Artifact, MockSite, Run, RunEngine, RunStatus
from tests.skyvern_tui.client.playground import BASE, KEY, RUN_ID, Answer, json_answer, run_body

ARTIFACT = {
    "artifact_id": "a_1",
    "artifact_type": "screenshot_final",
    "uri": "file:///x/a_1_screenshot_final.png",
    "organization_id": "o_1",
    "created_at": "2026-01-20T11:53:46.468908",
    "modified_at": "2026-01-20T11:53:46.468910",
}
OK = json_answer(run_body())


def sent(it):
    """The JSON body of the last request."""
    return json.loads(it.requests[-1].content)


@pytest.mark.parametrize(
    ("call", "line", "answer", "kind"),
    [
        (("get_run", RUN_ID), f"GET /v1/runs/{RUN_ID}", run_body(), Run),
        (("get_runs",), "GET /v1/runs?page=1&page_size=10", [], list),
        (("cancel_run", RUN_ID), f"POST /v1/runs/{RUN_ID}/cancel", None, type(None)),
        (("get_run_timeline", RUN_ID), f"GET /v1/runs/{RUN_ID}/timeline", [], list),
        (("get_run_artifacts", RUN_ID), f"GET /v1/runs/{RUN_ID}/artifacts", [ARTIFACT], list),
        (("get_artifact", "a_1"), "GET /v1/artifacts/a_1", ARTIFACT, Artifact),
        (("get_artifact_content", "a_1"), "GET /v1/artifacts/a_1/content", {"any": "bytes"}, bytes),
        (("get_version",), "GET /v1/version", {"version": "1.0.56"}, str),
        (("heartbeat",), "GET /api/v1/heartbeat", "Server is running.", str),
        (("get_mock_sites",), "GET /_mock/sites", [{"name": "news", "url": "http://x/"}], list),
        (("run_task", "x"), "POST /v1/run/tasks", run_body("created"), Run),
    ],
)
def test_each_call_is_one_request(face, call, line, answer, kind):
    """Method, path and query are those of the API reference; the answer has its type; the key goes along."""
    it = face(json_answer(answer))
    assert isinstance(it.call(*call), kind)
    (request,) = it.requests
    assert f"{request.method} {request.url.raw_path.decode()}" == line
    assert str(request.url).startswith(BASE)
    assert request.headers["x-api-key"] == KEY


def test_run_task_sends_only_what_is_set(face):
    """Fields left out are left to the server; no explicit nulls."""
    it = face(OK)
    it.call("run_task", "Get the title", url="https://news.ycombinator.com")
    assert sent(it) == {"prompt": "Get the title", "url": "https://news.ycombinator.com", "engine": "skyvern-2.0"}
    assert it.requests[0].headers["content-type"] == "application/json"


def test_run_task_sends_every_field(face):
    """Every parameter of the SDK reference arrives under its wire name; user_agent is a header."""
    fields = {
        "url": "https://example.com",
        "engine": RunEngine.openai_cua,
        "max_steps": 10,
        "data_extraction_schema": {"type": "object", "properties": {"a": {"default": None}}},
        "proxy_location": "RESIDENTIAL_DE",
        "browser_session_id": "pbs_1",
        "browser_profile_id": "bp_1",
        "publish_workflow": True,
        "webhook_url": "https://example.com/hook",
        "error_code_mapping": {"login_failed": "Wrong password"},
        "totp_identifier": "a@example.com",
        "totp_url": "https://example.com/totp",
        "title": "t",
        "model": {"model_name": "m"},
        "extra_http_headers": {"X-A": "1"},
        "include_action_history_in_verification": False,
        "max_screenshot_scrolls": 0,
        "browser_address": "http://127.0.0.1:9222",
        "run_with": "agent",
    }
    it = face(OK)
    it.call("run_task", "x", user_agent="robot/1", **fields)
    assert sent(it) == {"prompt": "x", **fields, "engine": "openai-cua"}
    assert it.requests[0].headers["x-user-agent"] == "robot/1"


@pytest.mark.parametrize(
    ("given", "wire"),
    [
        ("skyvern_v1", "skyvern-1.0"),
        ("skyvern_v2", "skyvern-2.0"),
        ("skyvern-1.0", "skyvern-1.0"),
        (RunEngine.ui_tars, "ui-tars"),
        ("novel-9", "novel-9"),
        (None, None),
    ],
)
def test_engines_go_by_either_name(face, given, wire):
    """The documentation's names become the wire's; unknown ones are left to the server to refuse."""
    it = face(OK)
    it.call("run_task", "x", engine=given)
    assert sent(it).get("engine") == wire


def test_an_unknown_parameter_is_refused(face):
    """A misspelt parameter is not sent and lost, it is a TypeError."""
    with pytest.raises(TypeError, match="max_step"):
        face(OK).call("run_task", "x", max_step=3)


def test_non_ascii_text_is_sent_as_utf_8(face):
    """A prompt in any language arrives as it was."""
    it = face(OK)
    it.call("run_task", "Größe des Bäckers: 日本 😀")
    assert sent(it)["prompt"] == "Größe des Bäckers: 日本 😀"


@pytest.mark.parametrize("run_id", ["", ".", "..", None, 7])
def test_an_id_that_is_none_is_not_sent(face, run_id):
    """An empty id would be another endpoint."""
    it = face(OK)
    with pytest.raises(ValueError, match="run_id"):
        it.call("get_run", run_id)
    assert it.requests == []


@pytest.mark.parametrize("run_id", ["../runs", "a/b", "a?b=c", "a#b", "a b", "%2e%2e", "ä"])
def test_an_id_is_one_path_segment(face, run_id):
    """No id reaches another path."""
    it = face(OK)
    it.call("get_run", run_id)
    path = it.requests[0].url.raw_path.decode()
    assert path.startswith("/v1/runs/")
    assert path.count("/") == 3
    assert "?" not in path


def test_lists_are_repeated_parameters(face):
    """Several values of a filter are one parameter each."""
    it = face(json_answer([]))
    it.call("get_run_artifacts", RUN_ID, artifact_type=["recording", "har"])
    assert it.requests[0].url.query == b"artifact_type=recording&artifact_type=har"
    it.call("get_runs", page=2, page_size=5, status=[RunStatus.queued, "running"], run_type="task_v2", search_key="a b")
    assert (
        it.requests[1].url.query == b"page=2&page_size=5&status=queued&status=running&run_type=task_v2&search_key=a+b"
    )


def test_request_options_shape_one_request(face):
    """Headers, query, body and timeout of one call; the next call has none of them."""
    it = face(OK)
    it.call(
        "run_task",
        "x",
        request_options={
            "timeout_in_seconds": 7,
            "additional_headers": {"X-Custom": "1"},
            "additional_query_parameters": {"template": True},
            "additional_body_parameters": {"novel": [1]},
        },
    )
    it.call("run_task", "x")
    first, second = it.requests
    assert first.headers["x-custom"] == "1"
    assert first.url.query == b"template=true"
    assert json.loads(first.content)["novel"] == [1]
    assert first.extensions["timeout"]["read"] == 7
    assert "x-custom" not in second.headers
    assert second.url.query == b""
    assert second.extensions["timeout"]["read"] == 60


def test_answers_are_read_tolerantly(face):
    """Unknown status, type and field are kept as they came; big numbers stay exact; naive times are UTC."""
    big = 12345678901234567890123
    it = face(json_answer(run_body("novel", run_type="task_v9", new_field=[1], output={"n": big})))
    run = it.call("get_run", RUN_ID)
    assert (run.status, run.run_type, run.new_field, run.output) == ("novel", "task_v9", [1], {"n": big})
    assert run.created_at.isoformat() == "2026-01-20T11:52:29.276851+00:00"


def test_cancel_takes_any_good_answer(face):
    """null, an empty body and 204 all mean done."""
    for answer in (json_answer(None), Answer(200), Answer(204)):
        assert face(answer).call("cancel_run", RUN_ID) is None


def test_sites_are_named(face):
    """The mock's practice sites are pairs of name and address."""
    assert face(json_answer([{"name": "news", "url": "http://x/"}])).call("get_mock_sites") == [
        MockSite("news", "http://x/")
    ]
