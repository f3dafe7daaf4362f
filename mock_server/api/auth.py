"""Who is asking.

Owns: reading the API key from the headers and the three ways to turn it down. Must not:
keep a key; what goes on from here is the organization it stands for.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Header, Request
from starlette.types import Scope

from mock_server.api.refusals import Refusal, refuse
from mock_server.scenarios.tenants import Tenant, Tenants
from mock_server.settings import Settings


class Doorman:
    """Lets requests in by their ``x-api-key``.

    Every non-empty key is let in and is a tenant of its own, unless ``Settings.require_keys``
    names those that are.
    """

    def __init__(self, settings: Settings, tenants: Tenants) -> None:
        self._tenants = tenants
        self._keys: Sequence[bytes] = tuple(key.encode() for key in settings.require_keys)

    def organization(self, scope: Scope) -> str:
        """Return the organization the request belongs to; raises as :meth:`tenant` does."""
        return self.tenant(scope).organization_id

    def tenant(self, scope: Scope) -> Tenant:
        """Return the tenant the request belongs to.

        Raises:
            Refusal: 403, there is no key, it is in the wrong place, or it is not one of those required.
        """
        key = authorization = b""
        for name, value in scope["headers"]:
            if name == b"x-api-key":
                key = key or value
            elif name == b"authorization":
                authorization = authorization or value
        if not key:
            raise self._without_key(authorization)
        if key[:7].lower() == b"bearer ":
            raise refuse(403, "Could not validate credentials")
        # All of them are compared, so that the time taken says nothing about which one came close.
        if self._keys and not sum(hmac.compare_digest(key, allowed) for allowed in self._keys):
            raise refuse(403, "Invalid credentials")
        return self._tenants.with_key(key)

    def tenant_of(self, key: bytes) -> Tenant | None:
        """Return the tenant a key by itself stands for, as somebody types it in; None if it is not let in."""
        try:
            return self.tenant({"headers": [(b"x-api-key", key)]})
        except Refusal:
            return None

    @staticmethod
    def _without_key(authorization: bytes) -> Refusal:
        bearer = authorization[:7].lower() == b"bearer "
        return refuse(403, "Invalid authentication method" if bearer else "Invalid credentials")


async def organization(request: Request, x_api_key: Annotated[str | None, Header()] = None) -> str:
    """Return the organization of a request, as a dependency. The parameter is there for the documentation.

    It waits for nothing, but an ordinary function would be called in another thread, and a key
    that is used for the first time makes a tenant in the store, which belongs to this one.
    """
    del x_api_key
    doorman: Doorman = request.app.state.doorman
    return doorman.organization(request.scope)


Organization = Annotated[str, Depends(organization)]
"""A route's parameter of this type makes it ask for a key."""
