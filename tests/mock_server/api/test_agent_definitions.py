"""``POST /v1/agents``: workflows made of definitions, as JSON or YAML; what comes back, is refused, and is run."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from mock_server.api.definition_models import kinds, schemas
from mock_server.services import Services

KEY = {"x-api-key": "test-key"}
OTHER = {"x-api-key": "other-key"}
NOBODY = {"x-api-key": ""}

WHO = {"key": "who", "parameter_type": "workflow", "workflow_parameter_type": "string", "default_value": "bob"}
SECRET = {"key": "secret", "parameter_type": "aws_secret", "aws_key": "k"}
GO = {"block_type": "goto_url", "label": "go", "url": "http://127.0.0.1:18802/"}
READ = {"block_type": "extraction", "label": "ext", "data_extraction_goal": "Extract the title of {{ who }}"}
YAML = """
title: A workflow
workflow_definition:
  parameters:
    - {key: who, parameter_type: workflow, workflow_parameter_type: string, default_value: bob}
  blocks:
    - {block_type: goto_url, label: go, url: "http://127.0.0.1:18802/"}
"""


def request(*blocks: dict[str, Any], parameters: Any = (WHO,), **fields: Any) -> dict[str, Any]:
    definition = {"parameters": list(parameters), "blocks": list(blocks)}
    return {"json_definition": {"title": "A workflow", "workflow_definition": definition, **fields}}


async def create(client: httpx.AsyncClient, *blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await client.post("/v1/agents", json=request(*blocks, **more), headers=KEY)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_workflow_of_a_definition(client: httpx.AsyncClient):
    """It comes back with ids of its own and a parameter for each block's output, and can be got and listed."""
    made = await create(client, GO, READ)
    assert made["agent_id"] == made["workflow_permanent_id"]
    assert (made["title"], made["version"], made["status"], made["run_with"]) == ("A workflow", 1, "published", "agent")
    parameters = made["workflow_definition"]["parameters"]
    assert [parameter["key"] for parameter in parameters] == ["go_output", "ext_output", "who"]
    assert [block["output_parameter"]["key"] for block in made["workflow_definition"]["blocks"]] == [
        "go_output", "ext_output",
    ]  # fmt: skip
    for path in ("agents", "workflows"):
        got = (await client.get(f"/v1/{path}/{made['agent_id']}", headers=KEY)).json()
        assert got == made | {"effective_default_engine": None}
        assert (await client.get(f"/v1/{path}", headers=KEY)).json() == [got]


async def test_both_paths_and_forms_make_the_same(client: httpx.AsyncClient):
    """The older path and YAML make the workflow that JSON does, but for ids and times."""

    def shape(made: dict[str, Any]) -> Any:
        return [(block["block_type"], list(block)) for block in made["workflow_definition"]["blocks"]], made["title"]

    first = await create(client, GO)
    for path, sent in (("/v1/workflows/", request(GO)), ("/v1/agents", {"yaml_definition": YAML})):
        answer = await client.post(path, json=sent, headers=KEY)
        assert answer.status_code == 200, answer.text
        assert shape(answer.json()) == shape(first)


async def test_settings_of_a_workflow_come_back(client: httpx.AsyncClient):
    """What the definition says beside its blocks is in the answer; connection headers never are."""
    said = {
        "description": "d", "proxy_location": "RESIDENTIAL_DE", "webhook_callback_url": "http://127.0.0.1:9/",
        "totp_identifier": "a@b.c", "max_screenshot_scrolls": 3, "max_elapsed_time_minutes": 5, "run_with": "code",
        "status": "draft", "extra_http_headers": {"a": "b"}, "model": {"model_name": "x"}, "cache_key": None,
    }  # fmt: skip
    made = await create(client, GO, **said, cdp_connect_headers={"authorization": "secret"})
    assert {name: made[name] for name in said} == said
    assert made["cdp_connect_headers"] is None
    assert (await client.get("/v1/agents?status=published", headers=KEY)).json() == []
    assert len((await client.get("/v1/agents?status=draft", headers=KEY)).json()) == 1


