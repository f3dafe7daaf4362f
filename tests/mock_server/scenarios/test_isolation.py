"""What belongs to one key cannot be read, listed or changed with another, whatever the route."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Stage = Any

SECRET = "zebra-4711"
"""Is in everything the owner makes."""

OWNER = "owner"


async def furnish(stage: Stage) -> list[str]:
    """Make one of everything the API lets the owner make, and return the ids."""
    ids: list[str] = []
    async with stage.client_of(OWNER) as client:
        script = {"name": SECRET, "progression": "polls=1", "artifacts": "all", "downloads": {f"{SECRET}.txt": SECRET}}
        await client.post("/_mock/scripts", json=script)
        for engine in ("skyvern-1.0", "skyvern-2.0"):
            body = {"prompt": SECRET, "title": SECRET, "engine": engine, "url": f"http://127.0.0.1:9/{SECRET}"}
            run = (await client.post("/v1/run/tasks", json=body)).json()
            for _ in range(2):
                await client.get(f"/v1/runs/{run['run_id']}")
        await client.post("/v1/run/tasks", json={"prompt": SECRET}, headers={"x-mock-progression": "manual"})
        await client.post(
            "/v1/credentials",
            json={
                "name": SECRET,
                "credential_type": "password",
                "credential": {"username": SECRET, "password": "a password"},
            },
        )
        await client.post("/v1/credentials/totp", json={"totp_identifier": SECRET, "content": "123456"})
        await client.post("/v1/upload_file", files={"file": (f"{SECRET}.txt", b"x")})
    connection = stage.composition.services.store._connection
    for table, column in (("runs", "run_id"), ("runs", "workflow_run_id"), ("artifacts", "artifact_id"),
                          ("timeline", "item_id"), ("resources", "resource_id")):  # fmt: skip
        rows = connection.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL").fetchall()
        ids += sorted({row[0] for row in rows})
    return ids


def operations(application: Any) -> Iterator[tuple[str, str]]:
    """Yield method and path of every route of the API, those hidden from the documentation included."""
    for route in application.router.routes:
        if isinstance(route, APIRoute) and not route.path.endswith("}/"):
            for method in sorted(route.methods - {"HEAD"}):
                yield method, route.path


async def test_no_route_shows_or_changes_what_is_anothers(stage: Stage):
    """Every route, with every id of another key in each of its places, tells nothing of it and changes nothing."""
    ids = await furnish(stage)
    assert len(ids) > 40
    dump = "\n".join(stage.composition.services.store._connection.iterdump())
    files = sorted(path for path in stage.directory.rglob("*") if path.is_file() and "sqlite" not in path.name)

    @given(st.data())
    @settings(max_examples=400, suppress_health_check=list(HealthCheck))
    def attack(data: st.DataObject) -> None:
        method, path = data.draw(st.sampled_from(everything))
        attempts.append((method, re.sub(r"\{(\w+)(:\w+)?\}", lambda _: data.draw(st.sampled_from(ids)), path)))

    everything = sorted(set(operations(stage.application)))
    attempts: list[tuple[str, str]] = []
    attack()
    for method, path in everything:  # And each at least once, with an id of each kind.
        for prefix in {identifier.rpartition("_")[0] for identifier in ids} if "{" in path else {""}:
            chosen = next((identifier for identifier in ids if identifier.rpartition("_")[0] == prefix), "")
            attempts.append((method, re.sub(r"\{[^}]*\}", chosen, path)))
    for method, path in dict.fromkeys(attempts):
        if "/_mock/reset" in path:
            continue  # Of the intruder's own things; another test holds that.
        body = {} if method in ("GET", "DELETE") else {"json": {"run_ids": ids[:5], "seconds": 0, "prompt": "mine"}}
        answer = await stage.client.request(method, path, **body)
        if "{" not in path:
            assert SECRET not in answer.text, (method, path)
            assert answer.status_code < 500, (method, path, answer.text)
    after = "\n".join(stage.composition.services.store._connection.iterdump())
    lost = [line for line in dump.splitlines() if SECRET in line and line not in after]
    assert not lost
    assert [path for path in files if not path.exists()] == []


async def test_the_owner_sees_it_all(stage: Stage):
    """The same ids do show their things to their owner: the test above asks for what is there."""
    ids = await furnish(stage)
    async with stage.client_of(OWNER) as client:
        shown = [json.dumps((await client.get(f"/v1/runs/{each}")).json()) for each in ids if each.startswith("tsk")]
        found = [(await client.get(f"/v1/artifacts/{each}")).status_code for each in ids if each.startswith("a_")]
    assert any(SECRET in text for text in shown)
    assert found
    assert set(found) == {200}
