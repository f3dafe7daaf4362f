"""The command palette's commands, made from the action registry.

Owns: offering the actions of the screen that can be used now. Must not: know any action.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.widget import Widget

from skyvern_tui.tui.actions import Action, Scope, name_of
from skyvern_tui.tui.screens.base import Page

if TYPE_CHECKING:
    from skyvern_tui.tui.app import SkyvernApp


class ActionProvider(Provider):
    """Finds actions by their words."""

    def _actions(self) -> Iterator[tuple[Action, Widget]]:
        screen = self.screen
        if not isinstance(screen, Page):
            return
        seen = set()
        for action, owner in screen.offered(Scope.panes, Scope.app):
            if action.method in seen or action.id == "app.palette":
                continue
            seen.add(action.method)
            if owner.check_action(name_of(action), ()) is not False:
                yield action, owner

    def _help(self, action: Action) -> str:
        return cast("SkyvernApp", self.app).keymap.words(action, " or ")

    async def discover(self) -> Hits:
        for action, owner in self._actions():
            run = partial(owner.run_action, action.method)
            yield DiscoveryHit(action.help, run, help=self._help(action) or None)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action, owner in self._actions():
            score = matcher.match(f"{action.help} {action.label}")
            if score > 0:
                run = partial(owner.run_action, action.method)
                yield Hit(score, matcher.highlight(action.help), run, help=self._help(action) or None)
