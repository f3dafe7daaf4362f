"""One exchange is held to the published schema, and the right party is blamed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_server.conformance.check import Exchange, check
from mock_server.conformance.deviations import BODY_DEVIATIONS, UNPUBLISHED_STATUSES, ZONED_TIMES
from mock_server.conformance.published import published

RUN = {
    "run_id": "tsk_1",
    "status": "created",
    "created_at": "2026-11-21T12:00:00",
    "modified_at": "2026-11-21T12:00:00.123456",
    "run_type": "task_v1",
}
TASK = {"prompt": "p"}


def found(
    method: str,
    path: str,
    status: int,
    answer: Any,
    *,
    sent: Any = None,
    query: dict[str, list[str]] | None = None,
    answer_type: str = "application/json",
    sent_type: str = "application/json",
) -> list[tuple[str, str, str]]:
    """Return blame, part and place of what is wrong with an exchange."""
    operation = published().operation(method, path)
    assert operation is not None
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    request = sent if isinstance(sent, bytes) else b"" if sent is None else json.dumps(sent).encode()
    exchange = Exchange(operation, status, answer_type, body, query or {}, sent_type, request)
    return [(finding.blame, finding.part, finding.where) for finding in check(exchange)]


def test_what_fits_is_not_mentioned():
    """An exchange as published has no findings."""
    assert found("POST", "/v1/run/tasks", 200, RUN, sent=TASK) == []
    assert found("GET", "/v1/runs/tsk_1", 200, RUN) == []
    assert found("GET", "/v1/runs", 200, [], query={"page": ["2"], "status": ["failed", "completed"]}) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"run_id": None}, "/run_id"),
        ({"status": "done"}, "/status"),
        ({"created_at": "2026-11-21T12:00:00Z"}, "/created_at"),
        ({"surprise": 1}, ""),
        ({"errors": ["text"]}, "/errors/*"),
        ({"run_request": {"prompt": 5}}, "/run_request/prompt"),
        ({"downloaded_files": [{"url": "x", "file_size": "big"}]}, "/downloaded_files/*/file_size"),
    ],
)
def test_wrong_answer(change: dict[str, Any], where: str):
    """A field of a wrong kind, an unknown field and a time with a zone are the mock's fault, told by their place."""
    assert found("GET", "/v1/runs/tsk_1", 200, RUN | change) == [("mock", "answer", where)]


def test_missing_field():
    """An answer that lacks a required field is the mock's fault."""
    assert found("GET", "/v1/runs/tsk_1", 200, {"run_type": "task_v1"}) == [("mock", "answer", "")] * 4


@pytest.mark.parametrize(
    ("status", "answer", "answer_type"),
    [
        (200, b"", "application/json"),
        (200, b"{", "application/json"),
        (200, RUN, "text/html"),
        (200, RUN, "application/json; charset=utf-8"),
        (404, {"message": "no"}, "application/json"),
        (404, b"", "application/json"),
    ],
)
def test_answer_in_no_form(status: int, answer: Any, answer_type: str):
    """No JSON, another content type, or a refusal in a form of its own is the mock's fault."""
    assert ("mock", "answer", "") in found("GET", "/v1/runs/tsk_1", status, answer, answer_type=answer_type)


@pytest.mark.parametrize(("status", "blame"), [(418, "mock"), (201, "mock"), (502, "mock"), (403, "schema")])
def test_status(status: int, blame: str):
    """A status nobody published is the mock's fault unless the real service gives it."""
    assert found("GET", "/v1/runs", status, {"detail": "x"})[0] == (blame, "status", "")


def test_failure_of_the_server():
    """A 500 is the mock's fault, but for a body that is not JSON, on which the real service breaks too."""
    broken = {"error": "Unexpected error: ValueError"}
    assert found("POST", "/v1/run/tasks", 500, broken, sent=TASK) == [("mock", "status", "")]
    assert found("POST", "/v1/run/tasks", 500, broken, sent=b'{"prompt": NaN}') == [
        ("client", "request", ""),
        ("schema", "status", ""),
    ]


