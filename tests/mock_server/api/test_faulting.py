"""Faults in-process, where there is no connection to cut and time is the tenant's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mock_server.api import conforming, faulting
from mock_server.scenarios.faults import ConnectionCutError
from mock_server.scenarios.faults_notation import from_mapping, from_text
from mock_server.services import Services


@pytest.fixture
def tenant(services: Services) -> Any:
    """Return the tenant the client is."""
    return services.tenants.with_key(b"test-key")


async def received(app: Any, path: str, **headers: str) -> tuple[list[Any], BaseException | None]:
    """Every ASGI message of an answer, and the exception that ended it."""
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"x-api-key", b"test-key"), *((k.encode(), v.encode()) for k, v in headers.items())],
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)
    except ConnectionCutError as error:
        return sent, error
    return sent, None


@pytest.mark.parametrize(
    ("kind", "reset", "starts"),
    [
        ("reset", True, False),
        ("lost_reply", True, False),
        ("garbage", False, False),
        ("truncated", False, True),
        ("reset_mid_body", True, True),
    ],
)
async def test_cut_without_a_connection(kind: str, reset: bool, starts: bool, mock: Any, tenant: Any):
    """In-process a cut is a ConnectionCutError that names the kind, after what was to arrive was sent."""
    tenant.faults.add(from_mapping({"kind": kind}))
    sent, error = await received(mock.application(), "/v1/version")
    assert isinstance(error, ConnectionCutError)
    assert isinstance(error, ConnectionResetError)
    assert (error.kind, error.reset) == (kind, reset)
    assert [message["type"] for message in sent] == (["http.response.start", "http.response.body"] if starts else [])
    if starts:
        assert sent[1]["more_body"] is True
        assert 0 < len(sent[1]["body"]) < int(dict(sent[0]["headers"])[b"content-length"])
    [entry] = tenant.journal.entries()
    assert (entry.fault.kind, entry.cut) == (kind, True)


async def test_httpx_in_process(client: httpx.AsyncClient, tenant: Any, services: Services):
    """Over httpx's ASGI transport the error comes out of the client, and the next request is served."""
    tenant.faults.add(from_text("get_runs:reset:calls=1"))
    with pytest.raises(ConnectionCutError, match="told to cut this connection: reset"):
        await client.get("/v1/runs")
    assert (await client.get("/v1/runs")).status_code == 200


