"""The connection in words, for the bars of every screen.

Owns: wording the connection and the state of its link. Must not: change either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from skyvern_tui.core.clock import Clock
from skyvern_tui.core.text import one_line, shorten
from skyvern_tui.tui.drawing import Span

if TYPE_CHECKING:
    from skyvern_tui.config import Connection
    from skyvern_tui.tui.server import Server

_ROOMY = 100
"""Columns from which on the latency is shown beside a long address."""


class Status:
    """What is known about the connection so far."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.connection: Connection | None = None
        self.server: Server | None = None
        self.starting = "connecting…"
        """What is going on before there is a connection."""
        self.failure = ""
        """Why there will be none."""

    @property
    def secrets(self) -> dict[str, str]:
        """Secrets of the connection by the variable that stands for each where requests and answers are shown."""
        key = "" if self.connection is None else self.connection.api_key
        return {"SKYVERN_API_KEY": key} if key else {}

    @property
    def refused(self) -> bool:
        """True while the server refuses the key."""
        return self.server is not None and self.server.link.state == "refused"

    @property
    def is_well(self) -> bool:
        """True unless calls are failing."""
        return self.server is None or self.server.link.is_well

    @property
    def where(self) -> str:
        """Which server it is, in a few words; empty while there is none."""
        return " ".join(word for word in self._names() if word)

    def _names(self) -> tuple[str, str]:
        """Return the server's own name, empty where it has none that says more, and its host."""
        if self.connection is None:
            return "", ""
        host = one_line(urlsplit(self.connection.base_url).netloc.rpartition("@")[2] or self.connection.base_url)
        name = one_line(self.connection.name) or ("mock" if self.connection.embedded else "")
        return ("" if name == host else name), host

    def link_spans(self, width: int) -> list[Span]:
        """Return the right end of the top bar."""
        if self.failure:
            return [("● ", "bad"), ("no server", "strong")]
        if self.connection is None:
            return [("○ ", "quiet"), (self.starting, "quiet")]
        name, host = self._names()
        spans: list[Span] = []
        link = None if self.server is None else self.server.link
        if link is None or link.state == "starting":
            spans.append(("○ ", "quiet"))
        else:
            spans.append(("● ", "good" if link.state == "up" else "bad" if link.state == "refused" else "warn"))
        if name:
            spans += [(shorten(name, 20), "strong"), ("  ", "quiet")]
        if self.connection.read_only:
            spans.append(("read-only  ", "warn"))
        spans.append((shorten(host, 40 if width >= _ROOMY else 24), "quiet"))
        if link is not None and link.state == "up" and link.latency is not None:
            spans.append((f"  {max(1, round(link.latency * 1000)):>3} ms", "quiet"))
        return spans

    def banner(self) -> str:
        """Return what the banner says; empty while all is well."""
        if self.failure:
            return "no server: " + " ".join(self.failure.split())
        if self.server is None or self.server.link.is_well:
            return ""
        link = self.server.link
        left = -int(-link.retry_in(self._clock.monotonic()) // 1)
        again = f"retrying in {left} s" if left else "retrying now"
        trouble = link.trouble
        if link.state == "refused" and trouble is not None:
            return f"{trouble.message} {trouble.hint}".strip()
        since = "" if link.outage is None else f" since {self._clock.local(link.outage.began):%H:%M:%S}"
        if self.connection is not None and self.connection.embedded:
            return f"mock unreachable{since}, {again} - the palette starts it again"
        reason = f" - {trouble.message}" if trouble is not None else ""
        return f"server unreachable{since}, {again}{reason}"
