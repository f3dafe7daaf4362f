"""What a call asks its driver to do, and what it gets back.

Owns: the vocabulary between the calls (``calls.py``, which decide) and the two drivers
(``sync.py`` and ``aio.py``, which do). A call is a generator: it yields effects and
receives their results. Must not: do I/O, read a clock, or decide anything.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Sink(Protocol):
    """Takes the body of an answer as it arrives, instead of memory."""

    def begin(self, status: int, headers: Mapping[str, str]) -> Callable[[bytes], object] | None:
        """Return what takes the pieces of this answer's body, or None to leave it to memory. Raises OSError."""
        ...


class Send:
    """Send one request. The driver answers with a :class:`Reply` or a ``TransportError`` (returned, not raised).

    ``timeout`` (seconds, None for none) bounds each network operation; ``limit`` (seconds, None for none) bounds
    the whole exchange. With ``sink`` the body is handed over piece by piece instead of kept in memory, in pieces of
    ``chunk_size`` bytes (None: as they arrive).
    """

    __slots__ = ("chunk_size", "content", "headers", "limit", "method", "run_id", "sink", "timeout", "url")

    def __init__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        content: bytes | None = None,
        timeout: float | None = None,
        limit: float | None = None,
        sink: Sink | None = None,
        run_id: str | None = None,
        chunk_size: int | None = None,
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.content = content
        self.timeout = timeout
        self.limit = limit
        self.sink = sink
        self.run_id = run_id
        self.chunk_size = chunk_size


class Sleep:
    """Let ``seconds`` pass."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class Tell:
    """Call ``hook`` with ``news``; an async driver awaits what it returns, if that can be awaited."""

    __slots__ = ("hook", "news")

    def __init__(self, hook: Callable[[Any], object], news: object) -> None:
        self.hook = hook
        self.news = news


class Reply:
    """What came back: header names in lower case, the body decoded (and empty if it went to a sink)."""

    __slots__ = ("content", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.status = status
        self.headers = headers
        self.content = content


Effect = Send | Sleep | Tell
Flow = Generator[Effect, Any, T]
"""A call in progress; its return value is the call's result."""
