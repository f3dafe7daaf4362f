"""A run as the API shows it.

Owns: the fields of a run's answer, their order, what stands in them before and after the
first step, and how the request is echoed. Must not: read the store or know HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mock_server.api import workflow_run_view
from mock_server.api.links import Links
from mock_server.dialect import Dialect
from mock_server.engine.admission import WORKFLOW_RUN, max_steps_of
from mock_server.store.records import ArtifactRecord, RunRecord

PLANNER_RUN: Final = "task_v2"
SHOWN_SCREENSHOTS: Final = 3

_NEVER_REBUILT: Final = (
    "title",
    "model",
    "extra_http_headers",
    "include_action_history_in_verification",
    "run_with",
    "browser_address",
    "browser_profile_id",
    "start_fresh_browser",
    "file_ids",
)
"""Fields that come back empty from a server that rebuilds the request from its own rows."""

_NO_PART_OF_REQUEST: Final = ("user_agent", "legacy")
"""Kept with the request, but no part of what the API calls so."""

_SCREENSHOTS_OF_BLOCK: Final = {
    "task_screenshots": "task_screenshot_artifact_ids",
    "workflow_screenshots": "workflow_screenshot_artifact_ids",
}
"""Fields of a block's output: addresses -> ids they are of."""

_PLANNER_SCREENSHOTS: Final = frozenset({"screenshot_action", "screenshot_final"})
_STEP_SCREENSHOTS: Final = frozenset({"screenshot_action"})


