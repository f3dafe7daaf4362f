"""Corners of the API, each as the notes on a real self-hosted server have it, in the ``oss`` dialect.

``findings`` and ``semantics`` are those notes; ``FastAPI`` is what the framework of the recorded server does
where they are silent. What was recorded word by word is in ``test_oracle_replay``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from starlette.types import ASGIApp

from mock_server.app import Composition
from mock_server.settings import Settings

JSON = {"content-type": "application/json"}
NO_KEY = {"x-api-key": ""}
RULE = "Use an HTTP or HTTPS URL with at most 2083 characters."
SECURITY = [
    ("x-frame-options", "DENY"),
    ("content-security-policy", "frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ASGIApp]:
    """One self-hosted server for all that is asked here; it executes nothing."""
    composition = Composition(Settings(data_dir=tmp_path_factory.mktemp("edges"), dialect="oss", self_check=True))
    yield composition.application()
    asyncio.run(composition.close())
    assert composition.services.conformance is not None
    assert [str(finding) for finding in composition.services.conformance.blamed("mock")] == []


@pytest.fixture
def client(server: ASGIApp, open_client: Callable[..., httpx.AsyncClient]) -> httpx.AsyncClient:
    return open_client(server, headers={"x-api-key": uuid4().hex})


def detail(answer: httpx.Response) -> Any:
    """Return what a refusal says: its text, or (place, type) of every fault."""
    found = answer.json()["detail"]
    if isinstance(found, str):
        return found
    return [(".".join(map(str, fault["loc"])), fault["type"]) for fault in found]


PATHS: list[tuple[str, str, int, str | None, str]] = [
    # findings 4: HEAD and other methods are 405, unknown paths 404 without a key
    ("HEAD", "/v1/runs", 405, "GET", "findings 4"),
    ("HEAD", "/v1/runs/tsk_1/timeline", 405, "GET", "findings 4"),
    ("OPTIONS", "/v1/runs", 405, "GET", "findings 3"),
    ("OPTIONS", "/v1/run/tasks", 405, "POST", "findings 3"),
    ("DELETE", "/v1/runs", 405, "GET", "findings 4"),
    ("PUT", "/v1/runs/tsk_1/cancel", 405, "POST", "findings 4"),
    ("GET", "/v1/runs/tsk_1/cancel/", 405, "POST", "findings 4"),
    ("POST", "/v1/artifacts/a_1/content", 405, "GET", "findings 4"),
    ("POST", "/v1/version", 405, "GET", "findings 4"),
    ("HEAD", "/api/v1/heartbeat", 405, "GET", "findings 4"),
    ("OPTIONS", "/v1/nope", 404, None, "findings 3"),
    ("HEAD", "/v1/nope", 404, None, "FastAPI"),
    ("GET", "/v1/runs/a%2Fb", 404, None, "FastAPI: a decoded slash parts the path"),
    ("GET", "/V1/runs", 404, None, "findings 4"),
    ("GET", "/", 404, None, "findings 4"),
    ("GET", "/v1/", 404, None, "findings 4"),
    ("POST", "/api/v1/run/tasks", 404, None, "findings 4"),
    ("GET", "/api/v1/runs/tsk_1", 404, None, "findings 4"),
    ("GET", "/v1/health", 404, None, "semantics 2.19"),
]


@pytest.mark.parametrize(("method", "path", "status", "allow", "source"), PATHS)
async def test_methods_and_paths(
    *, method: str, path: str, status: int, allow: str | None, source: str, client: httpx.AsyncClient
):
    """Unknown paths and methods are refused before the key is asked for, with the framework's words and headers."""
    del source
    answer = await client.request(method, path, headers=NO_KEY)
    text = "Method Not Allowed" if status == 405 else "Not Found"
    body = json.dumps({"detail": text}, separators=(",", ":"))
    wanted = [("allow", allow)] if allow else []
    wanted += [("content-length", str(len(body))), ("content-type", "application/json"), *SECURITY]
    assert answer.status_code == status
    assert [(name.decode(), value.decode()) for name, value in answer.headers.raw] == wanted
    assert answer.text == ("" if method == "HEAD" else body)


