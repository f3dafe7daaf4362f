"""Labels and texts, one below the other: what is known about one thing.

Owns: laying out pairs of label and safe text. Must not: choose them.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

Fact = tuple[str, str] | tuple[str, str, str]
"""Label, safe text, and optionally the style of the text."""


_LABEL = 12
"""Cells of a label that stands beside its text."""


class FactsPane(VerticalScroll, can_focus=True):
    """A scrolling pane of facts: labels above their texts, or beside them on a narrow screen."""

    DEFAULT_CSS = """
    FactsPane { padding: 0 1; scrollbar-size-vertical: 1; & > Static { width: 1fr; } }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(Static(), id=id)
        self._shown: tuple[Fact, ...] = ()

    def show(self, facts: Sequence[Fact]) -> None:
        """Show other facts, from the top."""
        if tuple(facts) == self._shown:
            return
        self._shown = tuple(facts)
        self._draw()
        self.refresh(layout=True)
        # Text that is changed while the pane is being laid out keeps the height of what was there before.
        self.call_after_refresh(self._settle)
        self.scroll_home(animate=False)

    def _settle(self) -> None:
        self.query_one(Static).refresh(layout=True)

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        beside = self.screen.has_class("-narrow")
        parts: list[str | tuple[str, str]] = []
        for label, text, *style in self._shown:
            parts += ["\n" if beside else "\n\n"] if parts else []
            parts.append((f"{label:<{_LABEL}} " if beside else f"{label}\n", "$text-muted"))
            parts.append((text, style[0] if style else "$foreground"))
        self.query_one(Static).update(Content.assemble(*parts))
