"""What a webhook tells of a run.

Owns: the fields of each family of runs and their order: the older object's fields first,
then those of the run's answer the older one lacks; where both have a field, the answer's
value stands. Must not: read the store or know how the answer of a run is made; it is
handed over in :class:`Told`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mock_server.store.records import RunRecord

PLANNER_RUN: Final = "task_v2"
WORKFLOW_RUN: Final = "workflow_run"

_LEFT_OUT_OF_REPLAYS: Final = ("webhook_callback_url", "totp_verification_url", "totp_identifier", "extra_http_headers")
"""What the replay of a workflow run keeps to itself."""

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a run beyond its record."""

    answer: Mapping[str, Any]
    """The run as ``GET /v1/runs/{id}`` answers it."""
    final_screenshot_url: str | None = None
    max_steps: int | None = None
    """How many steps it was allowed."""
    workflow_title: str | None = None


def of_delivery(run: RunRecord, told: Told, failure_reason: str | None) -> Payload:
    """Return what is sent when the run has ended.

    ``failure_reason`` is what became of the delivery before: None if there was none, empty if it arrived.
    """
    if run.run_type == WORKFLOW_RUN:
        return {**_workflow_run(run, told, failure_reason), **told.answer}
    answer = {name: value for name, value in told.answer.items() if name != "run_request"}
    if run.run_type == PLANNER_RUN:
        return {**planner_run(run, failure_reason), **answer}
    return {**_step_run(run, told, failure_reason), **answer}


def of_replay(run: RunRecord, told: Told, failure_reason: str | None) -> Payload:
    """Return what is sent when somebody asks for it again: of a planner run its answer only."""
    answer = {name: value for name, value in told.answer.items() if name != "run_request"}
    if run.run_type == PLANNER_RUN:
        return answer
    if run.run_type == WORKFLOW_RUN:
        told_all = {**_workflow_run(run, told, None), **answer}
        del told_all["run_request"]
        return {name: value for name, value in told_all.items() if name not in _LEFT_OUT_OF_REPLAYS}
    return {**_step_run(run, told, failure_reason), **answer}


def _step_run(run: RunRecord, told: Told, failure_reason: str | None) -> Payload:
    answer = told.answer
    return {
        "task_id": run.run_id,
        "status": run.status,
        "created_at": run.created_at,
        "modified_at": run.modified_at,
        "extracted_information": run.output,
        "action_screenshot_urls": answer["screenshot_urls"],
        "screenshot_url": told.final_screenshot_url,
        "recording_url": answer["recording_url"],
        "recording_archived": False,
        # The service writes the console's log after it has sent this, and a replay does not make up for it.
        "browser_console_log_url": None,
        "downloaded_files": answer["downloaded_files"],
        "downloaded_file_urls": _urls(answer),
        "failure_reason": run.failure_reason,
        "failure_category": None,
        "webhook_failure_reason": failure_reason,
        "errors": run.errors,
        "max_steps_per_run": told.max_steps,
        "workflow_run_id": None,
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "max_screenshot_scrolls": None,
        "step_count": run.step_count,
        "browser_session_id": None,
    }


def planner_run(run: RunRecord, failure_reason: str | None) -> Payload:
    """Return a planner's run as the older object."""
    request = run.request
    return {
        "task_id": run.run_id,
        "status": run.status,
        "organization_id": run.organization_id,
        "workflow_run_id": run.workflow_run_id,
        "workflow_id": run.workflow_id,
        "workflow_permanent_id": run.workflow_permanent_id,
        "prompt": request.get("prompt"),
        "url": request.get("url"),
        "summary": run.summary,
        "output": run.output,
        "totp_verification_url": request.get("totp_url"),
        "totp_identifier": request.get("totp_identifier"),
        "proxy_location": request.get("proxy_location"),
        "webhook_callback_url": request.get("webhook_url"),
        "webhook_failure_reason": failure_reason,
        "extracted_information_schema": request.get("data_extraction_schema"),
        "error_code_mapping": request.get("error_code_mapping"),
        "workflow_system_prompt": None,
        "model": request.get("model"),
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "max_screenshot_scrolling_times": request.get("max_screenshot_scrolls"),
        "extra_http_headers": request.get("extra_http_headers"),
        # They open somebody's browser; no answer shows them, and a receiver is a third party.
        "cdp_connect_headers": None,
        "browser_address": request.get("browser_address"),
        "run_with": request.get("run_with"),
        "failure_category": None,
        "created_at": run.created_at,
        "modified_at": run.modified_at,
    }


def _workflow_run(run: RunRecord, told: Told, failure_reason: str | None) -> Payload:
    """Return every field in its place; those of the run's answer hold what the answer lacks them with."""
    request, answer = run.request, told.answer
    recording = answer["recording_url"]
    return {
        "workflow_id": run.workflow_permanent_id,
        "workflow_run_id": run.run_id,
        "status": run.status,
        "attempt": run.attempt,
        "retry_pending": False,
        "next_attempt_at": None,
        "attempts": [],
        "failure_reason": run.failure_reason,
        "failure_category": None,
        "retried_from_workflow_run_id": None,
        "retried_by_workflow_run_id": None,
        "proxy_location": request.get("proxy_location") or "RESIDENTIAL",
        "webhook_callback_url": request.get("webhook_url"),
        "webhook_failure_reason": failure_reason,
        "totp_verification_url": request.get("totp_url"),
        "totp_identifier": request.get("totp_identifier"),
        "extra_http_headers": request.get("extra_http_headers"),
        "cdp_connect_headers": None,
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "created_at": run.created_at,
        "modified_at": run.modified_at,
        "parameters": request.get("parameters") or {},
        "screenshot_urls": answer["screenshot_urls"],
        "recording_url": recording,
        "recording_urls": [recording] if recording else None,
        "recording_archived": False,
        "downloaded_files": answer["downloaded_files"],
        "downloaded_file_urls": _urls(answer),
        "outputs": answer.get("output", run.output),
        "total_steps": run.step_count or 0,
        "total_cost": None,
        "credits_used": 0,
        "cached_credits_used": 0,
        "task_v2": None,
        "workflow_title": told.workflow_title or run.title,
        "browser_session_id": run.browser_session_id,
        "browser_profile_id": None,
        "browser_seed_source": "fresh",
        "browser_sink_profile_id": None,
        "max_screenshot_scrolls": None,
        "browser_address": request.get("browser_address"),
        "run_with": request.get("run_with") or "agent",
        "browser_type": request.get("browser_type"),
        "script_run": None,
        "script_id": None,
        "errors": run.errors,
        "agent_id": run.workflow_permanent_id,
        "agent_run_id": run.run_id,
        "run_id": run.run_id,
        "output": run.output,
        "app_url": None,
        "step_count": run.step_count or 0,
        "run_type": run.run_type,
        "ai_fallback": request.get("ai_fallback"),
        "browser_settings_receipt": None,
        "run_request": None,
    }


def _urls(answer: Mapping[str, Any]) -> list[str] | None:
    return [file["url"] for file in answer["downloaded_files"] or ()] or None