@pytest.mark.parametrize(
    "path",
    ["/v1/version/", "/v1/runs/", "/v1/runs/x/artifacts/", "/api/v1/version/"],
)
async def test_slash_at_the_end(path: str, client: httpx.AsyncClient):
    """Every documented route answers with a slash as well, without a redirect (findings 4)."""
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/v1/artifacts/a_1/content/", "/api/v1/heartbeat/", "/docs/", "/openapi.json/"])
async def test_routes_without_a_slash_alias(path: str, client: httpx.AsyncClient):
    """The others redirect with an absolute address and nothing else (findings 4)."""
    answer = await client.get(path, headers=NO_KEY)
    assert (answer.status_code, answer.content) == (307, b"")
    assert answer.headers["location"] == f"http://127.0.0.1:8000{path[:-1]}"
    assert "content-type" not in answer.headers


async def test_open_pages(client: httpx.AsyncClient):
    """Documentation, version and heartbeat need no key; the heartbeat has no content type (findings 4)."""
    for path in ("/docs", "/redoc", "/openapi.json", "/v1/version", "/api/v1/heartbeat"):
        assert (await client.get(path, headers=NO_KEY)).status_code == 200, path
    beat = await client.get("/api/v1/heartbeat")
    assert (beat.text, "content-type" in beat.headers) == ("Server is running.", False)


KEYS: list[tuple[dict[str, str], str, str]] = [
    ({}, "Invalid credentials", "findings 4"),
    ({"x-api-key": ""}, "Invalid credentials", "findings 4"),
    ({"x-api-key": "Bearer abc"}, "Could not validate credentials", "findings 4"),
    ({"authorization": "Bearer abc"}, "Invalid authentication method", "findings 4"),
    ({"authorization": "Basic abc"}, "Invalid credentials", "semantics 2.2"),
]


@pytest.mark.parametrize(("headers", "text", "source"), KEYS)
@pytest.mark.parametrize("path", ["/v1/runs?page=0", "/v1/runs/tsk_1", "/v1/runs/x/artifacts?artifact_type=x"])
async def test_keys(*, headers: dict[str, str], text: str, source: str, path: str, client: httpx.AsyncClient):
    """A request without a good key is a 403 before any other fault is told, without www-authenticate."""
    del source
    client.headers.pop("x-api-key")
    answer = await client.get(path, headers=headers)
    assert (answer.status_code, answer.json()) == (403, {"detail": text})
    assert "www-authenticate" not in answer.headers


IDS = [
    ("GET", "/v1/runs/{}", "Task run not found {}"),
    ("POST", "/v1/runs/{}/cancel", "Run not found {}"),
    ("GET", "/v1/runs/{}/timeline", "Run not found {}"),
    ("POST", "/v1/runs/{}/retry_webhook", "Run {} not found"),
    ("GET", "/v1/artifacts/{}", "Artifact not found {}"),
    ("GET", "/v1/artifacts/{}/content", "Artifact not found {}"),
    ("GET", "/v1/artifacts/{}/signed-url", "Artifact not found {}"),
]


@pytest.mark.parametrize(("method", "path", "text"), IDS)
@pytest.mark.parametrize("name", ["tsk_1", "wr_1", "TSK_1", "ü", "a b", "%25", "..x", "'\"", "\u200b"])
async def test_unknown_ids(method: str, path: str, text: str, name: str, client: httpx.AsyncClient):
    """Any id that names nothing, of whatever form, is a 404 that repeats it decoded (findings 4)."""
    quoted = "".join(f"%{byte:02X}" for byte in name.encode())
    answer = await client.request(method, path.format(quoted))
    assert (answer.status_code, answer.json()) == (404, {"detail": text.format(name)})


async def test_artifacts_of_any_id(client: httpx.AsyncClient):
    """Artifacts of a run that does not exist are an empty list (findings 9)."""
    for name in ("tsk_1", "wr_1", "garbage", "%F0%9F%98%80"):
        assert (await client.get(f"/v1/runs/{name}/artifacts")).json() == []


