"""What a browser context is asked to be.

Owns: the plain data whoever wants a context hands over: its looks, its proxy, the state it
begins with, and whether it is a fresh one, one that is kept, or somebody else's browser.
Must not: import Playwright, so that the rest of the server can make specs before a browser
is needed, or know what a context is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

DEFAULT_VIEWPORT: Final = (1280, 720)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy requests go through. ``server`` is ``scheme://host:port``; the credentials are in no repr."""

    server: str
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ContextSpec:
    """What distinguishes one context from another for its whole life."""

    viewport: tuple[int, int] = DEFAULT_VIEWPORT
    """In CSS pixels."""
    user_agent: str | None = None
    proxy: Proxy | None = None
    storage_state: Path | None = None
    """A file with the cookies and storage to begin with, as Playwright writes it."""
    timezone: str | None = None
    """IANA name; one the browser does not know is left out."""

    @property
    def plain(self) -> bool:
        """Whether any context will do."""
        return self == ContextSpec()


@dataclass(frozen=True, slots=True)
class Remote:
    """Somebody's own browser, reached over the DevTools protocol."""

    address: str = field(repr=False)
    """http(s) or ws(s); it may hold a token, so only :attr:`shown` is ever told."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent when connecting; usually secret."""

    @property
    def shown(self) -> str:
        """The address without user, path and query."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


@dataclass(frozen=True, slots=True)
class LeaseSpec:
    """What a run wants of its context. The film has the viewport's size."""

    work_dir: Path
    """An existing directory; the captures are written into it."""
    extra_http_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with every request; may hold secrets, so it is in no repr, and secret ones are in no capture."""
    user_agent: str | None = None
    viewport: tuple[int, int] = DEFAULT_VIEWPORT
    record: bool = True
    """Whether to film; the other captures cost little and are always on."""
    proxy: Proxy | None = None
    storage_state: Path | None = None
    kept: str | None = None
    """The name of a kept context to work in, instead of a fresh one; what makes a context is then its own."""
    remote: Remote | None = None
    """A browser to work in instead of the provider's own."""
    keep_state: bool = False
    """Whether cookies and storage at the end are among what is captured."""

    @property
    def context(self) -> ContextSpec:
        """What a fresh context for this would be."""
        return ContextSpec(self.viewport, self.user_agent, self.proxy, self.storage_state)
