"""Where the things in an answer are found.

Owns: the address of an artifact's content in the dialect's form, and of a run's page. Must
not: sign; that is ``artifacts.urls``.
"""

from __future__ import annotations

from mock_server.artifacts.urls import SHORT_VALIDITY_SECONDS
from mock_server.services import Services
from mock_server.store.records import ArtifactRecord, RunRecord

GOOD_FOR_SECONDS: float = SHORT_VALIDITY_SECONDS / 2
"""How long an answer with links in it may be given again: its links have at least as long to live."""


class Links:
    """Makes the addresses that stand in answers."""

    def __init__(self, services: Services) -> None:
        self._urls = services.urls
        self._writer = services.artifacts
        self._signed = services.dialect.artifact_links == "signed"
        self.tells_checksums: bool = services.dialect.artifact_checksums
        """Whether artifacts are shown with the checksums of their content."""
        self._base_url = services.base_url
        self._tenants = services.tenants

    def artifact(self, record: ArtifactRecord) -> str:
        """Return where the artifact's content is read."""
        if self._signed:
            clock = self._tenants.of(record.organization_id).clock
            return self._urls.signed_url(record.artifact_id, record.artifact_type, clock=clock)
        return self._writer.uri(record)

    def uri(self, record: ArtifactRecord) -> str:
        """Return where the artifact is stored."""
        return self._writer.uri(record)

    def page_of_new(self, run: RunRecord) -> str:
        """Return ``app_url`` as the answer to the request that made the run has it."""
        return f"{self._base_url}/runs/{run.workflow_run_id or run.run_id}"

    def page(self, run: RunRecord) -> str:
        """Return ``app_url`` as later answers have it: step runs are then found under ``tasks``."""
        if run.workflow_run_id:
            return self.page_of_new(run)
        return f"{self._base_url}/tasks/{run.run_id}"
