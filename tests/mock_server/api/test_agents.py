"""Published workflows and scripts over the API: lists, runs, refusals, and nobody else's things."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mock_server.agent.events import BlockOpened, ScriptMade
from mock_server.engine.bodies import block_body
from mock_server.engine.published import Published
from mock_server.ids import organization_for
from mock_server.services import Services
from mock_server.store.records import RunRecord, TimelineRecord

KEY = {"x-api-key": "test-key"}
OTHER = {"x-api-key": "other-key"}
NOBODY = {"x-api-key": ""}
BLOCKS = ("goto_url", "login", "navigation", "extraction", "file_download", "wait", "validation", "print_page")

both_dialects = pytest.mark.parametrize("mock", [{"dialect": "cloud"}, {"dialect": "oss"}], indirect=True)


@pytest.fixture
def publish(services: Services, submit: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that publishes what a task's run came to, with a block of every kind."""

    async def publish(**request: Any) -> RunRecord:
        run: RunRecord = await submit(publish_workflow=True, engine="skyvern-2.0", **request)
        now = services.clock.now()
        for kind in BLOCKS:
            opened = BlockOpened(kind, kind, f"Do {kind}", url=run.request["url"], extraction_goal="the title")
            block_id = services.ids.new("wrb")
            body = block_body(run, opened, block_id, run.task_id, now.isoformat(), page_url="")
            services.store.put_timeline(TimelineRecord(block_id, run.run_id, "block", None, 1, body, now, now))
        script = ScriptMade({"version": 1, "blocks": [{"steps": []}]}, "print('done')\n")
        Published(services.store, services.tenants).keep(run, script)
        return run

    return publish


@both_dialects
async def test_a_published_run_is_listed(client: httpx.AsyncClient, publish: Callable[..., Any]):
    """The hidden workflow of the run is listed under its ids, with the run's blocks, and found by its own address."""
    run = await publish(title="Top post")
    (found,) = (await client.get("/v1/agents", headers=KEY)).json()
    assert (found["workflow_permanent_id"], found["workflow_id"]) == (run.workflow_permanent_id, run.workflow_id)
    assert (found["agent_id"], found["title"], found["status"]) == (run.workflow_permanent_id, "Top post", "published")
    assert [block["block_type"] for block in found["workflow_definition"]["blocks"]] == list(BLOCKS)
    assert (await client.get("/v1/workflows/", headers=KEY)).json() == [found]
    for path in ("agents", "workflows"):
        assert (await client.get(f"/v1/{path}/{run.workflow_permanent_id}", headers=KEY)).json() == found


async def test_paging_and_search(client: httpx.AsyncClient, publish: Callable[..., Any]):
    """Newest first, a page at a time; found by title, url or id, without regard to case; by status published only."""
    runs = [await publish(title=f"Run {name}") for name in ("Alpha", "Beta", "Gamma")]

    async def titles(query: str) -> list[str]:
        answer = await client.get(f"/v1/agents?{query}", headers=KEY)
        assert answer.status_code == 200, answer.text
        return [item["title"].removeprefix("Run ") for item in answer.json()]

    assert await titles("page_size=2") == ["Gamma", "Beta"]
    assert await titles("page=2&page_size=2") == ["Alpha"]
    assert await titles("search_key=BETA") == ["Beta"]
    assert await titles("title=alph") == ["Alpha"]
    assert await titles(f"search_key={runs[0].workflow_permanent_id}") == ["Alpha"]
    assert await titles("status=published&status=draft") == ["Gamma", "Beta", "Alpha"]
    assert await titles("status=draft") == []
    assert await titles("only_templates=true") == []
    assert (await client.get("/v1/agents?page=0", headers=KEY)).status_code == 422


