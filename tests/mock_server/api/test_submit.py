"""POST /v1/run/tasks: what is checked in which order, and what the answer says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mock_server.ids import organization_for

PATH = "/v1/run/tasks"
JSON = {"content-type": "application/json"}
OSS = pytest.mark.parametrize("mock", [{"dialect": "oss"}], indirect=True)


def fields_of(answer: httpx.Response) -> list[str]:
    """Return the fields a 422 complains about."""
    assert answer.status_code == 422, answer.text
    return [".".join(map(str, fault["loc"])) for fault in answer.json()["detail"]]


async def test_documented_minimum_in_cloud(client: httpx.AsyncClient):
    """The documented first task is queued for the planner; nothing else is known of it yet."""
    request = {"prompt": "Get the title of the top post", "url": "https://news.ycombinator.com"}
    answer = (await client.post(PATH, json=request)).json()
    echo = answer.pop("run_request")
    assert {name: value for name, value in answer.items() if value not in (None, False)} == {
        "run_id": answer["run_id"],
        "status": "queued",
        "created_at": "2026-11-21T12:00:00.123456",
        "modified_at": "2026-11-21T12:00:00.123456",
        "app_url": answer["app_url"],
        "run_type": "task_v2",
    }
    assert answer["run_id"].startswith("tsk_v2_")
    assert answer["app_url"].startswith("http://127.0.0.1:8000/runs/wr_")
    assert (echo["url"], echo["engine"]) == ("https://news.ycombinator.com/", "skyvern-2.0")


@OSS
async def test_default_engine_of_a_self_hosted_server(client: httpx.AsyncClient):
    """In the oss dialect a task without an engine is a step run."""
    answer = (await client.post(PATH, json={"prompt": "p"})).json()
    assert (answer["status"], answer["run_type"]) == ("created", "task_v1")
    assert answer["app_url"] == f"http://127.0.0.1:8000/runs/{answer['run_id']}"


async def test_order_of_checks(client: httpx.AsyncClient):
    """Bytes come before the key, the key before addresses, addresses before fields, fields before what exists."""
    no_key = {"x-api-key": ""}
    bad_url = {"url": "ftp://x", "max_steps": "many"}
    assert (await client.post(PATH, content=b"{", headers={**JSON, **no_key})).status_code == 422
    assert (await client.post(PATH, content=b"\xff", headers={**JSON, **no_key})).status_code == 400
    assert (await client.post(PATH, content=b'{"prompt": NaN}', headers={**JSON, **no_key})).status_code == 403
    assert (await client.post(PATH, json=bad_url, headers=no_key)).status_code == 403
    assert (await client.post(PATH, json=bad_url)).status_code == 400
    session = {"browser_session_id": "pbs_1", "file_ids": ["file_1"]}
    assert fields_of(await client.post(PATH, json={**session, "max_steps": "many"})) == [
        "body.prompt",
        "body.max_steps",
    ]
    assert (await client.post(PATH, json={"prompt": "p", **session})).status_code == 404
    files = await client.post(PATH, json={"prompt": "p", "file_ids": ["file_1"], "browser_profile_id": "bp_1"})
    assert (files.status_code, type(files.json()["detail"])) == (422, str)


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("max_steps", "7", 7),
        ("max_steps", 3.0, 3),
        ("max_steps", True, 1),
        ("max_steps", -3, -3),
        ("max_screenshot_scrolls", -5, 0),
        ("max_screenshot_scrolls", 100_000, 1000),
        ("run_with", "robot", "robot"),
        ("prompt", "a\0b", "ab"),
        ("prompt", "", ""),
        ("webhook_url", "", None),
        ("data_extraction_schema", [{"a": 1}], [{"a": 1}]),
        ("data_extraction_schema", "the title", "the title"),
        ("data_extraction_schema", {"const": 2**63}, {"const": 2**63}),
        ("proxy_location", None, None),
        ("proxy_location", {"country": "ZZ"}, None),
        (
            "proxy_location",
            {"country": "us", "subdivision": "us-ca", "city": "San Francisco", "zip": "1"},
            {"country": "US", "subdivision": "CA", "city": "San Francisco", "isISP": False},
        ),
        ("file_ids", [], []),
        ("nonsense", 1, "absent"),
    ],
)
async def test_lax_values(field: str, value: Any, kept: Any, client: httpx.AsyncClient):
    """Values are read as leniently as by the service, and echoed as they were understood."""
    answer = await client.post(PATH, json={"prompt": "p", field: value})
    assert answer.status_code == 200, answer.text
    assert answer.json()["run_request"].get(field, "absent") == kept


@pytest.mark.parametrize(
    ("field", "value", "places"),
    [
        ("prompt", None, ["body.prompt"]),
        ("prompt", 5, ["body.prompt"]),
        ("engine", "skyvern_v2", ["body.engine"]),
        ("engine", None, ["body.engine"]),
        ("max_steps", 1.5, ["body.max_steps"]),
        ("publish_workflow", None, ["body.publish_workflow"]),
        ("error_code_mapping", {"a": 1}, ["body.error_code_mapping.a"]),
        ("extra_http_headers", ["a"], ["body.extra_http_headers"]),
        ("browser_address", "zzz", ["body.browser_address"]),
        ("file_ids", ["f"] * 51, ["body.file_ids"]),
        ("prompt", "\ud800", ["body.prompt"]),
        ("data_extraction_schema", {"const": 10**30}, ["body.data_extraction_schema"]),
        ("max_steps", 10**30, ["body.max_steps"]),
    ],
)
async def test_faulty_values(field: str, value: Any, places: list[str], client: httpx.AsyncClient):
    """A faulty value is a 422 that names its place; no web address of an explanation is added."""
    body = json.dumps({"prompt": "p", field: value}).encode()
    answer = await client.post(PATH, content=body, headers=JSON)
    assert fields_of(answer) == places
    assert "url" not in answer.json()["detail"][0]


async def test_all_faults_at_once_in_field_order(client: httpx.AsyncClient):
    """Every faulty field is listed, in the order of the model rather than of the request."""
    answer = await client.post(PATH, json={"file_ids": 1, "max_steps": "x", "engine": "x"})
    assert fields_of(answer) == ["body.prompt", "body.engine", "body.max_steps", "body.file_ids"]


async def test_publishing_switches_the_engine(client: httpx.AsyncClient):
    """publish_workflow makes any run a planner run."""
    answer = (await client.post(PATH, json={"prompt": "p", "engine": "skyvern-1.0", "publish_workflow": True})).json()
    assert (answer["run_type"], answer["run_request"]["engine"]) == ("task_v2", "skyvern-2.0")


@pytest.mark.parametrize("field", ["browser_profile_id", "start_fresh_browser"])
async def test_what_only_the_planner_can_do(field: str, client: httpx.AsyncClient):
    """A step engine refuses what only the planner has, by name."""
    request = {"prompt": "p", "engine": "skyvern-1.0", field: "true"}
    answer = await client.post(PATH, json=request)
    assert answer.status_code == 400
    assert field in answer.json()["detail"]


async def test_unknown_profile(client: httpx.AsyncClient):
    """A profile that does not exist is a 404."""
    answer = await client.post(PATH, json={"prompt": "p", "browser_profile_id": "bp_1"})
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("Browser profile bp_1 not found for organization o_")


@pytest.mark.parametrize("other", ["browser_session_id", "browser_profile_id", "browser_address"])
async def test_two_browsers_at_once(other: str, client: httpx.AsyncClient):
    """A fresh browser and a named one exclude each other."""
    request = {"prompt": "p", "start_fresh_browser": True, other: "http://127.0.0.1:9222"}
    assert fields_of(await client.post(PATH, json=request)) == ["body"]


async def test_private_hosts_are_allowed_unless_blocked(open_mock: Callable[..., Any], open_client: Callable[..., Any]):
    """The server works offline, so localhost is a good address; a setting turns the service's rule on."""
    request = {"prompt": "p", "url": "http://127.0.0.1:8000/sites/news/"}
    assert (await open_client(open_mock().application()).post(PATH, json=request)).status_code == 200
    strict = open_client(open_mock(block_private_hosts=True).application())
    for field in ("url", "webhook_url", "totp_url"):
        answer = await strict.post(PATH, json={"prompt": "p", field: "http://localhost/"})
        assert (answer.status_code, answer.json()) == (400, {"detail": f"Invalid {field}: blocked host."})


