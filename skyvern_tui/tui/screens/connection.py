"""The servers there are, and switching between them.

Owns: the list of profiles, storing a key in the keyring, adding a profile. Must not: open
a connection; the switchboard does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from skyvern_tui.config import ConfigError
from skyvern_tui.config.profiles import ProfileFacts, add_profile
from skyvern_tui.config.secrets import store_key
from skyvern_tui.core.text import one_line
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.screens.ask import AskScreen
from skyvern_tui.tui.screens.dialog import Dialog
from skyvern_tui.tui.switching import words_of
from skyvern_tui.tui.widgets.lines import LineList


class ProfileList(LineList[ProfileFacts]):
    """Profiles, the one in use marked."""

    in_use = ""

    def key_of(self, row: ProfileFacts) -> object:
        return row.name

    def spans(self, row: ProfileFacts, width: int) -> Iterable[Span]:
        used = row.name == self.in_use
        yield (" ● " if used else "   "), "good"
        yield fit(one_line(row.name), 16) + " ", "strong" if used else "plain"
        ends = [len("read-only  ") * one.read_only + len(f"key: {one_line(one.key_from)}") for one in self.rows]
        yield fit(one_line(row.where), max(20, width - 3 - 17 - 2 - max(ends))) + "  ", "quiet"
        yield ("read-only  " if row.read_only else ""), "warn"
        yield f"key: {one_line(row.key_from)}", "quiet"


class ConnectionScreen(Dialog[None]):
    """Profiles to choose from, and how the connection is doing."""

    scopes = (Scope.servers, Scope.dialog)
    title_words = "Servers"
    DEFAULT_CSS = """
    ConnectionScreen {
        #dialog { width: 96; height: auto; max-height: 90%; }
        ProfileList { height: auto; min-height: 3; max-height: 14; background: $panel; }
        #now { margin-bottom: 1; }
        #hint { color: $text-muted; margin-top: 1; }
    }
    """
    BINDINGS = bindings(Scope.servers)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(id="now", markup=False)
            yield ProfileList()
            yield Static(self._keys(), id="hint", markup=False)

    async def on_mount(self) -> None:
        self.query_one(ProfileList).focus()
        self.set_interval(1, self._say_now)
        self._say_now()
        await self._list()

    def _keys(self) -> str:
        stop = ("servers.stop",) if self.skyvern.switchboard.has_mock else ()
        return self.key_line("servers.use", "servers.add", "servers.key", *stop, "servers.doctor", between="   ")

    def _say_now(self) -> None:
        status = self.skyvern.status
        spans = "".join(text for text, _ in status.link_spans(100))
        trouble = status.failure or status.banner()
        self.query_one("#now", Static).update(f"{spans}\n{trouble}" if trouble else spans)

    async def _list(self) -> None:
        listing = self.query_one(ProfileList)
        connection = self.skyvern.status.connection
        listing.in_use = "" if connection is None else connection.name
        try:
            profiles: Sequence[ProfileFacts] = await asyncio.to_thread(self.skyvern.switchboard.doors.profiles)
        except ConfigError as error:
            self.query_one("#hint", Static).update(words_of(error))
            return
        listing.set_rows(profiles)
        listing.redraw()
        used = [place for place, row in enumerate(profiles) if row.name == listing.in_use]
        if used:
            listing.move_to(used[0])

    @on(LineList.Chosen)
    def _chosen(self) -> None:
        self.action_use()

    def action_use(self) -> None:
        """Switch to the profile under the cursor."""
        row = self.query_one(ProfileList).row
        if row is not None:
            self.skyvern.switch_to(row.name)

    def action_stop(self) -> None:
        """Stop the mock."""
        self.skyvern.action_stop_mock()

    @work(group="ask")
    async def action_key(self) -> None:
        """Ask for a key and store it in the keyring, nowhere else."""
        row = self.query_one(ProfileList).row
        if row is None or row.embedded:
            return
        note = "It goes into the system's keyring, not into a file. Empty removes the one that is there."
        key = await self.app.push_screen_wait(AskScreen(f"API key of {row.name}", note, secret=True))
        if key is None:
            return
        await self._tried(lambda: store_key(row.name, key), "The key is in the keyring." if key else "The key is gone.")

    @work(group="ask")
    async def action_add(self) -> None:
        """Ask for name, address and key variable of a new profile, and write it into the file."""
        name = await self.app.push_screen_wait(AskScreen("Name of the new profile", "Such as work or staging."))
        url = name and await self.app.push_screen_wait(AskScreen("Its address", "http://... or https://..."))
        if not name or not url:
            return
        note = "The variable that holds its key, such as WORK_SKYVERN_KEY. Empty: the keyring, with K."
        variable = await self.app.push_screen_wait(AskScreen("Where its key comes from", note))
        if variable is not None:
            await self._tried(
                lambda: add_profile(name, url, api_key_env=variable, keyring=not variable), f"Profile {name} was added."
            )
            await self._list()

    async def _tried(self, do: Callable[[], None], done: str) -> None:
        try:
            await asyncio.to_thread(do)
        except ConfigError as error:
            self.notify(words_of(error), severity="error", timeout=10, markup=False)
        else:
            self.notify(done, markup=False)