@both_dialects
@pytest.mark.parametrize(("path", "field"), [("agents", "agent_id"), ("workflows", "workflow_id")])
async def test_running_it(client: httpx.AsyncClient, services: Services, publish: Any, path: str, field: str):
    """Its run is created under a wr_ id with the workflow's title and task, under the new and the old names."""
    published = await publish(title="Top post", prompt="Find {{what}} here")
    body = {field: published.workflow_permanent_id, "parameters": {"what": "the top post"}, "title": "mine"}
    answer = await client.post(f"/v1/run/{path}", json=body, headers=KEY | {"x-max-steps-override": "3"})
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert (made["run_type"], made["status"], made["attempts"]) == ("workflow_run", "created", [])
    assert made["run_request"]["workflow_id"] == published.workflow_permanent_id
    assert made["run_request"]["title"] == "Top post"
    assert made["run_request"]["parameters"] == {"what": "the top post"}
    run = services.store.run(organization_for("test-key"), made["run_id"])
    assert run is not None
    assert (run.request["prompt"], run.request["max_steps"]) == ("Find the top post here", 3)
    assert run.request["url"] == published.request["url"]
    query = f"/v1/runs?workflow_permanent_id={published.workflow_permanent_id}"
    assert [row["run_id"] for row in (await client.get(query, headers=KEY)).json()] == [run.run_id]


@both_dialects
@pytest.mark.parametrize("path", ["agents", "workflows"])
async def test_refused_runs(client: httpx.AsyncClient, publish: Callable[..., Any], path: str):
    """No key, no id, an unknown id, a bad limit, address, session or header: each refused in the service's form."""
    published = await publish()
    known = {"agent_id": published.workflow_permanent_id}
    address = f"/v1/run/{path}"
    assert (await client.post(address, json=known, headers=NOBODY)).status_code == 403
    missing = await client.post(address, json={}, headers=KEY)
    assert missing.status_code == 422
    fault = {"type": "missing", "loc": ["body", "agent_id"], "msg": "Field required", "input": {}}
    assert missing.json() == {"detail": [fault]}
    unknown = await client.post(address, json={"agent_id": "wpid_1"}, headers=KEY)
    assert (unknown.status_code, unknown.json()) == (
        404, {"detail": "Workflow not found. workflow_permanent_id=wpid_1"},
    )  # fmt: skip
    for minutes in (0, 481):
        answer = await client.post(address, json=known | {"max_elapsed_time_minutes": minutes}, headers=KEY)
        assert answer.json()["detail"][0]["loc"] == ["body", "max_elapsed_time_minutes"]
    assert (await client.post(address, json=known | {"webhook_url": "ftp://h/"}, headers=KEY)).status_code == 400
    session = await client.post(address, json=known | {"browser_session_id": "pbs_1"}, headers=KEY)
    assert session.status_code == 404


async def test_a_scripted_run_of_it(client: httpx.AsyncClient, publish: Callable[..., Any]):
    """The headers that script a task script a workflow's run as well."""
    published = await publish(title="Scripted")
    headers = {"x-mock-progression": "immediate", "x-mock-end": "failed; reason=The site is down"}
    sent = {"agent_id": published.workflow_permanent_id}
    run_id = (await client.post("/v1/run/agents", json=sent, headers=headers)).json()["run_id"]
    run = (await client.get(f"/v1/runs/{run_id}")).json()
    assert (run["status"], run["failure_reason"]) == ("failed", "The site is down")


@pytest.mark.wrong_on_purpose  # the self-check reads bodies, not headers
async def test_a_number_of_steps_that_is_none(client: httpx.AsyncClient, publish: Callable[..., Any]):
    """A header that is no number is a fault of the header, named as such."""
    published = await publish()
    body = {"agent_id": published.workflow_permanent_id}
    answer = await client.post("/v1/run/agents", json=body, headers=KEY | {"x-max-steps-override": "many"})
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["header", "x-max-steps-override"])


@both_dialects
async def test_scripts_of_a_published_run(client: httpx.AsyncClient, publish: Callable[..., Any]):
    """The code of a published workflow is a script with one revision; running it by itself is not implemented."""
    run = await publish()
    (found,) = (await client.get("/v1/scripts", headers=KEY)).json()
    assert found["script_id"].startswith("s_")
    assert found["script_revision_id"].startswith("sr_")
    assert (found["version"], found["run_id"]) == (1, run.run_id)
    assert (await client.get(f"/v1/scripts/{found['script_id']}", headers=KEY)).json() == found
    assert (await client.get(f"/v1/scripts/{found['script_id']}/versions", headers=KEY)).json() == [found]
    refused = await client.post(f"/v1/scripts/{found['script_id']}/run", headers=KEY)
    assert (refused.status_code, refused.json()) == (400, {"detail": "Not implemented"})


