"""Browser profiles.

Owns: these routes. Must not: decide what a profile is made of; ``engine.profiles`` does.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from mock_server.api import browser_documents as models
from mock_server.api import documents
from mock_server.api.auth import Organization
from mock_server.api.browser_view import BrowserView
from mock_server.api.refusals import Refusal, failure, refuse
from mock_server.api.routes.browser_sessions import plain
from mock_server.api.run_view import RunView
from mock_server.api.wire import JsonAnswer
from mock_server.engine.profiles import ProfileNameTaken, ProfileUnknown
from mock_server.engine.session_rules import SessionUnknown
from mock_server.engine.states import BLANK, State
from mock_server.services import Services

PATH: Final = "/v1/browser_profiles"
MAX_PAGE: Final = 10_000
MAX_PAGE_SIZE: Final = 100

_FOUND: Final = documents.NO_KEY | documents.NOT_FOUND


def add(router: APIRouter, services: Services, run_view: RunView) -> None:
    """Add the routes."""
    view = BrowserView(services, run_view)
    _add_reading(router, services, view)
    _add_changing(router, services, view)


def _add_reading(router: APIRouter, services: Services, view: BrowserView) -> None:
    profiles = services.profiles

    @router.get(
        PATH,
        response_model=list[models.BrowserProfile],
        responses=documents.NO_KEY,
        summary="Profiles, newest first",
    )
    async def browser_profiles(
        *,
        organization: Organization,
        page: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1,
        page_size: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 10,
        include_deleted: bool = False,
        search_key: Annotated[str | None, Query(description="Part of name or description.")] = None,
        managed: Annotated[bool | None, Query(description="Profiles the service manages itself: none here.")] = None,
    ) -> Response:
        found = [] if managed else profiles.search(organization, deleted=include_deleted, text=search_key)
        return JsonAnswer([view.profile(profile) for profile in found[(page - 1) * page_size : page * page_size]])

    @router.get(f"{PATH}/{{profile_id}}", response_model=models.BrowserProfile, responses=_FOUND, summary="One profile")
    async def browser_profile(organization: Organization, profile_id: str) -> Response:
        try:
            return JsonAnswer(view.profile(profiles.get(organization, profile_id)))
        except ProfileUnknown as error:
            raise _unknown(error) from None


def _add_changing(router: APIRouter, services: Services, view: BrowserView) -> None:
    profiles = services.profiles

    @router.post(
        PATH,
        response_model=models.BrowserProfile,
        responses=documents.NO_KEY | models.NO_SOURCE | models.NAME_TAKEN | documents.BROKEN,
        summary="Keep cookies and storage of a session or a run under a name",
    )
    async def create_browser_profile(
        organization: Organization, request: models.CreateBrowserProfileRequest
    ) -> Response:
        asked = plain(request)
        state, browser = await _source(services, organization, asked)
        try:
            profile = profiles.create(organization, asked, state, source_browser_type=browser)
        except ProfileNameTaken as error:
            raise refuse(409, str(error)) from None
        except OSError as error:
            raise failure(
                f"The profile could not be written: {error}. Check the space in the data directory."
            ) from error
        return JsonAnswer(view.profile(profile))

    @router.patch(
        f"{PATH}/{{profile_id}}",
        response_model=models.BrowserProfile,
        responses=_FOUND | models.NAME_TAKEN,
        summary="Rename or describe a profile",
    )
    async def update_browser_profile(
        organization: Organization, profile_id: str, request: models.UpdateBrowserProfileRequest
    ) -> Response:
        asked = plain(request)
        changes = {name: asked[name] for name in request.model_fields_set - {"rotate_proxy_session_id"}}
        rotate = request.rotate_proxy_session_id
        try:
            profile = profiles.update(organization, profile_id, changes, rotate=rotate)
        except ProfileUnknown as error:
            raise _unknown(error) from None
        except ProfileNameTaken as error:
            raise refuse(409, str(error)) from None
        return JsonAnswer(view.profile(profile))

    @router.delete(
        f"{PATH}/{{profile_id}}",
        status_code=204,
        response_class=Response,
        responses=_FOUND,
        summary="Delete a profile and what it holds",
    )
    async def delete_browser_profile(organization: Organization, profile_id: str) -> Response:
        try:
            profiles.delete(organization, profile_id)
        except ProfileUnknown as error:
            raise _unknown(error) from None
        return Response(status_code=204)


async def _source(services: Services, organization: str, asked: dict[str, Any]) -> tuple[State, str | None]:
    """Return what the profile is to hold, and the kind of browser it is from.

    Raises:
        Refusal: 400, there is no such source, or nothing is left of it.
    """
    session_id, run_id = asked["browser_session_id"], asked["workflow_run_id"]
    if session_id and run_id:
        raise refuse(400, "Name browser_session_id or workflow_run_id, not both: a profile is made of one browser.")
    if session_id:
        try:
            session = services.sessions.get(organization, session_id)
            state = await services.sessions.state(organization, session_id)
        except SessionUnknown as error:
            raise refuse(400, str(error)) from None
        return _present(state, f"browser session {session_id}"), session.browser_type
    if run_id:
        run = services.store.run(organization, run_id)
        if run is None:
            raise refuse(400, f"Run not found {run_id}")
        return _present(services.states.find(run.run_id), f"run {run_id}"), None
    return BLANK, None


def _present(state: State | None, what: str) -> State:
    if state is None:
        raise refuse(
            400,
            f"There is no browser state of {what}: it has none yet, or it ended too long ago. "
            "Make the profile while the session is open or soon after the run, "
            "or create the session with generate_browser_profile.",
        )
    return state


def _unknown(error: ProfileUnknown) -> Refusal:
    return refuse(404, str(error))
