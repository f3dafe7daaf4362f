"""Webhooks sent again on request, and the list of deliveries, over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_server.engine.lifecycle import advance
from mock_server.webhooks.destinations import UnknownHost
from mock_server.webhooks.policy import Outcome
from mock_server.webhooks.signature import sign

HOOK = "http://127.0.0.1:9/hook"


class Poster:
    """Answers every attempt with ``outcome``."""

    def __init__(self) -> None:
        self.outcome = Outcome(200, 7, response_body="ok")
        self.urls: list[str] = []
        self.unknown = False

    async def check(self, url: str) -> None:
        if self.unknown:
            raise UnknownHost(url)

    async def post(self, url: str, headers: Any, body: bytes, seconds: float) -> Outcome:
        self.urls.append(url)
        return self.outcome


@pytest.fixture
def poster(services: Any) -> Poster:
    services.webhooks._sender = Poster()
    return services.webhooks._sender


@pytest.fixture
def ended(services: Any, submit: Any) -> Any:
    """Return a function that submits a run and ends it."""

    async def ended(key: str = "test-key", **request: Any) -> Any:
        run = await submit(key, **{"webhook_url": HOOK, "engine": "skyvern-1.0", **request})
        if run.status == "created":
            advance(run, "queued", services.clock.now())
        advance(run, "running", services.clock.now())
        advance(run, "completed", services.clock.now(), output={"title": "ü"})
        services.store.save_run(run)
        return run

    return ended


def retry(run: Any) -> str:
    return f"/v1/runs/{run.run_id}/retry_webhook"


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b'{"webhook_url": null}', b'{"webhook_url": ""}'])
async def test_a_replay_goes_to_the_runs_own_address(client: Any, ended: Any, poster: Poster, body: bytes):
    """Without another address in it, whatever the body: 200 with the exact payload, its signature and the answer."""
    run = await ended()
    answer = await client.post(retry(run), content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert list(found) == [
        "run_id", "run_type", "default_webhook_url", "target_webhook_url", "payload", "headers", "status_code",
        "latency_ms", "response_body", "error",
    ]  # fmt: skip
    assert (found["run_id"], found["run_type"]) == (run.run_id, "task_v1")
    assert (found["default_webhook_url"], found["target_webhook_url"], poster.urls) == (HOOK, HOOK, [HOOK])
    assert (found["status_code"], found["latency_ms"], found["response_body"], found["error"]) == (200, 7, "ok", None)
    assert json.loads(found["payload"])["extracted_information"] == {"title": "ü"}
    assert found["headers"]["x-skyvern-signature"] == sign("test-key", found["payload"].encode())


async def test_a_replay_goes_elsewhere_if_asked_to(client: Any, ended: Any, poster: Poster):
    """The address is normalised as in a request, and the run keeps its own."""
    run = await ended()
    answer = await client.post(retry(run), json={"webhook_url": "HTTP://Other.test"})
    assert (answer.json()["default_webhook_url"], answer.json()["target_webhook_url"]) == (HOOK, "http://other.test/")
    assert poster.urls == ["http://other.test/"]
    assert run.request["webhook_url"] == HOOK


async def test_a_receiver_that_cannot_be_reached_is_an_answer_too(client: Any, ended: Any, poster: Poster):
    """200 with null status and body, and the reason in the recorded words."""
    poster.outcome = Outcome(None, 7, error="All connection attempts failed", error_kind="ConnectError")
    found = (await client.post(retry(await ended()))).json()
    assert (found["status_code"], found["response_body"]) == (None, None)
    assert found["error"] == "Could not reach URL: All connection attempts failed"


@pytest.mark.parametrize("status", ["queued", "running"])
async def test_a_run_that_goes_on_has_nothing_to_tell(
    client: Any, submit: Any, services: Any, poster: Poster, status: str
):
    """400 with the status it has."""
    run = await submit(webhook_url=HOOK)
    if status == "running":
        advance(run, "running", services.clock.now())
    answer = await client.post(retry(run))
    assert answer.status_code == 400
    assert answer.json() == {"detail": f"Run {run.run_id} has not reached a terminal state (status={status})."}
    assert poster.urls == []


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "No webhook URL configured for the run."),
        ({"webhook_url": "not a url"}, "Invalid url: malformed."),
        ({"webhook_url": "ftp://h/"}, "Invalid url: unsupported scheme."),
    ],
)
async def test_without_a_good_address_nothing_is_sent(
    client: Any, ended: Any, poster: Poster, body: dict[str, str], detail: str
):
    """400 with the recorded text."""
    answer = await client.post(retry(await ended(webhook_url=None)), json=body)
    assert (answer.status_code, answer.json(), poster.urls) == (400, {"detail": detail}, [])


async def test_the_hidden_run_of_a_planner_run_has_no_address_of_its_own(client: Any, ended: Any, poster: Poster):
    """By its wr_ id a planner run is found but has no webhook, as recorded."""
    run = await ended(engine="skyvern-2.0")
    answer = await client.post(f"/v1/runs/{run.workflow_run_id}/retry_webhook")
    assert (answer.status_code, answer.json()) == (400, {"detail": "No webhook URL configured for the run."})


async def test_a_host_that_does_not_exist_is_refused(client: Any, ended: Any, poster: Poster):
    """400; unlike when a run is made, the host is looked up."""
    poster.unknown = True
    answer = await client.post(retry(await ended()))
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Invalid url: unresolvable host. It is either blocked")


@pytest.mark.parametrize("mock", [{"block_private_hosts": True}], indirect=True)
async def test_private_hosts_are_refused_where_they_are_blocked(client: Any, ended: Any, services: Any):
    """Given now or stored before the rule: 400, nothing is sent."""
    run = await ended(webhook_url="https://receiver.example.com/", url="https://example.com/")
    run.request["webhook_url"] = HOOK
    for body in ({}, {"webhook_url": "http://localhost:9/"}, {"webhook_url": "http://[::ffff:127.0.0.1]/"}):
        answer = await client.post(retry(run), json=body)
        assert (answer.status_code, answer.json()) == (400, {"detail": "Invalid url: blocked host."})
    assert services.webhooks.deliveries(run.organization_id) == []


async def test_a_body_that_does_not_fit_is_a_422(client: Any, ended: Any, poster: Poster):
    """With the fault in the service's form."""
    run = await ended()
    answer = await client.post(retry(run), json={"webhook_url": 5})
    assert answer.status_code == 422
    assert answer.json() == {
        "detail": [
            {
                "type": "string_type",
                "loc": ["body", "webhook_url"],
                "msg": "Input should be a valid string",
                "input": 5,
            }
        ]
    }
    answer = await client.post(retry(run), content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["detail"][0]["type"]) == (422, "json_invalid")
    assert poster.urls == []


