"""What every screen of the app has: bars, the server, and the manners around calling it.

Owns: the frame (top bar, banner, key bar), starting and stopping work as a screen comes
and goes, and cancelling a run, which several screens offer. Must not: know any one screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from skyvern_tui.tui.actions import Action, Scope, actions_of, bindings
from skyvern_tui.tui.widgets.bars import Banner, Bar, KeyBar, TopBar
from skyvern_tui.tui.widgets.split import Split

if TYPE_CHECKING:
    from skyvern_tui.core.clock import Clock
    from skyvern_tui.core.runs import RunLine
    from skyvern_tui.core.trouble import Trouble
    from skyvern_tui.tui.app import SkyvernApp
    from skyvern_tui.tui.drawing import Span
    from skyvern_tui.tui.server import Server

WIDE = 110
"""Columns from which on a screen shows a list and its details side by side."""


class Page(Screen[None]):
    """A screen of the app. ``scope`` names its actions, ``place`` what it is about."""

    scope: ClassVar[Scope]
    more_scopes: ClassVar[tuple[Scope, ...]] = ()
    """Scopes of its parts, for the help."""
    also: ClassVar[tuple[Scope, ...]] = ()
    """Scopes whose actions are its own as well: of a screen it goes on from."""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - as Textual declares it
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = bindings(Scope.panes)
    DEFAULT_CSS = "Page { background: $background; }"

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place

    @property
    def skyvern(self) -> SkyvernApp:
        """The app, by its own type."""
        return cast("SkyvernApp", self.app)

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes of its own actions, the closest first."""
        return (self.scope, *self.also)

    @property
    def server(self) -> Server | None:
        """The server this screen asks: the app's, unless what it shows comes from elsewhere, such as a file."""
        return self.skyvern.server

    @property
    def clock(self) -> Clock:
        """The time this screen goes by: the app's, unless it shows another one, such as that of a replay."""
        return self.skyvern.clock

    @property
    def base_url(self) -> str:
        """Address of the server that what is shown comes from; empty while there is none."""
        connection = self.skyvern.status.connection
        return "" if connection is None else connection.base_url

    def sent(self, run_id: str) -> Mapping[str, Any] | None:
        """Return the request of a run as it was sent, where that is known."""
        return self.skyvern.memory.request(run_id)

    def known_lines(self) -> list[RunLine]:
        """Return the runs that are known: those on other screens, and those this machine remembers of the server."""
        from skyvern_tui.core.runs import line_of  # noqa: PLC0415 - wire models are loaded after the first paint
        from skyvern_tui.tui.memory import server_name  # noqa: PLC0415 - as above

        connection = self.skyvern.status.connection
        old = [] if connection is None else self.skyvern.memory.runs(server_name(connection))
        lines = {run.run_id: line_of(run) for run in old}
        for screen in self.app.screen_stack:
            if isinstance(screen, Page):
                lines |= {line.id: line for line in screen.listed()}
        return list(lines.values())

    def listed(self) -> Iterable[RunLine]:
        """Return the runs this screen knows of."""
        return ()

    def offered(self, *more: Scope) -> list[tuple[Action, Widget]]:
        """Return the actions in reach, and whom to ask for each: those of the pane with the focus, then the screen's.

        An action none of whose keys gets past the pane is left out. ``more`` are scopes to add after the screen's own.
        """
        found: list[tuple[Action, Widget]] = []
        taken: set[str] = set()
        node: DOMNode | None = self.focused
        while node is not None and node is not self:
            scope = getattr(node, "scope", None)
            if isinstance(node, Widget) and isinstance(scope, Scope):
                found += [(action, node) for action in actions_of(scope)]
            node = node.parent
        for action, _ in found:
            taken.update(self.skyvern.keymap.keys(action))
        for action in actions_of(*self.scopes, *more):
            keys = self.skyvern.keymap.keys(action)
            if not keys or not taken.issuperset(keys):
                found.append((action, self))
        return found

    def link_spans(self, width: int) -> list[Span]:
        """Return the right end of the top bar: where what is shown comes from, and how the way there is doing."""
        return self.skyvern.status.link_spans(width)

    @property
    def where(self) -> str:
        """Where what is shown comes from, in a few words."""
        return self.skyvern.status.where

    def banner(self) -> str:
        """Return what the banner says; empty while all is well."""
        return self.skyvern.status.banner()

    @property
    def is_live(self) -> bool:
        """True while its widgets can be asked for: from being mounted until it, or the app, is closed."""
        return self.is_mounted and self.is_attached and self.app.is_running and not self.is_leaving

    @property
    def is_leaving(self) -> bool:
        """True once it is being removed: it loses its widgets before it loses its place in the app."""
        return self._pruning or self._closing or self._closed

    def compose(self) -> ComposeResult:
        yield TopBar(self._place)
        yield Banner()
        yield from self.body()
        yield KeyBar(*self.scopes)

    def body(self) -> Iterable[Widget]:
        """Return what is between the bars."""
        raise NotImplementedError

    def set_place(self, place: str) -> None:
        """Change what the top bar says."""
        bar = self.query_one(TopBar)
        if bar.place != place:
            bar.place = place
            bar.refresh()

    def tick(self) -> None:
        """Draw what depends on the time; called every second while the screen is shown."""
        self.update_bars()

    def update_bars(self) -> None:
        """Draw the bars again: the link may have changed."""
        for bar in self.query(Bar):
            bar.update()

    def server_ready(self) -> None:
        """There is a server now, or there will be none."""
        self.update_bars()

    def split_kept(self, name: str) -> int | None:
        """Return the share the second pane of a split had the last time."""
        return self.skyvern.remembered.whole(f"pane.{name}")

    def on_resize(self, event: events.Resize) -> None:
        for split in self.query(Split):
            split.lay_out(wide=event.size.width >= self.HORIZONTAL_BREAKPOINTS[-1][0])

    def on_split_resized(self, event: Split.Resized) -> None:
        self.skyvern.remembered.keep(f"pane.{event.split.id}", event.split.share)

    def action_zoom(self) -> None:
        """Give the pane with the focus all the room, or share it again."""
        for split in self._splits():
            split.toggle_zoom(self.focused)

    def action_resize(self, step: int) -> None:
        """Move the border between the panes."""
        for split in self._splits():
            split.resize(step)

    def _splits(self) -> list[Split]:
        """Return the pairs of panes that are in sight: not those on a tab that is not shown."""

        def in_sight(split: Split) -> bool:
            return all(node.display for node in split.ancestors_with_self if isinstance(node, Widget))

        return [split for split in self.query(Split) if in_sight(split)]

    def denied(self) -> bool:
        """Say why nothing may be changed on this server, if so."""
        reason = self.skyvern.read_only
        if reason:
            self.notify(reason, severity="warning", markup=False)
        return bool(reason)

    def on_screen_resume(self) -> None:
        self.update_bars()

    def sites_known(self) -> None:
        """The practice sites of the mock were listed."""

    def tell(self, trouble: Trouble) -> None:
        """Show trouble with a call as a toast."""
        text = f"{trouble.message}\n{trouble.hint}" if trouble.hint else trouble.message
        self.notify(text, severity="error", timeout=8, markup=False)

    async def cancel(self, run_id: str, name: str) -> bool:
        """Ask, then cancel a run; True if the server took it."""
        from skyvern_tui.tui.screens.confirm import ConfirmScreen  # noqa: PLC0415 - shown rarely
        from skyvern_tui.tui.server import Troubled  # noqa: PLC0415 - loaded with the client

        server = self.server
        if self.denied():
            return False
        question = ConfirmScreen("Cancel this run?", name, yes="cancel the run", no="let it run")
        if server is None or not await self.app.push_screen_wait(question):
            return False
        try:
            await server.call(lambda gateway: gateway.cancel_run(run_id))
        except Troubled as error:
            self.tell(error.trouble)
            return False
        self.notify("The run was asked to stop.", markup=False)
        return True
