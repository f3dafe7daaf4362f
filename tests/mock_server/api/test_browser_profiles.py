"""The routes of browser profiles, on what runs and sessions are said to have left."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from mock_server.services import Services

PATH = "/v1/browser_profiles"
OTHER = {"x-api-key": "another-key"}
STATE = {"cookies": [{"name": "login", "value": "secret-cookie"}], "origins": []}


async def made(client: httpx.AsyncClient, **request: Any) -> dict[str, Any]:
    """Create a profile."""
    answer = await client.post(PATH, json={"name": "p", **request})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_blank_profile(client: httpx.AsyncClient, services: Services):
    """Without a source it holds nothing, in a file for its owner's eyes only."""
    profile = await made(client, description="d", proxy_location="RESIDENTIAL_DE", proxy_session_id="s")
    assert profile["browser_profile_id"].startswith("bp_")
    assert (profile["name"], profile["description"], profile["proxy_location"]) == ("p", "d", "RESIDENTIAL_DE")
    path = services.states.path(profile["browser_profile_id"])
    assert json.loads(path.read_text()) == {"cookies": [], "origins": []}
    assert path.stat().st_mode & 0o777 == 0o600
    assert (await client.get(f"{PATH}/{profile['browser_profile_id']}")).json() == profile


@pytest.mark.parametrize("engine", ["skyvern-2.0", "skyvern-1.0"])
async def test_of_a_run(client: httpx.AsyncClient, services: Services, submit: Any, engine: str):
    """A profile of a run holds what the run left, under either of its ids, and never shows it."""
    run = await submit(engine=engine)
    services.states.remember(run.run_id, STATE)
    for number, run_id in enumerate(filter(None, (run.run_id, run.workflow_run_id))):
        answer = await client.post(PATH, json={"name": f"p{number}", "workflow_run_id": run_id})
        assert answer.status_code == 200
        assert "secret-cookie" not in answer.text
        assert services.states.find(answer.json()["browser_profile_id"]) == STATE


async def test_of_a_session_that_has_ended(client: httpx.AsyncClient, services: Services):
    """A profile of a session holds what the session left, and names its kind of browser."""
    session = (await client.post("/v1/browser_sessions", json={"browser_type": "chrome"})).json()["browser_session_id"]
    await client.post(f"/v1/browser_sessions/{session}/close")
    services.states.remember(session, STATE)
    profile = await made(client, browser_session_id=session)
    assert profile["source_browser_type"] == "chrome"
    assert services.states.find(profile["browser_profile_id"]) == STATE


async def test_without_a_source(client: httpx.AsyncClient, submit: Any):
    """Unknown sources, two of them, and sources that left nothing are refused, each with what to do."""
    run = await submit()
    session = (await client.post("/v1/browser_sessions")).json()["browser_session_id"]
    for request, said in (
        ({"browser_session_id": "pbs_1"}, "Browser session pbs_1 not found"),
        ({"workflow_run_id": "wr_1"}, "Run not found wr_1"),
        ({"workflow_run_id": run.run_id}, "no browser state of run"),
        ({"browser_session_id": session}, "no browser state of browser session"),
        ({"browser_session_id": session, "workflow_run_id": run.run_id}, "not both"),
    ):
        answer = await client.post(PATH, json={"name": "p", **request})
        assert answer.status_code == 400
        assert said in answer.json()["detail"]


async def test_sources_of_another_tenant(client: httpx.AsyncClient, services: Services, submit: Any):
    """What another key's runs and sessions left cannot be had."""
    run = await submit()
    services.states.remember(run.run_id, STATE)
    answer = await client.post(PATH, json={"name": "p", "workflow_run_id": run.run_id}, headers=OTHER)
    assert (answer.status_code, answer.json()) == (400, {"detail": f"Run not found {run.run_id}"})


