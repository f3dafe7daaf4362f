"""The task being written, wherever it is looked at: kept, undone, restored.

Owns: the one draft of the app, its history of edits, and keeping it on disk while it is
typed. Must not: show it or send it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from skyvern_tui.core.draft import Draft
from skyvern_tui.core.drafts import DraftStore, Edits

if TYPE_CHECKING:
    from pathlib import Path

    from skyvern_tui.core.clock import Clock

CURRENT: Final = "current"
"""Name the draft is kept under."""


class Desk:
    """One draft. Without a ``folder`` it is forgotten with the app."""

    def __init__(self, clock: Clock, folder: Path | None = None) -> None:
        self._clock = clock
        self._store = None if folder is None else DraftStore(folder)
        self._edits = Edits(self._restored())
        self._kept: Mapping[str, str] = self.draft.to_dict()

    def _restored(self) -> Draft:
        kept = [] if self._store is None else self._store.load()
        return next((one.draft for one in kept if one.id == CURRENT), Draft())

    @property
    def draft(self) -> Draft:
        """The draft as it is now."""
        return self._edits.current

    def replace(self, draft: Draft) -> None:
        """Go on with another draft; undo brings the one before back."""
        if draft.to_dict() != self.draft.to_dict():
            self._edits.record(draft, self._clock.now())

    def typed(self, name: str, text: str) -> bool:
        """Take in what a field holds; False when that is nothing new."""
        if self.draft.text(name) == text:
            return False
        self._edits.record(self.draft.typed(name, text), self._clock.now())
        return True

    def undo(self) -> bool:
        """Take back the last edit; False when there is none."""
        return self._edits.undo()

    def redo(self) -> bool:
        """Do again what was taken back; False when there is nothing."""
        return self._edits.redo()

    def keep(self) -> str:
        """Write the draft to disk if it changed; return why that failed, empty if it did not."""
        texts = self.draft.to_dict()
        if self._store is None or texts == self._kept:
            return ""
        try:
            if texts:
                self._store.keep(CURRENT, self.draft, self._clock.now())
            else:
                self._store.drop(CURRENT)
        except OSError as error:
            return f"The draft can't be kept on disk: {error.strerror}."
        self._kept = texts
        return ""
