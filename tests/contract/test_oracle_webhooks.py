"""What a real self-hosted server was seen to send, and to answer about it, this one sends and answers too.

Runs are put into the recorded states; a stand-in for the network plays the recorded receiver.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.api.addresses import is_private
from mock_server.artifacts.writer import Belonging
from mock_server.webhooks.sending import Sender

ORACLE = Path(__file__).parents[2] / "fixtures" / "oracle"
DELIVERIES = [json.loads(line) for line in (ORACLE / "webhooks.jsonl").read_text("utf-8").splitlines()]
REPLAYS = {
    found["name"]: found for found in map(json.loads, (ORACLE / "retry_webhook.jsonl").read_text("utf-8").splitlines())
}
RECEIVER = "http://127.0.0.1:18803"

LEFT_OUT = {
    "method_get_retry_webhook": "no run is needed for it: test_any_request asks for every method of every path",
    "retry_webhook_workflow": "a workflow run's payload is compared by its fields below",
}
"""Recorded replays that are not made here, each with its reason."""

FAMILIES = {
    "task_v1": "skyvern-1.0",
    "task_v2": "skyvern-2.0",
    "task_v3": "skyvern-3.0",
    "openai_cua": "openai-cua",
}

NOT_MADE_UP = {"failure_category"}
"""Fields a language model fills; there is none here, and they are null."""

_VARYING = (
    (re.compile(r"\b(tsk_v2|tsk|wr|w|wpid|o|a)_\d{17,19}"), r"\1_<id>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?"), "<moment>"),
    (re.compile(r"http://(?:localhost:8080|127\.0\.0\.1:8000)/(runs|tasks)/"), r"<app>/\1/"),
    (re.compile(r"file:///[^\"\\]*"), "<file>"),
)


def masked(text: str) -> str:
    """Return a text with what differs from one run to the next taken out."""
    for pattern, replacement in _VARYING:
        text = pattern.sub(replacement, text)
    return text


class Network(httpx.AsyncBaseTransport):
    """The receiver of the recording: says what its path asks for; nobody listens on any other port."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.port != 18803:
            raise httpx.ConnectError("All connection attempts failed")
        _, kind, value, *_ = [*request.url.path.split("/"), ""]
        status = int(value) if kind == "status" else 200
        body = {"error": "receiver says no"} if status >= 400 else {"received": True}
        return httpx.Response(status, content=json.dumps(body).encode())


async def no_names(host: str, port: int) -> list[str]:
    raise OSError(host)


@pytest.fixture
def make_server(make_seeds: Any, open_client: Callable[..., httpx.AsyncClient]) -> Any:
    """Return a function: settings -> (seeds, client) of a self-hosted server on the recorded network."""

    def make(**settings: Any) -> Any:
        seeds = make_seeds(dialect="oss", **settings)
        blocks = settings.get("block_private_hosts", False)
        seeds.services.webhooks._sender = Sender(
            seeds.services.clock, forbidden=is_private if blocks else None, resolve=no_names, transport=Network()
        )
        return seeds, open_client(seeds.composition.application())

    return make


BARE = {
    "prompt": "[[terminate]] x", "url": "http://127.0.0.1:18802/", "title": None, "proxy_location": "RESIDENTIAL",
    "data_extraction_schema": None, "error_code_mapping": None, "max_steps": None, "totp_identifier": None,
    "totp_url": None, "model": None, "extra_http_headers": None, "cdp_connect_headers": None,
    "include_action_history_in_verification": False, "max_screenshot_scrolls": None, "run_with": None,
}  # fmt: skip


def put(seeds: Any, recorded: dict[str, Any], webhook_url: str | None) -> Any:
    """Put a run that ended as the recorded payload says; return it."""
    services = seeds.services
    run = seeds.run(recorded["status"], FAMILIES[recorded["run_type"]], **{**BARE, "webhook_url": webhook_url})
    run.output, run.summary, run.errors = recorded["output"], recorded.get("summary"), recorded["errors"]
    run.failure_reason, run.step_count = recorded["failure_reason"], recorded["step_count"]
    if recorded["run_type"] != "task_v2":
        run.queued_at = None
        run.request["max_steps"] = recorded["max_steps_per_run"]
    if "prompt" in recorded:
        run.request["prompt"] = recorded["prompt"]
    belonging = Belonging(run.organization_id, run.run_id, run.task_id, "stp_1", workflow_run_id=run.workflow_run_id)
    shots = recorded["screenshot_urls"] or []
    final = recorded.get("screenshot_url") or any("screenshot_final" in url for url in shots)
    kinds = ["recording"] if recorded["recording_url"] else []
    kinds += ["screenshot_action"] * sum("screenshot_action" in url for url in shots)
    kinds += ["screenshot_final"] if final else []
    for kind in kinds:
        services.artifacts.write(kind, b"x", belonging)
    services.store.save_run(run)
    return run


