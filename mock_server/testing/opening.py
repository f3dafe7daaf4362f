"""A mock for the time of a block, with no test runner.

Owns: ``open_mock`` and ``open_server``. Must not: leave anything behind.
"""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Any, Literal

from mock_server.testing.mock import SkyvernMock
from mock_server.testing.server import LocalServer, RemoteServer, Server

Where = str
"""``thread``, ``asgi``, or the address of a server that runs."""


def open_server(where: Where = "thread", **settings: Any) -> Server:
    """Return a started server, to be closed: ``thread`` has an address, ``asgi`` is in memory only, a URL runs already.

    ``settings`` are fields of :class:`mock_server.settings.Settings`, for a server that is started here.
    """
    if where in ("thread", "asgi"):
        return LocalServer(sockets=where == "thread", **settings).start()
    if settings:
        raise TypeError(f"{where} runs already; its settings ({', '.join(settings)}) are those it was started with.")
    return RemoteServer(where)


class open_mock:  # noqa: N801  # used like a function: with open_mock() as mock
    """A mock for the time of a block: ``with open_mock() as mock`` or ``async with open_mock() as mock``.

    ``where`` is ``thread`` (a server with an address), ``asgi`` (in memory), the address of a server that runs, or
    an open server. ``time`` ``skip`` lets time jump to what is waited for within the block; ``real`` leaves it.
    """

    def __init__(
        self,
        where: Where | Server = "thread",
        *,
        time: Literal["skip", "real"] = "skip",
        seed: int | None = None,
        api_key: str | None = None,
        **settings: Any,
    ) -> None:
        self._where = where
        self._time = time
        self._options = {"seed": seed, "api_key": api_key}
        self._settings = settings
        self._stack = ExitStack()
        self._mock: SkyvernMock | None = None

    def __enter__(self) -> SkyvernMock:
        with ExitStack() as stack:
            server = self._where
            if isinstance(server, str):
                server = open_server(server, **self._settings)
                stack.callback(server.close)
            memory = self._where == "asgi" or (isinstance(server, LocalServer) and not server.has_sockets)
            mock = stack.enter_context(SkyvernMock(server, memory=memory, **self._options))  # type: ignore[arg-type]  # as they were given
            if self._time == "skip":
                stack.enter_context(mock.clock.skipping())
            self._stack = stack.pop_all()
        self._mock = mock
        return mock

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    async def __aenter__(self) -> SkyvernMock:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mock is not None:
            await self._mock.aclose_clients()
        self._stack.close()
