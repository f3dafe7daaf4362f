"""Who is looking: from an API key to a cookie and back.

Owns: the signed, expiring token in the cookie, the token that forms carry, and the check
that a form was sent by a page of this server. Must not: put an API key into a cookie, a
URL or a page; what is kept is the organization the key stands for.
"""

from __future__ import annotations

import hmac
import ipaddress
from base64 import urlsafe_b64encode
from calendar import timegm
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from mock_server.ids import organization_for
from mock_server.scenarios.tenants import Tenant
from mock_server.services import Services
from mock_server.settings import DEFAULT_API_KEY

VALIDITY_SECONDS: Final = 12 * 3600

_LOCAL_NAMES: Final = frozenset({"localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has shown a key."""

    organization_id: str
    form_token: str
    """Has to be in every form that changes something."""


class SignIn:
    """Lets people in by API key and knows them by cookie afterwards."""

    def __init__(self, services: Services, admit: Callable[[bytes], Tenant | None]) -> None:
        settings, urls = services.settings, services.urls
        self._admit = admit
        self._clock = services.clock
        self._secret = urls.key_for("viewer")
        # Cookies know no ports: two servers on one machine must not take one another's.
        self.cookie_name: Final = f"skyvern_mock_{urls.key_id}"
        base = urlsplit(services.base_url)
        self._path = base.path or "/"
        self._secure = base.scheme == "https"
        self._netloc = base.netloc
        self._required = frozenset(organization_for(key) for key in settings.require_keys)
        self.offers_default: Final = not settings.require_keys and _is_loopback(settings.host)
        """Whether the key that everybody knows may be used at a click."""

    def visitor(self, request: Request) -> Visitor | None:
        """Return who sent the request; None if nobody is signed in, or no longer."""
        token = request.cookies.get(self.cookie_name, "")
        organization_id, _, rest = token.partition(".")
        expiry, _, signature = rest.partition(".")
        expected = self._signature("session", f"{organization_id}.{expiry}")
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            return None
        # Only what was signed here gets this far, so expiry is a number.
        if int(expiry) <= self._now() or (self._required and organization_id not in self._required):
            return None
        return Visitor(organization_id, self._signature("form", token))

    def sign_in(self, key: str, response: Response) -> bool:
        """Set the cookie for a key on ``response``; return False, setting nothing, if the key is not let in."""
        tenant = self._admit(key.encode()) if key else None
        if tenant is None:
            return False
        content = f"{tenant.organization_id}.{self._now() + VALIDITY_SECONDS}"
        self._set(response, f"{content}.{self._signature('session', content)}", VALIDITY_SECONDS)
        return True

    def sign_in_by_default(self, response: Response) -> bool:
        """Sign in with the key everybody knows; return False where that is not offered."""
        return self.offers_default and self.sign_in(DEFAULT_API_KEY, response)

    def sign_out(self, response: Response) -> None:
        """Delete the cookie."""
        self._set(response, "", 0)

    def is_default(self, visitor: Visitor) -> bool:
        """Tell whether the visitor uses the key that everybody knows and that works here."""
        return self.offers_default and visitor.organization_id == organization_for(DEFAULT_API_KEY)

    def is_own_form(self, request: Request) -> bool:
        """Tell whether a POST was sent by a page of this server, which a browser says in one way or another."""
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        sender = urlsplit(request.headers.get("origin", "")).netloc
        return bool(sender) and sender in {request.headers.get("host"), self._netloc}

    @staticmethod
    def is_genuine(visitor: Visitor, form_token: str) -> bool:
        """Tell whether a form was made for this visitor."""
        return hmac.compare_digest(form_token.encode(), visitor.form_token.encode())

    # -- inside -------------------------------------------------------------------------

    def _set(self, response: Response, value: str, seconds: int) -> None:
        response.set_cookie(
            self.cookie_name,
            value,
            max_age=seconds,
            path=self._path,
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )

    def _signature(self, purpose: str, content: str) -> str:
        digest = hmac.new(self._secret, f"{purpose}\n{content}".encode(), sha256).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _now(self) -> int:
        return timegm(self._clock.now().timetuple())


def _is_loopback(host: str) -> bool:
    if host.lower() in _LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
