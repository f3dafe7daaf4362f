"""A workflow of a definition, done in a real browser: one context for all blocks, each with its own work."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.browser

PATIENCE = 120.0


def done(client: httpx.Client, blocks: list[dict[str, Any]], parameters: list[dict[str, Any]], **values: Any) -> Any:
    """Make a workflow, run it and return the run when it has ended."""
    definition = {"title": "A workflow", "workflow_definition": {"parameters": parameters, "blocks": blocks}}
    made = client.post("/v1/agents", json={"json_definition": definition})
    assert made.status_code == 200, made.text
    sent = {"agent_id": made.json()["agent_id"], "parameters": values}
    run_id = client.post("/v1/run/agents", json=sent).json()["run_id"]
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        run = client.get(f"/v1/runs/{run_id}").json()
        if run["finished_at"]:
            return run
        time.sleep(0.1)
    raise AssertionError(f"{run_id} is still {run['status']}")


@pytest.fixture
def client(mock: Any) -> Any:
    with httpx.Client(base_url=mock.url, headers={"x-api-key": mock.api_key}, timeout=PATIENCE) as client:
        yield client


def test_open_read_check_and_loop(client: httpx.Client, mock: Any):
    """Pages are opened and read with parameters filled in, what was read is checked, and a loop goes over values."""
    parameters = [
        {"key": "start", "parameter_type": "workflow", "workflow_parameter_type": "string"},
        {"key": "sites", "parameter_type": "workflow", "workflow_parameter_type": "json", "default_value": []},
    ]
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}
    read = {"block_type": "extraction", "label": "top", "data_extraction_goal": "Get the title of the top post"}
    check = 'the page shows "{{ top_output.extracted_information.title }}"'
    visit = {"block_type": "goto_url", "label": "visit", "url": "{{ current_value }}"}
    blocks = [
        {"block_type": "goto_url", "label": "go", "url": "{{ start }}"},
        {**read, "data_schema": schema},
        {"block_type": "validation", "label": "check", "complete_criterion": check},
        {"block_type": "for_loop", "label": "each", "loop_over_parameter_key": "sites", "loop_blocks": [visit]},
    ]
    news, shop = mock.site("news"), mock.site("shop")
    run = done(client, blocks, parameters, start=news, sites=[shop, news])
    assert (run["status"], run["failure_reason"]) == ("completed", None)
    top = httpx.get(f"{news}data.json").json()["posts"][0]["title"]
    assert run["output"]["extracted_information"] == [{"title": top}]
    assert [entry["loop_value"] for (entry,) in run["output"]["each_output"]] == [shop, news]
    assert run["recording_url"]
    loop = client.get(f"/v1/runs/{run['run_id']}/timeline").json()[0]
    assert [child["block"]["final_url"] for child in loop["children"]] == [news, shop]  # newest first


def test_log_in_and_download_in_one_context(client: httpx.Client, mock: Any):
    """A log-in with a stored credential lasts for the blocks after it; the file they download is the run's."""
    secret = {"username": "demo", "password": "demo-1234"}
    kept = {"name": "portal", "credential_type": "password", "credential": secret}
    credential = client.post("/v1/credentials", json=kept).json()["credential_id"]
    parameters = [{"key": "account", "parameter_type": "credential", "credential_id": credential}]
    log_in = {"block_type": "login", "label": "log_in", "url": mock.site("portal"), "parameter_keys": ["account"]}
    download = {"block_type": "file_download", "label": "get", "navigation_goal": "Download the newest invoice"}
    run = done(client, [log_in, download], parameters)
    assert (run["status"], run["failure_reason"]) == ("completed", None)
    (file,) = run["downloaded_files"]
    assert file["filename"].endswith(".pdf")
    assert run["output"]["get_output"]["downloaded_file_artifact_ids"] == [file["artifact_id"]]
    assert secret["password"] not in client.get(f"/v1/runs/{run['run_id']}/timeline").text


def test_block_that_cannot_be_done(client: httpx.Client, mock: Any):
    """The blocks before it are done; the run then fails, and says which block it was."""
    blocks = [
        {"block_type": "goto_url", "label": "go", "url": mock.site("news")},
        {"block_type": "code", "label": "compute", "code": "x = 1"},
    ]
    run = done(client, blocks, [])
    assert run["status"] == "failed"
    assert run["failure_reason"].startswith("code block failed. Reason: compute: ")
    assert "go_output" in run["output"]
