"""Where an event loop waits, and for what.

Owns: standing in for a loop's selector, and telling whether the loop waits for something of the
machine's (an answer on a socket, a function in a thread) or only for time. Must not: know what
time it is.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any


class LoopSelector:
    """Stands around an event loop's selector; ``select`` is asked in its stead, with it and the timeout in seconds."""

    def __init__(self, select: Callable[[LoopSelector, float | None], Any], loop: Any, inner: Any) -> None:
        self.inner = inner
        self._select = select
        self._executing = 0
        self._own = loop._ssock.fileno()  # noqa: SLF001  # by which other threads wake the loop

    def select(self, timeout: float | None = None) -> Any:
        return self._select(self, timeout)

    def is_busy(self) -> bool:
        """Tell whether something of the machine's is waited for: an answer on a socket, a function in a thread."""
        return bool(self._executing) or any(
            fd != self._own and not _listens(fd) for fd in list(self.inner.get_map().keys())
        )

    def executing(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """Return a ``run_in_executor`` that counts."""

        def counted(*arguments: Any) -> Any:
            future = run(*arguments)
            self._executing += 1
            future.add_done_callback(self._executed)
            return future

        return counted

    def _executed(self, _: object) -> None:
        self._executing -= 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def _listens(fd: int) -> bool:
    """Tell whether a file descriptor is a socket that waits for others to call, which may be never."""
    try:
        with socket.socket(fileno=os.dup(fd)) as found:
            return bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False
