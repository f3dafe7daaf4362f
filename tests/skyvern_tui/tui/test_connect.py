"""Claims about reaching a server."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import httpx
import pytest

from skyvern_tui.client import AsyncSkyvern
from skyvern_tui.client.errors import BadRequestError, NotFoundError, ResponseParseError
from skyvern_tui.client.models import TIMELINE
from skyvern_tui.config import Connection
from skyvern_tui.core.gateway import Gateway, Site
from skyvern_tui.tui.calling import ClientGateway
from skyvern_tui.tui.connect import client_gateway
from skyvern_tui.tui.status import Status
from tests.skyvern_tui.builders import a_thought
from tests.skyvern_tui.tui.fakes import ManualClock


def answering(handler):
    """Return a gateway over a client whose server is a function."""
    client = AsyncSkyvern(
        api_key="k", base_url="http://127.0.0.1:1", transport=httpx.MockTransport(handler), max_retries=0
    )
    return ClientGateway(client, has_sites=True)


async def test_the_client_is_a_gateway():
    """Every call the app makes goes out as the request the service documents."""
    asked = []

    def handler(request):
        asked.append(f"{request.method} {request.url.raw_path.decode()}")
        run = {
            "run_id": "r",
            "status": "queued",
            "created_at": "2026-01-01T00:00:00",
            "modified_at": "2026-01-01T00:00:00",
        }
        lists = ("timeline", "artifacts", "/v1/runs?page", "sites", "deliveries")
        return httpx.Response(200, json=[] if any(part in asked[-1] for part in lists) else run)

    gateway: Gateway = answering(handler)
    await gateway.run_task("p", url="http://h/", max_steps=3)
    await gateway.get_run("r")
    await gateway.get_runs(page=1, page_size=100)
    await gateway.cancel_run("r")
    await gateway.get_run_timeline("r")
    await gateway.get_run_artifacts("r")
    assert await gateway.get_deliveries("r") == []
    assert await gateway.get_sites() == []
    await gateway.aclose()
    assert asked == [
        "POST /v1/run/tasks",
        "GET /v1/runs/r",
        "GET /v1/runs?page=1&page_size=100",
        "POST /v1/runs/r/cancel",
        "GET /v1/runs/r/timeline",
        "GET /v1/runs/r/artifacts",
        "GET /_mock/deliveries?run_id=r",
        "GET /_mock/sites",
    ]


async def test_errors_of_the_client_come_through():
    """A refusal is the client's error, for the app to word."""
    gateway = answering(lambda _request: httpx.Response(404, json={"detail": "Task run not found r"}))
    with pytest.raises(NotFoundError):
        await gateway.get_run("r")
    await gateway.aclose()


@pytest.mark.parametrize(
    ("answer", "sites"),
    [
        (httpx.Response(200, json=[{"name": "news", "url": "http://h/n"}]), [Site("news", "http://h/n")]),
        (httpx.Response(404, json={"detail": "Not Found"}), ()),
        (httpx.Response(200, text="<html>"), ()),
        (httpx.Response(200, json={"name": "news"}), ()),
        (httpx.Response(200, json=[{"name": "news"}]), ()),
    ],
)
async def test_sites_are_listed_where_there_are_some(answer, sites):
    """A mock's sites are read; anything else a server may answer means none."""
    gateway = answering(lambda _request: answer)
    assert await gateway.get_sites() == sites
    await gateway.aclose()


@pytest.mark.parametrize(
    ("url", "embedded", "asks"),
    [("http://localhost:8000", False, True), ("https://api.example.com", False, False), ("http://h:1", True, True)],
)
async def test_only_local_servers_are_asked_for_sites(url, embedded, asks):
    """A server elsewhere is never asked for the mock's own paths."""
    gateway = client_gateway(Connection(url, "k", "x", embedded=embedded))
    assert gateway._has_sites is asks
    await gateway.aclose()


def test_the_key_never_shows():
    """Neither the bars nor an address with credentials in it show a secret."""
    status = Status(ManualClock())
    status.connection = Connection("http://user:secret@h:1", "key-secret", "prod")
    shown = "".join(text for text, _ in status.link_spans(200)) + repr(status.connection)
    assert "key-secret" not in shown
    assert "secret@" not in "".join(text for text, _ in status.link_spans(200))


def test_importing_the_app_loads_no_network():
    """The first paint waits neither for httpx nor for the wire models; the package itself is free of Textual."""
    code = (
        "import sys, skyvern_tui.tui; assert not any(m.startswith('textual') for m in sys.modules), 'textual';"
        "import skyvern_tui.tui.app;"
        "late = {'httpx', 'pydantic', 'PIL', 'pygments.lexers'} & set(sys.modules); assert not late, late"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_answers_are_kept_as_they_came():
    """The last answer to each call about a run is there with status and time; a refusal is one, too."""
    bodies = [b"[ ]", b"[ ]", b"[]"]

    def handler(request):
        if request.url.path.endswith("/artifacts"):
            return httpx.Response(400, json={"detail": "not this run"})
        return httpx.Response(200, content=bodies.pop(0), headers={"content-type": "application/json"})

    gateway = answering(handler)
    first = await gateway.get_run_timeline("r")
    assert await gateway.get_run_timeline("r") is first
    assert await gateway.get_run_timeline("r") is not first
    with pytest.raises(BadRequestError):
        await gateway.get_run_artifacts("r")
    timeline, artifacts = gateway.answers("r")
    assert (timeline.method, timeline.path, timeline.status, timeline.content) == (
        "GET",
        "/v1/runs/r/timeline",
        200,
        b"[]",
    )
    assert (artifacts.path, artifacts.status, artifacts.body()) == (
        "/v1/runs/r/artifacts",
        400,
        {"detail": "not this run"},
    )
    assert gateway.answers("another") == []
    await gateway.aclose()


async def test_a_long_timeline_is_read_in_parts(monkeypatch):
    """Read in parts it is what it is read at once, other work goes on meanwhile, and a wrong shape is still told."""
    items = [a_thought(number, when=number) for number in range(120)]
    answer = TIMELINE.dump_json(items)
    monkeypatch.setattr("skyvern_tui.tui.calling.LARGE", 1000)
    gateway = answering(lambda _request: httpx.Response(200, content=answer))
    turns = 0

    async def other_work():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(other_work())
    assert await gateway.get_run_timeline("r") == items
    other.cancel()
    assert turns >= 3
    for wrong in (b'[{"type": 1}]', b'{"detail": []}'):
        answer = wrong + b" " * 1000
        with pytest.raises(ResponseParseError, match="another shape"):
            await gateway.get_run_timeline("r")
        assert gateway.answers("r")[0].body() == json.loads(wrong)
    await gateway.aclose()


async def test_a_server_that_tells_nothing_of_deliveries_has_none():
    """Only a mock tells of them; elsewhere the path does not exist, which is no trouble."""
    gateway = answering(lambda _request: httpx.Response(404, json={"detail": "Not Found"}))
    assert list(await gateway.get_deliveries("r")) == []
    await gateway.aclose()
