"""Which server, and as whom.

Owns: :class:`Connection`, what the CLI hands to the terminal app and to the client. Must
not: open anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Connection:
    """A server that can be talked to. The key is left out of the repr.

    ``name`` is the profile's name or the host, for a status line; ``embedded`` says that the server is the local
    mock this program started or found.
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    name: str = ""
    embedded: bool = False
