"""Settings: profiles, the connection they resolve to, and where files lie.

Owns: what a user may set outside the command line. Must not: talk to a server.
"""

from __future__ import annotations

from skyvern_tui.config.connection import Connection

__all__ = ["Connection"]
