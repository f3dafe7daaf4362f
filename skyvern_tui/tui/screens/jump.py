"""Jump mode: a letter on everything that can have the focus; typing it goes there.

Owns: the letters and where they are drawn. Must not: know any widget by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

LETTERS: Final = "asdfghjklqwertyuiopzxcvbnm"


class JumpScreen(ModalScreen[Widget | None]):
    """Answers with the widget chosen, None for none."""

    DEFAULT_CSS = """
    JumpScreen {
        background: $background 40%;
        .letter {
            position: absolute; width: auto; height: 1; padding: 0 1;
            background: $warning; color: $background; text-style: bold;
        }
        #hint { dock: bottom; height: 1; background: $panel; color: $text-muted; padding: 0 1; }
    }
    """

    def __init__(self, targets: Sequence[Widget]) -> None:
        super().__init__()
        self._targets = dict(zip(LETTERS, targets, strict=False))

    def compose(self) -> ComposeResult:
        yield Static("jump: press a letter, or esc", id="hint")
        for letter, widget in self._targets.items():
            label = Static(letter, classes="letter", markup=False)
            label.styles.offset = Offset(widget.region.x, widget.region.y)
            yield label

    def on_key(self, event: events.Key) -> None:
        event.stop()
        self.dismiss(self._targets.get(event.character or ""))

    def on_click(self) -> None:
        self.dismiss(None)


def targets_on(chain: Sequence[Widget], *, height: int) -> list[Widget]:
    """Return the widgets of a focus chain that can be seen, in reading order."""
    seen = [widget for widget in chain if widget.region.area and 0 <= widget.region.y < height]
    return sorted(seen, key=lambda widget: (widget.region.y, widget.region.x))
