"""What a well-formed task request is refused for, by the state of the server.

Owns: the rules that need more than the request: sessions, uploaded files, what an engine
can do; in the order in which the service checks them. Must not: look at the form of a
request; that is ``task_request``.
"""

from __future__ import annotations

from typing import Any

from mock_server.api.refusals import refuse
from mock_server.api.task_request import PLANNER
from mock_server.dialect import Dialect
from mock_server.engine.profiles import ProfileUnknown
from mock_server.engine.session_rules import SessionOver, SessionUnknown
from mock_server.services import Services


def check(request: dict[str, Any], organization: str, services: Services) -> None:
    """Pass the request of a task or refuse it.

    Raises:
        Refusal: 404 or 410 for a session, 422 for files, 400 for what the engine cannot do, 404 for a profile.
    """
    _check_session(request, organization, services)
    _check_files(request, organization, services)
    _check_engine(request, services.dialect)
    _check_profile(request, organization, services)


def check_browser(request: dict[str, Any], organization: str, services: Services) -> None:
    """Pass the request of a workflow's run or refuse it for the browser it names.

    Raises:
        Refusal: 404 or 410 for a session, 404 for a profile.
    """
    _check_session(request, organization, services)
    _check_profile(request, organization, services)


def _check_session(request: dict[str, Any], organization: str, services: Services) -> None:
    if session := request["browser_session_id"]:
        try:
            services.sessions.usable(organization, session)
        except SessionUnknown as error:
            raise refuse(404, str(error)) from None
        except SessionOver as error:
            raise refuse(410, str(error)) from None


def _check_profile(request: dict[str, Any], organization: str, services: Services) -> None:
    if profile := request["browser_profile_id"]:
        try:
            services.profiles.get(organization, profile)
        except ProfileUnknown as error:
            raise refuse(404, str(error)) from None


def _check_files(request: dict[str, Any], organization: str, services: Services) -> None:
    if missing := services.vault.uploads.not_attachable(organization, request["file_ids"] or ()):
        raise refuse(
            422,
            "These file ids are not available to attach — each must name a file uploaded by this organization "
            f"that is not deleted and not already attached to another run: {', '.join(missing)}",
        )


def _check_engine(request: dict[str, Any], dialect: Dialect) -> None:
    engine = request["engine"]
    if engine in dialect.engines_not_enabled:
        raise refuse(400, f"The {engine} engine is not enabled on this server")
    if engine != PLANNER:
        for name in ("browser_profile_id", "start_fresh_browser"):
            if request[name]:
                raise refuse(400, f"{name} is only supported by the {PLANNER} engine, not by {engine}.")