def settle(seeds: Any, run: Any, reason: str) -> None:
    """Write down that the run's webhook was delivered, or failed for that reason."""
    services = seeds.services
    services.webhooks.run_ended(run)
    (delivery,) = services.webhooks.deliveries(run.organization_id, run.run_id)
    delivery.state, delivery.webhook_failure_reason = "failed" if reason else "delivered", reason
    services.store.put_resource(delivery.to_resource())


TASKS = [found for found in DELIVERIES if json.loads(found["request"]["body"])["run_type"] in FAMILIES]


@pytest.mark.parametrize("recorded", TASKS, ids=lambda found: found["name"])
def test_a_tasks_webhook_is_the_recorded_one(recorded: dict[str, Any], make_server: Any):
    """Fields, order and values of a run that ended as recorded, byte for byte but for ids, times and files."""
    seeds, _ = make_server()
    wanted = json.loads(recorded["request"]["body"])
    wanted |= dict.fromkeys(NOT_MADE_UP & set(wanted))
    run = put(seeds, wanted, f"{RECEIVER}{recorded['request']['path']}")
    seeds.services.webhooks.run_ended(run)
    (delivery,) = seeds.services.webhooks.deliveries(run.organization_id, run.run_id)
    compact = json.dumps(wanted, ensure_ascii=False, separators=(",", ":"))
    assert masked(delivery.payload) == masked(compact)


CALLED = sorted(set(REPLAYS) - set(LEFT_OUT))


@pytest.mark.parametrize("name", CALLED)
async def test_a_replay_is_answered_as_recorded(name: str, make_server: Any):
    """Status, headers and body, the payload inside it included, are those of the real server."""
    recorded = REPLAYS[name]
    blocks = name.startswith("ssrf_on")
    seeds, client = make_server(block_private_hosts=blocks)
    request, response = recorded["request"], recorded["response"]
    body = json.loads(response["body"])
    run_id = run_of(seeds, name, body)
    path = f"/v1/runs/{run_id or request['path'].split('/')[3]}/retry_webhook"
    headers = {key: value for key, value in request["headers"].items() if key.lower() not in ("host", "content-length")}
    client.headers.pop("x-api-key")
    if "x-api-key" in headers:
        headers["x-api-key"] = "test-key"
    answer = await client.post(path, content=(request["body"] or "").encode(), headers=headers)
    assert answer.status_code == response["status"], answer.text
    assert comparable(answer.json()) == comparable(body)
    # Date and server are the web server's, and it is not there.
    names = [key for key, _ in response["headers"] if key not in ("date", "server")]
    assert [key for key, _ in answer.headers.items() if key not in ("date", "server")] == names


def run_of(seeds: Any, name: str, body: dict[str, Any]) -> str | None:
    """Put the run a recorded replay was about; return the id it was called by, None if it should be unknown."""
    if "unknown" in name:
        return None
    if "running" in name:
        engine = "skyvern-2.0" if name.endswith("v2") else "skyvern-1.0"
        return str(seeds.run("running", engine, **{**BARE, "webhook_url": f"{RECEIVER}/ok"}).run_id)
    if "payload" in body:
        payload, default = json.loads(body["payload"]), body["default_webhook_url"]
    else:
        kind = "retry_webhook_v2_ok" if name == "retry_webhook_v2_by_wr" else "retry_webhook_v1_ok"
        payload = json.loads(json.loads(REPLAYS[kind]["response"]["body"])["payload"])
        default = None if name == "retry_webhook_no_url" else f"{RECEIVER}/ok/v1"
    run = put_for(seeds, payload, default)
    if default and payload.get("webhook_failure_reason") is not None:
        settle(seeds, run, payload["webhook_failure_reason"])
    return str(run.workflow_run_id if name == "retry_webhook_v2_by_wr" else run.run_id)


