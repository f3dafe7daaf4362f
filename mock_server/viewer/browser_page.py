"""The page of one browser session.

Owns: what is shown of it. Must not: open, close or know a browser.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from mock_server.services import Services
from mock_server.viewer import list_page, words
from mock_server.viewer.rendering import Pages
from mock_server.viewer.signin import Visitor

KIND: Final = "browser_session"
"""Kind of resource that is a session."""

_RUNS_SHOWN: Final = 100
_FACTS: Final = (
    "url", "runnable_id", "timeout", "browser_type", "browser_profile_id", "extensions", "started_at", "completed_at",
    "warning",
)  # fmt: skip


class BrowserPage:
    """Shows a session and the runs that worked in it."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services = services
        self._pages = pages

    async def page(self, request: Request, visitor: Visitor) -> Response:
        """Return the page."""
        organization, session_id = visitor.organization_id, request.path_params["session_id"]
        record = self._services.store.resource(organization, KIND, session_id)
        if record is None:
            raise HTTPException(404)
        body: dict[str, Any] = record.body if isinstance(record.body, dict) else {}
        facts = [(words.plain(name), body[name]) for name in _FACTS if body.get(name) is not None]
        known = body.get("run_ids")
        run_ids = [item for item in known if isinstance(item, str)] if isinstance(known, list) else []
        latest = (self._services.store.run(organization, run_id) for run_id in run_ids[: -_RUNS_SHOWN - 1 : -1])
        runs = [list_page.row(run) for run in latest if run is not None]
        return self._pages.page(
            "session.html",
            visitor=visitor,
            session_id=session_id,
            created_at=record.created_at,
            facts=facts,
            runs=runs,
            state=words.text(body.get("status")),
        )
