"""Who is let in, and what belongs to whom."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

REQUIRED = pytest.mark.parametrize("mock", [{"require_keys": ("right-key", "second-key")}], indirect=True)


async def status_with(client: httpx.AsyncClient, **headers: str) -> tuple[int, str]:
    answer = await client.get("/v1/runs", headers={"x-api-key": "", **headers})
    return answer.status_code, answer.text


async def test_any_key_is_a_tenant_of_its_own(client: httpx.AsyncClient, submit: Callable[..., Any]):
    """A run is found with the key that made it and with no other, on every route."""
    run = await submit(key="mine")
    theirs = {"x-api-key": "theirs"}
    for path in (f"/v1/runs/{run.run_id}", f"/v1/runs/{run.workflow_run_id}", f"/v1/runs/{run.run_id}/timeline"):
        assert (await client.get(path, headers={"x-api-key": "mine"})).status_code == 200
        assert (await client.get(path, headers=theirs)).status_code == 404
    assert (await client.post(f"/v1/runs/{run.run_id}/cancel", headers=theirs)).status_code == 404
    assert (await client.get("/v1/runs", headers=theirs)).json() == []
    assert (await client.get(f"/v1/runs/{run.run_id}/artifacts", headers=theirs)).json() == []
    assert run.status == "queued"


async def test_artifact_of_another_tenant_is_unknown(
    client: httpx.AsyncClient, submit: Callable[..., Any], keep: Callable[..., Any]
):
    """An artifact, its content and links to it are there for the key that made the run only."""
    record = keep(await submit(key="mine"), "har")
    for tail in ("", "/content", "/signed-url"):
        path = f"/v1/artifacts/{record.artifact_id}{tail}"
        assert (await client.get(path, headers={"x-api-key": "mine"})).status_code == 200
        assert (await client.get(path, headers={"x-api-key": "theirs"})).status_code == 404


async def test_ways_to_be_turned_down(client: httpx.AsyncClient):
    """No key, a key in the wrong header and a key with a scheme before it are told apart as by the service."""
    assert await status_with(client) == (403, '{"detail":"Invalid credentials"}')
    assert await status_with(client, authorization="Bearer k") == (403, '{"detail":"Invalid authentication method"}')
    assert await status_with(client, authorization="Basic k") == (403, '{"detail":"Invalid credentials"}')
    wrong = {"x-api-key": "Bearer k"}
    assert await status_with(client, **wrong) == (403, '{"detail":"Could not validate credentials"}')


@REQUIRED
async def test_required_keys(client: httpx.AsyncClient):
    """When keys are required, each of them is let in and nothing else."""
    for key, status in (("right-key", 200), ("second-key", 200), ("right-ke", 403), ("other", 403)):
        assert (await client.get("/v1/runs", headers={"x-api-key": key})).status_code == status


async def test_key_outside_ascii_is_a_key(client: httpx.AsyncClient):
    """A key may be any bytes a header can hold."""
    for key in ("schlüssel".encode(), b"\xff\xfe"):
        assert (await client.get("/v1/runs", headers={"x-api-key": key})).status_code == 200


@REQUIRED
@pytest.mark.wrong_on_purpose
async def test_keys_stay_out_of_logs_and_reprs(
    client: httpx.AsyncClient, services: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    """No key is in a log line, not even of a request that broke something, nor in the repr of the settings."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(services.store, "runs", lambda *_, **__: 1 / 0)
    answer = await client.get("/v1/runs", headers={"x-api-key": "right-key"})
    assert answer.status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert "right-key" not in caplog.text + repr(services) + answer.text


async def test_no_key_is_needed_to_ask_what_this_is(client: httpx.AsyncClient):
    """Version, health, sites and documentation are open; unknown paths are unknown rather than forbidden."""
    for path in ("/v1/version", "/health", "/_mock/sites", "/docs", "/openapi.json", "/api/v1/heartbeat"):
        assert (await client.get(path, headers={"x-api-key": ""})).status_code == 200, path
    assert (await client.get("/v1/nope", headers={"x-api-key": ""})).status_code == 404
