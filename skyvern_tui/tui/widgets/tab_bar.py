"""The tabs of a run, with the number key of each.

Owns: how they look. Must not: switch anything; it says what was picked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from skyvern_tui.tui.widgets.bars import Choice, ChoiceBar

_GAP: Final = 3
"""Cells between the tabs where there is room."""


class TabBar(ChoiceBar):
    """Tabs by name; the first is the current one until told otherwise."""

    DEFAULT_CSS = """
    TabBar {
        background: $surface; height: 2; border-bottom: solid $border-blurred;
        border-subtitle-color: $warning; border-subtitle-align: right;
        & > .tone--strong { color: $primary; text-style: bold; }
    }
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = names
        self._current = names[0]
        self._counts: dict[str, int] = {}

    def turn_to(self, name: str) -> None:
        """Mark another tab as current."""
        self._current = name
        self.refresh()

    def count(self, name: str, number: int) -> None:
        """Show a number beside a tab."""
        if self._counts.get(name, 0) != number:
            self._counts[name] = number
            self.refresh()

    def say(self, words: str) -> None:
        """Say something of the tab that is shown, in the line below; the words are our own."""
        if (self.border_subtitle or "") != words:
            self.border_subtitle = words

    def choices(self, width: int) -> Iterable[Choice]:
        counts = {name: f" {self._counts[name]}" if self._counts.get(name) else "" for name in self._names}
        whole = sum(len(name) + len(count) + 2 for name, count in counts.items())
        gaps = len(counts) - 1
        # Where there is little room first the gaps go, then the names of the tabs that are not shown.
        self.gap = _GAP if whole + _GAP * gaps < width else 1
        has_names = whole + gaps < width
        for number, name in enumerate(self._names, 1):
            is_current = name == self._current
            named = name.capitalize() if has_names or is_current else ""
            spans = [(f"{number} ", "quiet"), (named, "strong" if is_current else "quiet"), (counts[name], "quiet")]
            yield [(text, tone) for text, tone in spans if text], name
