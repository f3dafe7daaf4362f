"""Demo sites the agent works on offline.

Owns: the list of bundled sites. Each is a Starlette app that works under any mount, needs
nothing from the network, and answers ``data.json``: the facts its pages show, for tests
and the demo to compare with. Nothing here knows the agent, and the agent must not know
these sites.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["create_hostile", "create_index", "create_sites"]

_NAMES: Final = ("news", "shop", "contact", "portal", "forms", "depot", "board", "clinic", "weather")


def create_sites() -> list[tuple[str, ASGIApp]]:
    """Return ``(name, app)`` for each site, with fresh state; mount each at ``/sites/<name>``."""
    return [(name, _Deferred(name)) for name in _NAMES]


def create_hostile() -> ASGIApp:
    """Return the site that means harm, to be mounted at ``/sites/hostile``. It has no facts and is not offered."""
    return _Deferred("hostile")


def create_index() -> ASGIApp:
    """Return a page that lists the sites, to be mounted at ``/sites``, behind the sites themselves."""
    return _Deferred("index")


class _Deferred:
    """A site that is imported with its first request, so that a server nobody browses starts without it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            app: ASGIApp = import_module(f"{__name__}.{self._name}").create_app()
            self._app = app
        await self._app(scope, receive, send)