class RunView:
    """Turns runs into the dictionaries that are answered."""

    def __init__(self, dialect: Dialect, links: Links) -> None:
        self._links = links
        self._as_sent = dialect.request_echo == "as_sent"
        self._tells_of_tasks = dialect.task_script_run
        self._listed_by_prompt = dialect.listed_by_prompt

    def created(self, run: RunRecord) -> dict[str, Any]:
        """Return the answer to the request that made the run: nothing in it has happened yet."""
        return {
            **self._head(run),
            "output": None,
            "downloaded_files": None,
            "recording_url": None,
            "recording_archived": False,
            "screenshot_urls": None,
            "failure_reason": None,
            "created_at": run.created_at,
            "modified_at": run.modified_at,
            "queued_at": None,
            "started_at": None,
            "finished_at": None,
            "app_url": self._links.page_of_new(run),
            **self._settings(run),
            "script_run": None,
            "errors": None,
            "step_count": None,
            **self._kind(run),
            "run_request": self._request(run, created=True),
        }

    def current(self, run: RunRecord, artifacts: Sequence[ArtifactRecord]) -> dict[str, Any]:
        """Return the run as it is now. ``artifacts`` are all of the run's, oldest first."""
        return {
            **self._head(run),
            "output": self._output(run, artifacts),
            "downloaded_files": [self.file(record) for record in artifacts if record.artifact_type == "download"],
            "recording_url": self._newest(artifacts, "recording"),
            "recording_archived": False,
            "screenshot_urls": self._screenshots(run, artifacts),
            "failure_reason": run.failure_reason,
            "created_at": run.created_at,
            "modified_at": run.modified_at,
            "queued_at": run.queued_at,
            "started_at": run.started_at,
            "finished_at": run.finished_at,
            "app_url": self._links.page(run),
            **self._settings(run),
            "script_run": self._script_run(run),
            "errors": run.errors,
            "step_count": run.step_count or 0,
            **self._kind(run),
            "run_request": self._request(run, created=False),
        }

    def listed(self, run: RunRecord) -> dict[str, Any]:
        """Return the run's row in the list of runs."""
        own_title = self._listed_by_prompt or run.workflow_run_id is not None
        return {
            "task_run_id": run.list_id,
            "run_id": run.run_id,
            "task_run_type": run.run_type,
            "status": run.status,
            "title": run.title if own_title else run.request.get("title"),
            "started_at": run.started_at,
            "finished_at": run.finished_at,
            "created_at": run.created_at,
            "workflow_permanent_id": run.workflow_permanent_id if run.run_type == WORKFLOW_RUN else None,
            "workflow_deleted": False,
            "script_run": run.script_run is not None,
            "trigger_type": None,
            "created_by": None,
            "attempt": run.attempt,
            "retry_pending": False,
            "next_attempt_at": None,
        }

    def file(self, record: ArtifactRecord) -> dict[str, Any]:
        """Return a downloaded file."""
        return {
            "url": self._links.artifact(record),
            "checksum": record.checksum,
            "filename": record.filename,
            "file_size": record.file_size,
            "modified_at": record.modified_at,
            "artifact_id": record.artifact_id,
        }

    # -- parts --------------------------------------------------------------------------

    @staticmethod
    def _head(run: RunRecord) -> dict[str, Any]:
        return {"run_id": run.run_id, "status": run.status}

    def _settings(self, run: RunRecord) -> dict[str, Any]:
        names = ("browser_session_id", "browser_profile_id", "max_screenshot_scrolls")
        shown = self._as_sent or run.run_type == WORKFLOW_RUN
        return {name: run.request.get(name) if shown else None for name in names}

    @staticmethod
    def _kind(run: RunRecord) -> dict[str, Any]:
        tail = workflow_run_view.tail(run) if run.run_type == WORKFLOW_RUN else {}
        return {"run_type": run.run_type, **tail}

    def _script_run(self, run: RunRecord) -> Any:
        """Return what came of running stored code, if it was; a self-hosted server tells it of workflows only."""
        return run.script_run if self._tells_of_tasks or run.run_type == WORKFLOW_RUN else None

    def _newest(self, artifacts: Sequence[ArtifactRecord], artifact_type: str) -> str | None:
        for record in reversed(artifacts):
            if record.artifact_type == artifact_type:
                return self._links.artifact(record)
        return None

    def _screenshots(self, run: RunRecord, artifacts: Iterable[ArtifactRecord]) -> list[str] | None:
        """Return the last screenshots, newest first; the final one leads, whichever was stored last."""
        wanted = _PLANNER_SCREENSHOTS if run.workflow_run_id is not None else _STEP_SCREENSHOTS
        shots = [record for record in artifacts if record.artifact_type in wanted]
        shots.sort(key=_age)
        return [self._links.artifact(record) for record in reversed(shots[-SHOWN_SCREENSHOTS:])] or None

    def _output(self, run: RunRecord, artifacts: Iterable[ArtifactRecord]) -> Any:
        """Return the output; a workflow's blocks then name the addresses of their screenshots beside the ids."""
        if run.run_type != WORKFLOW_RUN or not isinstance(run.output, dict):
            return run.output
        by_id = {record.artifact_id: record for record in artifacts}
        return {name: self._with_addresses(output, by_id) for name, output in run.output.items()}

    def _with_addresses(self, output: Any, by_id: Mapping[str, ArtifactRecord]) -> Any:
        if not isinstance(output, dict):
            return output
        found = {
            field: [self._links.artifact(by_id[shot]) for shot in output[ids] if shot in by_id]
            for field, ids in _SCREENSHOTS_OF_BLOCK.items()
            if output.get(ids)
        }
        return {name: found.get(name, value) for name, value in output.items()}

    def _request(self, run: RunRecord, *, created: bool) -> dict[str, Any]:
        if run.run_type == WORKFLOW_RUN:
            return workflow_run_view.request(run, created=created)
        # Connection headers carry the credentials of somebody's browser; no answer has ever shown them.
        echo = {**run.request, "cdp_connect_headers": None}
        for name in _NO_PART_OF_REQUEST:
            echo.pop(name, None)
        if self._as_sent:
            return echo
        echo.update(dict.fromkeys(_NEVER_REBUILT), start_fresh_browser=False)
        echo["include_action_history_in_verification"] = False
        if run.run_type == PLANNER_RUN:
            if not created:
                echo.update(
                    max_steps=None, browser_session_id=None, max_screenshot_scrolls=None, publish_workflow=False
                )
        elif created:
            echo["max_steps"] = None
        else:
            echo.update(max_steps=max_steps_of(run), browser_session_id=None)
        return echo


def _age(record: ArtifactRecord) -> tuple[bool, Any, str]:
    return record.artifact_type == "screenshot_final", record.created_at, record.artifact_id
