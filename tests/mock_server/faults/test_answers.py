"""Faults that are another answer, as a client of a real server gets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

UNKNOWN = {"detail": "Task run not found tsk_1"}


def faulty(talk: Any, **fault: Any) -> Any:
    """Return the answer to a poll of a run under a fault."""
    run_id = talk.submit()
    talk.fault(operation="get_run", **fault)
    return talk.get(f"/v1/runs/{run_id}")


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("given", "sent"), [(7, "7"), (1.5, "1.5"), ("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT")]
)
def test_status_with_retry_after(status: int, given: Any, sent: str, talk: Any):
    """A status comes with Retry-After as it was given, in the service's form of its body."""
    answer = faulty(talk, kind="status", status=status, retry_after=given)
    assert (answer.status_code, answer.headers["retry-after"]) == (status, sent)
    phrase = {429: {"detail": "Too Many Requests"}, 503: {"error": "Service Unavailable"}}
    assert answer.json() == phrase[status]


def test_retry_after_as_a_date_to_come(talk: Any):
    """date+N is the HTTP date N seconds from then."""
    before = datetime.now(UTC)
    answer = faulty(talk, status=429, retry_after="date+30")
    ahead = (parsedate_to_datetime(answer.headers["retry-after"]) - before).total_seconds()
    assert 28 <= ahead <= 60


def test_status_with_body_and_headers(talk: Any):
    """Body and headers of a status are the tester's; JSON is sent as JSON, text as text, nothing as nothing."""
    answer = faulty(talk, status=402, body={"detail": "No credits"}, headers={"X-Request-Id": "r-1"})
    assert (answer.json(), answer.headers["x-request-id"]) == ({"detail": "No credits"}, "r-1")
    assert answer.headers["content-type"] == "application/json"
    answer = faulty(talk, status=418, body="teapot", id="tea")
    talk.request("DELETE", "/_mock/faults")
    answer = faulty(talk, status=418, body="teapot")
    assert (answer.text, answer.headers["content-type"]) == ("teapot", "text/plain; charset=utf-8")


@pytest.mark.parametrize("status", [204, 304])
def test_status_without_a_body(status: int, talk: Any):
    """Statuses that have no body come without one, and the connection stays usable."""
    answer = faulty(talk, status=status, body="never")
    assert (answer.status_code, answer.content) == (status, b"")
    assert talk.get("/v1/version").status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "start"),
    [
        ({"kind": "error"}, 500, "application/json", b'{"error":"Unexpected error: TimeoutError"}'),
        ({"kind": "error", "status": 503, "message": "m"}, 503, "application/json", b'{"error":"m"}'),
        ({"kind": "html"}, 502, "text/html", b"<html>\r\n<head><title>502 Bad Gateway</title>"),
        ({"kind": "html", "status": 200}, 200, "text/html", b"<html>"),
        ({"kind": "empty"}, 200, None, b""),
        ({"kind": "empty", "status": 404}, 404, None, b""),
    ],
)
def test_other_answers(fault: dict[str, Any], status: int, content_type: str | None, start: bytes, talk: Any):
    """The service's failure, a proxy's page, and emptiness look as they should."""
    answer = faulty(talk, **fault)
    assert (answer.status_code, answer.headers.get("content-type")) == (status, content_type)
    assert answer.content.startswith(start)
    assert bool(answer.content) is bool(start)
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_content_type(talk: Any):
    """The true body comes under another content type."""
    answer = faulty(talk, kind="content_type", value="text/plain")
    assert answer.headers.get_list("content-type") == ["text/plain"]
    assert answer.json()["status"] in ("created", "queued")


@pytest.mark.parametrize("form", ["cut", "trailing"])
def test_malformed_json(form: str, talk: Any):
    """The body is no JSON though its length is right."""
    answer = faulty(talk, kind="malformed_json", form=form)
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(answer.content)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ({"kind": "missing_field", "field": "status"}, lambda run: "status" not in run),
        ({"kind": "null_field", "field": "run_id"}, lambda run: run["run_id"] is None),
        ({"kind": "extra_field"}, lambda run: run["brand_new_field"] == "from a newer server"),
        ({"kind": "extra_field", "field": "a", "value": {"b": [1]}}, lambda run: run["a"] == {"b": [1]}),
        (
            {"kind": "renamed_field", "field": "status", "to": "state"},
            lambda run: run["state"] in ("created", "queued"),
        ),
        ({"kind": "renamed_field", "field": "status", "to": "state"}, lambda run: "status" not in run),
        ({"kind": "unknown_value"}, lambda run: run["status"] == "brand_new_value"),
        ({"kind": "unknown_value", "field": "run_type", "value": "task_v9"}, lambda run: run["run_type"] == "task_v9"),
        ({"kind": "changed_field", "field": "output", "value": 10**23}, lambda run: run["output"] == 10**23),
        ({"kind": "null_field", "field": "run_request.prompt"}, lambda run: run["run_request"]["prompt"] is None),
    ],
)
def test_fields(fault: dict[str, Any], check: Callable[[dict[str, Any]], bool], talk: Any):
    """One field is not what it should be; every other is what it was."""
    answer = faulty(talk, **fault)
    assert answer.status_code == 200
    assert check(answer.json())
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert len(answer.json()) >= 20


