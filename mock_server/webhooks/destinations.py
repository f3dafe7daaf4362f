"""Where an address leads.

Owns: looking up a host and turning it down for where it leads. Must not: connect. A host
that is let in is connected to by the very addresses that were looked at: a second look-up
could answer otherwise.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable

Forbidden = Callable[[str], bool]
"""Tells whether a host, a name or an address, must not be sent to."""

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Returns the addresses of a host; raises OSError if there is none."""


class BlockedHost(Exception):  # noqa: N818  # named for what it is
    """The host, or an address it has, must not be sent to."""


class UnknownHost(Exception):  # noqa: N818  # named for what it is
    """The host has no address."""


async def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host as the machine resolves it, in the order it prefers.

    Raises:
        OSError: There is none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def addresses_of(host: str, port: int, forbidden: Forbidden | None, resolve: Resolve = look_up) -> list[str]:
    """Return the addresses of a host; an address is its own.

    Raises:
        BlockedHost: It, or one of its addresses, is ``forbidden``.
        UnknownHost: It has none.
    """
    if forbidden is not None and forbidden(host):
        raise BlockedHost(host)
    if _is_address(host):
        return [host]
    try:
        found = await resolve(host, port)
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise UnknownHost(host)
    if forbidden is not None and any(forbidden(address) for address in found):
        raise BlockedHost(host)
    return found


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
