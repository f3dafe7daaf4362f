"""Browser sessions.

Owns: these routes. Must not: decide when a session begins or ends; ``engine.sessions`` does.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from mock_server.api import browser_documents as models
from mock_server.api import documents
from mock_server.api.addresses import normalised
from mock_server.api.auth import Organization
from mock_server.api.browser_view import BrowserView
from mock_server.api.refusals import refuse
from mock_server.api.run_view import RunView
from mock_server.api.task_request import check_keepable
from mock_server.api.wire import JsonAnswer
from mock_server.engine.profiles import ProfileUnknown
from mock_server.engine.session_rules import SessionOver, SessionUnknown
from mock_server.services import Services

PATH: Final = "/v1/browser_sessions"
MAX_PAGE_SIZE: Final = 100

_FOUND: Final = documents.NO_KEY | documents.NOT_FOUND


def add(router: APIRouter, services: Services, run_view: RunView) -> None:
    """Add the routes."""
    view = BrowserView(services, run_view)
    _add_reading(router, services, view)
    _add_changing(router, services, view)


def _add_reading(router: APIRouter, services: Services, view: BrowserView) -> None:
    sessions = services.sessions

    @router.get(
        PATH,
        response_model=list[models.BrowserSessionResponse],
        responses=documents.NO_KEY,
        summary="The sessions that are open, newest first",
    )
    async def open_browser_sessions(organization: Organization) -> Response:
        return JsonAnswer([view.session(session) for session in sessions.open_ones(organization)])

    @router.get(f"{PATH}/history", include_in_schema=False)
    async def past_browser_sessions(
        organization: Organization,
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        page_size: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 10,
    ) -> Response:
        found = sessions.history(organization, page=page, page_size=page_size)
        return JsonAnswer([view.session(session) for session in found])

    @router.get(
        f"{PATH}/{{browser_session_id}}",
        response_model=models.BrowserSessionResponse,
        responses=_FOUND,
        summary="One session, open or not",
    )
    async def browser_session(organization: Organization, browser_session_id: str) -> Response:
        try:
            return JsonAnswer(view.session(sessions.get(organization, browser_session_id)))
        except SessionUnknown as error:
            raise refuse(404, str(error)) from None


def _add_changing(router: APIRouter, services: Services, view: BrowserView) -> None:
    sessions = services.sessions

    @router.post(
        PATH,
        response_model=models.BrowserSessionResponse,
        responses=documents.BAD_REQUEST | _FOUND,
        summary="Open a browser that stays open from one run to the next",
    )
    async def create_browser_session(
        organization: Organization, request: models.CreateBrowserSessionRequest | None = None
    ) -> Response:
        asked = plain(request or models.CreateBrowserSessionRequest())
        asked["url"] = normalised("url", asked["url"], block_private=services.settings.block_private_hosts)
        asked["timezone_id"] = (asked["browser_settings"] or {}).get("timezone_id")
        try:
            return JsonAnswer(view.session(sessions.create(organization, asked)))
        except ProfileUnknown as error:
            raise refuse(404, str(error)) from None

    @router.patch(
        f"{PATH}/{{browser_session_id}}",
        response_model=models.BrowserSessionResponse,
        responses=_FOUND | models.ENDED,
        summary="Choose whether a profile can be made of a session when it has ended",
    )
    async def update_browser_session(
        organization: Organization, browser_session_id: str, request: models.UpdateBrowserSessionRequest
    ) -> Response:
        keep = request.generate_browser_profile
        try:
            session = sessions.update(organization, browser_session_id, generate_browser_profile=keep)
        except SessionUnknown as error:
            raise refuse(404, str(error)) from None
        except SessionOver as error:
            raise refuse(409, str(error)) from None
        return JsonAnswer(view.session(session))

    @router.post(
        f"{PATH}/{{browser_session_id}}/close",
        response_model=models.CloseBrowserSessionResponse,
        responses=_FOUND,
        summary="Close a session; a run in it fails",
    )
    async def close_browser_session(organization: Organization, browser_session_id: str) -> Response:
        try:
            await sessions.close(organization, browser_session_id)
        except SessionUnknown as error:
            raise refuse(404, str(error)) from None
        return JsonAnswer({"message": "Browser session closed"})


def plain(request: Any) -> dict[str, Any]:
    """Return a request as plain JSON values.

    Raises:
        Refusal: 422, it holds what cannot be kept.
    """
    values: dict[str, Any] = request.model_dump(mode="json")
    check_keepable(values)
    return values
