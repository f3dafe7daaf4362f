"""Settings: profiles, the connection they resolve to, and where files lie.

Owns: what a user may set outside the command line. Must not: talk to a server.
"""

from __future__ import annotations

from skyvern_tui.config.connection import Connection
from skyvern_tui.config.resolve import resolve_connection
from skyvern_tui.config.settings import ConfigError, Profile, Settings, load_settings

__all__ = ["ConfigError", "Connection", "Profile", "Settings", "load_settings", "resolve_connection"]
