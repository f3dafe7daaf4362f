"""What the server says about itself, and its documentation."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from mock_server.conformance.published import schema_document

PUBLISHED = schema_document()
SERVED = [
    ("post", "/v1/run/tasks"),
    ("get", "/v1/runs"),
    ("get", "/v1/runs/{run_id}"),
    ("post", "/v1/runs/{run_id}/cancel"),
    ("post", "/v1/runs/cancel"),
    ("get", "/v1/runs/{run_id}/timeline"),
    ("get", "/v1/runs/{run_id}/artifacts"),
    ("get", "/v1/artifacts/{artifact_id}/content"),
    ("get", "/v1/version"),
]


async def test_version_and_heartbeat(client: httpx.AsyncClient):
    """The version is that of the API spoken here; the heartbeat is text without a content type."""
    assert re.fullmatch(r'\{"version":"\d+\.\d+\.\d+"\}', (await client.get("/v1/version")).text)
    assert (await client.get("/api/v1/version")).text == (await client.get("/v1/version")).text
    beat = await client.get("/api/v1/heartbeat")
    assert (beat.text, "content-type" in beat.headers) == ("Server is running.", False)
    assert "x-skyvern-api-version" in beat.headers


@pytest.mark.parametrize("mock", [{"dialect": "oss"}], indirect=True)
async def test_health_tells_this_server_from_a_real_one(client: httpx.AsyncClient):
    """Health names the server and its dialect."""
    body = (await client.get("/health")).json()
    assert (body["status"], body["server"], body["dialect"]) == ("ok", "skyvern-mock", "oss")


async def test_sites_that_are_listed_are_served(client: httpx.AsyncClient):
    """Every bundled site is listed with an address that answers."""
    sites = (await client.get("/_mock/sites")).json()
    assert "news" in {site["name"] for site in sites}
    for site in sites:
        assert list(site) == ["name", "url"]
        assert (await client.get(site["url"], follow_redirects=True)).status_code == 200


@pytest.fixture
async def description(client: httpx.AsyncClient) -> dict[str, Any]:
    """The description as it is served; made once, as that takes a second and it is the same for every test."""
    if not _SERVED_DESCRIPTION:
        _SERVED_DESCRIPTION.update((await client.get("/openapi.json")).json())
    return _SERVED_DESCRIPTION


_SERVED_DESCRIPTION: dict[str, Any] = {}


@pytest.mark.parametrize(("method", "path"), SERVED)
def test_description_covers_what_is_served(method: str, path: str, description: dict[str, Any]):
    """Each route is described with the parameters and statuses of the published description."""
    described = description["paths"][path][method]
    published = PUBLISHED["paths"][path][method]
    names = {item["name"] for item in described.get("parameters", ())}
    assert {item["name"] for item in published.get("parameters", ())} <= names
    assert {"200"} | (set(published["responses"]) & {"206", "404", "416"}) <= set(described["responses"])


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("TaskRunResponse", "TaskRunResponse"),
        ("TaskRunRequest", "TaskRunRequest-Input"),
        ("Artifact", "Artifact"),
        ("FileInfo", "FileInfo"),
        ("GeoTarget", "GeoTarget"),
        ("WorkflowRunTimeline", "WorkflowRunTimeline"),
        ("BulkCancelRunsResponse", "BulkCancelRunsResponse"),
    ],
)
def test_described_models_have_the_published_fields(mine: str, theirs: str, description: dict[str, Any]):
    """The models of the description have the published fields, in their order, and require the same ones."""
    components = description["components"]["schemas"]
    described, published = components[mine], PUBLISHED["components"]["schemas"][theirs]
    assert list(described["properties"]) == list(published["properties"])
    assert set(described.get("required", ())) == set(published.get("required", ()))


@pytest.mark.parametrize(
    ("mock", "engine"), [({"dialect": "cloud"}, "skyvern-2.0"), ({"dialect": "oss"}, "skyvern-1.0")], indirect=["mock"]
)
async def test_description_names_the_default_engine(engine: str, client: httpx.AsyncClient):
    """The description says which engine runs a task that names none."""
    components = (await client.get("/openapi.json")).json()["components"]["schemas"]
    assert components["TaskRunRequest"]["properties"]["engine"]["default"] == engine


class _Addresses(HTMLParser):
    """Collects what a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.targets: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in {"script", "link", "img", "iframe"}:
            self.loaded.append(tag)
        if values.get("id"):
            self.ids.add(str(values["id"]))
        if (values.get("href") or "").startswith("#"):
            self.targets.add(str(values["href"])[1:])


async def test_documentation_page_needs_no_network(client: httpx.AsyncClient):
    """/docs shows every route, loads nothing, and its links lead to models that are on it."""
    page = (await client.get("/docs")).text
    found = _Addresses()
    found.feed(page)
    assert found.loaded == []
    assert found.targets <= found.ids
    assert all(f"<code>{path}</code>" in page for _, path in SERVED)
