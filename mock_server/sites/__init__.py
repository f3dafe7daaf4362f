"""Demo sites the agent works on offline.

Owns: the list of bundled sites. Each is a Starlette app that works under any mount, needs
nothing from the network, and answers ``data.json``: the facts its pages show, for tests
and the demo to compare with. Nothing here knows the agent, and the agent must not know
these sites.
"""

from __future__ import annotations

from starlette.types import ASGIApp

from mock_server.sites import contact, news, portal, shop

__all__ = ["create_sites"]


def create_sites() -> list[tuple[str, ASGIApp]]:
    """Return ``(name, app)`` for each site, with fresh state; mount each at ``/sites/<name>``."""
    return [
        ("news", news.create_app()),
        ("shop", shop.create_app()),
        ("contact", contact.create_app()),
        ("portal", portal.create_app()),
    ]
