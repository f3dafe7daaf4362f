"""Every answer has the structure of the published API schema, in both dialects and every state of a run."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import httpx
import jsonschema_rs
import pytest

from mock_server.artifacts.kinds import KINDS
from mock_server.conformance.published import closed, schema_document

SCHEMA = schema_document()
DIALECTS = ("cloud", "oss")
ENGINES = ("skyvern-1.0", "skyvern-2.0", "skyvern-3.0", "openai-cua", "anthropic-cua", "yutori-navigator")
STATUSES = ("created", "queued", "running", "paused", "completed", "failed", "terminated", "timed_out", "canceled")

REFUSED = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}
FAILED = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
UNPUBLISHED = {
    ("get", "/v1/artifacts/{artifact_id}"): {"$ref": "#/components/schemas/Artifact"},
    ("get", "/v1/artifacts/{artifact_id}/signed-url"): {
        "type": "object",
        "properties": {
            "artifact_id": {"type": "string"},
            "signed_url": {"type": "string"},
            "expires_at": {"type": ["integer", "null"]},
        },
        "required": ["artifact_id", "signed_url", "expires_at"],
        "additionalProperties": False,
    },
}
"""Answers the service gives but does not publish, as they were recorded."""


COMPONENTS = closed(SCHEMA["components"])
for undeclared in ("attempt", "retry_pending", "next_attempt_at"):
    # Recorded from a real server, which sends them without publishing them.
    COMPONENTS["schemas"]["TaskRunListItem"]["properties"][undeclared] = {}


def published(method: str, path: str, status: int) -> Any:
    """Return the schema of an answer: the published one, or the one form every refusal has."""
    if (method, path) in UNPUBLISHED and status == 200:
        return UNPUBLISHED[method, path]
    answers = SCHEMA["paths"].get(path, {}).get(method, {}).get("responses", {})
    content = answers.get(str(status), {}).get("content", {})
    if content:
        return closed(content["application/json"]["schema"])
    return FAILED if status >= 500 else REFUSED


def check(answer: httpx.Response, path: str, *, status: int = 200) -> Any:
    """Check status, content type and structure of an answer to a request for ``path`` (a template); return its body."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    schema = published(answer.request.method.lower(), path, status)
    validator = jsonschema_rs.validator_for({**schema, "components": COMPONENTS})
    faults = [f"{list(fault.instance_path)}: {fault.message}" for fault in validator.iter_errors(body)]
    assert not faults, "\n".join(faults)
    return body


@pytest.fixture(params=DIALECTS)
def seeds(request: pytest.FixtureRequest, make_seeds: Callable[..., Any]) -> Any:
    return make_seeds(dialect=request.param)


@pytest.fixture
def client(seeds: Any, open_client: Callable[..., httpx.AsyncClient]) -> httpx.AsyncClient:
    return open_client(seeds.composition.application())


@pytest.mark.parametrize("engine", ENGINES)
async def test_submitted_run(engine: str, client: httpx.AsyncClient):
    """The answer to a new task has the published structure, whichever engine, with few fields or all."""
    for request in ({"prompt": "p"}, {"prompt": "p", "max_steps": 3, "url": "localhost:8000", "title": "t"}):
        body = check(await client.post("/v1/run/tasks", json={**request, "engine": engine}), "/v1/run/tasks")
        assert body["run_request"]["engine"] == engine


async def test_every_field_of_a_request_comes_back_in_form(seeds: Any, client: httpx.AsyncClient):
    """A request with every option set is echoed in the published structure, but for the headers of a remote browser."""
    body = check(await client.post("/v1/run/tasks", json=seeds.full_request), "/v1/run/tasks")
    assert body["run_request"]["cdp_connect_headers"] is None


@pytest.mark.parametrize(("engine", "status"), itertools.product(ENGINES[:3], STATUSES))
async def test_run(engine: str, status: str, seeds: Any, client: httpx.AsyncClient):
    """A run has the published structure in every state, with and without artifacts, under each of its ids."""
    if (status, engine) == ("created", "skyvern-2.0"):
        status = "queued"  # planner runs are queued before they are answered for the first time
    run = seeds.run(status, engine)
    for with_artifacts in (False, True):
        if with_artifacts:
            seeds.artifacts(run)
        for run_id in filter(None, (run.run_id, run.workflow_run_id)):
            body = check(await client.get(f"/v1/runs/{run_id}"), "/v1/runs/{run_id}")
            assert (body["run_id"], body["status"]) == (run.run_id, status)
            assert bool(body["downloaded_files"]) == bool(body["recording_url"]) == with_artifacts


async def test_run_list(seeds: Any, client: httpx.AsyncClient):
    """The list of runs has the published structure for runs of every engine and state."""
    for number, status in enumerate(STATUSES):
        seeds.run(status, ENGINES[number % len(ENGINES)])
    body = check(await client.get("/v1/runs", params={"page_size": 100}), "/v1/runs")
    assert {item["status"] for item in body} == set(STATUSES)


