"""The page of one run.

Owns: which parts the page has, what each is given, when they have changed, and canceling.
Must not: write HTML, or decide whether a run can be canceled; the engine does.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mock_server.engine.lifecycle import FINAL
from mock_server.services import Services
from mock_server.store.records import RunRecord
from mock_server.viewer import curl, deliveries, list_page, shelf, story, words
from mock_server.viewer.rendering import Pages
from mock_server.viewer.signin import SignIn, Visitor

PARTS: Final = ("head", "timeline", "recording", "output", "screenshots", "artifacts", "webhooks")
_RUN_TASK: Final = "/v1/run/tasks"
_RUN_AGENT: Final = "/v1/run/agents"
_WORKFLOW_RUN: Final = "workflow_run"
_FROM_THE_WORKFLOW: Final = ("prompt", "url", "data_extraction_schema", "error_code_mapping", "max_steps", "block")
"""What a workflow adds to the request that runs it."""


class RunPage:
    """Shows a run while it goes on and afterwards."""

    def __init__(self, services: Services, pages: Pages, sign_in: SignIn) -> None:
        self._services = services
        self._pages = pages
        self._sign_in = sign_in
        # Revisions start anew with every server; this tells one server's from another's.
        self._server = secrets.token_hex(4)

    async def page(self, request: Request, visitor: Visitor) -> Response:
        """Return the page."""
        run = self._found(request, visitor)
        newest_first = request.query_params.get("order") == "newest"
        made = self._parts(run, visitor, newest_first=newest_first)
        shown = {**run.request, "cdp_connect_headers": None} if run.request.get("cdp_connect_headers") else run.request
        order = "?order=newest" if newest_first else ""
        return self._pages.page(
            "run.html",
            visitor=visitor,
            title=list_page.row(run)["title"],
            run=run,
            parts=made,
            request=shown,
            said=curl.as_sent(run.request),
            curl=self._curl(run, visitor),
            elapsed=self._elapsed(run),
            revision=self._revision(run),
            live=f"{self._pages.base}/viewer/live/runs/{run.run_id}{order}",
        )

    async def live(self, request: Request, visitor: Visitor) -> Response:
        """Return the parts of the page, or none if the visitor has the present revision."""
        run = self._found(request, visitor)
        revision = self._revision(run)
        newest_first = request.query_params.get("order") == "newest"
        known = request.query_params.get("have") == revision
        return self._pages.data(
            {
                "revision": revision,
                "parts": {} if known else self._parts(run, visitor, newest_first=newest_first),
                "elapsed": self._elapsed(run),
                "final": run.status in FINAL,
                "status": run.status,
            }
        )

    async def cancel(self, request: Request, visitor: Visitor) -> Response:
        """Cancel the run, if it is not over yet, and show it."""
        run = self._found(request, visitor)
        self._services.engine.cancel(run)
        return RedirectResponse(f"{self._pages.base}/runs/{run.run_id}", 303)

    # -- inside -------------------------------------------------------------------------

    def _found(self, request: Request, visitor: Visitor) -> RunRecord:
        run = self._services.store.run(visitor.organization_id, request.path_params["run_id"])
        if run is None:
            raise HTTPException(404)
        return run

    def _parts(self, run: RunRecord, visitor: Visitor, *, newest_first: bool) -> dict[str, dict[str, str]]:
        store = self._services.store
        artifacts = store.artifacts(visitor.organization_id, run.run_id)
        timeline = store.timeline(run.run_id)
        context: dict[str, Any] = {
            "run": run,
            "row": list_page.row(run),
            "request": run.request,
            "token": visitor.form_token,
            "final": run.status in FINAL,
            "seconds": words.between(run.started_at, run.finished_at),
            "story": story.tell(timeline, newest_first=newest_first),
            "newest_first": newest_first,
            "shots": shelf.screenshots(artifacts),
            "recording": shelf.recording(artifacts),
            "groups": shelf.sort(artifacts, timeline),
            "count": len(artifacts),
            "deliveries": deliveries.of(self._deliveries(run)),
        }
        return self._pages.parts("run", PARTS, **context)

    def _deliveries(self, run: RunRecord) -> list[Any]:
        return self._services.store.resources(run.organization_id, deliveries.KIND, parent_id=run.run_id)

    def _revision(self, run: RunRecord) -> str:
        store = self._services.store
        sent = hash(tuple((record.resource_id, record.modified_at) for record in self._deliveries(run)))
        parts = (self._server, store.revision(run.run_id), store.timeline_revision(run.run_id), run.status, sent)
        return ".".join(map(str, parts))

    def _elapsed(self, run: RunRecord) -> dict[str, float]:
        now = self._services.tenants.of(run.organization_id).clock.now()
        seconds = None if run.status in FINAL else words.between(run.started_at, now)
        return {} if seconds is None else {run.run_id: seconds}

    def _curl(self, run: RunRecord, visitor: Visitor) -> str | None:
        """Return the command that makes such a run; None for a run of a workflow that nobody can name."""
        path, request = _RUN_TASK, run.request
        if run.run_type == _WORKFLOW_RUN:
            if not request.get("workflow_id"):
                return None
            path = _RUN_AGENT
            request = {name: value for name, value in request.items() if name not in _FROM_THE_WORKFLOW}
        default_key = self._sign_in.is_default(visitor)
        return curl.command(f"{self._services.base_url}{path}", request, default_key=default_key)
