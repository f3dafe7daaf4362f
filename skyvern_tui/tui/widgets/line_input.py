"""Lines and texts to type in.

Owns: the two controls all forms, filters and questions of the app are made of, which draw
what they hold inertly: it may come from a server, a file or the clipboard. Must not: change
what was typed; a stand-in is one character wide, so that every place on screen is a place in the text.
"""

from __future__ import annotations

from rich.text import Text
from textual.suggester import SuggestionReady
from textual.widgets import Input, TextArea

from skyvern_tui.core.text import inert_cells


def _drawn(text: str) -> str:
    """Return what is drawn for a text of one line, where a tab has no stop to go to."""
    return inert_cells(text).replace("\t", "␉")


class LineInput(Input):
    """A line to type in. What is not printable is drawn as a mark; the value is what was typed."""

    @property
    def _value(self) -> Text:  # Textual draws this; it would hand escapes and directional marks to the terminal
        shown = "•" * len(self.value) if self.password else _drawn(self.value)
        return Text(shown, no_wrap=True, overflow="ignore", end="")

    async def _on_suggestion_ready(self, event: SuggestionReady) -> None:
        if not event.suggestion.isprintable():  # it would be drawn as it is, since it is taken over as it is
            event.prevent_default()

    def validate_placeholder(self, text: str) -> str:
        """Draw the example as safely as the value."""
        return _drawn(text)


class Editor(TextArea):
    """Lines to type in, drawn as safely as :class:`LineInput`."""

    def get_line(self, line_index: int) -> Text:
        return Text(inert_cells(self.document.get_line(line_index)), end="", no_wrap=True)
