"""The list of runs.

Owns: what a row says, filters and pages. Must not: know a run's own page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from mock_server.engine.lifecycle import FINAL
from mock_server.services import Services
from mock_server.store.records import RunRecord
from mock_server.viewer import words
from mock_server.viewer.rendering import Pages
from mock_server.viewer.signin import Visitor

PAGE_SIZE: Final = 25
MAX_PAGE: Final = 9999
MAX_TEXT: Final = 200
ACTIVE: Final = ("created", "queued", "running", "paused")

_FILTERS: Final = (*ACTIVE, "completed", "failed", "terminated", "timed_out", "canceled")
_PARTS: Final = ("rows",)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the list is asked for. ``status`` is empty for all, ``active`` for those not yet final."""

    status: str = ""
    text: str = ""
    page: int = 1

    @classmethod
    def of(cls, request: Request) -> Wanted:
        """Return what a query asks for; what makes no sense asks for nothing."""
        asked = request.query_params
        number = asked.get("page", "1")
        good = number.isascii() and number.isdecimal() and len(number) <= len(str(MAX_PAGE)) and int(number) > 0
        text = asked.get("text", "").strip()[:MAX_TEXT]
        return cls(asked.get("status", "")[:MAX_TEXT], text, int(number) if good else 1)

    def query(self, page: int | None = None) -> str:
        """Return the query that asks for this, or for another page of it."""
        asked = {"status": self.status, "text": self.text, "page": page or self.page}
        return urlencode({name: value for name, value in asked.items() if value and value != 1})


class ListPage:
    """Shows runs, newest first."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services = services
        self._pages = pages

    async def page(self, request: Request, visitor: Visitor) -> Response:
        """Return the page."""
        wanted = Wanted.of(request)
        made, elapsed = self._parts(wanted, visitor)
        return self._pages.page(
            "runs.html",
            visitor=visitor,
            wanted=wanted,
            statuses=_FILTERS,
            parts=made,
            elapsed=elapsed,
            live=f"{self._pages.base}/viewer/live/runs?{wanted.query()}",
        )

    async def live(self, request: Request, visitor: Visitor) -> Response:
        """Return the parts of the page that may have changed."""
        made, elapsed = self._parts(Wanted.of(request), visitor)
        return self._pages.data({"parts": made, "elapsed": elapsed, "final": False})

    def _parts(self, wanted: Wanted, visitor: Visitor) -> tuple[dict[str, dict[str, str]], dict[str, float]]:
        organization = visitor.organization_id
        statuses = ACTIVE if wanted.status == "active" else (wanted.status,) if wanted.status else ()
        found = self._services.store.runs(
            organization,
            page=wanted.page,
            page_size=PAGE_SIZE,
            statuses=statuses,
            search=wanted.text or None,
        )
        more = len(found) == PAGE_SIZE and bool(
            self._services.store.runs(
                organization,
                page=wanted.page * PAGE_SIZE + 1,
                page_size=1,
                statuses=statuses,
                search=wanted.text or None,
            )
        )
        now = self._services.tenants.of(organization).clock.now()
        elapsed = {
            run.run_id: seconds
            for run in found
            if run.status not in FINAL and (seconds := words.between(run.started_at, now)) is not None
        }
        context: dict[str, Any] = {"runs": [row(run) for run in found], "wanted": wanted, "more": more}
        return self._pages.parts("list", _PARTS, **context), elapsed


def row(run: RunRecord) -> dict[str, Any]:
    """Return what the list says of a run."""
    request = run.request if isinstance(run.request, dict) else {}
    return {
        "run_id": run.run_id,
        "title": words.text(run.title) or words.text(request.get("prompt")) or run.run_id,
        "status": run.status,
        "engine": run.engine,
        "run_type": run.run_type,
        "url": words.text(request.get("url")),
        "created_at": run.created_at,
        "seconds": words.between(run.started_at, run.finished_at),
        "steps": run.step_count,
        "reason": words.text(run.failure_reason),
    }
