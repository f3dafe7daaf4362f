"""Questions to the journal, advice in it, and its export: on plain data."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from mock_server.api.task_request import RunEngine, TaskRunRequest
from mock_server.scenarios import journal_export, journal_hints, operations
from mock_server.scenarios.journal import Applied, Entry
from mock_server.scenarios.journal_hints import hint
from mock_server.scenarios.journal_query import (
    Expectation,
    Filter,
    counts,
    gaps,
    matching,
    near_misses,
    run_id,
)

START = datetime.fromisoformat("2026-11-21T12:00:00")
JSON = (b"content-type", b"application/json")
KEY = (b"x-api-key", b"a-key-of-mine")


def entry(method: str = "GET", path: str = "/v1/runs/tsk_1", *, second: float = 0, **parts: Any) -> Entry:
    for name in ("body", "answer"):
        if not isinstance(parts.get(name, b""), bytes):
            parts[name] = json.dumps(parts[name]).encode()
    whole: dict[str, Any] = {
        "number": 1,
        "at": START + timedelta(seconds=second),
        "seconds": 0.0,
        "method": method,
        "path": path,
        "query": b"",
        "headers": [KEY, JSON],
        "body": b"",
        "status": 200,
        "answer_headers": [],
        "answer": b"",
        "fault": None,
    } | parts
    whole.setdefault("body_length", len(whole["body"]))
    whole.setdefault("answer_length", len(whole["answer"]))
    return Entry(**whole)


def created(prompt: str, number: int, **more: Any) -> Entry:
    return entry(
        "POST",
        "/v1/run/tasks",
        number=number,
        body={"prompt": prompt, **more},
        answer={"run_id": f"tsk_{number}"},
    )


@pytest.mark.parametrize(
    ("method", "path", "name", "run"),
    [
        ("POST", "/v1/run/tasks", "run_task", None),
        ("POST", "/v1/run/tasks/", "run_task", None),
        ("GET", "/v1/runs/tsk_v2_1", "get_run", "tsk_v2_1"),
        ("GET", "/v1/runs", "get_runs", None),
        ("POST", "/v1/runs/cancel", "bulk_cancel_runs", None),
        ("POST", "/v1/runs/tsk_1/cancel", "cancel_run", "tsk_1"),
        ("GET", "/v1/runs/tsk_1/timeline", "get_run_timeline", "tsk_1"),
        ("GET", "/v1/runs/tsk_1/artifacts", "get_run_artifacts", "tsk_1"),
        ("GET", "/v1/artifacts/a_1/content", "get_artifact_content", None),
        ("DELETE", "/v1/runs/tsk_1", "other", None),
        ("GET", "/v1/runs//timeline", "other", None),
        ("GET", "/", "other", None),
    ],
)
def test_operations(method: str, path: str, name: str, run: str | None):
    """A request is the operation an SDK calls so, about the run in its path."""
    found = operations.call(method, path)
    assert (found.operation, found.run_id) == (name, run)


def test_every_served_operation_has_a_name():
    """Every operation of the published API has a name of its own that faults can be set on."""
    from mock_server.conformance.published import published  # noqa: PLC0415  # brings validators

    document = published().document if hasattr(published(), "document") else _published_document()
    unnamed = [
        (method, path)
        for path, item in document["paths"].items()
        for method in item
        if method in ("get", "post", "patch", "delete", "put")
        and operations.call(method.upper(), path).operation == operations.OTHER
    ]
    assert unnamed == []


def _published_document() -> dict[str, Any]:
    from importlib.resources import files  # noqa: PLC0415  # for one test

    return json.loads(files("mock_server.conformance").joinpath("skyvern-v1.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({}, [1, 2, 3, 4]),
        ({"operation": "get_run"}, [2, 3]),
        ({"method": "post"}, [1]),
        ({"path": "/v1/runs*"}, [2, 3, 4]),
        ({"status": "5xx"}, [3]),
        ({"status": "503"}, [3]),
        ({"status": "none"}, [4]),
        ({"run_id": "tsk_9"}, [1, 2, 3]),
        ({"since": 2}, [3, 4]),
        ({"since": START + timedelta(seconds=5)}, [3, 4]),
        ({"fault": "any"}, [3, 4]),
        ({"fault": "reset"}, [4]),
        ({"fault": "none"}, [1, 2]),
    ],
)
def test_filters(asked: dict[str, Any], numbers: list[int]):
    """Each filter takes what it says."""
    entries = [
        entry("POST", "/v1/run/tasks", number=1, answer={"run_id": "tsk_9"}),
        entry("GET", "/v1/runs/tsk_9", number=2, second=1),
        entry("GET", "/v1/runs/tsk_9", number=3, second=5, status=503, fault=Applied("status", None, "before", "")),
        entry("GET", "/v1/runs", number=4, second=9, status=None, fault=Applied("reset", "r", "before", "cut")),
    ]
    assert [found.number for found in entries if Filter(**asked).takes(found)] == numbers
    assert run_id(entries[0]) == "tsk_9"


def test_gaps_and_counts():
    """Gaps run from the end of a call to the beginning of the next; counts are by operation and status."""
    calls = [entry(second=0, seconds=2), entry(second=9, status=429), entry(second=7, seconds=1), entry(second=20)]
    assert gaps(calls) == [5.0, 1.0, 11.0]
    assert gaps([]) == gaps(calls[:1]) == []
    assert counts(calls) == {"get_run": {"200": 3, "429": 1}}


def test_near_misses():
    """The closest comes first, with what differs; what matches is no miss."""
    entries = [
        created("download all invoices", 1),
        created("get the title", 2, engine="skyvern-1.0"),
        entry(number=3),
        created("get the titles", 4, engine="skyvern-2.0", title="x"),
    ]
    expected = Expectation(Filter(operation="run_task"), {"prompt": "get the title", "engine": "skyvern-2.0"})
    first, second, third = near_misses(entries, expected)
    assert (first.entry.number, second.entry.number, third.entry.number) == (4, 2, 1)
    assert [found.as_json() for found in first.differences] == [
        {"where": "json.prompt", "expected": "get the title", "found": "get the titles"}
    ]
    assert first.distance < second.distance < third.distance
    assert third.differences[1].found == "(absent)"
    assert matching(entries, expected) == []
    assert [found.number for found in matching(entries, Expectation(Filter(), {"prompt": "get the title"}))] == [2]


def test_near_misses_compare_deeply():
    """Nested objects, lists, headers, parameters, and the difference between 1 and true."""
    sent = entry("POST", "/v1/run/tasks", body={"a": {"b": [1, {"c": "x"}]}, "max_steps": True}, query=b"page=2")
    expected = Expectation(
        Filter(status="4xx", run_id="tsk_7"), {"a": {"b": [1, {"c": "y"}]}, "max_steps": 1}, {"X-A": "1"}, {"page": "3"}
    )
    [miss] = near_misses([sent], expected)
    found = {difference.where: (difference.expected, difference.found) for difference in miss.differences}
    assert found == {
        "status": ("4xx", "200"),
        "run_id": ("tsk_7", None),
        "headers.x-a": ("1", "(absent)"),
        "query.page": ("3", "2"),
        "json.a.b.1.c": ("y", "x"),
        "json.max_steps": (1, True),
    }


TASK = {"method": "POST", "path": "/v1/run/tasks"}


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({**TASK, "status": 422, "body": {"body": {"prompt": "x"}}}, "The fields belong at the top level"),
        ({**TASK, "status": 422, "body": {"prompt": "x", "engine": "skyvern_v2"}}, "Is 'skyvern-2.0' meant?"),
        ({**TASK, "status": 422, "body": {"prompt": "x", "engine": "openai_cua"}}, "Is 'openai-cua' meant?"),
        ({**TASK, "body": {"prompt": "x", "webhook_callback_url": "u"}}, "the field is 'webhook_url'"),
        ({**TASK, "body": {"prompt": "x", "maxSteps": 3}}, "Is 'max_steps' meant?"),
        ({**TASK, "body": {"prompt": "x", "wait_for_completion": True}}, "an argument of the SDKs"),
        ({**TASK, "status": 422}, "The request has no body"),
        ({**TASK, "status": 422, "body": b'{"prompt": "x"}', "headers": [KEY]}, "send content-type: application/json"),
        ({**TASK, "status": 422, "body": b"{prompt: x}"}, "The body is not JSON"),
        ({**TASK, "status": 422, "body": '{"prompt": "x"}'}, "it was encoded twice"),
        ({"status": 403, "headers": []}, "There is no API key: send it in the x-api-key header"),
        ({"status": 403, "headers": [(b"authorization", b"Bearer x")]}, "not into Authorization"),
        ({"status": 403, "headers": [(b"x-api-key", b"Bearer x")]}, 'without "Bearer "'),
        ({"status": 403}, "--require-key"),
        ({"status": 404}, "Runs belong to the key that made them"),
        ({"status": 404, "path": "/v1/runs/undefined"}, "the program that asked had none"),
        ({"status": 404, "path": "/v1/runs/42"}, "has not the form of a run id"),
        ({"status": 404, "path": "/runs/tsk_1"}, "The path lacks /v1. Ask for /v1/runs/tsk_1."),
        ({"status": 404, "path": "//v1/runs/tsk_1"}, "double slash"),
        ({"status": 404, "path": "/v1/v1/runs/tsk_1"}, "/v1 twice"),
        ({"status": 404, "path": "/api/v1/runs/tsk_1"}, "/api before /v1"),
        (
            {"status": 405, "path": "/v1/run/tasks", "answer_headers": [(b"allow", b"POST")]},
            "GET is not what /v1/run/tasks takes; it takes POST.",
        ),
    ],
)
def test_hints(parts: dict[str, Any], said: str):
    """Each mistake has its advice."""
    assert said in (hint(entry(**parts)) or "nothing")


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {**TASK, "body": {"prompt": "x", "engine": "skyvern-1.0", "something_newer": 1}},
        {
            **TASK,
            "status": 503,
            "body": {"body": {"prompt": "x"}},
            "fault": Applied("status", None, "before", "answered"),
        },
        {"status": 403, "path": "/v1/artifacts/a_1/content", "query": b"sig=1", "headers": []},
        {"status": 500, "body": b"\xff"},
    ],
)
def test_no_hint(parts: dict[str, Any]):
    """What is right, unknown or the mock's own doing has none."""
    assert hint(entry(**parts)) is None