def smallest(model: dict[str, Any]) -> dict[str, Any]:
    """Return an object with no more than its model needs."""
    made: dict[str, Any] = {}
    secrets = [name for name in model["properties"] if name.endswith("_secret_parameter_key")]
    for name in (*model.get("required", ()), *secrets):
        told = model["properties"][name]
        told = schemas()[told["$ref"].rpartition("/")[2]] if "$ref" in told else told
        if name.endswith("_parameter_key"):
            made[name] = "secret"
        elif "enum" in told:
            made[name] = told["enum"][0]
        elif "properties" in told:
            made[name] = smallest(told)
        else:
            made[name] = {"string": name, "integer": 1, "array": [], "object": {}, "boolean": True}[told["type"]]
    return made


@pytest.mark.parametrize("kind", sorted(kinds("WorkflowDefinitionYAML", "blocks")))
async def test_every_kind_of_block_is_taken_and_shown(kind: str, client: httpx.AsyncClient):
    """A block of any published kind is kept and shown in the published form (the self-check holds the answer to it)."""
    mapping = schemas()["WorkflowDefinitionYAML"]["properties"]["blocks"]["items"]["discriminator"]["mapping"]
    sent = smallest(schemas()[mapping[kind].rpartition("/")[2]])
    made = await create(client, {"block_type": kind, **sent}, parameters=(WHO, SECRET))
    (block,) = made["workflow_definition"]["blocks"]
    assert block["block_type"] == kind


async def test_parameters_are_put_in_where_blocks_name_them(client: httpx.AsyncClient):
    """Keys of parameters become the parameters themselves, in blocks and in loops."""
    loop = {"block_type": "for_loop", "label": "each", "loop_over_parameter_key": "who"}
    made = await create(client, {**loop, "loop_blocks": [{**READ, "parameter_keys": ["who"]}]})
    (block,) = made["workflow_definition"]["blocks"]
    who = made["workflow_definition"]["parameters"][-1]
    assert block["loop_over"] == who
    assert block["loop_blocks"][0]["parameters"] == [who]


NEITHER = "Invalid workflow definition. Workflow should be provided in either yaml or json format."
FAULTS: list[tuple[Any, Any]] = [
    ({}, NEITHER),
    ({"json_definition": None}, NEITHER),
    ({"json_definition": {}}, [["json_definition", "title"], ["json_definition", "workflow_definition"]]),
    ({"json_definition": 5}, [["json_definition"]]),
    ({"yaml_definition": 5}, [["yaml_definition"]]),
    ({"yaml_definition": "a: [b"}, "Invalid workflow definition. It is no YAML"),
    ({"yaml_definition": "just text"}, "Invalid workflow definition. The YAML is no mapping."),
    ({"yaml_definition": "a: &a [x]\nb: *a"}, "Invalid workflow definition. It is no YAML: aliases are not taken"),
    ({"yaml_definition": "title: t"}, "Invalid workflow definition. workflow_definition: Field required"),
    (request({"block_type": "nope", "label": "a"}), [["json_definition", "workflow_definition", "blocks", 0]]),
    (request({"label": "a"}), [["json_definition", "workflow_definition", "blocks", 0]]),
    (request({"block_type": "wait"}), [["json_definition", "workflow_definition", "blocks", 0, "wait", "label"]]),
    (
        request({"block_type": "goto_url", "label": "a"}),
        [["json_definition", "workflow_definition", "blocks", 0, "goto_url", "url"]],
    ),
    (request(GO, max_elapsed_time_minutes=0), [["json_definition", "max_elapsed_time_minutes"]]),
    (request(GO, GO), "Invalid workflow definition. The label go is there more than once"),
    (request({**GO, "next_block_label": "x"}), "Invalid workflow definition. go is followed by x"),
    (request({**READ, "parameter_keys": ["x"]}), "Invalid workflow definition. ext refers to the parameter x"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "told"), FAULTS)
async def test_what_is_no_definition(sent: Any, told: Any, client: httpx.AsyncClient):
    """Faulty fields are told by their places, all at once; anything else by a text that says what is wrong."""
    answer = await client.post("/v1/agents", json=sent, headers=KEY)
    assert answer.status_code == 422
    detail = answer.json()["detail"]
    if isinstance(told, str):
        assert detail.startswith(told), detail
    else:
        assert [fault["loc"] for fault in detail] == [["body", *place] for place in told]
    assert (await client.get("/v1/agents", headers=KEY)).json() == []


