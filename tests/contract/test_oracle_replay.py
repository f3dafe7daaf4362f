"""What a real self-hosted server was seen to answer, this one answers too.

The exchanges in ``fixtures/oracle`` were recorded from it. Those that need a certain state
first (runs that ended, sessions, workflows) are replayed by ``test_oracle_stateful``.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from mock_server.app import Composition
from mock_server.settings import Settings

EXCHANGES = Path(__file__).parents[2] / "fixtures" / "oracle" / "exchanges.jsonl"
RECORDED = [json.loads(line) for line in EXCHANGES.read_text(encoding="utf-8").splitlines()]

ACCEPTED = {
    "url_unresolvable_v2_default_rules": "offline, so no host is looked up when a run is made",
    "ssrf_on_url_unresolvable": "offline, so no host is looked up when a run is made",
}
"""Differences that are meant, each with its reason; the test below keeps the list honest."""

_ID = re.compile(r"\b(tsk_v2|tsk|wr)_\d{17,19}")
_APP = re.compile(r"http://(?:localhost:8080|127\.0\.0\.1:8000)/runs/")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?")


def comparable(body: str) -> str:
    """Return a body with the things that differ from one run to the next taken out."""
    return _MOMENT.sub("<moment>", _APP.sub("<app>/", _ID.sub(r"\1_<id>", body)))


def body_bytes(body: Any) -> bytes:
    """Return the body that was sent; bytes that are no text were recorded as U+FFFD."""
    if body is None:
        return b""
    text = body if isinstance(body, str) else json.dumps(body)
    return text.encode().replace("\ufffd".encode(), b"\xff")


async def replay(client: httpx.AsyncClient, exchange: dict[str, Any]) -> httpx.Response:
    """Send a recorded request."""
    request = exchange["request"]
    return await client.request(
        request["method"],
        httpx.URL(f"http://127.0.0.1:8000{request['path']}").copy_with(query=request["query"].encode() or None),
        headers=request["headers"],
        content=body_bytes(request["body"]),
    )


def differences(exchange: dict[str, Any], answer: httpx.Response) -> list[str]:
    """Return what of status, body and headers is not as recorded."""
    recorded = exchange["response"]
    found = []
    if answer.status_code != recorded["status"]:
        found.append(f"status {answer.status_code} instead of {recorded['status']}: {answer.text}")
    if comparable(answer.text) != comparable(recorded["body"] or ""):
        found.append(f"body\n{comparable(answer.text)}\ninstead of\n{comparable(recorded['body'] or '')}")
    mine = [[name.decode(), value.decode()] for name, value in answer.headers.raw]
    wanted = recorded["headers"]
    if recorded["status"] == 200 and exchange["request"]["path"] == "/v1/run/tasks":
        mine, wanted = ([header for header in some if header[0] != "content-length"] for some in (mine, wanted))
    if mine != wanted:
        found.append(f"headers {mine} instead of {wanted}")
    return found


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[bool, ASGIApp]]:
    """Two self-hosted servers: one that takes private hosts, one that blocks them. Neither executes anything."""
    made = {
        blocks: Composition(
            Settings(data_dir=tmp_path_factory.mktemp("replayed"), dialect="oss", block_private_hosts=blocks)
        )
        for blocks in (False, True)
    }
    yield {blocks: composition.application() for blocks, composition in made.items()}
    for composition in made.values():
        asyncio.run(composition.close())


@pytest.mark.parametrize("exchange", RECORDED, ids=lambda exchange: exchange["name"])
async def test_answers_as_recorded(exchange: dict[str, Any], servers: dict[bool, ASGIApp]):
    """Status, body and headers with their order are those of the real server, but for the accepted differences."""
    server = servers[exchange["name"].startswith("ssrf_on")]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(server)) as client:
        found = differences(exchange, await replay(client, exchange))
    if exchange["name"] in ACCEPTED:
        assert found, "this difference is gone: take it off the list"
    else:
        assert not found, "\n".join(found)


def test_accepted_differences_were_recorded():
    """Every accepted difference names an exchange that is replayed."""
    assert set(ACCEPTED) <= {exchange["name"] for exchange in RECORDED}
