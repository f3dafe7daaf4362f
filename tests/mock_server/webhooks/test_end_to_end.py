"""A real server process tells a real receiver, across kill -9 as well."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.settings import DEFAULT_API_KEY

SERVER = str(Path(__file__).parents[1] / "scripted_server.py")
KEY = "a-key"
PATIENCE = 30.0


class Server:
    """A mock server as a process; its agent is done at once."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process = process
        self.client = httpx.AsyncClient(base_url=url, headers={"x-api-key": KEY}, timeout=PATIENCE)

    async def post_run(self, webhook_url: str, **headers: str) -> str:
        body = {"prompt": "at once", "url": "http://127.0.0.1:9/", "webhook_url": webhook_url}
        answer = await self.client.post("/v1/run/tasks", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["run_id"])

    async def deliveries(self, run_id: str) -> list[dict[str, Any]]:
        answer = await self.client.get("/_mock/deliveries", params={"run_id": run_id})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.communicate()
        await self.client.aclose()


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[[], Awaitable[Server]]]:
    """Return a function that starts a server on the test's data directory; all are killed at the end."""
    servers = []

    async def start() -> Server:
        process = await asyncio.create_subprocess_exec(
            sys.executable, SERVER, str(tmp_path), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
        servers.append(Server(process, json.loads(line)["url"]))
        return servers[-1]

    yield start
    for server in servers:
        await server.kill()


async def until(look: Callable[[], Awaitable[Any]]) -> None:
    """Wait for something another process does."""
    async with asyncio.timeout(PATIENCE):
        while not await look():  # noqa: ASYNC110  # it has no event to wait for
            await asyncio.sleep(0.01)


def genuine(request: Any, key: str = KEY) -> bool:
    """Verify a request as a receiver would, with nothing but its raw body and the key."""
    signature = hmac.new(key.encode(), request.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature, request.header("x-skyvern-signature"))


async def test_a_run_is_told_signed_and_sent_again_when_asked(start: Any, receiver: Any):
    """The receiver gets what the API shows, can verify it on the raw bytes, and gets it again by retry_webhook."""
    server = await start()
    run_id = await server.post_run(receiver.url)
    await receiver.arrived(1)
    (told,) = receiver.received
    assert genuine(told)
    payload = json.loads(told.body)
    run = (await server.client.get(f"/v1/runs/{run_id}")).json()
    same = ("run_id", "status", "output", "app_url", "finished_at", "run_type", "errors", "step_count")
    assert {name: payload[name] for name in same} == {name: run[name] for name in same}
    assert (payload["status"], payload["webhook_callback_url"]) == ("completed", receiver.url)

    answer = (await server.client.post(f"/v1/runs/{run_id}/retry_webhook")).json()
    assert (answer["status_code"], answer["response_body"], answer["error"]) == (200, '{"received": true}', None)
    again = receiver.received[1]
    assert genuine(again)
    assert answer["payload"].encode() == again.body
    assert answer["headers"]["x-skyvern-signature"] == again.header("x-skyvern-signature")
    assert [(found["trigger"], found["state"]) for found in await server.deliveries(run_id)] == [
        ("replay", "delivered"),
        ("original", "delivered"),
    ]


async def test_a_delivery_survives_kill_9_and_goes_on_when_its_key_is_used(start: Any, receiver: Any):
    """Killed while it waits to try again, it is sent by the next server with the same signature, but not before."""
    receiver.replies = [b"HTTP/1.1 503 X\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n"]
    server = await start()
    run_id = await server.post_run(receiver.url)
    await receiver.arrived(1)

    async def tried() -> bool:
        return bool((await server.deliveries(run_id))[0]["attempts"])

    async def settled() -> bool:
        return bool((await server.deliveries(run_id))[0]["state"] != "pending")

    await until(tried)
    await server.kill()

    receiver.replies = [b"HTTP/1.1 204 X\r\n\r\n"]
    server = await start()
    assert (await server.client.get("/health", headers={"x-api-key": ""})).status_code == 200
    await asyncio.sleep(0.2)
    assert len(receiver.received) == 1
    assert (await server.client.get(f"/v1/runs/{run_id}")).json()["status"] == "completed"
    await receiver.arrived(2)
    assert receiver.received[0].headers == receiver.received[1].headers
    assert genuine(receiver.received[1])
    await until(settled)
    (kept,) = await server.deliveries(run_id)
    assert [attempt["status_code"] for attempt in kept["attempts"]] == [503, 204]
    assert kept["state"] == "delivered"


async def test_the_servers_own_key_need_not_be_used_again(start: Any, receiver: Any):
    """Deliveries for the key the server offers go on by themselves after a crash."""
    receiver.replies = [b"HTTP/1.1 503 X\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n"]
    server = await start()
    await server.post_run(receiver.url, **{"x-api-key": DEFAULT_API_KEY})
    await receiver.arrived(1)
    await server.kill()
    receiver.replies = [b"HTTP/1.1 204 X\r\n\r\n"]
    await start()
    await receiver.arrived(2)
    assert genuine(receiver.received[1], DEFAULT_API_KEY)
