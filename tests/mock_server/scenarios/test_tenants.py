"""A key's island: ids from a seed, its own clock, a reset that touches nobody else, and a bounded number of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mock_server.clock import RealClock
from mock_server.ids import organization_for
from mock_server.scenarios import tenants as tenants_module
from mock_server.scenarios.seeds import Workers
from mock_server.scenarios.tenants import Beginning, Tenants
from mock_server.store.store import Store

Stage = Any
START = "2026-03-01T12:00:00"
FROZEN = {"mode": "frozen", "now": START}


async def story(stage: Stage) -> list[bytes]:
    """Do what a test would, and return every answer as it came."""
    answers = [
        await stage.client.post("/_mock/scripts", json={"progression": "seconds=60", "artifacts": ["recording"]}),
        await stage.client.post("/v1/run/tasks", json={"prompt": "x", "engine": "skyvern-2.0"}),
        await stage.client.post("/v1/run/tasks", json={"prompt": "y", "engine": "skyvern-1.0"}),
        await stage.client.post("/_mock/clock/advance", json={"seconds": 61}),
    ]
    for run_id in (answers[1].json()["run_id"], answers[2].json()["run_id"]):
        tails = ("", "/timeline", "/artifacts")
        answers += [await stage.client.get(f"/v1/runs/{run_id}{tail}") for tail in tails]
    answers.append(await stage.client.get("/v1/runs"))
    assert {answer.status_code for answer in answers} == {200}
    return [answer.content for answer in answers]


async def test_the_same_calls_get_the_same_bytes(stage: Stage):
    """With a seed and a frozen clock every answer is the same, to the byte, after a reset; with another seed, not."""
    again = {"seed": 7, "clock": FROZEN}
    await stage.ok("POST", "/_mock/reset", json=again)
    first = await story(stage)
    await stage.ok("POST", "/_mock/reset", json=again)
    assert await story(stage) == first
    await stage.ok("POST", "/_mock/reset", json={"seed": 8, "clock": FROZEN})
    other = await story(stage)
    assert [len(answer) for answer in other] == [len(answer) for answer in first]
    assert not set(other[4:]) & set(first[4:])


async def test_other_servers_make_the_same_ids(stage: Stage, tmp_path: Path):
    """Key and seed alone decide the ids: a server on another data directory makes the same."""
    await stage.ok("POST", "/_mock/reset", json={"seed": 7, "clock": FROZEN})
    other = type(stage)(tmp_path / "other", seed=7, clock="frozen")
    await other.start()
    await other.freeze()
    assert await stage.submit() == await other.submit()
    await other.close()


async def test_two_keys_with_one_seed_never_meet(stage: Stage):
    """Two hundred keys with the same seed and the same frozen time make no id twice."""
    ids = set()
    for number in range(200):
        async with stage.client_of(f"key-{number}") as client:
            await client.post("/_mock/reset", json={"seed": 1, "clock": FROZEN})
            ids |= {(await client.post("/v1/run/tasks", json={"prompt": "x"})).json()["run_id"] for _ in range(2)}
    assert len(ids) == 400


async def test_a_seed_taken_twice_by_chance_is_not_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """If two keys stand for one worker number, the later gets another; both keep theirs on the next start."""
    store = Store(tmp_path / "store.sqlite3")
    monkeypatch.setattr("mock_server.scenarios.seeds._HALF", 2)
    numbers = [Workers(store).seeded(organization, 1, 0) for organization in ("o_1", "o_2", "o_1", "o_2")]
    assert numbers[:2] == numbers[2:]
    assert len(set(numbers)) == 2
    store.close()


async def test_a_restart_does_not_begin_a_seed_again(stage: Stage):
    """After a restart a seeded key makes new ids at the same frozen time; its clock and scripts are as they were."""
    await stage.ok("POST", "/_mock/reset", json={"seed": 7, "clock": FROZEN})
    await stage.ok("POST", "/_mock/scripts", json={"name": "kept", "times": 3})
    before = {await stage.submit() for _ in range(2)}
    await stage.advance(5)
    await stage.restart()
    assert (await stage.ok("GET", "/_mock/clock"))["now"] == "2026-03-01T12:00:05"
    assert [entry["used"] for entry in await stage.ok("GET", "/_mock/scripts")] == [2]
    assert await stage.ok("GET", "/_mock/seed") == {"seed": 7}
    assert not before & {await stage.submit() for _ in range(2)}


async def test_reset_touches_only_the_caller(stage: Stage):
    """A reset removes the caller's runs, files, scripts and time, and nothing of anybody else's."""
    async with stage.client_of("neighbour") as neighbour:
        await neighbour.post("/_mock/scripts", json={"artifacts": ["har"]})
        await neighbour.put("/_mock/clock", json=FROZEN)
        theirs = (await neighbour.post("/v1/run/tasks", json={"prompt": "x"})).json()["run_id"]
        mine = await stage.submit({"artifacts": ["har"]})
        waiting = await stage.submit({"progression": "manual"})
        agents = await stage.submit()
        await stage.freeze()
        await stage.ok("POST", "/_mock/reset")
        assert await stage.ok("GET", "/v1/runs") == await stage.ok("GET", "/_mock/scripts") == []
        assert (await stage.ok("GET", "/_mock/clock"))["mode"] == "real"
        for run_id in (mine, waiting, agents):
            assert (await stage.client.get(f"/v1/runs/{run_id}")).status_code == 404
        root = stage.composition.services.settings.artifact_root
        assert [path.name for path in root.iterdir() if path.name != ".partial"] == [organization_for("neighbour")]
        assert (await neighbour.get(f"/v1/runs/{theirs}")).json()["status"] == "completed"
        assert len((await neighbour.get(f"/v1/runs/{theirs}/artifacts")).json()) == 1
        assert (await neighbour.get("/_mock/clock")).json()["now"] == START
    assert stage.tenant.scripted == 0


async def test_a_seed_is_not_changed_under_runs(stage: Stage):
    """A seed set when there are runs is refused, as it would make their ids again; the answer says what to do."""
    assert await stage.ok("PUT", "/_mock/seed", json={"seed": 3}) == {"seed": 3}
    await stage.submit()
    refused = await stage.client.put("/_mock/seed", json={"seed": 3})
    assert (refused.status_code, "/_mock/reset" in refused.json()["detail"]) == (409, True)


async def test_links_expire_by_the_tenants_clock(stage: Stage):
    """A signed link is good for as long as it says on the time of whose it is, however that time passes."""
    await stage.freeze()
    run = await stage.run(await stage.submit({"artifacts": ["recording"]}))
    anybody = {"x-api-key": ""}
    assert (await stage.client.get(run["recording_url"], headers=anybody)).status_code == 200
    await stage.advance(3601)
    assert (await stage.client.get(run["recording_url"], headers=anybody)).status_code == 403
    assert (await stage.client.get((await stage.run(run["run_id"]))["recording_url"])).status_code == 200


async def test_idle_tenants_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Memory holds a bounded number of tenants; one that is forgotten comes back with its clock and seed."""
    monkeypatch.setattr(tenants_module, "MOST_IDLE", 50)
    store = Store(tmp_path / "store.sqlite3")
    tenants = Tenants(RealClock(), store, Beginning(seed=5, clock="frozen"))
    first = tenants.with_key(b"first")
    await first.clock.advance(10)
    tenants.keep(first)
    for number in range(500):
        tenants.with_key(b"%d" % number)
    assert len(tenants._by_organization) <= 51
    assert tenants.known(b"first") is None
    again = tenants.with_key(b"first")
    assert again is not first
    assert (again.clock.now(), again.seed, again.api_key) == (first.clock.now(), 5, "first")
    store.close()


