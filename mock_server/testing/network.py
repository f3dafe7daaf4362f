"""Nothing leaves this machine.

Owns: refusing connections to other hosts while it is asked to. Must not: touch names that are looked up, files,
or connections within the machine.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class NetworkBlockedError(OSError):
    """A test tried to connect to another machine."""


@contextmanager
def blocked() -> Iterator[None]:
    """Refuse connections from this process to anywhere but loopback addresses and Unix sockets.

    Raises, where a connection is tried:
        NetworkBlockedError: It leads elsewhere.
    """
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    socket.socket.connect = _guarded(connect)  # type: ignore[method-assign]  # undone below
    socket.socket.connect_ex = _guarded(connect_ex)  # type: ignore[method-assign]  # as above
    try:
        yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]  # as it was
        socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]  # as above


def _guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and not is_here(str(address[0])):
            raise NetworkBlockedError(
                f"A test tried to connect to {address[0]}:{address[1]}, and --skyvern-mock-block-network is on. "
                "Give the code under test the mock's base_url."
            )
        return connect(self, address)

    return guarded


def is_here(host: str) -> bool:
    """Tell whether a host is this machine."""
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
