"""What every dialog has: a frame in the middle of the screen, keys from the registry, and a line that names them.

Owns: the frame, its title, closing it, and the words for its keys. Must not: know any one dialog.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import on
from textual.events import Mount
from textual.screen import ModalScreen

from skyvern_tui.tui.actions import ACTIONS, Scope, bindings

if TYPE_CHECKING:
    from skyvern_tui.tui.app import SkyvernApp

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """Its widgets are in a container with the id ``dialog``; ``scopes`` name its actions, the closest first."""

    scopes: ClassVar[tuple[Scope, ...]] = (Scope.dialog,)
    title_words: ClassVar[str] = ""
    """What stands in its frame above."""
    lead: ClassVar[str] = ""
    """What stands in its frame below, before its keys."""
    named: ClassVar[tuple[str, ...]] = ("dialog.close",)
    """Ids of the actions whose keys stand in its frame below."""
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 60%;
        #dialog {
            max-width: 96%; padding: 1 2;
            background: $panel; border: round $primary;
            border-title-color: $primary; border-subtitle-color: $text-muted;
        }
        Input { border: none; height: 1; background: $surface; padding: 0 1; }
        TextArea, TextArea:focus { border: none; background: $surface; }
    }
    """
    BINDINGS = bindings(Scope.dialog)

    @property
    def skyvern(self) -> SkyvernApp:
        """The app, by its own type."""
        return cast("SkyvernApp", self.app)

    @on(Mount)
    def _frame(self) -> None:
        frame = self.query_one("#dialog")
        frame.border_title = frame.border_title or self.title_words
        frame.border_subtitle = " · ".join(filter(None, (self.lead, self.key_line(*self.offered()))))

    def offered(self) -> tuple[str, ...]:
        """Return those of the named actions that there is something to do for."""
        return self.named

    def key_line(self, *names: str, between: str = " · ") -> str:
        """Return keys and labels of actions of the dialog that have a key."""
        keymap = self.skyvern.keymap
        known = {action.id: action for action in ACTIONS}
        return between.join(f"{keymap.shown(known[n])} {known[n].label}" for n in names if keymap.keys(known[n]))

    def action_close(self) -> None:
        """Go back with no answer."""
        self.dismiss(None)
