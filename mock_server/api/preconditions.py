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
from mock_server.services import Services


def check(request: dict[str, Any], organization: str, services: Services) -> None:
    """Pass the request of a task or refuse it.

    Raises:
        Refusal: 404 for a session or profile, 422 for files, 400 for what the engine cannot do.
    """
    _check_session(request)
    _check_files(request, organization, services)
    _check_engine(request, services.dialect)
    _check_profile(request)


def check_browser(request: dict[str, Any], organization: str, services: Services) -> None:
    """Pass the request of a workflow's run or refuse it for the browser it names.

    Raises:
        Refusal: 404 for a session or profile.
    """
    del organization, services
    _check_session(request)
    _check_profile(request)


def _check_session(request: dict[str, Any]) -> None:
    """There are no browser sessions on this server yet, so every id of one is unknown."""
    session = request["browser_session_id"]
    if session:
        raise refuse(404, f"Browser session {session} does not exist or is not live.")


def _check_profile(request: dict[str, Any]) -> None:
    """There are no profiles on this server yet, so every id of one is unknown."""
    profile = request["browser_profile_id"]
    if profile:
        raise refuse(404, f"Browser profile {profile} not found")


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
