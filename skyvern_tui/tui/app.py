"""The terminal app: wiring, and nothing else.

Owns: what the screens share (connection, server, clock, draft, practice sites) and moving
between screens. Must not: draw, poll or word anything itself.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.screen import Screen

from skyvern_tui.core.clock import Clock, RealClock
from skyvern_tui.core.text import duration_words, inert, one_line
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.connect import Source, client_gateway, opened
from skyvern_tui.tui.palette import ActionProvider
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.status import Status
from skyvern_tui.tui.themes import THEMES

if TYPE_CHECKING:
    from skyvern_tui.client.models import Run
    from skyvern_tui.config import Connection
    from skyvern_tui.core.gateway import Gateway, Site
    from skyvern_tui.core.link import Link
    from skyvern_tui.tui.server import Server

_LOADED_LATE = ("skyvern_tui.tui.server", "skyvern_tui.tui.poller", "skyvern_tui.client")
"""Modules that cost as much as the first paint, and are not needed for it."""


class SkyvernApp(App[None]):
    """The app. Start it with :func:`skyvern_tui.tui.run_app`."""

    TITLE = "Skyvern"
    BINDINGS: ClassVar = bindings(Scope.app)
    COMMANDS: ClassVar = {ActionProvider}
    CSS = """
    Toast { max-width: 70; }
    """

    def __init__(
        self,
        source: Source,
        *,
        open_gateway: Callable[[Connection], Gateway] = client_gateway,
        clock: Clock | None = None,
        downloads: Path | None = None,
        starting: str = "connecting…",
    ) -> None:
        """Make the app.

        Args:
            source: the server to talk to, or how to get one.
            open_gateway: makes the gateway of a connection.
            clock: the time; the machine's by default.
            downloads: folder that saved artifacts go to, in a folder per run.
            starting: what is going on until there is a connection.
        """
        super().__init__()
        self._source = source
        self._open_gateway = open_gateway
        self.clock = clock or RealClock()
        self._downloads = downloads
        self.status = Status(self.clock)
        self.status.starting = starting
        self.server: Server | None = None
        self.sites: list[Site] = []
        """Practice sites of the mock; empty for any other server."""
        self.draft: dict[str, str] = {}
        """The task being written, as text by parameter."""
        self._sites_asked = False
        self._resources = AsyncExitStack()

    def get_default_screen(self) -> Screen[None]:
        return RunsScreen()

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self.set_interval(1, self._tick)
        self.call_after_refresh(self._begin)

    async def on_unmount(self) -> None:
        await self._resources.aclose()

    def _begin(self) -> None:
        self.run_worker(self._connect(), group="connect", exit_on_error=True)

    async def _connect(self) -> None:
        """Get the connection and open the gateway; a failure is shown, for there is a screen to show it on."""
        try:
            connection = await self._resources.enter_async_context(opened(self._source))
            for name in _LOADED_LATE:
                await asyncio.to_thread(importlib.import_module, name)
            gateway = self._open_gateway(connection)
        except Exception as error:  # noqa: BLE001 - whatever starting a server may raise, the user is told
            hint = getattr(error, "hint", "")
            said = getattr(error, "message", "") or str(error) or type(error).__name__
            self.status.failure = "\n".join(inert(line) for line in f"{said}\n{hint}".strip().split("\n"))
        else:
            from skyvern_tui.tui.server import Server  # noqa: PLC0415 - loaded just now

            self._resources.push_async_callback(gateway.aclose)
            self.status.connection = connection
            self.status.server = self.server = Server(gateway, self.clock, self._link_changed)
        for screen in self.screen_stack:
            if isinstance(screen, Page) and screen.is_live:
                screen.server_ready()

    def _link_changed(self, before: Link, after: Link) -> None:
        if after.state == "up":
            if before.state == "down" and after.outage is not None and after.outage.ended is not None:
                away = duration_words((after.outage.ended - after.outage.began).total_seconds())
                self.notify(f"The server is back after {away}.", markup=False)
            if not self._sites_asked:
                self._sites_asked = True
                self.run_worker(self._list_sites(), group="sites")
        if isinstance(self.screen, Page) and self.screen.is_live:
            self.screen.update_bars()

    async def _list_sites(self) -> None:
        if self.server is not None:
            self.sites = list(await self.server.gateway.get_sites())
            for screen in self.screen_stack:
                if isinstance(screen, Page) and screen.is_live:
                    screen.sites_known()

    def _tick(self) -> None:
        if isinstance(self.screen, Page) and self.screen.is_live:
            self.screen.tick()

    def site(self, name: str) -> Site | None:
        """Return the practice site of that name, if the server has one."""
        return next((site for site in self.sites if site.name == name), None)

    @property
    def downloads(self) -> Path:
        """Folder for saved artifacts."""
        if self._downloads is None:
            from platformdirs import user_downloads_path  # noqa: PLC0415 - only needed for saving

            self._downloads = user_downloads_path() / "skyvern"
        return self._downloads

    def compose_task(self, texts: Mapping[str, str] | None = None) -> None:
        """Show the form with the draft there is, or with other texts."""
        from skyvern_tui.tui.screens.compose import ComposeScreen  # noqa: PLC0415 - loaded when first shown

        if texts is not None:
            self.draft = dict(texts)
        self.push_screen(ComposeScreen())

    def open_run(self, run_id: str, run: Run | None = None, *, instead: bool = False) -> None:
        """Show a run, on top of the screen or instead of it; ``run`` is what is already known of it."""
        from skyvern_tui.tui.screens.run import RunScreen  # noqa: PLC0415 - loaded when first shown

        screen = RunScreen(run_id, run)
        if instead:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def action_help(self) -> None:
        """Show the keys of the screen."""
        from skyvern_tui.tui.screens.help import HelpScreen  # noqa: PLC0415 - loaded when first shown

        if isinstance(self.screen, Page):
            self.push_screen(HelpScreen(self.screen.scope, *self.screen.more_scopes, Scope.app))

    def action_change_theme(self) -> None:
        """Choose other colours."""
        self.search_themes()

    def copy(self, text: str, what: str) -> None:
        """Put text on the clipboard of the terminal, and say so."""
        self.copy_to_clipboard(text)
        self.notify(f"Copied {one_line(what)}.", markup=False)