async def test_timeline(seeds: Any, client: httpx.AsyncClient):
    """Timelines have the published structure: empty, and with nested blocks, actions and thoughts."""
    for engine in ENGINES[:2]:
        run = seeds.run("running", engine)
        path = "/v1/runs/{run_id}/timeline"
        if run.run_type != "task_v2" and seeds.services.dialect.name == "oss":
            check(await client.get(f"/v1/runs/{run.run_id}/timeline"), path, status=400)
            continue
        assert check(await client.get(f"/v1/runs/{run.run_id}/timeline"), path) == []
        seeds.timeline(run)
        body = check(await client.get(f"/v1/runs/{run.run_id}/timeline"), path)
        assert [item["type"] for item in body] == ["thought", "block"]
        assert body[1]["children"][0]["block"]["actions"]


async def test_artifacts(seeds: Any, client: httpx.AsyncClient):
    """Artifacts of every type have the published structure, listed and alone; so do links to them."""
    run = seeds.run("completed", "skyvern-2.0")
    seeds.artifacts(run)
    listed = check(await client.get(f"/v1/runs/{run.workflow_run_id}/artifacts"), "/v1/runs/{run_id}/artifacts")
    assert [item["artifact_type"] for item in listed] == list(KINDS)
    for item in listed:
        path = f"/v1/artifacts/{item['artifact_id']}"
        alone = check(await client.get(path), "/v1/artifacts/{artifact_id}")
        assert alone["artifact_id"] == item["artifact_id"]
        check(await client.get(f"{path}/signed-url"), "/v1/artifacts/{artifact_id}/signed-url")


async def test_cancel(seeds: Any, client: httpx.AsyncClient):
    """Cancelling answers in the published structure, one run or many, running, finished or unknown."""
    path, bulk = "/v1/runs/{run_id}/cancel", "/v1/runs/cancel"
    for engine in ENGINES[:2]:
        run = seeds.run("running", engine)
        assert check(await client.post(f"/v1/runs/{run.run_id}/cancel"), path) is None
        refused = engine != "skyvern-2.0" and seeds.services.dialect.name == "oss"
        check(await client.post(f"/v1/runs/{run.run_id}/cancel"), path, status=400 if refused else 200)
    check(await client.post("/v1/runs/tsk_1/cancel"), path, status=404)
    body = check(await client.post(bulk, json={"run_ids": [seeds.run("queued", "skyvern-1.0").run_id, "x"]}), bulk)
    assert (len(body["cancelled"]), body["failed"]) == (1, ["x"])


REFUSALS: list[tuple[str, str, str, dict[str, Any], int]] = [
    ("POST", "/v1/run/tasks", "/v1/run/tasks", {"json": {}}, 422),
    ("POST", "/v1/run/tasks", "/v1/run/tasks", {"json": {"prompt": "p", "url": "ftp://x"}}, 400),
    ("POST", "/v1/run/tasks", "/v1/run/tasks", {"json": {"prompt": "p", "browser_session_id": "pbs_1"}}, 404),
    ("POST", "/v1/run/tasks", "/v1/run/tasks", {"json": {"prompt": "p"}, "headers": {"x-api-key": ""}}, 403),
    ("POST", "/v1/run/tasks", "/v1/run/tasks", {"content": b"{" * 20_000_000}, 413),
    (
        "POST",
        "/v1/run/tasks",
        "/v1/run/tasks",
        {"content": b'{"prompt": NaN}', "headers": {"content-type": "application/json"}},
        500,
    ),
    ("GET", "/v1/runs/tsk_1", "/v1/runs/{run_id}", {}, 404),
    ("GET", "/v1/runs/tsk_1", "/v1/runs/{run_id}", {"headers": {"x-api-key": ""}}, 403),
    ("GET", "/v1/runs?page=0", "/v1/runs", {}, 422),
    ("GET", "/v1/runs", "/v1/runs", {"headers": {"x-api-key": ""}}, 403),
    ("POST", "/v1/runs/cancel", "/v1/runs/cancel", {"json": {"run_ids": 1}}, 422),
    ("POST", "/v1/runs/cancel", "/v1/runs/cancel", {"json": {"run_ids": []}, "headers": {"x-api-key": ""}}, 403),
    ("GET", "/v1/runs/tsk_1/timeline", "/v1/runs/{run_id}/timeline", {}, 404),
    ("GET", "/v1/runs/tsk_1/artifacts?artifact_type=x", "/v1/runs/{run_id}/artifacts", {}, 422),
    ("GET", "/v1/artifacts/a_1", "/v1/artifacts/{artifact_id}", {}, 404),
    ("GET", "/v1/artifacts/a_1/signed-url", "/v1/artifacts/{artifact_id}/signed-url", {}, 404),
    ("GET", "/v1/artifacts/a_1/content", "/v1/artifacts/{artifact_id}/content", {}, 404),
    ("GET", "/v1/nope", "/v1/nope", {}, 404),
    ("PUT", "/v1/run/tasks", "/v1/run/tasks", {}, 405),
]


@pytest.mark.parametrize(("method", "url", "path", "options", "status"), REFUSALS)
async def test_refusal(
    *, method: str, url: str, path: str, options: dict[str, Any], status: int, client: httpx.AsyncClient
):
    """A refusal has the published structure, or the one form the service has for all it does not publish."""
    check(await client.request(method, url, **options), path, status=status)


async def test_version(client: httpx.AsyncClient):
    """The version is an object of strings."""
    check(await client.get("/v1/version"), "/v1/version")
