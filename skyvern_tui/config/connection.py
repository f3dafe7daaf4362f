"""Which server, and as whom.

Owns: :class:`Connection`, what the CLI hands to the terminal app and to the client, the
names of the variables that can decide it, which hosts are this machine, and the error for
settings that cannot be used.
Must not: open anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

CLOUD_URL: Final = "https://api.skyvern.com"
API_KEY_VARIABLE: Final = "SKYVERN_API_KEY"
BASE_URL_VARIABLE: Final = "SKYVERN_BASE_URL"
PROFILE_VARIABLE: Final = "SKYVERN_TUI_PROFILE"


@dataclass(frozen=True, slots=True)
class Connection:
    """A server that can be talked to. The key is left out of the repr.

    ``name`` is the profile's name or the host, for a status line; ``embedded`` says that the server is the local
    mock this program started or found. No key is an empty one: given None, the client would take the one in the
    environment, which was not set for this server. ``read_only`` forbids whatever changes something on the server.
    """

    base_url: str
    api_key: str = field(default="", repr=False)
    name: str = ""
    embedded: bool = False
    read_only: bool = False

    @property
    def lasting_name(self) -> str:
        """What the server is called in a history: a mock of one's own has another port each time."""
        return "mock" if self.embedded else self.base_url


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, and only programs of it reach it there."""
    import ipaddress  # noqa: PLC0415 - few commands ask, and all of them load this module

    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class ConfigError(Exception):
    """The settings cannot be used. ``hint`` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