async def test_names_are_taken_once(client: httpx.AsyncClient):
    """A second of a name is a conflict, also by renaming; a deleted one's name is free, and so is another key's."""
    first = (await made(client))["browser_profile_id"]
    assert (await client.post(PATH, json={"name": "p"})).status_code == 409
    assert (await client.post(PATH, json={"name": "p"}, headers=OTHER)).status_code == 200
    second = (await made(client, name="q"))["browser_profile_id"]
    assert (await client.patch(f"{PATH}/{second}", json={"name": "p"})).status_code == 409
    assert (await client.patch(f"{PATH}/{second}", json={"name": "q"})).status_code == 200
    await client.delete(f"{PATH}/{first}")
    assert (await client.patch(f"{PATH}/{second}", json={"name": "p"})).json()["name"] == "p"


async def test_changes(client: httpx.AsyncClient):
    """What is left out stays, null empties a description, and the proxy session can be made anew."""
    profile = await made(client, description="d", proxy_session_id="s")
    path = f"{PATH}/{profile['browser_profile_id']}"
    changed = (await client.patch(path, json={"name": "new", "rotate_proxy_session_id": True})).json()
    assert (changed["name"], changed["description"]) == ("new", "d")
    assert changed["proxy_session_id"] not in (None, "s")
    emptied = (await client.patch(path, json={"description": None, "name": None})).json()
    assert (emptied["name"], emptied["description"]) == ("new", None)


async def test_deleting(client: httpx.AsyncClient, services: Services):
    """Answered without a body; it is gone then, with its file, and listed only if deleted ones are asked for."""
    profile = (await made(client))["browser_profile_id"]
    deleted = await client.delete(f"{PATH}/{profile}")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert not services.states.path(profile).exists()
    for method in ("GET", "DELETE"):
        assert (await client.request(method, f"{PATH}/{profile}")).status_code == 404
    assert (await client.get(PATH)).json() == []
    (listed,) = (await client.get(PATH, params={"include_deleted": True})).json()
    assert listed["deleted_at"] is not None


async def test_lists(client: httpx.AsyncClient):
    """Newest first, by pages, by a part of name or description; none is managed by the service."""
    ids = [(await made(client, name=f"Number {n}", description=f"d{n}"))["browser_profile_id"] for n in range(3)]

    async def listed(**query: Any) -> list[str]:
        return [profile["browser_profile_id"] for profile in (await client.get(PATH, params=query)).json()]

    assert await listed() == ids[::-1]
    assert await listed(page=2, page_size=2) == [ids[0]]
    assert await listed(search_key="number 1") == await listed(search_key="D1") == [ids[1]]
    assert await listed(managed=True) == []
    assert (await client.get(PATH, params={"page": 0})).status_code == 422


async def test_of_another_tenant_or_nobody(client: httpx.AsyncClient):
    """A profile of another key is unknown, by a text that names profile and organization; without a key nothing is."""
    profile = await made(client)
    name = profile["browser_profile_id"]
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        answer = await client.request(method, f"{PATH}/{name}", json=body, headers=OTHER)
        assert answer.status_code == 404
        assert f"Browser profile {name} not found for organization o_" in answer.json()["detail"]
        keyless = await client.request(method, f"{PATH}/{name}", json=body, headers={"x-api-key": ""})
        assert keyless.status_code == 403
    for method in ("GET", "POST"):
        assert (await client.request(method, PATH, json={}, headers={"x-api-key": ""})).status_code == 403


async def test_a_task_with_a_profile(client: httpx.AsyncClient):
    """The planner's engine takes a profile it has; other engines take none, and unknown ones are not found."""
    profile = (await made(client))["browser_profile_id"]
    task = {"prompt": "p", "browser_profile_id": profile}
    assert (await client.post("/v1/run/tasks", json={**task, "engine": "skyvern-2.0"})).status_code == 200
    assert (await client.post("/v1/run/tasks", json={**task, "engine": "skyvern-1.0"})).status_code == 400
    unknown = {**task, "engine": "skyvern-2.0", "browser_profile_id": "bp_1"}
    assert (await client.post("/v1/run/tasks", json=unknown)).status_code == 404


@pytest.mark.parametrize(
    ("body", "loc"),
    [({}, "name"), ({"name": ""}, "name"), ({"name": "p", "browser_session_id": ""}, "browser_session_id")],
)
async def test_faults(client: httpx.AsyncClient, body: dict[str, Any], loc: str):
    """A name is needed, and an empty source is none."""
    answer = await client.post(PATH, json=body)
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", loc])
