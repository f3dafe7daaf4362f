"""The little that both drivers need of httpx.

Owns: the reading of a response into a :class:`Reply`, the timeout settings, and that httpx
logs no signed URL. Must not: know what is being asked or why, or what a sink does with a body.
"""

from __future__ import annotations

import logging
from typing import Final

import httpx

from skyvern_tui.client.effects import Reply, Send
from skyvern_tui.client.secrets import redact_url

UNPROXIED: Final = (("all://127.0.0.1", None), ("all://localhost", None), ("all://[::1]", None))
"""httpx mounts: a proxy set in the environment cannot reach a server on this machine."""


def _unsigned(record: logging.LogRecord) -> bool:
    """Take the signatures out of the URLs in httpx's log of requests: who has one can fetch what it leads to."""
    if isinstance(record.args, tuple):
        record.args = tuple(redact_url(str(arg)) if isinstance(arg, httpx.URL) else arg for arg in record.args)
    return True


logging.getLogger("httpx").addFilter(_unsigned)


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
    """Collects a response's body, in memory or in the request's sink; ``write`` takes its pieces."""

    def __init__(self, request: Send, response: httpx.Response) -> None:
        self._response = response
        self._chunks: list[bytes] = []
        sink = request.sink and request.sink.begin(response.status_code, response.headers)
        self.write = sink or self._chunks.append

    def reply(self) -> Reply:
        """Return the finished reply; its content is empty if it went to a sink."""
        return Reply(self._response.status_code, self._response.headers, b"".join(self._chunks))
