"""Runs as the older task routes show them.

Owns: the fields of these answers and their order: a task, a planner's task, the run of a workflow,
a step. Must not: read the store or know HTTP.

Nothing is kept for these views: steps are read off the actions of a run's timeline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from mock_server.api.legacy_request import LEGACY
from mock_server.engine.lifecycle import FINAL
from mock_server.store.records import RunRecord, TimelineRecord
from mock_server.webhooks.payload import Told

Json = dict[str, Any]

_STEP_STATUS: Final = {"completed": "completed", "pending": "running", "skipped": "completed"}


def task(run: RunRecord, told: Told, webhook_failure: str | None, console_log_url: str | None) -> Json:
    """Return the run of a step engine."""
    answer = told.answer
    return {
        "request": _task_request(run, webhook_failure),
        "task_id": run.run_id,
        "status": run.status,
        "created_at": run.created_at,
        "modified_at": run.modified_at,
        "extracted_information": run.output,
        "action_screenshot_urls": answer["screenshot_urls"],
        "screenshot_url": told.final_screenshot_url,
        "recording_url": answer["recording_url"],
        "recording_archived": False,
        "browser_console_log_url": console_log_url,
        "downloaded_files": answer["downloaded_files"],
        "downloaded_file_urls": [file["url"] for file in answer["downloaded_files"] or ()] or None,
        "failure_reason": run.failure_reason,
        "failure_category": None,
        "webhook_failure_reason": webhook_failure,
        "errors": run.errors,
        "max_steps_per_run": told.max_steps,
        "workflow_run_id": None,
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "max_screenshot_scrolls": run.request.get("max_screenshot_scrolls"),
        "step_count": run.step_count or 0,
        "browser_session_id": run.browser_session_id,
    }


def _task_request(run: RunRecord, webhook_failure: str | None) -> Json:
    request: Mapping[str, Any] = run.request
    own: Mapping[str, Any] = request.get(LEGACY) or {"navigation_goal": request.get("prompt")}
    return {
        "title": request.get("title"),
        "url": request.get("url"),
        "webhook_callback_url": request.get("webhook_url"),
        "webhook_failure_reason": webhook_failure,
        "totp_verification_url": request.get("totp_url"),
        "totp_identifier": request.get("totp_identifier"),
        "navigation_goal": own.get("navigation_goal"),
        "data_extraction_goal": own.get("data_extraction_goal"),
        "navigation_payload": own.get("navigation_payload"),
        "error_code_mapping": request.get("error_code_mapping"),
        "workflow_system_prompt": None,
        "proxy_location": request.get("proxy_location"),
        "extracted_information_schema": request.get("data_extraction_schema"),
        "extra_http_headers": request.get("extra_http_headers"),
        # They open somebody's browser; no answer shows them.
        "cdp_connect_headers": None,
        "complete_criterion": own.get("complete_criterion"),
        "terminate_criterion": own.get("terminate_criterion"),
        "task_type": own.get("task_type") or "general",
        "application": own.get("application"),
        "include_action_history_in_verification": bool(request.get("include_action_history_in_verification")),
        "max_screenshot_scrolls": request.get("max_screenshot_scrolls"),
        "browser_address": request.get("browser_address"),
        "download_timeout": None,
        "include_extracted_text": True,
    }


def workflow_run(run: RunRecord, webhook_failure: str | None) -> Json:
    """Return the run of a workflow, or the hidden one behind a planner's run."""
    request = run.request
    return {
        "workflow_run_id": run.workflow_run_id,
        "workflow_id": run.workflow_id,
        "workflow_permanent_id": run.workflow_permanent_id,
        "organization_id": run.organization_id,
        "browser_session_id": run.browser_session_id,
        "browser_profile_id": request.get("browser_profile_id"),
        "browser_seed_source": "fresh",
        "browser_sink_profile_id": None,
        "start_fresh_browser": bool(request.get("start_fresh_browser")),
        "reuse_browser_session": request.get("reuse_browser_session"),
        "debug_session_id": None,
        "status": run.status,
        "attempt": run.attempt,
        "retry_pending": False,
        "next_attempt_at": None,
        "attempts": [],
        "extra_http_headers": request.get("extra_http_headers"),
        "cdp_connect_headers": None,
        "proxy_location": request.get("proxy_location"),
        "webhook_callback_url": request.get("webhook_url"),
        "webhook_failure_reason": webhook_failure,
        "totp_verification_url": request.get("totp_url"),
        "totp_identifier": request.get("totp_identifier"),
        "failure_reason": run.failure_reason,
        "failure_category": None,
        "retried_from_workflow_run_id": None,
        "fallback_attempt": None,
        "parent_workflow_run_id": None,
        "workflow_title": run.title,
        "max_screenshot_scrolls": request.get("max_screenshot_scrolls"),
        "max_elapsed_time_minutes": request.get("max_elapsed_time_minutes"),
        "browser_address": request.get("browser_address"),
        "run_with": request.get("run_with") or "agent",
        "browser_type": request.get("browser_type"),
        "browser_settings": None,
        "browser_settings_receipt": None,
        "script_run": run.script_run,
        "job_id": None,
        "depends_on_workflow_run_id": None,
        "sequential_key": None,
        "sequential_credential_id": None,
        "ai_fallback": request.get("ai_fallback"),
        "code_gen": None,
        "trigger_type": "api",
        "workflow_schedule_id": None,
        "ignore_inherited_workflow_system_prompt": False,
        "copilot_session_id": None,
        "created_by": None,
        "credits_used": 0,
        "cached_credits_used": 0,
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "created_at": run.created_at,
        "modified_at": run.modified_at,
    }


