"""The lines around every screen: where am I, how is the connection, what can I press.

Owns: the top bar, the banner for a server that is away, rows of choices, and the key bar
made from the action registry. Must not: act; a click on a key runs the action of that key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, cast

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from skyvern_tui.tui.actions import Action, Scope, name_of
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.widgets.lines import TonedView

if TYPE_CHECKING:
    from textual.widget import Widget

    from skyvern_tui.tui.app import SkyvernApp
    from skyvern_tui.tui.screens.base import Page

_FIRST: Final = 3
"""Rank up to which an action stands before those of the pane with the focus."""
_KEPT: Final = 90
"""Actions of this rank and above lead to all others and keep their place in the key bar."""


class Bar(TonedView, can_focus=False):
    """One line drawn from toned pieces."""

    DEFAULT_CSS = """
    Bar { height: 1; overflow: hidden hidden; background: $panel; }
    """

    _drawn: list[Span] | None = None

    @property
    def skyvern(self) -> SkyvernApp:
        """The app this bar is part of."""
        return cast("SkyvernApp", self.app)

    def pieces(self, width: int) -> list[Span]:
        """Return what the line says."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        if y:
            return Strip.blank(self.size.width, self.rich_style)
        self._drawn = self.pieces(self.size.width)
        return self.toned(self._drawn, self.size.width, self.rich_style)

    def update(self) -> None:
        """Draw again if it would say something else: over a slow line every byte is felt."""
        if self.pieces(self.size.width) != self._drawn:
            self.refresh()


class TopBar(Bar):
    """Where one is on the left, how the connection is doing on the right."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place
        """What the screen is about, such as ``Runs``."""

    def pieces(self, width: int) -> list[Span]:
        right = cast("Page", self.screen).link_spans(width)
        taken = sum(cell_len(text) for text, _ in right)
        place = fit(self.place, max(0, width - taken - len(" Skyvern  ") - 3))
        return [(" Skyvern", "strong"), ("  ", "quiet"), (place, "quiet"), ("  ", "quiet"), *right, (" ", "quiet")]


class Banner(Bar):
    """Says that the server is away, since when, and when it is tried again; gone while all is well."""

    DEFAULT_CSS = """
    Banner {
        display: none; background: $warning; color: $background; text-style: bold;
        &.-shown { display: block; }
        &.-refused { background: $error; }
        & > .tone--strong { color: $background; text-style: bold; }
    }
    """

    def update(self) -> None:
        """Show or hide, and draw again."""
        words = cast("Page", self.screen).banner()
        self.set_class(bool(words), "-shown")
        self.set_class(self.skyvern.status.refused, "-refused")
        super().update()

    def pieces(self, width: int) -> list[Span]:
        return [(" " + fit(cast("Page", self.screen).banner(), width - 1), "strong")]


Choice = tuple[list[Span], Any]
"""How a choice is written, and what it stands for."""


class ChoiceBar(Bar):
    """Choices beside one another, to be clicked."""

    gap = 2

    class Picked(Message):
        """A choice was clicked."""

        def __init__(self, bar: ChoiceBar, value: Any) -> None:
            super().__init__()
            self.bar = bar
            self.value = value

        @property
        def control(self) -> ChoiceBar:
            return self.bar

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._places: list[tuple[int, int, Any]] = []

    def choices(self, width: int) -> Iterable[Choice]:
        """Return what can be picked; those that have no room are not drawn."""
        raise NotImplementedError

    def pieces(self, width: int) -> list[Span]:
        spans: list[Span] = [(" ", "quiet")]
        x = 1
        self._places = []
        for written, value in self.choices(width):
            length = sum(cell_len(text) for text, _ in written)
            if x + length > width:
                break
            spans += [*written, (" " * self.gap, "quiet")]
            self._places.append((x, x + length, value))
            x += length + self.gap
        return spans

    def on_click(self, event: events.Click) -> None:
        for start, end, value in self._places:
            if start <= event.x < end:
                self.post_message(self.Picked(self, value))


class KeyBar(ChoiceBar):
    """The keys of a screen, as many as have room: whole words or nothing."""

    def __init__(self, *scopes: Scope) -> None:
        super().__init__()
        self._scopes = (*scopes, Scope.app)

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_updated)

    def _bindings_updated(self, _screen: Any) -> None:
        self.update()

    def choices(self, width: int) -> Iterable[Choice]:
        keymap, refusal = self.skyvern.keymap, self.skyvern.read_only
        offered = cast("Page", self.screen).offered(Scope.app)
        ranked = sorted((pair for pair in offered if pair[0].rank and keymap.keys(pair[0])), key=self._place)
        owners = {
            action: owner
            for action, owner in ranked
            if owner.check_action(name_of(action), ()) is not False and not (action.writes and refusal)
        }
        usable = list(owners)
        focused = self.screen.focused
        typing = Scope.compose in self._scopes or (focused is not None and focused.check_consume_key("a", "a"))

        def room(action: Action) -> int:
            return cell_len(f"{keymap.shown(action, typing=typing)} {action.label}") + self.gap

        # The commands that lead to all others keep their place; of the rest the last go first.
        while usable and sum(map(room, usable)) - self.gap + 1 > width:
            usable.remove(next((a for a in reversed(usable) if a.rank < _KEPT), usable[-1]))
        for action in usable:
            yield (
                [(keymap.shown(action, typing=typing), "key"), (f" {action.label}", "quiet")],
                (action, owners[action]),
            )

    def _place(self, offer: tuple[Action, Widget]) -> tuple[int, bool, int]:
        """Order what is offered: what one always wants first, then what only the pane with the focus can do."""
        action, owner = offer
        return min(action.rank, _FIRST + 1), owner is self.screen, action.rank

    async def on_choice_bar_picked(self, event: ChoiceBar.Picked) -> None:
        event.stop()
        action, owner = event.value
        await owner.run_action(action.method)