@both_dialects
async def test_storing_and_deploying(client: httpx.AsyncClient):
    """Files in base64 or UTF-8 become a tree; deploying adds a version; broken base64 is refused."""
    files = [
        {"path": "main.py", "content": base64.b64encode(b"print(1)").decode(), "mime_type": "text/x-python"},
        {"path": "lib/more.py", "content": "ä", "encoding": "utf-8"},
    ]
    made = (await client.post("/v1/scripts", json={"files": files}, headers=KEY)).json()
    assert (made["version"], made["file_count"], made["run_id"]) == (1, 2, None)
    assert made["file_tree"]["main.py"]["size"] == 8
    assert made["file_tree"]["lib"]["children"]["more.py"]["size"] == 2
    again = (
        await client.post(f"/v1/scripts/{made['script_id']}/deploy", json={"files": files[:1]}, headers=KEY)
    ).json()
    assert (again["script_id"], again["version"], again["file_count"]) == (made["script_id"], 2, 1)
    versions = (await client.get(f"/v1/scripts/{made['script_id']}/versions", headers=KEY)).json()
    assert [revision["version"] for revision in versions] == [2, 1]
    assert len((await client.get("/v1/scripts", headers=KEY)).json()) == 1
    broken = await client.post("/v1/scripts", json={"files": [{"path": "a", "content": "!"}]}, headers=KEY)
    assert broken.status_code == 400
    outside = await client.post("/v1/scripts", json={"files": [{"path": "/etc/x", "content": ""}]}, headers=KEY)
    assert outside.status_code == 422
    assert (await client.post("/v1/scripts", json={}, headers=NOBODY)).status_code == 403


@both_dialects
async def test_nobody_else_sees_them(client: httpx.AsyncClient, publish: Callable[..., Any]):
    """Another key finds no workflow and no script of mine, and cannot run or deploy them."""
    run = await publish()
    (script,) = (await client.get("/v1/scripts", headers=KEY)).json()
    assert (await client.get("/v1/agents", headers=OTHER)).json() == []
    assert (await client.get("/v1/scripts", headers=OTHER)).json() == []
    wpid, script_id = run.workflow_permanent_id, script["script_id"]
    assert (await client.get(f"/v1/agents/{wpid}", headers=OTHER)).status_code == 404
    assert (await client.post("/v1/run/agents", json={"agent_id": wpid}, headers=OTHER)).status_code == 404
    assert (await client.get(f"/v1/scripts/{script_id}", headers=OTHER)).json() == {"detail": "Script not found"}
    assert (await client.get(f"/v1/scripts/{script_id}/versions", headers=OTHER)).status_code == 404
    deployed = await client.post(f"/v1/scripts/{script_id}/deploy", json={"files": []}, headers=OTHER)
    assert deployed.status_code == 404


@both_dialects
@pytest.mark.parametrize("path", ["/v1/agents", "/v1/workflows", "/v1/agents/wpid_1", "/v1/scripts", "/v1/scripts/s_1"])
async def test_a_key_is_needed(client: httpx.AsyncClient, path: str):
    """Without a key there is nothing to see."""
    answer = await client.get(path, headers=NOBODY)
    assert (answer.status_code, answer.json()) == (403, {"detail": "Invalid credentials"})


async def test_models(client: httpx.AsyncClient):
    """The list of models is a mapping of names to labels, for those with a key."""
    assert (await client.get("/api/v1/models", headers=NOBODY)).status_code == 403
    answer = await client.get("/api/v1/models", headers=KEY)
    assert answer.status_code == 200
    assert all(isinstance(label, str) for label in answer.json()["models"].values())
