"""The older task routes: the same runs, made and seen in another form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from mock_server.agent.events import Action, BlockOpened
from mock_server.artifacts.writer import Belonging
from mock_server.engine.bodies import action_body, block_body
from mock_server.engine.lifecycle import advance
from mock_server.services import Services
from mock_server.store.records import RunRecord, TimelineRecord

KEY = {"x-api-key": "test-key"}
OTHER = {"x-api-key": "other-key"}
NOBODY = {"x-api-key": ""}
TASK = {
    "url": "http://127.0.0.1:8000/sites/news/",
    "navigation_goal": "Fill in the form.",
    "navigation_payload": {"name": "Al"},
    "data_extraction_goal": "Extract the answer",
    "extracted_information_schema": {"type": "object"},
    "webhook_callback_url": "http://127.0.0.1:9/hook",
    "title": "My title",
}


@pytest.fixture
def work(services: Services) -> Callable[[RunRecord], None]:
    """Return a function that gives a run two steps, the second of which failed, each with an artifact."""

    def work(run: RunRecord) -> None:
        now = services.clock.now()
        opened = BlockOpened("navigation", "go", "Goes", url="http://127.0.0.1/")
        body = block_body(run, opened, services.ids.new("wrb"), run.task_id, now.isoformat(), page_url="")
        for order, status in enumerate(("completed", "failed")):
            action = action_body(
                run, Action("click", "It is there."), now.isoformat(), action_id=f"act_{order}", task_id=run.task_id,
                step_id=f"stp_{order}", step_order=order, action_order=0, page_url="",
            )  # fmt: skip
            body["actions"].insert(0, action | {"status": status, "response": f"It {status}."})
            belonging = Belonging(
                run.organization_id, run.run_id, run.task_id, f"stp_{order}", workflow_run_id=run.workflow_run_id,
                workflow_run_block_id=body["workflow_run_block_id"], observer_thought_id="ot_1",
            )  # fmt: skip
            services.artifacts.write("screenshot_action", b"png", belonging)
        record = TimelineRecord(body["workflow_run_block_id"], run.run_id, "block", None, 1, body, now, now)
        services.store.put_timeline(record)

    return work


def the_run(services: Services, client: httpx.AsyncClient, run_id: str) -> RunRecord:
    del client
    (run,) = [run for run in services.store.unfinished_runs() if run.run_id == run_id]
    return run


async def test_a_task_is_made_and_seen(client: httpx.AsyncClient):
    """A task of the older form is a step engine's run, found under both addresses; its goals come back apart."""
    made = (await client.post("/api/v1/tasks", json=TASK, headers=KEY)).json()
    assert list(made) == ["task_id"]
    seen = (await client.get(f"/api/v1/tasks/{made['task_id']}", headers=KEY)).json()
    assert seen["task_id"] == made["task_id"]
    assert {name: seen["request"][name] for name in TASK} == TASK
    assert (seen["status"], seen["max_steps_per_run"], seen["extracted_information"]) == ("created", 10, None)
    run = (await client.get(f"/v1/runs/{made['task_id']}", headers=KEY)).json()
    assert run["run_type"] == "task_v1"
    assert run["run_request"]["prompt"] == "Fill in the form.\nname: Al. Then Extract the answer"
    assert "legacy" not in run["run_request"]


async def test_a_new_task_is_seen_in_the_older_form(client: httpx.AsyncClient, submit: Callable[..., Any]):
    """The prompt of a task made by /v1 is the older form's navigation_goal, as recorded."""
    run = await submit(engine="skyvern-1.0", prompt="Get the title", title="My title")
    request = (await client.get(f"/api/v1/tasks/{run.run_id}", headers=KEY)).json()["request"]
    assert (request["navigation_goal"], request["data_extraction_goal"]) == ("Get the title", None)
    assert (request["title"], request["task_type"], request["include_extracted_text"]) == ("My title", "general", True)


