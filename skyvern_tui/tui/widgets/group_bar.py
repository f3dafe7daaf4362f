"""The groups of parameters: how much of each is filled in, and where something is wrong.

Owns: how they look. Must not: switch anything; it says what was picked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from skyvern_tui.core.parameters import GROUPS, Group
from skyvern_tui.tui.widgets.bars import Choice, ChoiceBar


class GroupBar(ChoiceBar):
    """One entry per group; a click picks it."""

    DEFAULT_CSS = """
    GroupBar {
        background: $surface; height: 2; border-bottom: solid $border-blurred;
        & > .tone--strong { color: $primary; text-style: bold; }
    }
    """
    gap = 3

    def __init__(self) -> None:
        super().__init__(id="groups")
        self.current = next(iter(GROUPS))
        self._filled: Mapping[Group, int] = {}
        self._faulty: Mapping[Group, int] = {}

    def show(self, current: Group, filled: Mapping[Group, int], faulty: Mapping[Group, int]) -> None:
        """Show which group is current, and how many parameters of each are filled in and faulty."""
        self.current, self._filled, self._faulty = current, filled, faulty
        self.update()

    def choices(self, width: int) -> Iterable[Choice]:  # noqa: ARG002 - they always have room
        for group in GROUPS:
            tone = "strong" if group is self.current else "plain" if self._filled.get(group) else "quiet"
            words = [(str(group), tone)]
            if self._faulty.get(group):
                words.append((f" ✗{self._faulty[group]}", "bad"))
            elif self._filled.get(group):
                words.append((f" {self._filled[group]}", "quiet"))
            yield words, group
