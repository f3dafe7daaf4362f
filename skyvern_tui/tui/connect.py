"""From a connection, or a way to get one, to a gateway that answers.

Owns: the forms in which a server can be handed to the app, and the adapter from the async
client to the app's :class:`~skyvern_tui.core.gateway.Gateway`. Must not: start or find a
server by itself, or speak HTTP: the client does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from skyvern_tui.config import Connection

if TYPE_CHECKING:
    from skyvern_tui.client import Artifact, AsyncSkyvern, Run, RunListItem, TimelineItem
    from skyvern_tui.core.gateway import Gateway, Site

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


class ClientGateway:
    """The async client as the app sees it."""

    def __init__(self, client: AsyncSkyvern, *, has_sites: bool) -> None:
        self._client = client
        self._has_sites = has_sites

    async def run_task(self, prompt: str, **fields: Any) -> Run:
        return await self._client.run_task(prompt, **fields)

    async def get_run(self, run_id: str) -> Run:
        return await self._client.get_run(run_id)

    async def get_runs(self, *, page: int, page_size: int) -> Sequence[RunListItem]:
        return await self._client.get_runs(page=page, page_size=page_size)

    async def cancel_run(self, run_id: str) -> None:
        await self._client.cancel_run(run_id)

    async def get_run_timeline(self, run_id: str) -> Sequence[TimelineItem]:
        return await self._client.get_run_timeline(run_id)

    async def get_run_artifacts(self, run_id: str) -> Sequence[Artifact]:
        return await self._client.get_run_artifacts(run_id)

    async def get_artifact_content(self, artifact: Artifact) -> bytes:
        return await self._client.get_artifact_content(artifact)

    async def get_sites(self) -> Sequence[Site]:
        """Ask a mock for its practice sites; a server that has none answers 404, which is no trouble."""
        from skyvern_tui.client.errors import SkyvernError  # noqa: PLC0415 - loaded with the client
        from skyvern_tui.core.gateway import Site  # noqa: PLC0415 - loads the wire models

        if not self._has_sites:
            return ()
        try:
            return [Site(*site) for site in await self._client.get_mock_sites()]
        except SkyvernError:
            return ()

    async def aclose(self) -> None:
        await self._client.close()


def client_gateway(connection: Connection) -> Gateway:
    """Return a gateway over HTTP. Calls are not retried by it: the pollers do that, and say so on screen."""
    from skyvern_tui.client import AsyncSkyvern  # noqa: PLC0415 - httpx is loaded after the first paint

    client = AsyncSkyvern(api_key=connection.api_key, base_url=connection.base_url, timeout=TIMEOUT, max_retries=0)
    # A server elsewhere is not asked for a path that only the mock has.
    local = (urlsplit(connection.base_url).hostname or "") in {"localhost", "127.0.0.1", "::1"}
    return ClientGateway(client, has_sites=connection.embedded or local)
