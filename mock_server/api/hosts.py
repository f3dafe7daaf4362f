"""Which names the server answers to.

Owns: the check of the Host header that keeps out DNS rebinding: a web page whose own name
was made to point at this machine would otherwise be of the same origin as the server.
Must not: look at anything else of a request.
"""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from mock_server.api.refusals import Refusal, refuse
from mock_server.settings import Settings

_ANY: Final = "*"
_REMEMBERED: Final = 64


class HostRule:
    """Allows loopback names, addresses, the names the server was started with and those in the settings.

    An address is safe under any name server: whoever asks for one is talking to that machine.
    """

    def __init__(self, settings: Settings) -> None:
        names = {"localhost", settings.host.lower(), *(name.lower() for name in settings.allowed_hosts)}
        if settings.public_url and (public := urlsplit(settings.public_url).hostname):
            names.add(public)
        self._names = frozenset(names)
        self._base_url = settings.base_url
        self._known: set[bytes] = set()

    def check(self, host: bytes) -> None:
        """Pass a Host header; an absent one is empty and passes, since browsers always send it.

        Raises:
            Refusal: 400, the name is not one of this server's.
        """
        if host in self._known:
            return
        if host and not self._allows(_name(host)):
            raise self._refusal(host)
        if len(self._known) < _REMEMBERED:
            self._known.add(host)

    def _allows(self, name: str) -> bool:
        if name in self._names or name.endswith(".localhost") or _ANY in self._names:
            return True
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True

    def _refusal(self, host: bytes) -> Refusal:
        name = _name(host)
        return refuse(
            400,
            f"The host name {name!r} is not one this server answers to. Use {self._base_url}, "
            f"or start it with --allow-host {name} if the name is yours.",
        )


def _name(host: bytes) -> str:
    """Return a Host header without its port, lower-case."""
    text = host.decode("latin-1").strip().lower()
    if text.startswith("["):
        return text.partition("]")[0] + "]"
    return text.partition(":")[0].rstrip(".")
