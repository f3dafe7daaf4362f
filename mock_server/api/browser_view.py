"""Browser sessions and profiles as the API shows them.

Owns: the fields of their answers and the order of these. Must not: read the store, but for
the files a session's runs left.
"""

from __future__ import annotations

from typing import Any, Final

from mock_server.api.run_view import RunView
from mock_server.engine.session_record import ProfileRecord, SessionRecord
from mock_server.services import Services

SHOWN_RUNS: Final = 50
"""Of how many runs, the latest, a session shows the files."""


class BrowserView:
    """Turns sessions and profiles into the dictionaries that are answered."""

    def __init__(self, services: Services, view: RunView) -> None:
        self._store = services.store
        self._tenants = services.tenants
        self._view = view
        self._base_url = services.base_url
        # A path on the server's disk is of use only to who sees that disk, as self-hosted servers assume.
        self._files = services.settings.artifact_root if services.dialect.artifact_links == "file" else None

    def session(self, session: SessionRecord) -> dict[str, Any]:
        """Return a session as it is now."""
        organization_id, session_id = session.organization_id, session.session_id
        return {
            "browser_session_id": session_id,
            "organization_id": organization_id,
            "status": session.status,
            "runnable_type": session.runnable_type,
            "runnable_id": session.runnable_id,
            "timeout": session.timeout,
            "browser_address": None,
            "app_url": f"{self._base_url}/browser-session/{session_id}",
            "extensions": session.extensions,
            "browser_type": session.browser_type,
            "browser_profile_id": session.browser_profile_id,
            "generate_browser_profile": session.generate_browser_profile,
            "browser_settings": {"timezone_id": session.timezone_id} if session.timezone_id else None,
            "browser_settings_receipt": None,
            "vnc_streaming_supported": False,
            "stream_transport": None,
            "download_path": str(self._files / organization_id) if self._files is not None else None,
            "downloaded_files": self._left(session, "download"),
            "recordings": self._left(session, "recording"),
            "started_at": session.started_at,
            "completed_at": session.completed_at,
            "created_by": None,
            "created_at": session.created_at,
            "modified_at": session.modified_at,
            "deleted_at": None,
            "warning": session.warning,
            "source": "managed",
            "remaining_lifetime_seconds": self._rest(session),
        }

    @staticmethod
    def profile(profile: ProfileRecord) -> dict[str, Any]:
        """Return a profile; what it holds is never shown."""
        return {
            "browser_profile_id": profile.profile_id,
            "organization_id": profile.organization_id,
            "name": profile.name,
            "description": profile.description,
            "source_browser_type": profile.source_browser_type,
            "proxy_location": profile.proxy_location,
            "proxy_session_id": profile.proxy_session_id,
            "is_managed": False,
            "workflow_permanent_id": None,
            "browser_profile_key_digest": None,
            "created_at": profile.created_at,
            "modified_at": profile.modified_at,
            "deleted_at": profile.deleted_at,
            "last_verified_login_at": None,
            "linked_credential_name": None,
        }

    def _left(self, session: SessionRecord, kind: str) -> list[dict[str, Any]]:
        return [
            self._view.file(record)
            for run_id in session.run_ids[-SHOWN_RUNS:]
            for record in self._store.artifacts(session.organization_id, run_id, [kind])
        ]

    def _rest(self, session: SessionRecord) -> int | None:
        """Return the seconds a running session has left."""
        if session.status != "running":
            return None
        now = self._tenants.of(session.organization_id).clock.now()
        return max(0, int((session.due - now).total_seconds()))
