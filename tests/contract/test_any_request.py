"""Whatever is sent, the answer is one the service could give."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp

from mock_server.api.task_request import ProxyLocation, RunEngine, TaskRunRequest
from mock_server.app import Composition
from mock_server.conformance.published import schema_document
from mock_server.settings import Settings

SCHEMA = schema_document()
RUN = jsonschema_rs.validator_for({"$ref": "#/components/schemas/TaskRunResponse", "components": SCHEMA["components"]})

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)  # half surrogate pairs included
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)
LIKELY = st.sampled_from(
    ["", "p", "http://127.0.0.1/", "localhost:1", "true", "7", True, 3, 3.0, {}, [], {"country": "US"}, {"a": "b"}]
) | st.sampled_from([*RunEngine, *ProxyLocation])
REQUESTS = st.dictionaries(st.sampled_from([*TaskRunRequest.model_fields, "other"]), LIKELY | ANY_JSON, max_size=8)


@pytest.fixture(scope="module", params=["cloud", "oss"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ASGIApp]:
    composition = Composition(Settings(data_dir=tmp_path_factory.mktemp("any"), dialect=request.param))
    yield composition.application()
    asyncio.run(composition.close())


def client_of(server: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(server),
        base_url="http://localhost",
        headers={"x-api-key": "k", "content-type": "application/json"},
    )


@given(st.builds(lambda prompt, rest: {"prompt": prompt, **rest}, ANY_TEXT, REQUESTS) | REQUESTS)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_task_request(server: ASGIApp, request_body: dict[str, Any]):
    """A request of any values is taken or refused, never broken on; a run that was taken can be read, in form."""
    async with client_of(server) as client:
        answer = await client.post("/v1/run/tasks", content=json.dumps(request_body).encode())
        assert answer.status_code in {200, 400, 404, 422, 500}
        body = answer.json()
        if answer.status_code == 500:
            assert "NaN" in json.dumps(request_body) or "Infinity" in json.dumps(request_body)
            assert body == {"error": "Unexpected error: ValueError"}
        elif answer.status_code == 200:
            later = await client.get(f"/v1/runs/{body['run_id']}")
            assert later.status_code == 200
            for run in (body, later.json()):
                RUN.validate(run)
        else:
            assert list(body) == ["detail"]


@given(st.binary(max_size=60) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_bytes(server: ASGIApp, body: bytes):
    """Bytes that are no request are refused; nothing is broken on."""
    async with client_of(server) as client:
        for path in ("/v1/run/tasks", "/v1/runs/cancel"):
            answer = await client.post(path, content=body)
            assert answer.status_code in {400, 422} or b"NaN" in body or b"Infinity" in body
            assert answer.headers["content-type"] == "application/json"


@given(st.text(max_size=20), st.dictionaries(st.sampled_from(["page", "page_size", "status", "search_key"]), ANY_TEXT))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_id_and_query(server: ASGIApp, run_id: str, query: dict[str, str]):
    """An id that is no id is not found, and a query that is no query is refused."""
    plain = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
    async with client_of(server) as client:
        for tail in ("", "/timeline", "/artifacts"):
            answer = await client.get(f"/v1/runs/{quote(run_id)}{tail}")
            assert answer.status_code in {200, 404, 307, 405}
        assert (await client.get("/v1/runs", params=plain)).status_code in {200, 422}