async def test_waits_are_on_the_tenants_clock(client: httpx.AsyncClient, tenant: Any, clock: Any):
    """Latency, delay, jitter and slow bodies cost the tenant's time, and the journal says how much."""
    tenant.faults.add(from_text("get_version:latency:seconds=90:delay=5"))
    before = clock.monotonic()
    assert (await client.get("/v1/version")).status_code == 200
    assert clock.monotonic() - before == 95
    assert [entry.seconds for entry in tenant.journal.entries()] == [95]
    tenant.faults.remove_all()
    tenant.faults.add(from_text("get_version:slow_body:chunk=5:interval=60"))
    before = clock.monotonic()
    answer = await client.get("/v1/version")
    assert answer.json() == {"version": answer.json()["version"]}
    assert clock.monotonic() - before == 60 * ((len(answer.content) - 1) // 5)
    tenant.faults.remove_all()
    tenant.faults.add(from_text("get_version:latency:seconds=90:jitter=20:clock=real"))
    before = clock.monotonic()
    assert (await client.get("/v1/version")).status_code == 200
    assert 90 <= clock.monotonic() - before < 110


async def test_hang_in_virtual_time(client: httpx.AsyncClient, tenant: Any, clock: Any):
    """A hang of five minutes ends at once when the time is virtual."""
    tenant.faults.add(from_text("get_version:hang:seconds=300"))
    before = clock.monotonic()
    with pytest.raises(ConnectionCutError, match="hang"):
        await client.get("/v1/version")
    assert clock.monotonic() - before == 300


async def test_gaps_are_virtual(client: httpx.AsyncClient, tenant: Any, clock: Any):
    """The gap that proves Retry-After was obeyed is counted on the tenant's clock."""
    tenant.faults.add(from_text("get_runs:status=429:retry_after=7:calls=1"))
    assert (await client.get("/v1/runs")).headers["retry-after"] == "7"
    clock.move(7.5)
    await client.get("/v1/runs")
    count = (await client.get("/_mock/journal/count", params={"operation": "get_runs"})).json()
    assert count["gaps"] == [7.5]


async def test_link_belongs_to_its_tenant(
    client: httpx.AsyncClient,
    tenant: Any,
    submit: Callable[..., Any],
    keep: Callable[..., Any],
    services: Services,
):
    """A download by link meets the faults of the artifact's tenant and run, and is in its journal without signature."""
    run = await submit()
    artifact = keep(run, "html", b"<p>content</p>")
    other = keep(await submit(), "html")
    tenant.faults.add(from_mapping({"operation": "get_artifact_content", "run_id": run.run_id, "kind": "error"}))
    answers = []
    for each in (artifact, other):
        link = services.urls.signed_url(each.artifact_id, each.artifact_type)
        answers.append(await client.get(link, headers={"x-api-key": ""}))
    assert [answer.status_code for answer in answers] == [500, 200]
    shown = await client.get("/_mock/journal", params={"operation": "get_artifact_content"})
    assert [entry["status"] for entry in shown.json()["entries"]] == [500, 200]
    assert "sig=REDACTED" in shown.text
    assert httpx.URL(link).params["sig"] not in shown.text


@pytest.mark.parametrize("mock", [{"faults": ("get_runs:calls=1:error",), "journal_entries": 3}], indirect=True)
async def test_settings(client: httpx.AsyncClient, tenant: Any):
    """Faults and the bound of the journal can be settings; clear brings those faults back."""
    for expected in (500, 200, 200, 200):
        assert (await client.get("/v1/runs")).status_code == expected
    assert len(tenant.journal) == 3
    tenant.faults.clear()
    assert (await client.get("/v1/runs")).status_code == 500


@pytest.mark.parametrize("mock", [{"self_check": True}], indirect=True)
async def test_self_check_does_not_mind(client: httpx.AsyncClient, tenant: Any, services: Services):
    """What is answered wrongly on purpose is no finding of the self-check."""
    assert faulting.INJECTED == conforming.INJECTED
    tenant.faults.add(from_text("get_runs:missing_field:field=status"))
    tenant.faults.add(from_text("get_run:html"))
    await client.get("/v1/runs")
    await client.get("/v1/runs/tsk_1")
    found = (await client.get("/_mock/conformance")).json()
    assert not found.get("findings"), found


async def test_seed_of_the_tenant(client: httpx.AsyncClient, tenant: Any, services: Services):
    """Chance is drawn from the tenant's seed: another seed, other faults."""
    met = []
    for seed in (1, 2, 1):
        tenant.faults.remove_all()
        services.tenants.set_seed(tenant, seed)
        tenant.faults.add(from_text("get_version:probability=0.5:error:id=dice"))
        met.append([(await client.get("/v1/version")).status_code for _ in range(30)])
    assert met[0] == met[2] != met[1]


async def test_unknown_keys_leave_no_tenant(client: httpx.AsyncClient, services: Services):
    """A request that is turned down is journaled for nobody in particular and makes no tenant."""
    await client.get("/v1/runs", headers={"x-api-key": "Bearer nope"})
    assert services.tenants.known(b"Bearer nope") is None
    shown = await client.get("/_mock/journal", params={"strangers": "true"})
    assert shown.json()["entries"][-1]["hint"] == 'The x-api-key header holds the key alone, without "Bearer ".'


@pytest.mark.parametrize("mock", [{"self_check": False}], indirect=True)
async def test_what_broke_is_in_the_journal(mock: Any, services: Services):
    """An exchange that broke something here is kept with the answer it got."""
    app = mock.application()
    await received(app, "/v1/version")
    services.store._connection.close()
    sent, _ = await received(app, "/v1/runs")
    assert sent[0]["status"] == 500
    tenant = services.tenants.known(b"test-key")
    assert tenant is not None
    assert [entry.status for entry in tenant.journal.entries()] == [200, 500]


@pytest.mark.parametrize("mock", [{"self_check": False}], indirect=True)
async def test_new_tenant_of_a_broken_store(mock: Any, services: Services):
    """A key that is new while the store is broken gets the store's 500, and nothing else breaks."""
    services.store._connection.close()
    sent, error = await received(mock.application(), "/v1/runs")
    assert (sent[0]["status"], error) == (500, None)
