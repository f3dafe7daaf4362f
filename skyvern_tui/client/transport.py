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


def build(client: httpx.Client | httpx.AsyncClient, request: Send, *, plain: bool) -> httpx.Request:
    """Return ``request`` as httpx's own.

    With ``plain`` nothing of the client's settings goes into it: merging headers that the client has no more to say
    to than we do costs a sixth of the whole call. A client that was handed in may have headers and cookies to add.
    """
    seconds = request.timeout
    if request.limit is not None:
        seconds = request.limit if seconds is None else min(seconds, request.limit)
    if not plain:
        return client.build_request(
            request.method, request.url, headers=request.headers, content=request.content, timeout=seconds
        )
    timeout = {"connect": seconds, "read": seconds, "write": seconds, "pool": seconds}
    return httpx.Request(
        request.method,
        request.url,
        headers=request.headers,
        content=request.content,
        extensions={"timeout": timeout},
    )


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