QUERIES: list[tuple[str, Any, str]] = [
    ("page=1&page=2", None, "FastAPI: the last one counts"),
    ("page=2&page=0", [("query.page", "greater_than_equal")], "FastAPI"),
    ("page=%201&page_size=10.0", None, "FastAPI: lax integers"),
    ("page=", [("query.page", "int_parsing")], "FastAPI"),
    ("page=1e2", [("query.page", "int_parsing")], "FastAPI"),
    ("page=1.5", [("query.page", "int_parsing")], "FastAPI"),
    ("page=" + "9" * 30, [("query.page", "less_than_equal")], "FastAPI"),
    ("page=" + "9" * 5000, [("query.page", "int_parsing_size")], "FastAPI"),
    ("page=101", [("query.page", "less_than_equal")], "findings 11"),
    ("page_size=101", [("query.page_size", "less_than_equal")], "findings 11"),
    ("page_size=-1", [("query.page_size", "greater_than_equal")], "findings 11"),
    ("search_key=ab", [("query.search_key", "string_too_short")], "findings 11"),
    ("search_key=", [("query.search_key", "string_too_short")], "findings 11"),
    ("search_key=%E2%82%AC%E2%82%AC%E2%82%AC", None, "FastAPI: characters are counted, not bytes"),
    ("status=", [("query.status.0", "enum")], "FastAPI"),
    ("status=failed,completed", [("query.status.0", "enum")], "findings 9, for artifacts"),
    ("status=COMPLETED", [("query.status.0", "enum")], "findings 9, for artifacts"),
    ("status=failed&status=x", [("query.status.1", "enum")], "findings 11"),
    ("status=paused&run_type=workflow_run&run_type=task_v3", None, "semantics 1.2"),
    ("status[]=nonsense&foo=1", None, "findings 11: unknown parameters are ignored"),
    ("run_type=skyvern-2.0", [("query.run_type.0", "enum")], "findings 11"),
    (
        "page=0&page_size=0&status=x&search_key=a&run_type=y",
        [
            ("query.page", "greater_than_equal"),
            ("query.page_size", "greater_than_equal"),
            ("query.status.0", "enum"),
            ("query.search_key", "string_too_short"),
            ("query.run_type.0", "enum"),
        ],
        "findings 4: all faults, in the order of the parameters",
    ),
]


@pytest.mark.parametrize(("query", "faults", "source"), QUERIES, ids=[query[:40] for query, _, _ in QUERIES])
async def test_list_queries(query: str, faults: Any, source: str, client: httpx.AsyncClient):
    """Paging and filters are read as the framework reads them, and refused with all their faults."""
    del source
    answer = await client.get(f"/v1/runs?{query}")
    if faults is None:
        assert (answer.status_code, answer.json()) == (200, [])
    else:
        assert (answer.status_code, detail(answer)) == (422, faults)


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("artifact_type=", [0]),
        ("artifact_type=har&artifact_type=x&artifact_type=har,recording", [1, 2]),
        ("artifact_type=unknown&artifact_type=screenshot_pre_submit", []),
        ("artifact_type[]=x", []),
    ],
)
async def test_artifact_filters(query: str, places: list[int], client: httpx.AsyncClient):
    """Filters repeat; each that is no type is told by its place, and brackets are another parameter (findings 9)."""
    answer = await client.get(f"/v1/runs/x/artifacts?{query}")
    if not places:
        assert (answer.status_code, answer.json()) == (200, [])
    else:
        assert detail(answer) == [(f"query.artifact_type.{place}", "enum") for place in places]


BODIES: list[tuple[bytes, dict[str, str], int, Any, str]] = [
    (b"", JSON, 422, [("body", "missing")], "findings 4"),
    (b"null", JSON, 422, [("body", "missing")], "findings 4"),
    (b"[]", JSON, 422, [("body", "model_attributes_type")], "findings 4"),
    (b"5", JSON, 422, [("body", "model_attributes_type")], "findings 4"),
    (b"true", JSON, 422, [("body", "model_attributes_type")], "findings 4"),
    (b"{", JSON, 422, [("body.1", "json_invalid")], "findings 4"),
    (b"  ", JSON, 422, [("body.2", "json_invalid")], "FastAPI"),
    (b'{"prompt":"a"}x', JSON, 422, [("body.14", "json_invalid")], "FastAPI"),
    (b'{"prompt":"\xff"}', JSON, 400, "There was an error parsing the body", "findings 4"),
    (b"\x1f\x8b\x08\x00", JSON | {"content-encoding": "gzip"}, 400, "There was an error parsing the body", "FastAPI"),
    (b"[" * 100_000, JSON, 400, "There was an error parsing the body", "FastAPI"),
    (b'{"max_steps":' + b"9" * 5000 + b"}", JSON, 400, "There was an error parsing the body", "FastAPI"),
    (b"{}", {"content-type": "text/plain"}, 422, [("body", "model_attributes_type")], "findings 4"),
    (b"a=b", {"content-type": "application/x-www-form-urlencoded"}, 422, [("body", "model_attributes_type")], "fi. 4"),
    (b"{}", {"content-type": "text/json"}, 422, [("body", "model_attributes_type")], "FastAPI"),
    (b"{}", {"content-type": "application/json, x"}, 422, [("body", "model_attributes_type")], "FastAPI"),
    (b"{}", {"content-type": "application/vnd.api+json"}, 422, [("body.prompt", "missing")], "findings 4"),
    (b"{}", {"content-type": "APPLICATION/JSON; charset=latin-1"}, 422, [("body.prompt", "missing")], "findings 4"),
    ("{}".encode("utf-16"), JSON, 422, [("body.prompt", "missing")], "FastAPI"),
    (b"\xef\xbb\xbf{}", JSON, 422, [("body.prompt", "missing")], "FastAPI"),
    (b'{"prompt":"a","prompt":5}', JSON, 422, [("body.prompt", "string_type")], "findings 5: the last one counts"),
    (b'{"PROMPT":"a"}', JSON, 422, [("body.prompt", "missing")], "FastAPI"),
]


