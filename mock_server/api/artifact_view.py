"""An artifact as the API shows it.

Owns: the fields of an artifact's answer and their order. Must not: read files.
"""

from __future__ import annotations

from typing import Any

from mock_server.api.links import Links
from mock_server.store.records import ArtifactRecord


def artifact(record: ArtifactRecord, links: Links) -> dict[str, Any]:
    """Return the artifact as it is listed."""
    return {
        "created_at": record.created_at,
        "modified_at": record.modified_at,
        "artifact_id": record.artifact_id,
        "artifact_type": record.artifact_type,
        "uri": links.uri(record),
        "bundle_key": None,
        "checksum": record.checksum if links.tells_checksums or record.artifact_type == "download" else None,
        "file_size": record.file_size,
        "task_id": record.task_id,
        "step_id": record.step_id,
        "workflow_run_id": record.workflow_run_id,
        "workflow_run_block_id": record.workflow_run_block_id,
        "run_id": record.run_id,
        "browser_session_id": None,
        "observer_cruise_id": None if record.workflow_run_id in (None, record.run_id) else record.run_id,
        "observer_thought_id": record.observer_thought_id,
        "ai_suggestion_id": None,
        "signed_url": links.artifact(record),
        "archived": False,
        "organization_id": record.organization_id,
    }