async def test_steps_override(client: httpx.AsyncClient):
    """The header limits the steps; a number it must be."""
    headers = KEY | {"x-max-steps-override": "3"}
    task_id = (await client.post("/api/v1/tasks", json=TASK, headers=headers)).json()["task_id"]
    assert (await client.get(f"/api/v1/tasks/{task_id}", headers=KEY)).json()["max_steps_per_run"] == 3
    answer = await client.post("/api/v1/tasks", json=TASK, headers=KEY | {"x-max-steps-override": "x"})
    assert answer.status_code == 422


async def test_a_planner_task(client: httpx.AsyncClient):
    """A task of the second form is a planner's run, queued at once; it has the fields of its webhooks."""
    sent = {"user_prompt": "Get the title", "url": "http://127.0.0.1:8000/", "totp_identifier": "a@b.c"}
    made = (await client.post("/api/v2/tasks", json=sent, headers=KEY)).json()
    assert made["task_id"].startswith("tsk_v2_")
    assert (made["status"], made["prompt"], made["totp_identifier"]) == ("queued", "Get the title", "a@b.c")
    assert (await client.get(f"/api/v2/tasks/{made['task_id']}", headers=KEY)).json() == made
    run = (await client.get(f"/v1/runs/{made['task_id']}", headers=KEY)).json()
    assert run["run_type"] == "task_v2"


async def test_list_of_tasks(client: httpx.AsyncClient, submit: Callable[..., Any]):
    """Tasks of step engines, newest first, by page and status; none of a planner's."""
    runs = [await submit(engine=engine) for engine in ("skyvern-1.0", "skyvern-2.0", "openai-cua")]
    listed = (await client.get("/api/v1/tasks", headers=KEY)).json()
    assert [task["task_id"] for task in listed] == [runs[2].run_id, runs[0].run_id]
    paged = (await client.get("/api/v1/tasks?page=2&page_size=1", headers=KEY)).json()
    assert [task["task_id"] for task in paged] == [runs[0].run_id]
    assert (await client.get("/api/v1/tasks?task_status=completed", headers=KEY)).json() == []


async def test_list_of_runs(client: httpx.AsyncClient, submit: Callable[..., Any]):
    """Planner runs are seen as the runs of their workflows, step runs as tasks; ten pages at most."""
    step = await submit(engine="skyvern-1.0")
    planner = await submit(engine="skyvern-2.0")
    first, second = (await client.get("/api/v1/runs", headers=KEY)).json()
    assert (first["workflow_run_id"], len(first)) == (planner.workflow_run_id, 55)
    assert second["task_id"] == step.run_id
    assert (await client.get("/api/v1/runs?page=11", headers=KEY)).json() == []
    assert len((await client.get("/api/v1/runs?status=created&status=queued", headers=KEY)).json()) == 2
    assert (await client.get("/api/v1/runs?page=0", headers=KEY)).status_code == 422


async def test_steps_and_actions(
    client: httpx.AsyncClient, services: Services, submit: Callable[..., Any], work: Callable[[RunRecord], None]
):
    """Steps are in order, without nulls, with their actions and what came of them; actions are in order as well."""
    run = the_run(services, client, (await submit(engine="skyvern-1.0")).run_id)
    work(run)
    path = f"/api/v1/tasks/{run.run_id}"
    first, second = (await client.get(f"{path}/steps", headers=KEY)).json()
    assert [first["order"], second["order"]] == [0, 1]
    assert [first["status"], second["status"]] == ["completed", "failed"]
    assert None not in first.values()
    ((action, (result,)),) = second["output"]["actions_and_results"]
    assert (action["action_id"], result) == ("act_1", {"success": False, "exception_message": "It failed."})
    actions = (await client.get(f"{path}/actions", headers=KEY)).json()
    assert [action["action_id"] for action in actions] == ["act_0", "act_1"]
    assert not second["is_last"]
    advance(run, "canceled", services.clock.now() + timedelta(seconds=1))
    services.store.save_run(run)
    last = (await client.get(f"{path}/steps", headers=KEY)).json()[-1]
    assert (last["is_last"], last["status"]) == (True, "canceled")


