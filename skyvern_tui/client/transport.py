"""The little that both drivers need of httpx and of the file system.

Owns: the reading of a response into a :class:`Reply`, the file that appears only when
complete, and the timeout settings. Must not: know what is being asked or why.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final

import httpx

from skyvern_tui.client.effects import Reply, Send

UNPROXIED: Final = (("all://127.0.0.1", None), ("all://localhost", None), ("all://[::1]", None))
"""httpx mounts: a proxy set in the environment cannot reach a server on this machine."""


def timeouts(request: Send) -> float | None:
    """Return the seconds that one network operation of ``request`` may take."""
    if request.limit is None:
        return request.timeout
    return request.limit if request.timeout is None else min(request.timeout, request.limit)


class Body:
    """Collects a response's body, in memory or, for a good status and ``save_to``, in a file.

    A file is written under a temporary name beside its own and moved there by :meth:`reply`.
    """

    def __init__(self, request: Send, response: httpx.Response) -> None:
        self._response = response
        self._chunks: list[bytes] = []
        self._target = request.save_to if response.is_success else None
        self._partial: Path | None = None
        self._file: BinaryIO | None = None

    def __enter__(self) -> Callable[[bytes], object]:
        if self._target is None:
            return self._chunks.append
        self._partial = self._target.with_name(f".{self._target.name}.{os.getpid()}.part")
        self._file = self._partial.open("wb")
        return self._file.write

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None or self._partial is None or self._target is None:
            return
        self._file.close()
        if error is None:
            self._partial.replace(self._target)
        else:
            self._partial.unlink(missing_ok=True)

    def reply(self) -> Reply:
        """Return the finished reply; its content is empty if it went to a file."""
        return Reply(self._response.status_code, self._response.headers, b"".join(self._chunks))
