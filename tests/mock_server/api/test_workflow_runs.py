"""Answers about the run of a workflow: their fields, in the order of the wire, before and after it ran."""

from __future__ import annotations

import httpx
import pytest

from mock_server.artifacts.writer import Belonging
from mock_server.engine.lifecycle import advance
from mock_server.ids import organization_for
from mock_server.services import Services
from mock_server.store.records import RunRecord

REQUEST = {"prompt": "Download it", "url": "http://127.0.0.1/", "title": "File Download", "webhook_url": "http://h/"}
KEY = {"x-api-key": "test-key"}
FIELDS = [
    "run_id", "status", "output", "downloaded_files", "recording_url", "recording_archived", "screenshot_urls",
    "failure_reason", "created_at", "modified_at", "queued_at", "started_at", "finished_at", "app_url",
    "browser_session_id", "browser_profile_id", "max_screenshot_scrolls", "script_run", "errors", "step_count",
    "run_type", "attempt", "retry_pending", "next_attempt_at", "attempts", "run_with", "ai_fallback", "script_id",
    "browser_seed_source", "browser_settings_receipt", "run_request",
]  # fmt: skip
"""As recorded from a real server."""

REQUEST_FIELDS = [
    "workflow_id", "parameters", "title", "proxy_location", "webhook_url", "totp_url", "totp_identifier",
    "browser_session_id", "reuse_browser_session", "browser_profile_id", "start_fresh_browser",
    "max_screenshot_scrolls", "max_elapsed_time_minutes", "extra_http_headers", "cdp_connect_headers",
    "browser_address", "ai_fallback", "run_with", "browser_type", "run_metadata", "file_ids",
]  # fmt: skip

both_dialects = pytest.mark.parametrize("mock", [{"dialect": "cloud"}, {"dialect": "oss"}], indirect=True)


@pytest.fixture
def run(services: Services) -> RunRecord:
    """A workflow run that nobody does."""
    organization = organization_for("test-key")
    found = services.store.run(organization, services.engine.submit_workflow_run(organization, REQUEST).run_id)
    assert found is not None
    return found


def finish(services: Services, run: RunRecord, **details: object) -> None:
    for status in ("queued", "running", "completed"):
        advance(run, status, services.clock.now(), **(details if status == "completed" else {}))
    services.store.save_run(run)


@both_dialects
async def test_a_waiting_run(client: httpx.AsyncClient, run: RunRecord):
    """It has every field of a workflow's run, in order, no attempt yet and nothing of the prompt in its request."""
    answer = (await client.get(f"/v1/runs/{run.run_id}", headers=KEY)).json()
    assert list(answer) == FIELDS
    assert list(answer["run_request"]) == REQUEST_FIELDS
    assert (answer["run_type"], answer["run_with"], answer["attempts"]) == ("workflow_run", "agent", [])
    assert answer["run_request"]["workflow_id"] == run.workflow_permanent_id
    assert answer["run_request"]["parameters"] == {}
    assert answer["run_request"]["proxy_location"] == "RESIDENTIAL"
    assert answer["app_url"].endswith(f"/runs/{run.run_id}")


@both_dialects
async def test_a_finished_run(client: httpx.AsyncClient, services: Services, run: RunRecord):
    """Its one attempt is told with its times."""
    finish(services, run, output={"file_download_output": None, "extracted_information": []})
    answer = (await client.get(f"/v1/runs/{run.run_id}", headers=KEY)).json()
    (attempt,) = answer["attempts"]
    assert (attempt["attempt_number"], attempt["status"]) == (1, "completed")
    assert attempt["finished_at"] == answer["finished_at"]
    assert answer["output"] == {"file_download_output": None, "extracted_information": []}


@both_dialects
async def test_it_is_listed(client: httpx.AsyncClient, run: RunRecord):
    """The list names it under its wr_ id, its type and its workflow, and finds it by type."""
    (row,) = (await client.get("/v1/runs?run_type=workflow_run", headers=KEY)).json()
    assert (row["run_id"], row["task_run_type"]) == (run.run_id, "workflow_run")
    assert row["workflow_permanent_id"] == run.workflow_permanent_id
    assert row["script_run"] is False
    assert (await client.get("/v1/runs?run_type=task_v2", headers=KEY)).json() == []


@both_dialects
async def test_what_else_it_answers(client: httpx.AsyncClient, services: Services, run: RunRecord):
    """Timeline and artifacts are there under the wr_ id in both dialects; cancel works, also when it has ended."""
    assert (await client.get(f"/v1/runs/{run.run_id}/timeline", headers=KEY)).json() == []
    assert (await client.get(f"/v1/runs/{run.run_id}/artifacts", headers=KEY)).json() == []
    answer = await client.post(f"/v1/runs/{run.run_id}/cancel", headers=KEY)
    assert (answer.status_code, answer.text) == (200, "null")
    assert run.status == "canceled"
    again = await client.post(f"/v1/runs/{run.run_id}/cancel", headers=KEY)
    assert (again.status_code, again.text) == (200, "null")


async def test_other_tenants_do_not_see_it(client: httpx.AsyncClient, run: RunRecord):
    """Another key gets 404 for the run, its timeline and its cancel, and an empty list."""
    other = {"x-api-key": "other-key"}
    assert (await client.get(f"/v1/runs/{run.run_id}", headers=other)).status_code == 404
    assert (await client.get(f"/v1/runs/{run.run_id}/timeline", headers=other)).status_code == 404
    assert (await client.post(f"/v1/runs/{run.run_id}/cancel", headers=other)).status_code == 404
    assert (await client.get("/v1/runs", headers=other)).json() == []


@both_dialects
async def test_screenshots_of_blocks(client: httpx.AsyncClient, services: Services, run: RunRecord):
    """A block's output names the addresses of its screenshots beside their ids, as recorded; without any, null."""
    belonging = Belonging(run.organization_id, run.run_id, run.task_id, workflow_run_id=run.run_id)
    shot = services.artifacts.write("screenshot_action", b"png", belonging)
    names = ("task_screenshots", "workflow_screenshots", "task_screenshot_artifact_ids")
    outputs = {
        "a_output": dict(zip(names, (None, None, [shot.artifact_id]), strict=True)),
        "b_output": dict(zip(names, (None, None, []), strict=True)),
        "extracted_information": [],
    }
    finish(services, run, output=outputs)
    output = (await client.get(f"/v1/runs/{run.run_id}", headers=KEY)).json()["output"]
    (address,) = output["a_output"]["task_screenshots"]
    assert shot.artifact_id in address
    assert output["b_output"]["task_screenshots"] is None
    assert output["extracted_information"] == []