async def test_a_replay_needs_the_key_of_the_run(client: Any, ended: Any, poster: Poster):
    """No key is 403; another tenant's run does not exist, nor does an unknown one."""
    run = await ended()
    answer = await client.post(retry(run), headers={"x-api-key": ""})
    assert (answer.status_code, answer.json()) == (403, {"detail": "Invalid credentials"})
    for key, run_id in (("other", run.run_id), ("test-key", "tsk_1")):
        answer = await client.post(f"/v1/runs/{run_id}/retry_webhook", headers={"x-api-key": key})
        assert (answer.status_code, answer.json()) == (404, {"detail": f"Run {run_id} not found"})
    assert poster.urls == []


async def test_deliveries_are_listed_newest_first_to_their_owner(client: Any, ended: Any, poster: Poster):
    """Of all its runs or of one, by either of its ids; another key sees none of them, no key is 403."""
    first, second = await ended(), await ended(engine="skyvern-2.0")
    for run in (first, second, first):
        await client.post(retry(run))
    listed = (await client.get("/_mock/deliveries")).json()
    assert [found["run_id"] for found in listed] == [first.run_id, second.run_id, first.run_id]
    assert list(listed[0]) == [
        "delivery_id", "run_id", "url", "trigger", "state", "attempts", "webhook_failure_reason", "headers", "payload",
        "created_at", "modified_at",
    ]  # fmt: skip
    for run_id in (second.run_id, second.workflow_run_id):
        (found,) = (await client.get("/_mock/deliveries", params={"run_id": run_id})).json()
        assert found == listed[1]
    assert (await client.get("/_mock/deliveries", params={"limit": 1})).json() == listed[:1]
    assert (await client.get("/_mock/deliveries", headers={"x-api-key": "other"})).json() == []
    other = {"run_id": first.run_id}
    assert (await client.get("/_mock/deliveries", params=other, headers={"x-api-key": "other"})).json() == []
    assert (await client.get("/_mock/deliveries", headers={"x-api-key": ""})).status_code == 403
    assert (await client.get("/_mock/deliveries", params={"limit": 0})).status_code == 422
