"""What a webhook tells of a run that only the API knows how to say.

Owns: handing a run's answer and its links over to ``webhooks``. Must not: know which of it
is sent, or when.
"""

from __future__ import annotations

from mock_server.api.links import Links
from mock_server.api.run_view import RunView
from mock_server.engine.admission import max_steps_of
from mock_server.services import Services
from mock_server.store.records import RunRecord
from mock_server.webhooks.payload import Told


class WebhookView:
    """Describes runs as they are at the moment."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._links = Links(services)
        self._view = RunView(services.dialect, self._links)

    def __call__(self, run: RunRecord) -> Told:
        artifacts = self._store.artifacts(run.organization_id, run.run_id)
        finals = [record for record in artifacts if record.artifact_type == "screenshot_final"]
        return Told(
            answer=self._view.current(run, artifacts),
            final_screenshot_url=self._links.artifact(finals[-1]) if finals else None,
            max_steps=max_steps_of(run),
        )
