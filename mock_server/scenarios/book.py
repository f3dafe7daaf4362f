"""The scripts a tenant has laid ready, and how often each was used.

Owns: their order (the first that fits is taken) and counting. Must not: know runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mock_server.scenarios.script import Script

MOST_SCRIPTS: Final = 1000


@dataclass(slots=True)
class Entry:
    """A script and what became of it."""

    script_id: str
    script: Script
    fitted: int = 0
    """How many tasks it fitted, its place in the order aside."""
    used: int = 0

    def shown(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"script_id": self.script_id, "used": self.used, "script": self.script.dump()}


class Book:
    """Scripts in the order in which they are tried."""

    def __init__(self, scripts: Iterable[Script] = ()) -> None:
        self._entries: list[Entry] = []
        self._number = 0
        for script in scripts:
            self.add(script)

    def __len__(self) -> int:
        return len(self._entries)

    def entries(self) -> list[Entry]:
        """Return the scripts, first tried first."""
        return list(self._entries)

    def add(self, script: Script) -> Entry:
        """Lay a script ready, after those that are there."""
        self._number += 1
        entry = Entry(f"script_{self._number}", script)
        self._entries.append(entry)
        return entry

    def remove(self, script_id: str) -> bool:
        """Take a script away; tell whether it was there. Runs that follow it go on."""
        left = [entry for entry in self._entries if entry.script_id != script_id]
        found = len(left) < len(self._entries)
        self._entries = left
        return found

    def clear(self) -> None:
        """Take all scripts away."""
        self._entries = []
        self._number = 0

    def take(self, request: Mapping[str, Any]) -> Script | None:
        """Return the first script that is for this task, and count it; None if there is none."""
        chosen = None
        for entry in self._entries:
            if not entry.script.match.fits(request):
                continue
            entry.fitted += 1
            room = entry.script.times is None or entry.used < entry.script.times
            if chosen is None and room and entry.script.match.order in (None, entry.fitted):
                entry.used += 1
                chosen = entry.script
        return chosen

    # -- being kept -------------------------------------------------------------------------

    def state(self) -> list[dict[str, Any]]:
        """Return what :meth:`restore` needs."""
        return [{**entry.shown(), "fitted": entry.fitted} for entry in self._entries]

    def restore(self, state: list[dict[str, Any]]) -> None:
        """Have the scripts and counts of another book."""
        self._entries = [
            Entry(each["script_id"], Script.model_validate(each["script"]), each["fitted"], each["used"])
            for each in state
        ]
        self._number = max((int(entry.script_id.partition("_")[2]) for entry in self._entries), default=0)
