"""Routes that are documented like any other but served the short way, and second paths of routes.

Owns: :class:`Documented`, and routes answering under a second path. Must not: know which routes these are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from mock_server.api.front import DirectRoute


class Documented(APIRoute):
    """Takes parameters and models from a function's signature for the documentation, and serves with another.

    The front recognises nearly all such requests before the router does; what comes this way
    (a trailing slash, say) is answered by the same code. Methods are checked as on any route.
    """

    def __init__(self, path: str, signature: Callable[..., Any], served_by: DirectRoute, **options: Any) -> None:
        super().__init__(path, signature, **options)
        self._served_by = served_by

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            answer = await served_by(scope, receive)
            await answer(scope, receive, send)

        self.app = serve

    def alias(self, path: str) -> Documented:
        """Return the same route under another path, not documented again."""
        return Documented(
            path, self.endpoint, self._served_by, methods=self.methods, response_model=None, include_in_schema=False
        )


def slash_alias(route: APIRoute) -> Route:
    """Return a route that answers as ``route`` does under its path with a slash at the end, not documented again.

    It shares what serves the other one: reading a function's parameters and models anew took as long as all the
    rest of a server's start.
    """
    alias = Route(f"{route.path}/", route.endpoint, include_in_schema=False)
    alias.methods = route.methods
    alias.app = route.app
    return alias
