"""Cookies and storage, kept for later.

Owns: the files profiles are, and what ended runs and sessions left for a profile that may be
made of them. Must not: know browsers, or what a profile is called.

The files hold logins: only their owner can read them (0600, in a directory of 0700), and
they are written whole or not at all. What ended runs left is in memory only, and only of
the latest.
"""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

State = dict[str, Any]

REMEMBERED: Final = 64
"""How many ended runs and sessions are remembered."""

BLANK: Final[State] = {"cookies": [], "origins": []}


class States:
    """States by the id of what they are of: a profile, a session or a run."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._recent: OrderedDict[str, State] = OrderedDict()

    def path(self, name: str) -> Path:
        """Return the file of a state that is kept on disk."""
        return self._directory / f"{name}.json"

    def remember(self, name: str, state: State) -> None:
        """Keep a state in memory for as long as it is among the latest."""
        self._recent[name] = state
        self._recent.move_to_end(name)
        if len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)

    def write(self, name: str, state: State) -> None:
        """Keep a state on disk.

        Raises:
            OSError: It cannot be written; what was there before still is.
        """
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.path(name)
        partial = path.with_suffix(".part")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(state, file)
        partial.replace(path)

    def find(self, name: str) -> State | None:
        """Return a state, from memory or from disk; None if there is none any more."""
        if (recent := self._recent.get(name)) is not None:
            return recent
        try:
            state = json.loads(self.path(name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return dict(state)

    def forget(self, name: str) -> None:
        """Remove a state from memory and disk."""
        self._recent.pop(name, None)
        with suppress(FileNotFoundError):
            self.path(name).unlink()
