"""One short task from its start to everything that can be asked about it."""

from __future__ import annotations

import os

import pytest
from skyvern.client.core.api_error import ApiError

URL = os.environ.get("SKYVERN_TASK_URL", "https://example.com")


@pytest.fixture(scope="module")
async def run(client):
    """A finished run, waited for as the documentation says."""
    return await client.run_task(
        prompt="Get the main heading of the page",
        url=URL,
        data_extraction_schema={"type": "object", "properties": {"heading": {"type": "string"}}},
        engine="skyvern-2.0",
        title="contract test",
        max_steps=5,
        wait_for_completion=True,
        timeout=600,
    )


async def test_it_completes(run):
    """The wait ends with the run's end, and the output fits what was asked for."""
    assert run.status == "completed", run.failure_reason
    assert run.output["heading"]
    assert run.run_id.startswith("tsk_v2_")
    assert run.app_url


async def test_it_is_read_again(client, run):
    """Reading it again gives the same run, with its times in order and what was asked for."""
    again = await client.get_run(run.run_id)
    assert again.run_type == "task_v2"
    assert again.output == run.output
    assert again.created_at <= again.queued_at <= again.started_at <= again.finished_at <= again.modified_at
    assert again.run_request.url.rstrip("/") == URL.rstrip("/")


async def test_it_is_in_the_list(client, run):
    """The newest runs hold it, with the same status."""
    listed = {item.run_id: item.status for item in await client.get_runs_v2(page_size=20)}
    assert listed[run.run_id] == "completed"


async def test_its_timeline(client, run):
    """The timeline holds what was thought and done."""
    kinds = {item.type for item in await client.get_run_timeline(run.run_id)}
    assert kinds == {"block", "thought"}


async def test_its_artifacts(client, run):
    """Artifacts are listed under the id of the hidden workflow run, and the filter may be repeated."""
    workflow_run_id = run.app_url.rpartition("/")[2]
    artifacts = await client.get_run_artifacts(workflow_run_id, artifact_type=["recording", "screenshot_final"])
    assert {artifact.artifact_type for artifact in artifacts} == {"recording", "screenshot_final"}


async def test_what_an_artifact_holds(client, run):
    """An artifact is fetched by its id; what is JSON comes parsed."""
    workflow_run_id = run.app_url.rpartition("/")[2]
    (tree, *_) = await client.get_run_artifacts(workflow_run_id, artifact_type="visible_elements_tree")
    assert await client.artifacts.get_artifact_content(tree.artifact_id)


async def test_no_webhook_to_repeat(client, run):
    """A run without a webhook has none to send again."""
    with pytest.raises(ApiError) as caught:
        await client.retry_run_webhook(run.run_id)
    assert (caught.value.status_code, caught.value.body) == (
        400,
        {"detail": "No webhook URL configured for the run."},
    )