def put_for(seeds: Any, payload: dict[str, Any], default: str | None) -> Any:
    """Put a run whose address the server's rules may refuse today: it was taken before they were there."""
    run = put(seeds, payload, None) if seeds.services.settings.block_private_hosts else put(seeds, payload, default)
    run.request["webhook_url"] = default
    return run


def comparable(body: Any) -> Any:
    """Return an answer with its ids, times, signature and time taken made equal."""
    text = masked(json.dumps(body, ensure_ascii=False))
    text = re.sub(r"\b[0-9a-f]{64}\b", "<signature>", text)
    text = re.sub(r'("x-skyvern-timestamp": )"\d{10}"', r'\1"<stamp>"', text)
    return re.sub(r'("latency_ms": )\d+', r"\1<taken>", text)


WORKFLOWS = [found for found in DELIVERIES if json.loads(found["request"]["body"])["run_type"] == "workflow_run"]


@pytest.mark.parametrize("recorded", WORKFLOWS, ids=lambda found: found["name"])
def test_a_workflow_runs_webhook_has_the_recorded_fields_in_their_order(recorded: dict[str, Any], make_server: Any):
    """The request is in it the first time; a replay leaves out the request and four fields more."""
    seeds, _ = make_server()
    services, wanted = seeds.services, json.loads(recorded["request"]["body"])
    address = f"{RECEIVER}/ok/wf"
    admitted = services.engine.submit_workflow_run(
        seeds.organization, {"prompt": "x", "webhook_url": address, "parameters": wanted["parameters"]}
    )
    services.engine.cancel(admitted)
    (delivery,) = services.webhooks.deliveries(seeds.organization, admitted.run_id)
    told = json.loads(delivery.payload)
    assert list(told) == list(wanted)
    assert list(told["run_request"]) == list(wanted["run_request"])
    assert (told["webhook_callback_url"], told["run_request"]["webhook_url"]) == (address, address)
    same_kind = ("workflow_id", "workflow_run_id", "agent_id", "agent_run_id", "run_id")
    assert {name: masked(told[name]) for name in same_kind} == {name: masked(wanted[name]) for name in same_kind}


async def test_a_workflow_runs_replay_has_the_recorded_fields_in_their_order(make_server: Any):
    """Without the request and what only its owner should see."""
    seeds, client = make_server()
    address = {"prompt": "x", "webhook_url": f"{RECEIVER}/ok/wf"}
    run = seeds.services.engine.submit_workflow_run(seeds.organization, address)
    seeds.services.engine.cancel(run)
    answer = (await client.post(f"/v1/runs/{run.run_id}/retry_webhook")).json()
    recorded = json.loads(REPLAYS["retry_webhook_workflow"]["response"]["body"])
    assert list(answer) == list(recorded)
    assert list(json.loads(answer["payload"])) == list(json.loads(recorded["payload"]))
    assert (answer["status_code"], answer["response_body"]) == (200, '{"received": true}')


def test_the_documents_webhook_has_every_documented_field(make_seeds: Any):
    """A planner run in the cloud dialect has each field of the published example, in the example's types."""
    seeds = make_seeds(dialect="cloud")
    run = seeds.run("completed", "skyvern-2.0")
    seeds.artifacts(run)
    seeds.services.webhooks.run_ended(run)
    (delivery,) = seeds.services.webhooks.deliveries(seeds.organization)
    told = json.loads(delivery.payload)
    kinds = {
        str: "task_id run_id status summary prompt url recording_url run_type app_url organization_id workflow_run_id "
        "webhook_callback_url created_at modified_at queued_at started_at finished_at",
        dict: "output proxy_location",
        list: "downloaded_files screenshot_urls errors",
        int: "step_count",
        type(None): "failure_reason",
    }
    for kind, names in kinds.items():
        assert {name: type(told[name]) for name in names.split()} == dict.fromkeys(names.split(), kind)
    assert "run_request" not in told
    assert told["cdp_connect_headers"] is None, "they open somebody's browser"
