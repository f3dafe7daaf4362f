"""Settings: profiles, the connection they resolve to, and where files lie.

Owns: what a user may set outside the command line. Must not: talk to a server. The file's
reader is in ``settings.py`` and loads only when there is a file to read.
"""

from __future__ import annotations

from skyvern_tui.config.connection import ConfigError, Connection
from skyvern_tui.config.resolve import resolve_connection

__all__ = ["ConfigError", "Connection", "resolve_connection"]
