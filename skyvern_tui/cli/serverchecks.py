"""What the doctor finds out about a server: whether it answers, how fast, whether the key fits.

Owns: these checks. Must not: change anything on the server, or show a key.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from skyvern_tui.cli.exits import Exit, of_error
from skyvern_tui.cli.findings import Finding
from skyvern_tui.cli.server import Server
from skyvern_tui.client import SkyvernError
from skyvern_tui.client.secrets import describe_key
from skyvern_tui.config.connection import is_loopback
from skyvern_tui.core.clock import Clock

_MOST_APART: Final = 60.0
"""Seconds that clocks may differ: deliveries of webhooks are refused when they are five minutes old."""
_SLOW_MS: Final = 2_000


def answers(server: Server, clock: Clock) -> Iterator[Finding]:
    """Find out about the server of a command: version, latency, clock, key, and the way back for webhooks."""
    where, key = server.connection.base_url, describe_key(server.connection.api_key)
    begun = clock.monotonic()
    try:
        answer = server.client.with_raw_response.get_version()
        took = round((clock.monotonic() - begun) * 1000)
        yield Finding("server", f"{where} answers, version {answer.data}")
        hint = "Slow networks make the app lag behind the run; nothing is lost." if took > _SLOW_MS else ""
        yield Finding("latency", f"{took} ms", hint=hint, is_note=bool(hint))
        yield from _clocks(answer.headers, clock)
        server.client.get_runs(page_size=1)
        yield Finding("key", f"{key} is accepted")
    except SkyvernError as error:
        code = of_error(error)
        what = "key" if code is Exit.key_refused else "server"
        yield Finding(what, error.message, code, error.hint)
        return
    yield from _encrypted(where, server.connection.api_key)
    yield webhooks(where)


def _clocks(headers: Mapping[str, str], clock: Clock) -> Iterator[Finding]:
    with suppress(KeyError, TypeError, ValueError):
        apart = (parsedate_to_datetime(headers["date"]) - clock.now()).total_seconds()
        if abs(apart) <= _MOST_APART:
            yield Finding("clock", "agrees with the server's")
        else:
            way = "ahead of" if apart > 0 else "behind"
            hint = "Set this machine's clock: signatures of webhooks and ages in lists go by it."
            yield Finding("clock", f"the server's is {abs(apart):.0f} s {way} this one", hint=hint, is_note=True)


def _encrypted(where: str, key: str) -> Iterator[Finding]:
    parts = urlsplit(where)
    if key and parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        hint = "Use https://, or a tunnel such as ssh -L."
        yield Finding("encryption", "none: the key travels in the clear", hint=hint, is_note=True)


def webhooks(where: str) -> Finding:
    """Tell whether the server can reach a receiver on this machine, as far as that can be told from here."""
    host = urlsplit(where).hostname or ""
    if is_loopback(host):
        return Finding("webhooks", "reach this machine: the server is on it", hint="skyvern-tui webhook listen")
    own = _own_address(host)
    if own is None:
        return Finding("webhooks", "this machine has no address the server could reach", is_note=True)
    if ipaddress.ip_address(own).is_global:
        return Finding("webhooks", f"may reach this machine at {own}, if no firewall is in the way")
    hint = "A tunnel of your choice to `skyvern-tui webhook listen`, or a receiver the server can reach."
    return Finding("webhooks", f"from {host} don't reach {own}, an address of a private network", hint=hint)


def _own_address(host: str) -> str | None:
    """Return the address this machine would be seen under on the way to ``host``; nothing is sent to find out."""
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError), closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
            probe.connect((host, 9))
            return str(probe.getsockname()[0])
    return None
