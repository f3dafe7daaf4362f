"""/_mock/faults on a real server: whom a fault meets, and what is said about one that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest


def statuses(talk: Any, path: str, count: int) -> list[int]:
    return [talk.get(path).status_code for _ in range(count)]


def test_kth_calls_of_the_tenant(talk: Any):
    """calls counts the tenant's calls of the operation, whatever run they are about."""
    one, other = talk.submit(), talk.submit()
    talk.fault(operation="get_run", calls=[2, 3], status=503)
    answers = [talk.get(f"/v1/runs/{run}").status_code for run in (one, other, one, other)]
    assert answers == [200, 503, 503, 200]


def test_kth_calls_of_each_run(talk: Any):
    """per=run counts each run's calls by themselves."""
    one, other = talk.submit(), talk.submit()
    talk.fault(operation="get_run", calls=[2], status=503, per="run")
    answers = [talk.get(f"/v1/runs/{run}").status_code for run in (one, other, one, other, one)]
    assert answers == [200, 200, 503, 503, 200]


def test_one_run_only(talk: Any):
    """run_id spares every other run."""
    one, other = talk.submit(), talk.submit()
    talk.fault(run_id=one, kind="error")
    assert talk.get(f"/v1/runs/{one}").status_code == 500
    assert talk.get(f"/v1/runs/{one}/timeline").status_code == 500
    assert talk.get(f"/v1/runs/{other}").status_code == 200
    assert talk.get("/v1/runs").status_code == 200


def test_every_nth(talk: Any):
    """every meets each n-th call, times bounds how often."""
    talk.fault(operation="get_runs", every=3, times=2, status=500)
    assert statuses(talk, "/v1/runs", 10) == [200, 200, 500, 200, 200, 500, 200, 200, 200, 200]


def test_probability_is_drawn_from_the_seed(tenant: Callable[[], Any]):
    """Two tenants with the same rules and calls meet the same faults; about as many as was asked for."""
    seen = []
    for talk in (tenant(), tenant()):
        talk.fault(operation="get_version", probability=0.5, status=503, id="dice")
        seen.append(statuses(talk, "/v1/version", 60))
    assert seen[0] == seen[1]
    assert 15 <= seen[0].count(503) <= 45


def test_first_rule_wins(talk: Any):
    """Of several rules that fire the first is met; every one counts the call, until none can fire any more."""
    talk.fault(operation="get_runs", calls=2, status=503)
    talk.fault(operation="any", status=500, times=2)
    assert statuses(talk, "/v1/runs", 4) == [500, 503, 500, 200]
    assert [rule["seen"] for rule in talk.get("/_mock/faults").json()] == [3, 3]


def test_tenants_do_not_share_faults(tenant: Callable[[], Any]):
    """A fault is its tenant's alone; so is removing it."""
    one, other = tenant(), tenant()
    rule = one.fault(kind="error")
    assert one.get("/v1/runs").status_code == 500
    assert other.get("/v1/runs").status_code == 200
    assert other.get("/_mock/faults").json() == []
    assert other.request("DELETE", f"/_mock/faults/{rule['id']}").status_code == 404
    assert other.request("DELETE", "/_mock/faults").json() == {"removed": 0}
    assert one.get("/v1/runs").status_code == 500


def test_mock_doors_are_never_faulty(talk: Any):
    """A fault on everything leaves the tester's own doors open, and the documentation and the sites."""
    talk.fault(kind="reset")
    for path in (
        "/_mock/faults",
        "/_mock/journal",
        "/_mock/sites",
        "/docs",
        "/openapi.json",
        "/health",
        "/sites/news/",
    ):
        assert talk.get(path).status_code == 200
    assert talk.request("DELETE", "/_mock/faults").json() == {"removed": 1}
    assert talk.get("/v1/runs").status_code == 200


