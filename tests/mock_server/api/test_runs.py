"""The list of runs, cancelling, timelines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from mock_server.engine.lifecycle import advance
from mock_server.store.records import TimelineRecord

OSS = pytest.mark.parametrize("mock", [{"dialect": "oss"}], indirect=True)
BOTH = pytest.mark.parametrize("mock", [{"dialect": "cloud"}, {"dialect": "oss"}], indirect=True)


@pytest.fixture
def finish(services: Any) -> Callable[..., None]:
    """Return a function that brings a run to an end."""

    def finish(run: Any, status: str = "completed") -> None:
        if run.status != "running":
            advance(run, "running", services.clock.now())
        reason = {} if status in ("completed", "canceled") else {"failure_reason": "The page is gone. Try later."}
        advance(run, status, services.clock.now(), **reason)
        services.store.save_run(run)

    return finish


async def listed(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get("/v1/runs", params=params)
    assert answer.status_code == 200, answer.text
    return [item["run_id"] for item in answer.json()]


async def test_pages_newest_first(client: httpx.AsyncClient, submit: Callable[..., Any], clock: Any):
    """Ten to a page unless asked otherwise, newest first; a page beyond the end is empty."""
    ids = []
    for _ in range(12):
        ids.insert(0, (await submit()).run_id)
        clock.move(1)
    assert await listed(client) == ids[:10]
    assert await listed(client, page=2, page_size=5) == ids[5:10]
    assert await listed(client, page=100, unknown="ignored") == []


async def test_filters(client: httpx.AsyncClient, submit: Callable[..., Any], finish: Callable[..., None]):
    """Statuses and run types repeat as alternatives; a search looks into title, address and id."""
    planner = (await submit(title="Weekly Report")).run_id
    step = await submit(engine="skyvern-1.0", url="https://shop.example/")
    finish(step, "failed")
    assert await listed(client, status=["failed", "terminated"]) == [step.run_id]
    assert await listed(client, run_type="task_v2") == [planner]
    assert await listed(client, run_type=["task_v1", "task_v2"]) == [step.run_id, planner]
    assert await listed(client, search_key="weekly rep") == [planner]
    assert await listed(client, search_key="SHOP.example") == [step.run_id]
    assert await listed(client, search_key=planner) == [planner]
    assert await listed(client, search_key="%%%") == []
    assert await listed(client, workflow_permanent_id="wpid_1") == []


@pytest.mark.parametrize(
    ("query", "place", "kind"),
    [
        ("page=0", "page", "greater_than_equal"),
        ("page=101", "page", "less_than_equal"),
        ("page=x", "page", "int_parsing"),
        ("page_size=101", "page_size", "less_than_equal"),
        ("search_key=ab", "search_key", "string_too_short"),
        ("status=bogus", "status", "enum"),
        ("run_type=task_v9", "run_type", "enum"),
    ],
)
async def test_faulty_queries(query: str, place: str, kind: str, client: httpx.AsyncClient):
    """A parameter out of its range is a 422 that names it."""
    (fault,) = (await client.get(f"/v1/runs?{query}")).json()["detail"]
    assert (fault["type"], fault["loc"][:2]) == (kind, ["query", place])


@BOTH
@pytest.mark.parametrize("engine", ["skyvern-1.0", "skyvern-2.0"])
async def test_cancel_running(engine: str, client: httpx.AsyncClient, submit: Callable[..., Any], services: Any):
    """Cancelling answers null, and the very next read says canceled, with an end and no reason."""
    run = await submit(engine=engine)
    advance(run, "running", services.clock.now())
    services.store.save_run(run)
    answer = await client.post(f"/v1/runs/{run.run_id}/cancel")
    assert (answer.status_code, answer.content) == (200, b"null")
    body = (await client.get(f"/v1/runs/{run.run_id}")).json()
    assert (body["status"], body["failure_reason"], bool(body["finished_at"])) == ("canceled", None, True)


async def test_cancel_finished_in_cloud(client: httpx.AsyncClient, submit: Callable[..., Any], finish: Any):
    """In the cloud dialect cancelling a finished run does nothing, as documented."""
    for engine in ("skyvern-1.0", "skyvern-2.0"):
        run = await submit(engine=engine)
        finish(run)
        before = (await client.get(f"/v1/runs/{run.run_id}")).content
        assert (await client.post(f"/v1/runs/{run.run_id}/cancel")).content == b"null"
        assert (await client.get(f"/v1/runs/{run.run_id}")).content == before


@OSS
@pytest.mark.parametrize("status", ["completed", "failed", "terminated"])
async def test_cancel_finished_step_run_in_oss(
    *, status: str, client: httpx.AsyncClient, submit: Callable[..., Any], finish: Any
):
    """A self-hosted server refuses to cancel a finished step run and names both statuses; planner runs it lets pass."""
    step, planner = await submit(engine="skyvern-1.0"), await submit(engine="skyvern-2.0")
    finish(step, status)
    finish(planner, status)
    answer = await client.post(f"/v1/runs/{step.run_id}/cancel")
    text = f"Invalid task status transition from {status} to canceled for {step.run_id}"
    assert (answer.status_code, answer.json()) == (400, {"detail": text})
    assert (await client.post(f"/v1/runs/{planner.run_id}/cancel")).content == b"null"
    assert planner.status == status


@OSS
async def test_cancel_twice_in_oss(client: httpx.AsyncClient, submit: Callable[..., Any]):
    """The second cancel of a step run is refused with a text of its own."""
    run = await submit(engine="skyvern-1.0")
    assert (await client.post(f"/v1/runs/{run.run_id}/cancel")).status_code == 200
    answer = await client.post(f"/v1/runs/{run.run_id}/cancel")
    assert answer.json()["detail"].endswith(f"to canceled for {run.run_id} because task is already canceled")


async def test_cancel_under_the_hidden_id(client: httpx.AsyncClient, submit: Callable[..., Any]):
    """Under the id of its hidden workflow run a run is read but not cancelled."""
    run = await submit()
    answer = await client.post(f"/v1/runs/{run.workflow_run_id}/cancel")
    assert (answer.status_code, answer.json()) == (404, {"detail": f"Run not found {run.workflow_run_id}"})
    assert run.status == "queued"


@OSS
async def test_bulk_cancel(client: httpx.AsyncClient, submit: Callable[..., Any], finish: Any):
    """Each id is tried once; those that could not be cancelled are listed, whatever the reason."""
    going_on, over = await submit(), await submit(engine="skyvern-1.0")
    finish(over)
    ids = [going_on.run_id, "tsk_1", over.run_id, going_on.run_id, "tsk_1"]
    answer = (await client.post("/v1/runs/cancel", json={"run_ids": ids})).json()
    assert answer == {"cancelled": [going_on.run_id], "failed": ["tsk_1", over.run_id]}


@pytest.mark.wrong_on_purpose
async def test_timeline_order(client: httpx.AsyncClient, submit: Callable[..., Any], services: Any):
    """Items, children and actions are newest first; an item whose parent is missing is not lost."""
    run = await submit()
    start = services.clock.now()

    def put(name: str, second: int, parent: str | None = None, kind: str = "block") -> None:
        moment = start + timedelta(seconds=second)
        actions = [{"action_id": str(order), "created_at": f"2026-01-01T00:00:0{order}"} for order in range(3)]
        body = {"name": name, "actions": actions}
        services.store.put_timeline(TimelineRecord(name, run.run_id, kind, parent, 1, body, moment, moment))

    put("wrb_1", 1)
    put("wrb_2", 2, "wrb_1")
    put("wrb_3", 3, "wrb_1")
    put("ot_4", 4, kind="thought")
    put("wrb_5", 5, "wrb_gone")
    items = (await client.get(f"/v1/runs/{run.run_id}/timeline")).json()
    assert [(item["block"] or item["thought"])["name"] for item in items] == ["wrb_5", "ot_4", "wrb_1"]
    assert [child["block"]["name"] for child in items[2]["children"]] == ["wrb_3", "wrb_2"]
    assert [action["action_id"] for action in items[2]["block"]["actions"]] == ["2", "1", "0"]
    assert list(items[0]) == ["type", "attempt", "block", "thought", "children", "created_at", "modified_at"]
    assert (await client.get(f"/v1/runs/{run.workflow_run_id}/timeline")).json() == items


@OSS
async def test_step_run_has_no_timeline_in_oss(client: httpx.AsyncClient, submit: Callable[..., Any]):
    """A self-hosted server has timelines of planner runs only."""
    run = await submit(engine="skyvern-3.0")
    answer = await client.get(f"/v1/runs/{run.run_id}/timeline")
    assert (answer.status_code, answer.json()) == (400, {"detail": "Timeline not available for run type task_v3"})
