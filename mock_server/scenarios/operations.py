"""The names of what can be asked of the API.

Owns: the table of operations (method, path, the name an SDK calls it by) and finding the one a
request is. Must not: route; a path in this table need not be served.

Faults are set on these names, and the journal counts by them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

ANY: Final = "any"
"""Stands for every operation where one is chosen."""
OTHER: Final = "other"
"""The name of a request that is none of the table's."""


class Call(NamedTuple):
    """What a request asks for."""

    operation: str
    run_id: str | None = None
    artifact_id: str | None = None


_TABLE: Final = """
POST /v1/run/tasks run_task
POST /v1/run/tasks/login login
POST /v1/run/tasks/download_files download_files
POST /v1/run/agents run_workflow
POST /v1/run/workflows run_workflow
GET /v1/runs get_runs
GET /v1/runs/{run_id} get_run
POST /v1/runs/{run_id}/cancel cancel_run
POST /v1/runs/cancel bulk_cancel_runs
GET /v1/runs/{run_id}/timeline get_run_timeline
GET /v1/runs/{run_id}/artifacts get_run_artifacts
POST /v1/runs/{run_id}/retry_webhook retry_run_webhook
GET /v1/artifacts/{artifact_id} get_artifact
GET /v1/artifacts/{artifact_id}/content get_artifact_content
GET /v1/artifacts/{artifact_id}/signed-url get_artifact_link
POST /v1/browser_sessions create_browser_session
GET /v1/browser_sessions get_browser_sessions
GET /v1/browser_sessions/{id} get_browser_session
PATCH /v1/browser_sessions/{id} update_browser_session
POST /v1/browser_sessions/{id}/close close_browser_session
POST /v1/browser_profiles create_browser_profile
GET /v1/browser_profiles list_browser_profiles
GET /v1/browser_profiles/{id} get_browser_profile
PATCH /v1/browser_profiles/{id} update_browser_profile
DELETE /v1/browser_profiles/{id} delete_browser_profile
POST /v1/credentials/totp send_totp_code
GET /v1/credentials/totp get_totp_codes
POST /v1/credentials create_credential
GET /v1/credentials get_credentials
GET /v1/credentials/{id} get_credential
POST /v1/credentials/{id}/update update_credential
POST /v1/credentials/{id}/delete delete_credential
POST /v1/upload_file upload_file
POST /v1/agents create_workflow
GET /v1/agents get_workflows
GET /v1/agents/{id} get_workflow
POST /v1/workflows create_workflow
GET /v1/workflows get_workflows
GET /v1/workflows/{id} get_workflow
POST /v1/scripts create_script
GET /v1/scripts get_scripts
GET /v1/scripts/{id} get_script
GET /v1/models get_models
GET /v1/version get_version
GET /api/v1/version get_version
GET /api/v1/heartbeat heartbeat
POST /api/v1/tasks legacy_run_task
GET /api/v1/tasks legacy_get_tasks
GET /api/v1/tasks/{run_id} legacy_get_task
POST /api/v1/tasks/{run_id}/cancel legacy_cancel_task
GET /api/v1/tasks/{run_id}/steps legacy_get_steps
GET /api/v1/tasks/{run_id}/actions legacy_get_actions
GET /api/v1/tasks/{run_id}/steps/{id}/artifacts legacy_get_step_artifacts
POST /api/v2/tasks legacy_run_task_v2
GET /api/v2/tasks/{run_id} legacy_get_task_v2
GET /api/v1/runs legacy_get_runs
GET /api/v1/{kind}/{id}/artifacts legacy_get_artifacts
POST /v1/sdk/run_action run_sdk_action
"""


def _read(table: str) -> tuple[dict[tuple[str, str], str], dict[tuple[str, int], list[tuple[list[str], str]]]]:
    fixed: dict[tuple[str, str], str] = {}
    patterns: dict[tuple[str, int], list[tuple[list[str], str]]] = {}
    for line in table.split("\n"):
        if not line:
            continue
        method, path, name = line.split()
        if "{" in path:
            parts = path.split("/")
            patterns.setdefault((method, len(parts)), []).append((parts, name))
        else:
            fixed[method, path] = name
    return fixed, patterns


_FIXED, _PATTERNS = _read(_TABLE)

OPERATIONS: Final = tuple(dict.fromkeys(line.split()[2] for line in _TABLE.split("\n") if line))
"""Every name there is, in the order of the table."""


def call(method: str, path: str) -> Call:
    """Return what a request asks for; a slash at the end of the path makes no difference."""
    path = path.rstrip("/")
    if name := _FIXED.get((method, path)):
        return Call(name)
    parts = path.split("/")
    for pattern, name in _PATTERNS.get((method, len(parts)), ()):
        found = _variables(pattern, parts)
        if found is not None:
            return Call(name, found.get("{run_id}"), found.get("{artifact_id}"))
    return Call(OTHER)


def _variables(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    found = {}
    for wanted, part in zip(pattern, parts, strict=True):
        if wanted.startswith("{"):
            if not part:
                return None
            found[wanted] = part
        elif wanted != part:
            return None
    return found