def test_hints_know_the_fields_and_engines_of_the_api():
    """The names hints are given by are those the server takes."""
    assert set(journal_hints.FIELDS) == set(TaskRunRequest.model_fields)
    assert set(journal_hints.ENGINES) == {engine.value for engine in RunEngine}


def test_whole_shows_bodies_as_what_they_are():
    """JSON is shown as JSON, text as text, anything else in base64, what only Python takes for JSON as text."""
    for body, shown in (
        (b'{"a":1}', {"a": 1}),
        (b"plain", "plain"),
        (b"\xff", {"base64": "/w=="}),
        (b"NaN", "NaN"),
        (b"", None),
    ):
        assert journal_export.whole(entry(answer=body))["answer"]["body"] == shown


def test_cassettes_say_what_they_leave_out():
    """Exchanges without a whole answer are named at the head, not silently missing."""
    entries = [
        entry(number=1, answer={"a": 1}),
        entry(number=2, status=None),
        entry(number=3, fault=Applied("truncated", None, "after", "cut"), answer=b"{"),
        entry(number=4, answer=b"x" * 10, answer_length=99),
    ]
    text = journal_export.cassette(entries, "http://localhost:8000")
    assert text.splitlines()[:3] == [
        "# left out: number 2, get_run: it was not answered",
        "# left out: number 3, get_run: its answer was cut on purpose",
        "# left out: number 4, get_run: its answer is longer than the 10 bytes that are kept",
    ]
    assert text.count("uri:") == 1