async def test_cloud_echoes_the_request_but_no_secrets(client: httpx.AsyncClient):
    """The cloud dialect gives the request back as it was sent; headers for somebody's browser never come back."""
    request = {
        "prompt": "p", "title": "T", "max_steps": 3, "model": {"a": 1}, "extra_http_headers": {"x": "y"},
        "cdp_connect_headers": {"authorization": "secret"}, "max_screenshot_scrolls": 2,
    }  # fmt: skip
    created = (await client.post(PATH, json=request)).json()
    read = (await client.get(f"/v1/runs/{created['run_id']}")).json()
    for answer in (created, read):
        assert {name: answer["run_request"][name] for name in request} == {**request, "cdp_connect_headers": None}
        assert answer["max_screenshot_scrolls"] == 2


@OSS
@pytest.mark.parametrize(
    ("engine", "created", "read"),
    [
        (
            "skyvern-1.0",
            {"max_steps": None, "max_screenshot_scrolls": 2},
            {"max_steps": 4, "max_screenshot_scrolls": 2},
        ),
        (
            "skyvern-2.0",
            {"max_steps": 4, "max_screenshot_scrolls": 2},
            {"max_steps": None, "max_screenshot_scrolls": None},
        ),
    ],
)
async def test_oss_rebuilds_the_request(*, engine: str, created: Any, read: Any, client: httpx.AsyncClient):
    """A self-hosted server rebuilds the request from its rows: most options come back empty, some only later."""
    request = {"prompt": "p", "title": "T", "max_steps": 4, "max_screenshot_scrolls": 2, "run_with": "agent"}
    answer = (await client.post(PATH, json={**request, "engine": engine})).json()
    later = (await client.get(f"/v1/runs/{answer['run_id']}")).json()
    for echo, expected in ((answer["run_request"], created), (later["run_request"], read)):
        assert {name: echo[name] for name in expected} == expected
        assert (echo["title"], echo["run_with"]) == (None, None)
        assert list(echo) == list(answer["run_request"])