@pytest.mark.parametrize(
    ("sent", "where"),
    [
        ({"prompt": 5}, "/prompt"),
        ({}, ""),
        (TASK | {"engine": "skyvern_v2"}, "/engine"),
        ([], ""),
        (b"{", ""),
        (b"", ""),
        (TASK | {"error_code_mapping": {"a": 1}}, "/error_code_mapping/a"),
    ],
)
def test_wrong_request(sent: Any, where: str):
    """A request that does not fit, and is refused for it, is the client's fault alone."""
    refusal = {"detail": [{"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}]}
    assert found("POST", "/v1/run/tasks", 422, refusal, sent=sent) == [("client", "request", where)]


def test_names_that_have_no_effect():
    """Unknown fields and parameters are pointed out to the client, which meant something by them."""
    sent = TASK | {"promt": "q"}
    assert found("POST", "/v1/run/tasks", 200, RUN, sent=sent) == [("client", "request", "/promt")]
    query = {"artifact_types": ["har"]}
    assert found("GET", "/v1/runs/tsk_1/artifacts", 200, [], query=query) == [("client", "query", "/artifact_types")]


def test_lax_values_are_the_clients_own():
    """A number sent as text is taken by the service as well: the client is told, the mock not blamed."""
    assert found("POST", "/v1/run/tasks", 200, RUN, sent=TASK | {"max_steps": "7"}) == [
        ("client", "request", "/max_steps")
    ]


def test_taking_what_the_service_refuses():
    """A request taken although a required field is missing, or a value is none of those allowed, is both's fault."""
    for sent, where in (({}, ""), (TASK | {"engine": "x"}, "/engine")):
        assert found("POST", "/v1/run/tasks", 200, RUN, sent=sent) == [
            ("client", "request", where),
            ("mock", "request", where),
        ]
    assert ("mock", "query", "/page") in found("GET", "/v1/runs", 200, [], query={"page": ["0"]})


def test_refusing_what_fits():
    """A request that fits and is refused for its form is the mock's fault; a rule beyond the schema is nobody's."""

    def refusal(kind: str) -> dict[str, Any]:
        return {"detail": [{"type": kind, "loc": ["body", "url"], "msg": "m", "input": None}]}

    assert found("POST", "/v1/run/tasks", 422, refusal("string_type"), sent=TASK) == [("mock", "request", "")]
    assert found("POST", "/v1/run/tasks", 422, refusal("value_error"), sent=TASK) == []


def test_request_without_a_key_is_looked_at_no_further():
    """A request that was not let in is not held to the schema."""
    assert found("POST", "/v1/run/tasks", 403, {"detail": "Invalid credentials"}, sent=b"{") == [
        ("schema", "status", "")
    ]


def test_contents_of_artifacts_are_left_alone():
    """Bytes of artifacts are published as JSON of any kind and are none; their refusals are checked."""
    path = "/v1/artifacts/a_1/content"
    assert found("GET", path, 200, b"\x89PNG", answer_type="image/png") == []
    assert found("GET", path, 404, {"detail": "x"}) == []
    assert found("GET", path, 404, {"detail": 1}) == [("mock", "answer", "/detail")]


def test_findings_hold_no_values():
    """What is said about a fault has no part of the value in it, so that it can be shown and logged."""
    operation = published().operation("POST", "/v1/run/tasks")
    assert operation is not None
    sent = json.dumps({"prompt": 5, "engine": "secret-1", "totp_url": ["secret-2"], "model": "secret-3"}).encode()
    exchange = Exchange(operation, 200, "application/json", b'{"detail": "secret-4"}', {}, "application/json", sent)
    findings = list(check(exchange))
    assert len(findings) > 4
    assert "secret" not in repr(findings)


def test_which_operation_a_path_is():
    """Methods and templates tell operations apart, a slash at the end does not; what is unpublished is left alone."""
    schema = published()
    for method, path, template in (
        ("POST", "/v1/runs/cancel", "/v1/runs/cancel"),
        ("GET", "/v1/runs/cancel", "/v1/runs/{run_id}"),
        ("POST", "/v1/runs/tsk_1/cancel/", "/v1/runs/{run_id}/cancel"),
        ("GET", "/v1/artifacts/a_1/signed-url", "/v1/artifacts/{artifact_id}/signed-url"),
        ("GET", "/v1/credentials/totp", "/v1/credentials/totp"),
        ("GET", "/v1/credentials/cred_1", "/v1/credentials/{credential_id}"),
    ):
        operation = schema.operation(method, path)
        assert operation is not None
        assert operation.template == template
    for method, path in (("PUT", "/v1/runs"), ("GET", "/health"), ("GET", "/v1/runs/{run_id}/x")):
        assert schema.operation(method, path) is None


def test_deviations_have_reasons():
    """Everything the schema is blamed for says how it is known."""
    reasons = [*UNPUBLISHED_STATUSES.values(), *ZONED_TIMES.values(), *(known.reason for known in BODY_DEVIATIONS)]
    assert all("recorded" in reason for reason in reasons)