@pytest.mark.parametrize(("body", "headers", "status", "told", "source"), BODIES, ids=[str(b[0][:24]) for b in BODIES])
async def test_bodies(
    *, body: bytes, headers: dict[str, str], status: int, told: Any, source: str, client: httpx.AsyncClient
):
    """Bodies of every kind and content type are read as the service reads them."""
    del source
    answer = await client.post("/v1/run/tasks", content=body, headers=headers)
    assert (answer.status_code, detail(answer)) == (status, told)


NUMBERS = [
    (b'{"prompt": NaN}', 500),
    (b'{"prompt": "p", "max_steps": NaN}', 500),
    (b'{"prompt": "p", "max_steps": 1e400}', 500),
    (b'{"prompt": "p", "data_extraction_schema": {"a": [-Infinity]}}', 500),
    (b'{"prompt": "p", "nonsense": NaN}', 200),
]


@pytest.mark.parametrize(("body", "status"), NUMBERS)
async def test_no_numbers(body: bytes, status: int, client: httpx.AsyncClient):
    """What JSON cannot say breaks the answer that repeats it, and is dropped with an unknown field (findings 4)."""
    answer = await client.post("/v1/run/tasks", content=body, headers=JSON)
    assert answer.status_code == status
    if status == 500:
        assert answer.json() == {"error": "Unexpected error: ValueError"}
        assert [name.decode() for name, _ in answer.headers.raw] == [
            "x-frame-options",
            "content-security-policy",
            "x-content-type-options",
            "content-length",
            "content-type",
        ]


URLS: list[tuple[str, str, str]] = [
    ("example.com", "https://example.com/", "findings 4"),
    ("EXAMPLE.com:443/a", "https://example.com/a", "semantics 2.4"),
    ("http://example.com:80", "http://example.com/", "semantics 2.4"),
    ("https://example.com/a b?q=ü#f", "https://example.com/a%20b?q=%C3%BC#f", "findings 5"),
    ("  https://example.com\n", "https://example.com/", "findings 5"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/", "semantics 2.4"),
    ("HTTPS://USER:Pw@Example.COM/Path", "https://USER:Pw@example.com/Path", "semantics 2.4"),
    ("http://127.1/", "http://127.0.0.1/", "findings 4: any spelling of an address"),
    ("http://2130706433/", "http://127.0.0.1/", "findings 4"),
    ("http://[::1]:8000", "http://[::1]:8000/", "findings 4"),
]


@pytest.mark.parametrize(("sent", "kept", "source"), URLS, ids=[url for url, _, _ in URLS])
async def test_urls(sent: str, kept: str, source: str, client: httpx.AsyncClient):
    """Addresses are kept in one form, whichever field they stand in."""
    del source
    for name in ("url", "webhook_url", "totp_url"):
        answer = await client.post("/v1/run/tasks", json={"prompt": "p", name: sent})
        assert answer.json()["run_request"][name] == kept


BAD_URLS: list[tuple[str, str]] = [
    ("ftp://example.com", "unsupported scheme"),
    ("file:///etc/passwd", "unsupported scheme"),
    ("data:text/html,x", "unsupported scheme"),
    ("about:blank", "unsupported scheme"),
    ("http://", "malformed"),
    ("https://exa mple.com", "malformed"),
    ("http://example.com:99999", "malformed"),
    ("https://example.com/" + "a" * 2083, "malformed"),
    ("http://[::1", "malformed"),
]


@pytest.mark.parametrize(("sent", "fault"), BAD_URLS, ids=[url[:30] for url, _ in BAD_URLS])
async def test_bad_urls(sent: str, fault: str, client: httpx.AsyncClient):
    """A bad address is a 400 that names the field, and wins over a missing prompt (findings 4)."""
    for name in ("url", "webhook_url", "totp_url"):
        answer = await client.post("/v1/run/tasks", json={name: sent})
        assert (answer.status_code, answer.json()) == (400, {"detail": f"Invalid {name}: {fault}. {RULE}"})