def test_listing(talk: Any):
    """What is set is listed with its counts; a list is set whole; ids are given or made."""
    answer = talk.post("/_mock/faults", ["get_run:every=5:status=503:retry_after=1", {"id": "mine", "kind": "reset"}])
    first, second = answer.json()
    assert first == {
        "kind": "status",
        "operation": "get_run",
        "every": 5,
        "when": "before",
        "status": 503,
        "retry_after": "1",
        "id": "fault-1",
        "seen": 0,
        "hits": 0,
        "without_effect": 0,
        "spent": False,
    }
    assert second["id"] == "mine"
    assert talk.get("/_mock/faults").json() == [first, second]
    assert talk.request("DELETE", "/_mock/faults/mine").json() == {"removed": 1}
    assert [rule["id"] for rule in talk.get("/_mock/faults").json()] == ["fault-1"]


@pytest.mark.parametrize(
    ("sent", "loc", "said"),
    [
        ({}, ["body", "kind"], "It needs a kind. There are status, error, html, empty, latency, hang, reset"),
        ({"kind": "boom"}, ["body", "kind"], "'boom' is no kind of fault. There are status, "),
        ({"kind": "reset", "operation": "get_runz"}, ["body", "operation"], "Did you mean 'get_run'? There are any,"),
        ({"kind": "status"}, ["body", "status"], "Field required"),
        ({"status": 99}, ["body", "status"], "greater than or equal to 200"),
        ({"kind": "reset", "every": 2, "calls": [1]}, ["body"], "Give one of calls, every and probability"),
        ({"kind": "reset", "color": 1}, ["body", "color"], "A reset fault has no such parameter. It has calls, clock,"),
        ({"kind": "truncated", "when": "before"}, ["body", "when"], "Input should be 'after'"),
        ({"kind": "status", "status": 500, "headers": {"a": "b\r\nc: d"}}, ["body", "headers", "a"], "printable ASCII"),
        ({"kind": "hang", "seconds": 1e9}, ["body", "seconds"], "less than or equal to 86400"),
        ({"kind": "missing_field"}, ["body", "field"], "Field required"),
        ([{"kind": "reset"}, {"kind": "boom"}], ["body", 1, "kind"], "'boom' is no kind of fault."),
        (7, ["body"], "A fault is an object such as"),
    ],
)
def test_helpful_refusals(sent: Any, loc: list[Any], said: str, talk: Any):
    """What cannot be is a 422 in the service's form that says what there is; nothing is set."""
    answer = talk.post("/_mock/faults", sent)
    assert answer.status_code == 422
    [fault] = answer.json()["detail"]
    assert fault["loc"] == loc
    assert said in fault["msg"]
    assert talk.get("/_mock/faults").json() == []


def test_same_id_twice(talk: Any):
    """An id is given once; a list that repeats one is refused whole."""
    answer = talk.post("/_mock/faults", [{"kind": "reset", "id": "a"}, {"kind": "reset", "id": "a"}])
    assert answer.status_code == 422
    assert "There is a fault with the id 'a' already." in answer.text
    assert talk.get("/_mock/faults").json() == []


def test_without_key(server: str):
    """The doors want a key."""
    for method in ("GET", "POST", "DELETE"):
        assert httpx.request(method, f"{server}/_mock/faults").status_code == 403
    assert httpx.delete(f"{server}/_mock/faults/a").status_code == 403


def test_kinds_are_described(talk: Any):
    """The kinds and their parameters can be asked for, as JSON Schema."""
    kinds = talk.get("/_mock/faults/kinds").json()
    assert len(kinds) == 21
    assert all(schema["description"] for schema in kinds.values())


def test_faults_from_the_command_line(tmp_path: Path, serving: Callable[..., Any], tenant_of: Callable[[str], Any]):
    """--fault is repeatable and meets every key, strangers too; a key can take them away for itself alone."""

    options = ("--fault", "get_runs:every=2:status=503:retry_after=1", "--fault", "get_version:reset")
    with serving(tmp_path, *options) as url:
        one, other = tenant_of(url), tenant_of(url)
        for talk in (one, other):
            assert [talk.get("/v1/runs").status_code for _ in range(4)] == [200, 503, 200, 503]
        with pytest.raises(httpx.ReadError):
            httpx.get(f"{url}/v1/version")
        assert one.request("DELETE", "/_mock/faults").json() == {"removed": 2}
        assert one.get("/v1/version").status_code == 200
        with pytest.raises(httpx.ReadError):
            other.get("/v1/version")
