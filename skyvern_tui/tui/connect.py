"""From a connection, or a way to get one, to a gateway that answers.

Owns: the forms in which a server can be handed to the app, and what is made of each. Must
not: start or find a server by itself, or load the client before there is one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from skyvern_tui.config import Connection
from skyvern_tui.config.connection import is_loopback

if TYPE_CHECKING:
    from skyvern_tui.core.gateway import Gateway

Making = AbstractAsyncContextManager[Connection] | Awaitable[Connection]
Source = Connection | AbstractAsyncContextManager[Connection] | Callable[[], Making]
"""A server for the app: a connection, or what brings one about while the app already shows itself.

The latter is an async context manager (such as ``EmbeddedMock``) that yields a connection and stops the server when
the app ends, or a function without arguments that returns one, or that returns an awaitable of a connection.
"""

TIMEOUT = 10.0
"""Seconds per call: a screen that waits longer says nothing useful."""


@asynccontextmanager
async def opened(source: Source) -> AsyncIterator[Connection]:
    """Yield the connection of any source, and end what the source began."""
    if isinstance(source, Connection):
        yield source
        return
    made: Making = source if isinstance(source, AbstractAsyncContextManager) else source()
    if isinstance(made, AbstractAsyncContextManager):
        async with made as connection:
            yield connection
    else:
        yield await made


def client_gateway(connection: Connection) -> Gateway:
    """Return a gateway over HTTP. Calls are not retried by it: the pollers do that, and say so on screen."""
    from skyvern_tui.client import AsyncSkyvern  # noqa: PLC0415 - httpx is loaded after the first paint
    from skyvern_tui.tui.calling import ClientGateway  # noqa: PLC0415 - as above

    client = AsyncSkyvern(api_key=connection.api_key, base_url=connection.base_url, timeout=TIMEOUT, max_retries=0)
    # A server elsewhere is not asked for a path that only the mock has.
    local = is_loopback(urlsplit(connection.base_url).hostname or "")
    return ClientGateway(client, has_sites=connection.embedded or local)
