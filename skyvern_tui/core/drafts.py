"""Drafts that survive: a crash on disk, a slip by undo.

Owns: keeping drafts in files, and the history of edits of one. Must not: decide when to
keep one, or read a clock: times are handed in. A parameter that is a secret by nature is
never written to disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from skyvern_tui.core import keptfile
from skyvern_tui.core.draft import BY_NAME, Draft

TOGETHER: Final = timedelta(seconds=2)
"""Keys typed into one field at shorter intervals are one edit."""
_TYPED_AT_ONCE: Final = 3
"""More characters than this in one go were pasted or cut: an edit of their own."""
MOST_EDITS: Final = 500


class Edits:
    """One draft and how it came to be what it is."""

    def __init__(self, draft: Draft) -> None:
        self.current = draft
        self._past: list[Draft] = []
        self._future: list[Draft] = []
        self._last: tuple[str, datetime] | None = None
        """Field that was typed in last, and when."""

    def record(self, draft: Draft, now: datetime) -> None:
        """Go on with ``draft``; typing on in one field is one edit with what was typed before."""
        changed = [name for name in BY_NAME if draft.text(name) != self.current.text(name)]
        if not changed:
            self.current = draft
            return
        typed = len(changed) == 1 and _is_typed(self.current.text(changed[0]), draft.text(changed[0]))
        going_on = typed and self._last is not None and self._last[0] == changed[0] and now - self._last[1] <= TOGETHER
        if not going_on:
            self._past.append(self.current)
            del self._past[:-MOST_EDITS]
        self._future.clear()
        self._last = (changed[0], now) if typed else None
        self.current = draft

    def undo(self) -> bool:
        """Go back by one edit; False when there is none."""
        if not self._past:
            return False
        self._future.append(self.current)
        self.current, self._last = self._past.pop(), None
        return True

    def redo(self) -> bool:
        """Do again what was undone last; False when nothing was, or something else was typed since."""
        if not self._future:
            return False
        self._past.append(self.current)
        self.current, self._last = self._future.pop(), None
        return True


def _is_typed(before: str, after: str) -> bool:
    return abs(len(after) - len(before)) <= _TYPED_AT_ONCE


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft as it was kept."""

    id: str
    draft: Draft
    saved_at: datetime


class DraftStore:
    """Drafts in a folder, one file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self) -> list[KeptDraft]:
        """Return all drafts that can be read, the latest first."""
        kept = [one for values in keptfile.read_all(self._folder) if (one := _kept(values)) is not None]
        return sorted(kept, key=lambda one: one.saved_at, reverse=True)

    def keep(self, id: str, draft: Draft, now: datetime) -> None:  # noqa: A002 - the field's name
        """Write a draft, in place of the one of the same id. Raises OSError."""
        texts = {name: text for name, text in draft.to_dict().items() if not BY_NAME[name].is_secret}
        values = {"id": id, "saved_at": now.isoformat(), "texts": texts}
        keptfile.write(keptfile.file_of(self._folder, id), values)

    def drop(self, id: str) -> None:  # noqa: A002 - as above
        """Forget a draft, if there is one. Raises OSError."""
        keptfile.file_of(self._folder, id).unlink(missing_ok=True)


def _kept(values: dict[str, object]) -> KeptDraft | None:
    name, texts, saved = values.get("id"), values.get("texts"), values.get("saved_at")
    if not (isinstance(name, str) and isinstance(texts, dict) and isinstance(saved, str)):
        return None
    try:
        moment = datetime.fromisoformat(saved)
    except ValueError:
        return None
    return None if moment.tzinfo is None else KeptDraft(name, Draft.from_dict(texts), moment)
