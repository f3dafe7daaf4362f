"""Artifacts as they are listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest


async def types_of(client: httpx.AsyncClient, run_id: str, **params: Any) -> list[str]:
    answer = await client.get(f"/v1/runs/{run_id}/artifacts", params=params)
    assert answer.status_code == 200, answer.text
    return [item["artifact_type"] for item in answer.json()]


async def test_oldest_first_and_filtered(client: httpx.AsyncClient, submit: Callable[..., Any], keep: Any):
    """Artifacts come in the order they were made; types repeat as alternatives."""
    run = await submit()
    for kind in ("recording", "har", "screenshot_final", "har"):
        keep(run, kind)
    assert await types_of(client, run.run_id) == ["recording", "har", "screenshot_final", "har"]
    assert await types_of(client, run.run_id, artifact_type=["har", "recording"]) == ["recording", "har", "har"]
    assert await types_of(client, run.run_id, artifact_type="pdf") == []
    assert await types_of(client, run.run_id, **{"artifact_type[]": "pdf"}) == await types_of(client, run.run_id)


async def test_unknown_run_has_none(client: httpx.AsyncClient):
    """An unknown run has an empty list rather than a 404."""
    assert await types_of(client, "anything") == []


@pytest.mark.parametrize("value", ["nope", "", "RECORDING", "har,recording"])
async def test_unknown_type(value: str, client: httpx.AsyncClient):
    """What is no type is a 422 that lists the types and names the place."""
    answer = await client.get("/v1/runs/x/artifacts", params={"artifact_type": value})
    (fault,) = answer.json()["detail"]
    assert (answer.status_code, fault["loc"], fault["input"]) == (422, ["query", "artifact_type", 0], value)
    assert "'recording'" in fault["msg"]


@pytest.mark.parametrize(("mock", "found"), [({"dialect": "cloud"}, 1), ({"dialect": "oss"}, 0)], indirect=["mock"])
async def test_under_which_id_planner_runs_have_artifacts(
    *, found: int, client: httpx.AsyncClient, submit: Callable[..., Any], keep: Callable[..., Any]
):
    """A self-hosted server lists a planner run's artifacts only under its workflow run; the cloud under both ids."""
    run = await submit(engine="skyvern-2.0")
    keep(run, "har")
    assert len(await types_of(client, run.run_id)) == found
    assert len(await types_of(client, run.workflow_run_id)) == 1


async def test_one_artifact(client: httpx.AsyncClient, submit: Callable[..., Any], keep: Any, services: Any):
    """An artifact says what it belongs to, how large it is and where it lies."""
    run = await submit()
    record = keep(run, "har", b"{}")
    item = (await client.get(f"/v1/artifacts/{record.artifact_id}")).json()
    assert item == (await client.get(f"/v1/runs/{run.run_id}/artifacts")).json()[0]
    assert (item["run_id"], item["observer_cruise_id"], item["workflow_run_id"]) == (
        run.run_id, run.run_id, run.workflow_run_id,
    )  # fmt: skip
    assert (item["file_size"], item["checksum"]) == (2, record.checksum)
    assert item["uri"] == services.artifacts.path(record).as_uri()