async def test_order_of_checks(client: httpx.AsyncClient):
    """Bytes that are no JSON come before the key, the key before the fields."""
    headers = NOBODY | {"content-type": "application/json"}
    assert (await client.post("/v1/agents", content=b"{", headers=headers)).status_code == 422
    assert (await client.post("/v1/agents", json={}, headers=NOBODY)).status_code == 403


async def test_nobody_elses(client: httpx.AsyncClient):
    """A workflow of another key is not found, listed or run."""
    made = await create(client, GO)
    assert (await client.get(f"/v1/agents/{made['agent_id']}", headers=OTHER)).status_code == 404
    assert (await client.get("/v1/agents", headers=OTHER)).json() == []
    answer = await client.post("/v1/run/agents", json={"agent_id": made["agent_id"]}, headers=OTHER)
    assert answer.status_code == 404


async def test_run_is_answered_as_recorded(client: httpx.AsyncClient, services: Services):
    """The run has the workflow's title and the parameters that were sent; later those it has, defaults among them."""
    made = await create(client, GO, READ, webhook_callback_url="http://127.0.0.1:9/hook")
    sent = {"agent_id": made["agent_id"]}
    run = (await client.post("/v1/run/agents", json=sent, headers=KEY)).json()
    assert (run["status"], run["run_type"]) == ("created", "workflow_run")
    asked = run["run_request"]
    assert (asked["workflow_id"], asked["title"], asked["parameters"]) == (made["agent_id"], "A workflow", None)
    assert (asked["proxy_location"], asked["webhook_url"]) == ("RESIDENTIAL", "http://127.0.0.1:9/hook")
    got = (await client.get(f"/v1/runs/{run['run_id']}", headers=KEY)).json()
    assert got["run_request"]["parameters"] == {"who": "bob"}
    assert "blocks" not in json.dumps(got)
    sent["parameters"] = {"who": "al", "other": 1}
    run = (await client.post("/v1/run/agents", json=sent, headers=KEY)).json()
    assert run["run_request"]["parameters"] == {"who": "al", "other": 1}


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("integer", "x", "Invalid value for workflow parameter n: it is not of the type integer."),
        ("boolean", "perhaps", "Invalid value for workflow parameter n: it is not of the type boolean."),
        ("json", "{", "Invalid value for workflow parameter n: it is not of the type json."),
    ],
)
async def test_parameters_have_types(kind: str, value: Any, told: str, client: httpx.AsyncClient):
    """A value that is not of its parameter's type is refused, and so is a missing one without a default."""
    parameter = {"key": "n", "parameter_type": "workflow", "workflow_parameter_type": kind}
    made = await create(client, GO, parameters=(parameter,))
    sent = {"agent_id": made["agent_id"], "parameters": {"n": value}}
    answer = await client.post("/v1/run/agents", json=sent, headers=KEY)
    assert (answer.status_code, answer.json()) == (400, {"detail": told})
    answer = await client.post("/v1/run/agents", json={"agent_id": made["agent_id"]}, headers=KEY)
    missing = "Missing required value for workflow parameter n: it has no default."
    assert (answer.status_code, answer.json()) == (400, {"detail": missing})


@pytest.mark.parametrize("mock", [{"block_private_hosts": True}], indirect=True)
async def test_private_hosts_in_blocks(client: httpx.AsyncClient):
    """With private hosts blocked, a run whose blocks open one is refused, wherever the address comes from."""
    loop = {"block_type": "for_loop", "label": "l", "loop_over_parameter_key": "who"}
    inner = {**GO, "url": "http://{{ who }}/"}
    made = await create(client, {**loop, "loop_blocks": [inner]})
    sent = {"agent_id": made["agent_id"], "parameters": {"who": "10.0.0.1"}}
    answer = await client.post("/v1/run/agents", json=sent, headers=KEY)
    assert (answer.status_code, answer.json()) == (400, {"detail": "Invalid url: blocked host."})


@pytest.mark.parametrize(("depth", "status"), [(60, 200), (300, 422)])
async def test_loops_in_loops(depth: int, status: int, client: httpx.AsyncClient):
    """Loops nest as deep as anybody can read, in no time that doubles with each; deeper ones are refused."""
    block: dict[str, Any] = {"block_type": "wait", "label": "w"}
    for level in range(depth):
        block = {"block_type": "for_loop", "label": f"l{level}", "loop_blocks": [block]}
    answer = await client.post("/v1/agents", json=request(block), headers=KEY)
    assert answer.status_code == status
