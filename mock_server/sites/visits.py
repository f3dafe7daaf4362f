"""What a site remembers of one visitor: the state behind a session cookie.

Owns: tokens, the cookie and the bound on how many visitors are remembered. Must not: know
what the state is. Two browser contexts never share a cookie, so parallel runs cannot see
one another; nothing is kept on disk.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from mock_server.sites.site import base_path

State = TypeVar("State")

MAX_VISITORS: Final = 1_000
"""The visitor longest unseen is forgotten first."""


class Visits(Generic[State]):
    """Keeps one ``State`` per visitor, made by ``factory`` when there is something to remember."""

    def __init__(self, cookie: str, factory: Callable[[], State], limit: int = MAX_VISITORS) -> None:
        self._cookie = cookie
        self._factory = factory
        self._limit = limit
        self._states: OrderedDict[str, State] = OrderedDict()

    def __len__(self) -> int:
        return len(self._states)

    def of(self, request: Request) -> State:
        """Return this visitor's state; a fresh one, not yet kept, for someone new."""
        token = request.cookies.get(self._cookie, "")
        if token in self._states:
            self._states.move_to_end(token)
            return self._states[token]
        return self._factory()

    def keep(self, request: Request, response: Response, state: State, *, renew: bool = False) -> None:
        """Remember ``state`` for this visitor; ``renew`` gives a new token, as a log-in must."""
        token = request.cookies.get(self._cookie, "")
        known = token in self._states
        if known and not renew:
            self._states[token] = state
            return
        if known:
            del self._states[token]
        token = secrets.token_urlsafe(24)
        self._states[token] = state
        while len(self._states) > self._limit:
            self._states.popitem(last=False)
        response.set_cookie(self._cookie, token, path=base_path(request) + "/", httponly=True, samesite="lax")

    def forget(self, request: Request, response: Response) -> None:
        """Drop what is kept of this visitor, and the cookie."""
        self._states.pop(request.cookies.get(self._cookie, ""), None)
        response.delete_cookie(self._cookie, path=base_path(request) + "/", httponly=True, samesite="lax")
