"""The wire objects of a timeline: block, action, thought, each with every field.

Owns: their fields, in the order of the wire, and what an empty one looks like. Must not:
store them or know when they change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import orjson

from mock_server.agent.events import Action, BlockOpened, Thought, Usage
from mock_server.engine.block_events import WorkflowBlockOpened
from mock_server.store.records import RunRecord

Body = dict[str, Any]

PLANNER_BLOCK_ENGINE: Final = "skyvern-1.0"
"""The planner has its blocks done by the step engine."""

_NULL_BLOCK_TAIL: Final = (
    "loop_values", "current_value", "current_index", "recipients", "attachments", "subject", "body", "prompt",
    "instructions", "positive_descriptor", "negative_descriptor", "executed_branch_id", "executed_branch_expression",
    "executed_branch_result", "executed_branch_next_block", "script_run",
)  # fmt: skip
"""Fields of block types that no task makes."""


def wire_output(value: Any) -> Any:
    """Return ``value`` as an output field can hold it: object, array or string; the API has no bare numbers there."""
    if value is None or isinstance(value, dict | list | str):
        return value
    if isinstance(value, Mapping):
        return dict(value)
    return orjson.dumps(value).decode()


def block_body(run: RunRecord, event: BlockOpened, block_id: str, task_id: str, now: str, *, page_url: str) -> Body:
    """Return a block that was just begun."""
    body: Body = {
        "workflow_run_block_id": block_id,
        "block_workflow_run_id": None,
        # The field may not be null; a step-engine run has no workflow run, so its own id stands in.
        "workflow_run_id": run.workflow_run_id or run.run_id,
        "attempt_number": run.attempt,
        "organization_id": run.organization_id,
        "description": event.description,
        "parent_workflow_run_block_id": None,
        "block_type": event.block_type,
        "label": event.label,
        "status": "running",
        "output": None,
        "continue_on_failure": False,
        "failure_reason": None,
        "error_codes": [],
        "engine": PLANNER_BLOCK_ENGINE if run.workflow_run_id else run.engine,
        "task_id": task_id,
        "url": event.url or page_url or None,
        "final_url": None,
        "finish_reason": None,
        "navigation_goal": event.navigation_goal,
        "navigation_payload": {},
        "data_extraction_goal": event.extraction_goal,
        "data_schema": wire_output(event.schema),
        "terminate_criterion": None,
        "complete_criterion": None,
        "actions": [],
        "created_at": now,
        "modified_at": now,
        "include_action_history_in_verification": bool(run.request.get("include_action_history_in_verification")),
        "include_extracted_text": event.block_type != "extraction",
        "duration": None,
    }
    body.update(dict.fromkeys(_NULL_BLOCK_TAIL))
    body["downloaded_file_count"] = 0
    return body


_OFF_PAGE: Final = dict.fromkeys(("engine", "task_id", "url", "navigation_payload", "downloaded_file_count"))
"""What a block has nothing of that does not work on a page; recorded of wait."""


def defined_block_body(
    run: RunRecord, event: WorkflowBlockOpened, block_id: str, task_id: str | None, now: str, *, page_url: str
) -> Body:
    """Return a block of a workflow's definition that was just begun."""
    opened = BlockOpened(event.block_type, event.label, event.description, url=event.url)
    body = block_body(run, opened, block_id, task_id or "", now, page_url=page_url)
    return body | (_OFF_PAGE if task_id is None else {}) | dict(event.fields)


def block_output(
    block: Body,
    output: Any,
    downloads: list[Body],
    block_screenshots: list[str],
    run_screenshots: list[str],
) -> Body:
    """Return what a finished block says came of it. Screenshot ids are newest first."""
    return {
        "task_id": block["task_id"],
        "status": block["status"],
        "extracted_information": output,
        "failure_reason": block["failure_reason"],
        "errors": [],
        "failure_category": None,
        "downloaded_files": downloads,
        "downloaded_file_urls": [download["url"] for download in downloads] or None,
        "downloaded_file_artifact_ids": [download["artifact_id"] for download in downloads] or None,
        "task_screenshots": None,
        "workflow_screenshots": None,
        "task_screenshot_artifact_ids": block_screenshots,
        "workflow_screenshot_artifact_ids": run_screenshots,
    }


def action_body(
    run: RunRecord,
    action: Action,
    now: str,
    *,
    action_id: str,
    task_id: str,
    step_id: str | None,
    step_order: int,
    action_order: int,
    page_url: str,
) -> Body:
    """Return an action that was just begun."""
    element = action.element
    return {
        "action_type": action.action_type,
        "status": "pending",
        "action_id": action_id,
        "source_action_id": None,
        "organization_id": run.organization_id,
        "workflow_run_id": run.workflow_run_id,
        "task_id": task_id,
        "step_id": step_id,
        "step_order": step_order,
        "action_order": action_order,
        "confidence_float": action.confidence,
        "description": None,
        "reasoning": action.reasoning,
        "intention": action.intention or None,
        "response": None,
        "element_id": action.element_id,
        "skyvern_element_hash": None if element is None else _fingerprint(element),
        "skyvern_element_data": {**(element or {}), "page_url": page_url},
        "screenshot_artifact_id": None,
        "tool_call_id": None,
        "xpath": (element or {}).get("xpath") or None,
        "errors": [] if action.action_type in ("complete", "terminate") else None,
        "terminal_user_errors": False,
        "data_extraction_goal": action.extraction_goal,
        "output": None,
        "file_name": None,
        "file_url": action.url if action.action_type in ("upload_file", "download_file") else None,
        "download": action.download if action.action_type == "click" else None,
        "download_triggered": None,
        "downloaded_files": None,
        "is_upload_file_tag": None,
        "text": action.text,
        "input_or_select_context": None,
        "option": None if action.option is None else dict(action.option),
        "is_checked": action.is_checked,
        "verified": False,
        "click_context": None,
        "totp_timing_info": None,
        "has_mini_agent": None,
        "skip_auto_complete_tab": False,
        "started_at": now,
        "finished_at": None,
        "created_at": now,
        "modified_at": now,
        "created_by": None,
    }


def thought_body(run: RunRecord, event: Thought, thought_id: str, block_id: str | None, now: str) -> Body:
    """Return a thought. Where no model was asked there are no tokens to count; what they cost nobody here knows."""
    usage = event.usage or Usage()
    return {
        "thought_id": thought_id,
        "task_id": run.run_id,
        "organization_id": run.organization_id,
        "workflow_run_id": run.workflow_run_id,
        "workflow_run_block_id": block_id,
        "workflow_id": run.workflow_id,
        "workflow_permanent_id": run.workflow_permanent_id,
        "user_input": None,
        "observation": event.observation or None,
        "thought": event.thought or None,
        "answer": event.answer or None,
        "thought_type": event.kind,
        "thought_scenario": event.scenario,
        "output": dict(event.output),
        "input_token_count": usage.input,
        "output_token_count": usage.output,
        "reasoning_token_count": usage.reasoning,
        "cached_token_count": usage.cached,
        "thought_cost": None,
        "last_llm_model": event.model,
        "created_at": now,
        "modified_at": now,
    }


def _fingerprint(element: Mapping[str, Any]) -> str:
    """Return a SHA-256, hex, equal for elements that look the same."""
    return hashlib.sha256(orjson.dumps(dict(element), option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()
