"""One tab of a run.

Owns: what the screen asks of every tab: to take the keys, to open what the cursor is on, and
what of it can be copied, saved or shown another way. Must not: know any one tab.
"""

from __future__ import annotations

from typing import NamedTuple

from textual.containers import Container


class Copy(NamedTuple):
    """Something for the clipboard, and what it is called when it was copied."""

    text: str
    what: str


class SavedText(NamedTuple):
    """Something to be written to disk under a name."""

    name: str
    data: bytes


class Pane(Container, can_focus=True):
    """A tab; by itself it can do nothing. It has the focus only while nothing in it can."""

    DEFAULT_CSS = "Pane { height: 1fr; }"

    def enter(self) -> None:
        """Take the keys."""
        self.focus()

    def leave(self) -> bool:
        """Go back within the tab; False if there is nowhere to go back to."""
        return False

    @property
    def can_open(self) -> bool:
        """Whether there is something to open under the cursor."""
        return False

    def open(self) -> None:
        """Open what is under the cursor."""

    @property
    def can_turn(self) -> bool:
        """Whether there is another way to show this."""
        return False

    def turn(self) -> None:
        """Show it the next way."""

    @property
    def can_copy(self) -> bool:
        """Whether ``y`` has something to copy; asked for at every key, so it must cost nothing."""
        return False

    @property
    def can_save(self) -> bool:
        """Whether ``s`` has something to write to disk; as cheap."""
        return False

    def copied(self) -> Copy | None:
        """Return what ``y`` copies."""
        return None

    def place(self) -> Copy | None:
        """Return what ``Y`` copies: the path to, or the id of, what is under the cursor."""
        return None

    def to_save(self) -> SavedText | None:
        """Return what ``s`` writes to disk."""
        return None