async def test_submitted_run_is_on_disk(client: httpx.AsyncClient, services: Any):
    """Before the answer is sent, another connection to the file finds the run."""
    import sqlite3  # noqa: PLC0415  # the only test that looks behind the store

    run_id = (await client.post(PATH, json={"prompt": "p"})).json()["run_id"]
    connection = sqlite3.connect(services.settings.store_path)
    try:
        assert connection.execute("SELECT count(*) FROM runs WHERE run_id = ?", (run_id,)).fetchone() == (1,)
    finally:
        connection.close()


@pytest.mark.wrong_on_purpose
async def test_full_disk(client: httpx.AsyncClient, services: Any):
    """When the store cannot grow, a task is refused with a text that says what to do; what is stored stays readable."""
    before = (await client.post(PATH, json={"prompt": "p"})).json()["run_id"]
    connection = services.store._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    answer = await client.post(PATH, json={"prompt": "p" * 500_000})
    assert (answer.status_code, list(answer.json())) == (500, ["error"])
    assert "not accepted" in answer.json()["error"]
    assert "free space" in answer.json()["error"]
    assert (await client.get(f"/v1/runs/{before}")).status_code == 200
    assert len((await client.get("/v1/runs")).json()) == 1
    connection.execute("PRAGMA max_page_count = 1000000")
    assert (await client.post(PATH, json={"prompt": "p" * 500_000})).status_code == 200


async def test_deep_json(client: httpx.AsyncClient):
    """JSON nested deeper than the parser goes is refused, and JSON nested deeply but not too deeply is kept."""
    too_deep = b'{"prompt": "p", "model": ' + b"[" * 100_000
    assert (await client.post(PATH, content=too_deep, headers=JSON)).status_code == 400
    deep: Any = {}
    for _ in range(100):
        deep = {"a": deep}
    answer = await client.post(PATH, json={"prompt": "p", "data_extraction_schema": deep})
    assert answer.json()["run_request"]["data_extraction_schema"] == deep


async def test_tenant_of_a_run(client: httpx.AsyncClient, services: Any):
    """The run belongs to the organization the key stands for; the key itself is nowhere in it."""
    run_id = (await client.post(PATH, json={"prompt": "p"}, headers={"x-api-key": "a-secret-key"})).json()["run_id"]
    run = services.store.run(organization_for("a-secret-key"), run_id)
    assert "a-secret-key" not in repr(run)
