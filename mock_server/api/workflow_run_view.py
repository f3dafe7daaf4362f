"""The run of a workflow as the API shows it: what it has that the run of a task has not.

Owns: the fields of WorkflowRunResponse beyond those every run has, and which part of the
stored request is shown. Must not: read the store or know HTTP.
"""

from __future__ import annotations

from typing import Any, Final

from mock_server.engine.lifecycle import FINAL
from mock_server.store.records import RunRecord

REQUEST_FIELDS: Final = (
    "workflow_id",
    "parameters",
    "title",
    "proxy_location",
    "webhook_url",
    "totp_url",
    "totp_identifier",
    "browser_session_id",
    "reuse_browser_session",
    "browser_profile_id",
    "start_fresh_browser",
    "max_screenshot_scrolls",
    "max_elapsed_time_minutes",
    "extra_http_headers",
    "cdp_connect_headers",
    "browser_address",
    "ai_fallback",
    "run_with",
    "browser_type",
    "run_metadata",
    "file_ids",
)
"""What an answer shows of the request, in the order of the wire."""

_DEFAULTS: Final = {"start_fresh_browser": False}


def tail(run: RunRecord) -> dict[str, Any]:
    """Return what stands between ``run_type`` and ``run_request``. A new run has had no attempt yet."""
    request = run.request
    return {
        "attempt": run.attempt,
        "retry_pending": False,
        "next_attempt_at": None,
        "attempts": [_attempt(run)] if run.status in FINAL else [],
        "run_with": request.get("run_with") or "agent",
        "ai_fallback": request.get("ai_fallback"),
        "script_id": (run.script_run or {}).get("script_id"),
        "browser_seed_source": "fresh",
        "browser_settings_receipt": None,
    }


def request(run: RunRecord, *, created: bool) -> dict[str, Any]:
    """Return the request as it is shown: as it came at first, later as the stored run has it."""
    shown = {name: run.request.get(name, _DEFAULTS.get(name)) for name in REQUEST_FIELDS}
    # Connection headers carry the credentials of somebody's browser; no answer shows them.
    shown["cdp_connect_headers"] = None
    if not created:
        shown["workflow_id"] = run.workflow_permanent_id
        shown["parameters"] = run.request.get("values") or shown["parameters"] or {}
        shown["proxy_location"] = shown["proxy_location"] or "RESIDENTIAL"
    return shown


def _attempt(run: RunRecord) -> dict[str, Any]:
    return {
        "attempt_number": run.attempt,
        "status": run.status,
        "failure_reason": run.failure_reason,
        "error_codes": [error["error_code"] for error in run.errors if error.get("error_code")],
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "retry_decision": None,
        "decision_reason": None,
        "next_attempt_at": None,
        "webhook_sent_at": None,
    }