async def test_artifacts_by_what_they_belong_to(
    client: httpx.AsyncClient, services: Services, submit: Callable[..., Any], work: Callable[[RunRecord], None]
):
    """Artifacts are found by step, task, workflow run, block and thought; of unknown things there are none."""
    run = the_run(services, client, (await submit(engine="skyvern-2.0")).run_id)
    work(run)
    (block,) = services.store.timeline(run.run_id)
    for kind, entity, count in (
        ("step", "stp_0", 1), ("task", run.task_id, 2), ("workflow_run", run.workflow_run_id, 2),
        ("workflow_run_block", block.item_id, 2), ("thought", "ot_1", 2), ("step", "stp_9", 0),
    ):  # fmt: skip
        found = await client.get(f"/api/v1/{kind}/{entity}/artifacts", headers=KEY)
        assert (found.status_code, len(found.json())) == (200, count), kind
        assert (await client.get(f"/api/v1/{kind}/{entity}/artifacts", headers=OTHER)).json() == []
    step = await submit(engine="skyvern-1.0")
    work(the_run(services, client, step.run_id))
    found = (await client.get(f"/api/v1/tasks/{step.run_id}/steps/stp_1/artifacts", headers=KEY)).json()
    assert [artifact["step_id"] for artifact in found] == ["stp_1"]


async def test_cancel(client: httpx.AsyncClient):
    """A task is canceled through the same engine, with the same refusals."""
    task_id = (await client.post("/api/v1/tasks", json=TASK, headers=KEY)).json()["task_id"]
    answer = await client.post(f"/api/v1/tasks/{task_id}/cancel", headers=KEY)
    assert (answer.status_code, answer.json()) == (200, None)
    assert (await client.get(f"/v1/runs/{task_id}", headers=KEY)).json()["status"] == "canceled"


PATHS = ("/api/v1/tasks/{id}", "/api/v1/tasks/{id}/steps", "/api/v1/tasks/{id}/actions", "/api/v2/tasks/{id}")


@pytest.mark.parametrize("path", PATHS)
async def test_nobody_elses(path: str, client: httpx.AsyncClient, submit: Callable[..., Any]):
    """Without a key nothing is seen; of another key's tasks nothing is found, nor of what is no task."""
    run = await submit(engine="skyvern-2.0" if "v2" in path else "skyvern-1.0")
    assert (await client.get(path.format(id=run.run_id), headers=KEY)).status_code == 200
    assert (await client.get(path.format(id=run.run_id), headers=NOBODY)).status_code == 403
    assert (await client.get(path.format(id=run.run_id), headers=OTHER)).status_code == 404
    assert (await client.get(path.format(id="tsk_1"), headers=KEY)).status_code == 404


@pytest.mark.parametrize(
    ("path", "sent", "places"),
    [
        ("/api/v1/tasks", {}, [["body", "url"]]),
        ("/api/v2/tasks", {}, [["body", "user_prompt"]]),
        ("/api/v2/tasks", {"user_prompt": 5, "url": 5}, [["body", "user_prompt"], ["body", "url"]]),
    ],
)
async def test_faulty_bodies(path: str, sent: Any, places: Any, client: httpx.AsyncClient):
    """Faults are told by their places, in the older names; addresses win, and so does a missing key."""
    answer = await client.post(path, json=sent, headers=KEY)
    assert (answer.status_code, [fault["loc"] for fault in answer.json()["detail"]]) == (422, places)
    answer = await client.post(path, json={**sent, "url": "ftp://x"}, headers=KEY)
    assert answer.status_code == 400
    assert (await client.post(path, json=sent, headers=NOBODY)).status_code == 403


async def test_unknown_kind_of_thing(client: httpx.AsyncClient):
    """Artifacts belong to five kinds of things."""
    assert (await client.get("/api/v1/nothing/x/artifacts", headers=KEY)).status_code == 422