def actions(timeline: Iterable[TimelineRecord]) -> list[Json]:
    """Return what was done in a run, in the order in which it was."""
    found = [action for record in timeline for action in record.body.get("actions") or ()]
    return sorted(found, key=lambda action: (action["step_order"], action["action_order"]))


def steps(run: RunRecord, timeline: Iterable[TimelineRecord]) -> list[Json]:
    """Return a run's steps, oldest first, without what is null; a step in which nothing was done is not seen."""
    grouped: dict[str, list[Json]] = {}
    for action in actions(timeline):
        grouped.setdefault(action["step_id"], []).append(action)
    made = [_step(run, step_id, done) for step_id, done in grouped.items()]
    if made and run.status in FINAL:
        made[-1]["is_last"] = True
        if run.status == "canceled":
            made[-1]["status"] = "canceled"
    return made


def _step(run: RunRecord, step_id: str, done: list[Json]) -> Json:
    last = done[-1]
    return {
        "created_at": done[0]["created_at"],
        "modified_at": last["modified_at"],
        "task_id": last["task_id"],
        "step_id": step_id,
        "status": "failed" if any(action["status"] == "failed" for action in done) else _STEP_STATUS[last["status"]],
        "output": {
            "actions_and_results": [[_set(action), [_result(action)]] for action in done],
            "errors": [],
        },
        "order": last["step_order"],
        "is_last": False,
        "retry_index": 0,
        "organization_id": run.organization_id,
        "input_token_count": 0,
        "output_token_count": 0,
        "reasoning_token_count": 0,
        "cached_token_count": 0,
        "step_cost": 0,
    }


def _result(action: Json) -> Json:
    result: Json = {"success": action["status"] == "completed"}
    if action["status"] == "failed" and action["response"]:
        result["exception_message"] = action["response"]
    if action["output"] is not None:
        result["data"] = action["output"]
    if action["download_triggered"] is not None:
        result["download_triggered"] = action["download_triggered"]
    if action["downloaded_files"]:
        result["downloaded_files"] = action["downloaded_files"]
    return result


def _set(item: Json) -> Json:
    return {name: value for name, value in item.items() if value is not None}