@pytest.mark.parametrize(
    ("form", "end"), [("z", "Z"), ("offset", "+05:30"), ("naive", ""), ("bad", "21/11/2026 half past noon")]
)
def test_datetimes(form: str, end: str, talk: Any):
    """Datetimes come in another form and, but for the bad one, still mean the same moment."""
    run_id = talk.submit()
    true = datetime.fromisoformat(talk.get(f"/v1/runs/{run_id}").json()["created_at"]).replace(tzinfo=UTC)
    talk.fault(operation="get_run", kind="datetime", form=form)
    sent = talk.get(f"/v1/runs/{run_id}").json()["created_at"]
    assert sent.endswith(end)
    if form == "bad":
        with pytest.raises(ValueError, match="Invalid isoformat"):
            datetime.fromisoformat(sent)
    else:
        moment = datetime.fromisoformat(sent)
        assert (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) == true


def test_field_of_every_item(talk: Any):
    """In a list the field of every item is meant."""
    talk.submit()
    talk.submit()
    talk.fault(operation="get_runs", kind="unknown_value", value="resting")
    assert [run["status"] for run in talk.get("/v1/runs").json()] == ["resting", "resting"]


def test_without_effect(talk: Any):
    """A field the answer does not have leaves it as it is, and the rule and the journal say so."""
    rule = talk.fault(operation="get_run", kind="missing_field", field="no.such.field")
    answer = talk.get("/v1/runs/tsk_1")
    assert (answer.status_code, answer.json()) == (404, UNKNOWN)
    [listed] = talk.get("/_mock/faults").json()
    assert (listed["id"], listed["hits"], listed["without_effect"]) == (rule["id"], 1, 1)
    assert talk.journal(fault="any")[0]["fault"]["effect"] == "none"


def test_before_and_after(talk: Any):
    """A 503 before leaves nothing behind; one after has started the task."""
    talk.fault(operation="run_task", status=503, calls=1)
    assert talk.post("/v1/run/tasks", {"prompt": "p"}).status_code == 503
    assert talk.get("/v1/runs").json() == []
    talk.fault(operation="run_task", status=503, when="after", times=1)
    assert talk.post("/v1/run/tasks", {"prompt": "p"}).status_code == 503
    assert len(talk.get("/v1/runs").json()) == 1


def test_by_header(talk: Any):
    """One request can ask for a fault in a header, in both notations; nobody else meets it."""
    for notation in (
        "status=503:retry_after=2",
        "kind=status;status=503;retry_after=2",
        '{"status": 503, "retry_after": 2}',
    ):
        answer = talk.get("/v1/runs", headers={"x-mock-fault": notation})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert talk.raw("GET", "/v1/runs")[0].startswith(b"HTTP/1.1 200")
    assert talk.get("/v1/runs", headers={"x-mock-fault": "html"}).status_code == 502
    assert talk.get("/_mock/faults").json() == []


@pytest.mark.parametrize(
    ("notation", "said"),
    [
        ("kind=explode", "'explode' is no kind of fault. There are status, error, html"),
        ("explode", "It needs a kind. There are status,"),
        ("kind=reset;calls=2", "about this one request, so calls cannot be given"),
        ("kind=truncated;when=before", "when: Input should be 'after'"),
        ("{", "This is no JSON object"),
    ],
)
def test_bad_header(notation: str, said: str, talk: Any):
    """A header that is no fault is a 422 that says what there is."""
    answer = talk.get("/v1/runs", headers={"x-mock-fault": notation})
    assert answer.status_code == 422
    [fault] = answer.json()["detail"]
    assert fault["loc"] == ["header", "x-mock-fault"]
    assert said in fault["msg"]


def test_cors_and_security_headers_stay(talk: Any):
    """A page of this machine may read a faulted answer, and it carries the headers every answer does."""
    for kind in ("html", "extra_field", "content_type", "slow_body"):
        headers = {"origin": "http://localhost:3000", "x-mock-fault": kind}
        answer = talk.get("/v1/runs", headers=headers)
        assert answer.headers.get_list("access-control-allow-origin") == ["*"]
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
