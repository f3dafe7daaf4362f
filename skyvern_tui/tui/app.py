"""The terminal app: wiring, and nothing else.

Owns: what the screens share (connection, server, clock, draft, practice sites) and moving
between screens. Must not: draw, poll or word anything itself.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.screen import Screen

from skyvern_tui.config import Connection
from skyvern_tui.config.preferences import Preferences, Remembered
from skyvern_tui.core.clock import Clock, RealClock
from skyvern_tui.core.text import duration_words, one_line
from skyvern_tui.tui import heap
from skyvern_tui.tui.actions import ACTIONS, Scope, actions_of, bindings, key_words, types_text
from skyvern_tui.tui.connect import Source, client_gateway
from skyvern_tui.tui.keymap import Keymap
from skyvern_tui.tui.palette import ActionProvider
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.status import Status
from skyvern_tui.tui.switching import Doors, Switchboard, words_of
from skyvern_tui.tui.themes import THEMES, first_theme, own_themes

if TYPE_CHECKING:
    from textual.driver import Driver

    from skyvern_tui.client.models import Run
    from skyvern_tui.core.gateway import Gateway, Site
    from skyvern_tui.core.link import Link
    from skyvern_tui.tui.desk import Desk
    from skyvern_tui.tui.exchange import Exchange
    from skyvern_tui.tui.memory import Memory
    from skyvern_tui.tui.server import Server


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
        source: Source | None,
        *,
        saved: Sequence[Path] = (),
        open_gateway: Callable[[Connection], Gateway] = client_gateway,
        clock: Clock | None = None,
        downloads: Path | None = None,
        starting: str = "connecting…",
        preferences: Preferences | None = None,
        home: Path | None = None,
        doors: Doors | None = None,
    ) -> None:
        """Make the app.

        Args:
            source: the server to talk to, or how to get one; None for none, until one is chosen.
            saved: files with saved runs to begin with; the first of them is on top.
            open_gateway: makes the gateway of a connection.
            clock: the time; the machine's by default.
            downloads: folder that saved artifacts go to, in a folder per run.
            starting: what is going on until there is a connection.
            preferences: what the user likes; the defaults of the program if none are given.
            home: folder for what outlives the app: drafts, templates, notes, sizes of panes; None keeps nothing.
            doors: the ways to profiles and to a mock; the real ones by default.
        """
        super().__init__()
        self._source = source
        self._saved = saved
        self.preferences = preferences or Preferences()
        self.home = home
        self.remembered = Remembered(None if home is None else home / "ui.json")
        self.keymap = Keymap(self.preferences.keys)
        self.switchboard = Switchboard(self, open_gateway, doors or Doors())
        self.clock = clock or RealClock()
        self._downloads = downloads
        self.status = Status(self.clock)
        self.status.starting = starting
        self.server: Server | None = None
        self.sites: list[Site] = []
        """Practice sites of the mock; empty for any other server."""
        self._desk: Desk | None = None
        self._memory: Memory | None = None
        self._exchange: Exchange | None = None
        self._sites_asked = False

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        if found.__name__ == "LinuxDriver":  # any terminal but one of Windows
            from skyvern_tui.tui.terminal import TerminalDriver  # noqa: PLC0415 - not on Windows, nor in a browser

            return TerminalDriver
        if found.__name__ == "WebDriver" and sys.platform != "win32":
            from skyvern_tui.tui.served import ServedDriver  # noqa: PLC0415 - in a browser only

            return ServedDriver
        return found

    def get_default_screen(self) -> Screen[None]:
        return RunsScreen()

    def on_mount(self) -> None:
        themes, faults = own_themes(self.preferences.themes)
        for theme in (*THEMES, *themes):
            self.register_theme(theme)
        self.theme = first_theme(self.preferences.theme, self.remembered.text("theme"), self.available_themes)
        self.theme_changed_signal.subscribe(self, lambda theme: self.remembered.keep("theme", theme.name))
        if self.keymap.own:
            self.set_keymap(self.keymap.for_textual())
            faults += self.keymap.problems()
        if faults:
            self.notify(
                "\n".join(map(one_line, faults)), title="Settings", severity="warning", timeout=12, markup=False
            )
        self.set_interval(1, self._tick)
        self.call_after_refresh(self._begin)

    async def on_unmount(self) -> None:
        await self.switchboard.aclose()
        heap.give_back()
        if self._memory is not None:
            self._memory.close()

    def _begin(self) -> None:
        self.run_worker(self._connect(), group="connect", exit_on_error=True)
        if self._saved:
            self.exchange.open_all(self._saved)

    async def _connect(self) -> None:
        if self._source is None:
            self.status.failure = "The app was opened for files.\nChoose a server: f2."
        else:
            await self.switchboard.use(self._source)
        self.server_changed()

    def server_changed(self) -> None:
        """Have the screens go on with the server there is now, or stop asking the one there was."""
        heap.set_aside()
        self._sites_asked = False
        for screen in self.screen_stack:
            if isinstance(screen, Page) and screen.is_live:
                screen.server_ready()

    @property
    def read_only(self) -> str:
        """Why nothing may be changed on the server; empty when it may."""
        connection = self.status.connection
        if connection is None or not connection.read_only:
            return ""
        return f"The profile {one_line(connection.name)} is read-only. Another server: f2."

    def switch_to(self, profile: str) -> None:
        """Use another profile's server from now on; the draft stays, other screens close."""
        self.run_worker(self._switch(profile), group="connect", exclusive=True)

    async def _switch(self, profile: str) -> None:
        from skyvern_tui.config import ConfigError  # noqa: PLC0415 - for an error that is rare

        while len(self.screen_stack) > 1:
            await self.pop_screen()
        try:
            await self.switchboard.profile(profile)
        except ConfigError as error:
            self.notify(words_of(error), severity="error", timeout=12, markup=False)
            return
        self.server_changed()

    def action_start_mock(self) -> None:
        """Start a mock, or go back to the one that runs."""
        self.switch_to("mock")

    def action_stop_mock(self) -> None:
        """Stop the mock that was started here."""
        if self.switchboard.has_mock:
            self.run_worker(self._stop_mock(), group="connect", exclusive=True)
        else:
            self.notify("No mock was started here.", markup=False)

    async def _stop_mock(self) -> None:
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.switchboard.stop_mock()
        self.server_changed()

    def action_connections(self) -> None:
        """Show the servers there are."""
        from skyvern_tui.tui.screens.connection import ConnectionScreen  # noqa: PLC0415 - loaded when first shown

        if not isinstance(self.screen, ConnectionScreen):
            self.push_screen(ConnectionScreen())

    def action_doctor(self) -> None:
        """Have everything checked, for the server in use."""
        from skyvern_tui.tui.screens.doctor import DoctorScreen  # noqa: PLC0415 - loaded when first shown

        self.push_screen(DoctorScreen(self.status.connection))

    def action_jump(self) -> None:
        """Put a letter on everything that can have the focus."""
        from skyvern_tui.tui.screens.jump import JumpScreen, targets_on  # noqa: PLC0415 - loaded when first shown

        targets = targets_on(self.screen.focus_chain, height=self.size.height)
        if targets and not isinstance(self.screen, JumpScreen):
            self.push_screen(JumpScreen(targets), lambda widget: widget and widget.focus())

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Save the screen as SVG among the downloads."""
        self.deliver_screenshot(filename, path or str(self.downloads))

    def link_changed(self, before: Link, after: Link) -> None:
        """Say what changed between the server and the app."""
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
            from skyvern_tui.core.draft import Draft  # noqa: PLC0415 - loads the wire models

            before = self.draft
            self.desk.replace(Draft.from_dict(texts))
            if before and before != dict(texts):
                self.notify(f"The draft there was is kept: {self.key_of('compose.undo')} brings it back.", markup=False)
        self.push_screen(ComposeScreen())

    @property
    def desk(self) -> Desk:
        """Where the task being written lies."""
        if self._desk is None:
            from skyvern_tui.tui.desk import Desk  # noqa: PLC0415 - loads the wire models

            self._desk = Desk(self.clock, None if self.home is None else self.home / "drafts")
        return self._desk

    @property
    def memory(self) -> Memory:
        """What this machine remembers of runs."""
        if self._memory is None:
            from skyvern_tui.tui.memory import Memory  # noqa: PLC0415 - loaded after the first paint

            self._memory = Memory(self.home)
            if self._memory.trouble:
                self.notify(self._memory.trouble, severity="warning", markup=False)
        return self._memory

    @property
    def draft(self) -> dict[str, str]:
        """The task being written, as text by parameter."""
        return self.desk.draft.to_dict()

    def key_of(self, action_id: str, *, typing: bool = True) -> str:
        """Return the key of an action as people write it; while ``typing``, one that types nothing."""
        return next(self.keymap.shown(action, typing=typing) for action in ACTIONS if action.id == action_id)

    def submitted(self, run: Run, fields: Mapping[str, Any]) -> None:
        """Remember what was asked for in a run that was submitted here: a server repeats less of it."""
        if self.status.connection is not None:
            self.memory.submitted(self.status.connection, run.run_id, fields, self.clock.now())

    async def rest(self, seconds: float) -> None:
        """Wait for the person at the screen: real time, whatever the clock of the runs says."""
        await asyncio.sleep(seconds)

    def open_run(self, run_id: str, run: Run | None = None, *, instead: bool = False) -> None:
        """Show a run, on top of the screen or instead of it; ``run`` is what is already known of it."""
        from skyvern_tui.tui.screens.run import RunScreen  # noqa: PLC0415 - loaded when first shown

        screen = RunScreen(run_id, run)
        if instead:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def saw(self, run: Run) -> None:
        """Tell the list of a run that another screen knows."""
        for screen in self.screen_stack:
            if isinstance(screen, RunsScreen):
                screen.learn(run)

    def export_run(self, run_id: str) -> None:
        """Offer a run of the screen's server for other tools, or as a file that opens again with no server."""
        self.exchange.export(run_id)

    def compare_run(self, left: str, right: str | None = None) -> None:
        """Show two runs of the screen's server side by side; without ``right`` the other is asked for."""
        self.exchange.compare(left, right)

    def open_saved(self, path: Path) -> None:
        """Show a run that was saved to a file; nothing of it needs a server."""
        self.exchange.open_saved(path)

    @property
    def exchange(self) -> Exchange:
        """What goes out to files and other tools, and comes back."""
        if self._exchange is None:
            from skyvern_tui.tui.exchange import Exchange  # noqa: PLC0415 - loaded when first needed

            self._exchange = Exchange(self)
        return self._exchange

    def action_help(self) -> None:
        """Show the keys that work now."""
        from skyvern_tui.tui.screens.dialog import Dialog  # noqa: PLC0415 - loaded when first shown
        from skyvern_tui.tui.screens.help import HelpScreen, sections_of  # noqa: PLC0415 - as above

        screen = self.screen
        if isinstance(screen, HelpScreen):
            screen.action_close()
        elif isinstance(screen, Page | Dialog):
            around = (Scope.panes, Scope.app) if isinstance(screen, Page) else ()
            sections = sections_of(screen.focused, (*screen.scopes, *around), self.keymap)
            self.push_screen(HelpScreen(sections, self.keymap.problems()))

    def action_help_quit(self) -> None:
        """Say how to quit where ctrl+c was tried: Textual keeps it for copying."""
        focused, screen = self.focused, self.screen
        typing = focused is not None and focused.check_consume_key("q", "q")
        scopes = (*screen.scopes, Scope.app) if isinstance(screen, Page) else (Scope.app,)
        keys = [
            key_words(key)
            for action in actions_of(*scopes)
            if action.method == "app.quit"
            for key in self.keymap.keys(action)
            if not (typing and types_text(key))
        ]
        self.notify(f"{' or '.join(keys)} quits." if keys else "The command palette quits.", markup=False)

    def action_change_theme(self) -> None:
        """Choose other colours."""
        self.search_themes()

    def copy(self, text: str, what: str) -> None:
        """Put text on the clipboard of the terminal, and say so."""
        self.run_worker(self._copy(text, what), group="copy")

    async def _copy(self, text: str, what: str) -> None:
        from skyvern_tui.tui.clipboard import put  # noqa: PLC0415 - loaded when first needed

        trouble = await put(self, text)
        if trouble:
            self.notify(f"Not copied: {trouble}", severity="warning", markup=False)
        else:
            self.notify(f"Copied {one_line(what)}.", markup=False)

    def run_ended(self, name: str, status: str) -> None:
        """Tell somebody who looks elsewhere that a run ended."""
        from skyvern_tui.tui.notices import run_ended  # noqa: PLC0415 - loaded when first needed

        run_ended(self, name, status, self.preferences.notice)
