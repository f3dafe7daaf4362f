"""The self-check listens to what passes, for each tenant, and costs nothing when it is off."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import Any

import httpx
import pytest

from mock_server.api.auth import Doorman
from mock_server.api.conforming import INJECTED, MAX_BYTES, Conforming
from mock_server.api.front import Front

PATH = "/_mock/conformance"


async def found(client: httpx.AsyncClient, key: str = "test-key", **query: str) -> Any:
    answer = await client.get(PATH, params=query, headers={"x-api-key": key})
    assert answer.status_code == 200
    return answer.json()


async def test_findings_of_a_tenant(client: httpx.AsyncClient):
    """A tenant is shown what its own requests brought to light, by party, and can forget it."""
    await client.post("/v1/run/tasks", json={"promt": "p"})
    body = await found(client)
    assert (body["on"], body["checked"], body["counts"]) == (True, 1, {"client": 2, "schema": 0, "mock": 0})
    assert {(line["operation"], line["status"], line["where"]) for line in body["findings"]} == {
        ("POST /v1/run/tasks", 422, ""),
        ("POST /v1/run/tasks", 422, "/promt"),
    }
    assert (await found(client, blame="mock"))["findings"] == []
    assert (await found(client, key="other"))["checked"] == 0
    assert (await client.delete(PATH)).status_code == 204
    assert (await found(client))["checked"] == 0


async def test_requests_without_a_key(client: httpx.AsyncClient, services: Any):
    """What is refused for want of a key is checked too, and shown to no tenant."""
    assert (await client.get("/v1/runs", headers={"x-api-key": ""})).status_code == 403
    assert (await found(client))["checked"] == 0
    assert services.conformance.of(None).checked == 1
    assert (await client.get(PATH, headers={"x-api-key": ""})).status_code == 403


@pytest.mark.wrong_on_purpose
@pytest.mark.parametrize("mock", [{"self_check": True}], indirect=True)
async def test_wrong_answer_is_found(
    client: httpx.AsyncClient, services: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """An answer that breaks the contract is blamed on the mock and logged once, however often it is given."""
    monkeypatch.setattr(services.store, "runs", lambda *_, **__: 1 / 0)
    caplog.set_level(logging.ERROR, "mock_server.conformance")
    for _ in range(3):
        await client.get("/v1/runs")
    assert (await found(client))["counts"]["mock"] == 3
    assert [str(finding) for finding in services.conformance.blamed("mock")] == [
        "GET /v1/runs -> 500: status: the status is not published"
    ]
    assert len([record for record in caplog.records if record.name == "mock_server.conformance"]) == 1


@pytest.mark.wrong_on_purpose
async def test_off(mock: Any, client: httpx.AsyncClient):
    """Without the setting nothing listens, and the findings say that it is off."""
    await client.post("/v1/run/tasks", json={})
    assert await found(client) == {
        "on": False,
        "checked": 0,
        "counts": {"client": 0, "schema": 0, "mock": 0},
        "findings": [],
        "beyond": 0,
    }
    assert isinstance(mock.application()._front, Front)


def test_off_loads_nothing():
    """Without the setting the validators are not even imported."""
    code = "import sys, mock_server.api, mock_server.app; assert 'jsonschema_rs' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def answering(body: bytes, services: Any) -> Conforming:
    """Return the self-check around an application that always answers ``body``, in pieces."""

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        for start in range(0, len(body), 1 << 20):
            await send({"type": "http.response.body", "body": body[start : start + (1 << 20)], "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return Conforming(app, services.conformance, Doorman(services.settings, services.tenants))


@pytest.mark.wrong_on_purpose
@pytest.mark.parametrize("mock", [{"self_check": True}], indirect=True)
@pytest.mark.parametrize(("body", "extra", "wrong"), [
    (b"[5]", {}, 1),
    (b"[5]", {INJECTED: True}, 0),
    (b"[" + b" " * MAX_BYTES + b"5]", {}, 0),
])  # fmt: skip
async def test_what_is_looked_at(body: bytes, extra: dict[str, Any], wrong: int, services: Any):
    """Wrong answers given on purpose, and bodies too large to keep, are passed on unread."""
    sent = []
    scope = {"type": "http", "method": "GET", "path": "/v1/runs", "query_string": b"", "headers": [], **extra}

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    await answering(body, services)(scope, receive, send)
    assert b"".join(sent) == body
    assert len(services.conformance.blamed("mock")) == wrong
