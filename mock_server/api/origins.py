"""Which web pages may use the API from a browser.

Owns: the CORS rules: what a preflight is answered and which header a page needs to read an
answer. Must not: refuse a request that is no preflight; the browser does that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from mock_server.api.wire import RawHeaders

METHODS: Final = frozenset({b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"PATCH", b"POST", b"PUT"})
_MAX_AGE_SECONDS: Final = b"600"
_ALLOW_ALL: Final = (b"access-control-allow-origin", b"*")
_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class OriginRule:
    """Decides by the Origin header. ``*`` allows every page, ``loopback`` those of this machine."""

    def __init__(self, allowed: Iterable[str]) -> None:
        origins = frozenset(origin.rstrip("/").lower() for origin in allowed)
        self._all = "*" in origins
        self._loopback = "loopback" in origins
        self._origins = origins

    def allows(self, origin: bytes) -> bool:
        """Tell whether pages of this origin may use the API."""
        if self._all:
            return True
        text = origin.decode("latin-1").lower()
        if text in self._origins:
            return True
        return self._loopback and _is_loopback(text)

    def headers(self, origin: bytes) -> RawHeaders:
        """Return what an ordinary answer says to a page of this origin; nothing if it may not read it.

        Keys are sent in a header of their own, never by cookie, so no origin has to be named.
        """
        return [_ALLOW_ALL] if origin and self.allows(origin) else []

    def preflight(self, origin: bytes, method: bytes, wanted: bytes) -> tuple[int, bytes, RawHeaders]:
        """Return status, body and headers of the answer to a preflight, whatever its path."""
        headers: RawHeaders = []
        faults = []
        if self.allows(origin):
            headers.append(_ALLOW_ALL)
        else:
            faults.append(b"origin")
        headers.append((b"access-control-allow-methods", b", ".join(sorted(METHODS))))
        headers.append((b"access-control-max-age", _MAX_AGE_SECONDS))
        if wanted:
            headers.append((b"access-control-allow-headers", wanted))
        if method not in METHODS:
            faults.append(b"method")
        if faults:
            return 400, b"Disallowed CORS " + b", ".join(faults), headers
        return 200, b"OK", headers


def _is_loopback(origin: str) -> bool:
    try:
        host = urlsplit(origin).hostname or ""
    except ValueError:
        return False
    return host in _LOOPBACK_NAMES or host.endswith(".localhost")