async def test_a_tenant_that_waits_is_not_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A tenant with a timer stays in memory however many others come."""
    monkeypatch.setattr(tenants_module, "MOST_IDLE", 5)
    store = Store(tmp_path / "store.sqlite3")
    tenants = Tenants(RealClock(), store)
    waiting = tenants.with_key(b"waiting")
    waiting.clock.freeze()
    waiting.clock.call_at(waiting.clock.monotonic() + 5, lambda _: None)
    for number in range(100):
        tenants.with_key(b"%d" % number)
    assert tenants.known(b"waiting") is waiting
    store.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "loc"),
    [
        ("PUT", "/_mock/clock", {"mode": "slow"}, ["body", "mode"]),
        ("PUT", "/_mock/clock", {"now": "1999-01-01T00:00:00"}, ["body", "now"]),
        ("PUT", "/_mock/clock", {"now": "yesterday"}, ["body", "now"]),
        ("PUT", "/_mock/clock", {"step": 0}, ["body", "step"]),
        ("PUT", "/_mock/clock", {"frozen": True}, ["body", "frozen"]),
        ("POST", "/_mock/clock/advance", {"seconds": -1}, ["body", "seconds"]),
        ("POST", "/_mock/clock/advance", {"seconds": 1e300}, ["body", "seconds"]),
        ("POST", "/_mock/clock/advance", {}, ["body", "seconds"]),
        ("PUT", "/_mock/seed", {"seed": -1}, ["body", "seed"]),
        ("PUT", "/_mock/seed", {}, ["body", "seed"]),
        ("POST", "/_mock/reset", {"clock": {"now": "2300-01-01"}}, ["body", "clock", "now"]),
        ("POST", "/_mock/scripts", {"ending": {"status": 7}}, ["body", "ending", "status"]),
        ("POST", "/_mock/scripts", [{}, {"times": 0}], ["body", 1, "times"]),
    ],
)
async def test_what_makes_no_sense_is_refused(stage: Stage, method: str, path: str, body: Any, loc: list[str]):
    """Bad input of a tester's route is a 422 in the service's form that names the place, and changes nothing."""
    await stage.submit()
    answer = await stage.client.request(method, path, json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][: len(loc)] == loc or answer.json()["detail"][0]["loc"] == [
        *loc[:1],
        loc[-1],
    ]
    assert len(await stage.ok("GET", "/v1/runs")) == 1
    assert (await stage.ok("GET", "/_mock/clock"))["mode"] == "real"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_mock/scripts"),
        ("POST", "/_mock/scripts"),
        ("DELETE", "/_mock/scripts"),
        ("DELETE", "/_mock/scripts/script_1"),
        ("POST", "/_mock/runs/tsk_1/advance"),
        ("GET", "/_mock/clock"),
        ("PUT", "/_mock/clock"),
        ("POST", "/_mock/clock/advance"),
        ("GET", "/_mock/seed"),
        ("PUT", "/_mock/seed"),
        ("POST", "/_mock/reset"),
    ],
)
async def test_a_key_is_needed(stage: Stage, method: str, path: str):
    """Every route of the tester asks for a key, and /openapi.json describes it under the tag mock."""
    body = {"seed": 1, "seconds": 1} if "advance" not in path else {"seconds": 1}
    answer = await stage.client.request(method, path, json=body, headers={"x-api-key": ""})
    assert (answer.status_code, list(answer.json())) == (403, ["detail"])
    described = stage.application.openapi()["paths"]
    path = path.replace("script_1", "{script_id}").replace("tsk_1", "{run_id}")
    assert "mock" in described[path][method.lower()]["tags"]


async def test_scripts_are_taken_away(stage: Stage):
    """A script can be removed by its id, or all; one that is not there is a 404."""
    first, second = await stage.ok("POST", "/_mock/scripts", json=[{"name": "a"}, {"name": "b"}])
    await stage.ok("DELETE", f"/_mock/scripts/{first['script_id']}")
    assert [entry["script_id"] for entry in await stage.ok("GET", "/_mock/scripts")] == [second["script_id"]]
    assert (await stage.client.delete(f"/_mock/scripts/{first['script_id']}")).status_code == 404
    await stage.ok("DELETE", "/_mock/scripts")
    assert await stage.ok("GET", "/_mock/scripts") == []
