"""What a call asks its driver to do, and what it gets back.

Owns: the vocabulary between the calls (``calls.py``, which decide) and the two drivers
(``sync.py`` and ``aio.py``, which do). A call is a generator: it yields effects and
receives their results. Must not: do I/O, read a clock, or decide anything.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class Send:
    """Send one request. The driver answers with a :class:`Reply` or a ``TransportError`` (returned, not raised).

    ``timeout`` (seconds, None for none) bounds each network operation; ``limit`` (seconds, None for none) bounds
    the whole exchange. With ``save_to`` a 2xx body is streamed into that file instead of memory.
    """

    __slots__ = ("content", "headers", "limit", "method", "run_id", "save_to", "timeout", "url")

    def __init__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        content: bytes | None = None,
        timeout: float | None = None,
        limit: float | None = None,
        save_to: Path | None = None,
        run_id: str | None = None,
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.content = content
        self.timeout = timeout
        self.limit = limit
        self.save_to = save_to
        self.run_id = run_id


class Sleep:
    """Let ``seconds`` pass."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class Reply:
    """What came back: header names in lower case, the body decoded (and empty if it went to a file)."""

    __slots__ = ("content", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.status = status
        self.headers = headers
        self.content = content


Effect = Send | Sleep
Flow = Generator[Effect, Any, T]
"""A call in progress; its return value is the call's result."""
