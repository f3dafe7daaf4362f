"""The pages behind ``app_url``: runs as a person looks at them.

Owns: where these pages are and when their code is loaded. Must not: change anything but by
canceling a run, or know the API's routes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mock_server.scenarios.tenants import Tenant
from mock_server.services import Services

__all__ = ["Admit", "create_routes"]

Admit = Callable[[bytes], Tenant | None]
"""API key -> whose it is; None if it is not let in."""

_PLACES: Final = ("/runs", "/tasks", "/browser-session", "/viewer")


def create_routes(services: Services, admit: Admit) -> list[BaseRoute]:
    """Return the routes of the viewer, to be added beside those of the API."""
    viewer = _Deferred(services, admit)
    return [Route(path, viewer) for place in _PLACES for path in (place, f"{place}/{{rest:path}}")]


class _Deferred:
    """The viewer, imported with its first request: a server nobody looks at starts without it."""

    def __init__(self, services: Services, admit: Admit) -> None:
        self._services = services
        self._admit = admit
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            from mock_server.viewer.pages import create_viewer  # noqa: PLC0415  # see above

            self._app = create_viewer(self._services, self._admit)
        await self._app(scope, receive, send)
