"""From one server to another while the app runs, and the mock it started.

Owns: opening and closing connections, which mock runs, and the doors to profiles and mock.
Must not: draw, or speak HTTP by itself.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TYPE_CHECKING, Final, cast

from skyvern_tui.config import Connection, resolve_connection
from skyvern_tui.core.text import inert
from skyvern_tui.tui.connect import Source, opened

if TYPE_CHECKING:
    from skyvern_tui.config.profiles import ProfileFacts
    from skyvern_tui.core.gateway import Gateway
    from skyvern_tui.tui.app import SkyvernApp

_LOADED_LATE: Final = ("skyvern_tui.tui.server", "skyvern_tui.tui.poller", "skyvern_tui.client")
"""Modules that cost as much as the first paint, and are not needed for it."""


class Doors:
    """The ways out of the app to profiles and to a mock; tests have others."""

    def profiles(self) -> list[ProfileFacts]:
        """Return the profiles there are. Raises ConfigError."""
        from skyvern_tui.config.profiles import profiles_known  # noqa: PLC0415 - loads the settings reader

        return profiles_known()

    def connection(self, profile: str) -> Connection:
        """Return a profile's connection; may run a command for its key. Raises ConfigError."""
        connection = resolve_connection(profile=profile)
        assert connection is not None, "a profile that is named has a connection"
        return connection

    def mock(self) -> AbstractAsyncContextManager[Connection]:
        """Return a mock to be started."""
        from skyvern_tui.config.locations import mock_data_dir  # noqa: PLC0415 - the few starts that need it
        from skyvern_tui.embedded import WARM_COMMAND, EmbeddedMock  # noqa: PLC0415 - as above

        return EmbeddedMock(mock_data_dir(), command=WARM_COMMAND)


def words_of(error: Exception) -> str:
    """Return what an error says and what to do, in safe lines."""
    said = getattr(error, "message", "") or str(error) or type(error).__name__
    text = f"{said}\n{getattr(error, 'hint', '')}".strip()
    return "\n".join(inert(line) for line in text.split("\n"))


class Switchboard:
    """The connection in use. A mock once started runs until it is stopped or the app ends."""

    def __init__(self, app: SkyvernApp, open_gateway: Callable[[Connection], Gateway], doors: Doors) -> None:
        self._app = app
        self._open_gateway = open_gateway
        self.doors = doors
        self._gateway: Gateway | None = None
        self._mock = AsyncExitStack()
        self._mock_connection: Connection | None = None

    @property
    def has_mock(self) -> bool:
        """True while a mock runs that came with this app."""
        return self._mock_connection is not None

    async def use(self, source: Source) -> bool:
        """Connect to a source; a failure is shown, and leaves no connection. True when there is one."""
        app = self._app
        in_use = self._mock_connection is not None and self._mock_connection == app.status.connection
        if in_use and not app.status.is_well:  # it is gone, or was another program's that ended: a new one is meant
            await self._forget_mock()
        await self._hang_up()
        try:
            connection = source if isinstance(source, Connection) and not source.embedded else await self._local(source)
            for name in _LOADED_LATE:
                await asyncio.to_thread(importlib.import_module, name)
            gateway = self._open_gateway(connection)
        except Exception as error:  # noqa: BLE001 - whatever starting a server may raise, the user is told
            app.status.failure = words_of(error)
            return False
        from skyvern_tui.tui.readonly import ReadOnly  # noqa: PLC0415 - loads the client's errors
        from skyvern_tui.tui.server import Server  # noqa: PLC0415 - loaded just now

        self._gateway = gateway
        app.status.failure = ""
        app.status.connection = connection
        app.status.server = app.server = Server(
            cast("Gateway", ReadOnly(gateway, app.read_only)) if connection.read_only else gateway,
            app.clock,
            app.link_changed,
        )
        return True

    async def _local(self, source: Source) -> Connection:
        """Open what may have to be started. What was started is kept for coming back to it."""
        if isinstance(source, Connection) and source.base_url:
            return source
        if self._mock_connection is not None and isinstance(source, Connection):
            return self._mock_connection
        making = self.doors.mock() if isinstance(source, Connection) else source
        connection = await self._mock.enter_async_context(opened(making))
        if connection.embedded:
            self._mock_connection = connection
        return connection

    async def profile(self, name: str) -> bool:
        """Switch to a profile. A key command may take its time, so it runs beside the screen. Raises ConfigError."""
        connection = await asyncio.to_thread(self.doors.connection, name)
        self._app.status.starting = "starting the local mock server…" if connection.embedded else "connecting…"
        return await self.use(connection)

    async def stop_mock(self) -> None:
        """End the mock; if it was in use there is no server then."""
        used = self._app.status.connection is not None and self._app.status.connection == self._mock_connection
        if used:
            await self._hang_up()
            self._app.status.failure = "The local mock was stopped.\nStart it from the palette, or switch: f2."
        await self._forget_mock()

    async def _forget_mock(self) -> None:
        """End the mock if it came with this app; the next one asked for is started."""
        self._mock_connection = None
        await self._mock.aclose()
        self._mock = AsyncExitStack()

    async def _hang_up(self) -> None:
        app, gateway = self._app, self._gateway
        self._gateway = None
        app.status.server = app.server = app.status.connection = None
        app.status.failure = ""
        app.sites = []
        if gateway is not None:
            app.server_changed()  # the next one may take its time, and nobody may ask this one any more
            await gateway.aclose()

    async def aclose(self) -> None:
        """Hang up and end what was started."""
        await self._hang_up()
        await self._mock.aclose()
