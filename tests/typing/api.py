"""The public API as a type checker sees it; `make check` runs mypy over this file.

It is never imported: a changed signature or return type fails the check.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, assert_type

from pydantic import BaseModel

from skyvern_tui.client import (
    ApiError,
    Artifact,
    AsyncRunHandle,
    AsyncSkyvern,
    BrowserProfile,
    BrowserSession,
    BulkCancel,
    Change,
    Credential,
    FileInfo,
    GeoTarget,
    PollReport,
    ProxyLocation,
    RawResponse,
    RequestOptions,
    RetryReport,
    Run,
    RunEngine,
    RunHandle,
    RunListItem,
    RunStatus,
    RunTimeoutError,
    RunType,
    Skyvern,
    SkyvernEnvironment,
    TaskRun,
    TaskRunResponse,
    TimelineItem,
    TotpCode,
    UnprocessableEntityError,
    UploadedFile,
    WebhookReplay,
    WorkflowRun,
)


class Product(BaseModel):
    """A shape to extract."""

    name: str


def blocking() -> None:
    """The sync face."""
    with Skyvern(api_key="k", base_url="http://127.0.0.1:8000", timeout=5, max_retries=1, on_retry=note) as sky:
        run = sky.run_task(prompt="p", url="u", engine=RunEngine.skyvern_v2, max_steps=3, wait_for_completion=True)
        assert_type(run, Run)
        assert_type(run.status, RunStatus | str)
        assert_type(run.run_type, RunType | str)
        assert_type(run.created_at, datetime)
        assert_type(run.finished_at, datetime | None)
        assert_type(run.downloaded_files, list[FileInfo] | None)
        assert_type(run.is_final, bool)
        assert_type(sky.get_run(run.run_id), Run)
        listed: list[RunListItem] = sky.get_runs(page=1, page_size=5, status=["running"], tags=["a"])
        timeline: list[TimelineItem] = sky.get_run_timeline(run.run_id)
        artifacts: list[Artifact] = sky.get_run_artifacts(run.run_id, artifact_type=["recording", "har"])
        del listed, timeline
        assert_type(sky.get_artifact("a_1"), Artifact)
        assert_type(sky.get_artifact_content(artifacts[0]), bytes)
        assert_type(sky.download_artifact("a_1", "file"), Path)
        assert_type(sky.cancel_run(run.run_id), None)
        assert_type(sky.bulk_cancel_runs(run_ids=[run.run_id]), BulkCancel)
        assert_type(sky.retry_run_webhook(run.run_id, webhook_url="u"), WebhookReplay)
        assert_type(sky.run(run.run_id), RunHandle)
        assert_type(sky.run(run).watch(timeout=1), Iterator[Change])
        assert_type(sky.get_version(), str)
        assert_type(Skyvern(environment=SkyvernEnvironment.LOCAL), Skyvern)
        assert_type(Skyvern(profile="work").base_url, str)


def neighbours(sky: Skyvern) -> None:
    """The calls beside tasks."""
    place: GeoTarget = {"country": "US", "subdivision": "CA"}
    session = sky.create_browser_session(timeout=60, proxy_location=ProxyLocation.RESIDENTIAL)
    assert_type(session, BrowserSession)
    assert_type(sky.get_browser_sessions(), list[BrowserSession])
    assert_type(sky.close_browser_session(session.browser_session_id), None)
    assert_type(sky.create_browser_profile(name="n", proxy_location=place), BrowserProfile)
    assert_type(sky.list_browser_profiles(page=1), list[BrowserProfile])
    assert_type(sky.create_credential(name="n", credential_type="secret", credential={}), Credential)
    assert_type(sky.send_totp_code(totp_identifier="a", content="1"), TotpCode)
    assert_type(sky.upload_file(Path("f"), retention_days=1), UploadedFile)
    assert_type(sky.run_workflow("wpid_1", parameters={"a": 1}, wait_for_completion=True), Run)
    assert_type(sky.login(credential_type="skyvern", credential_id="cred_1"), Run)
    assert_type(sky.download_files(navigation_goal="g", timeout=None), Run)


def answers(sky: Skyvern) -> None:
    """Raw answers, narrowing by class, and what errors carry."""
    options = RequestOptions(timeout_in_seconds=120, max_retries=3, additional_headers={"x-custom-header": "value"})
    raw = sky.with_raw_response.get_run("tsk_1", request_options=options)
    assert_type(raw, RawResponse[Run])
    assert_type((raw.data, raw.status_code, raw.content), tuple[Run, int, bytes])
    assert_type(raw.headers, Mapping[str, str])
    if isinstance(raw.data, WorkflowRun):
        assert_type(raw.data.retry_pending, bool | None)
    expected: type[TaskRun] = TaskRunResponse
    try:
        sky.wait_for_run("tsk_1", 60, cancel_on_timeout=True, on_poll=polled, on_progress=lambda run: run.status)
    except RunTimeoutError as late:
        assert_type(late.run, Run | None)
        assert_type((late.run_id, late.attempts, late.elapsed, late.canceled), tuple[str | None, int, float, bool])
    except UnprocessableEntityError as wrong:
        assert_type(wrong.problems, dict[str, str])
    except ApiError as refused:
        assert_type((refused.status_code, refused.request_id, refused.hint), tuple[int, str | None, str])
        body: Any = refused.body
        del body
    del expected


def note(report: RetryReport) -> None:
    """A hook."""
    assert_type(report.delay, float)


def polled(report: PollReport) -> None:
    """Another."""
    assert_type(report.run, Run | None)


async def told(report: PollReport) -> None:
    """One that is awaited."""
    del report


async def awaiting() -> None:
    """The async face has the same names and types."""
    async with AsyncSkyvern() as sky:
        run = await sky.run_task(prompt="p", data_extraction_schema=Product, timeout=60, on_poll=told)
        assert_type(run, Run)
        artifacts: list[Artifact] = await sky.get_run_artifacts(run.run_id)
        del artifacts
        assert_type(await sky.wait_for_run(run.run_id, timeout=3.5), Run)
        assert_type(await sky.get_browser_session("pbs_1"), BrowserSession)
        assert_type(await sky.with_raw_response.cancel_run("tsk_1"), RawResponse[None])
        assert_type(sky.run(run.run_id), AsyncRunHandle)
        assert_type(sky.run(run.run_id).watch(), AsyncIterator[Change])
