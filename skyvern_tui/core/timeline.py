"""The journal as a tree of rows, in the order of the plan, as its reader wants it.

Owns: which events make a row, the nesting of actions under blocks, what is folded or left
out, and holding still while its reader pauses. Must not: word rows (``rows`` does) or know
widgets.

A run can have ten thousand rows and be asked about three times a second. So nothing is
built anew for one row more: what changed is read from the journal's log, and of the tree
only the branch that changed is put together again.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from enum import StrEnum
from operator import attrgetter
from typing import Final

from skyvern_tui.client.models import RunStatus
from skyvern_tui.core.facts import FAILED
from skyvern_tui.core.journal import Event, EventKind, Journal
from skyvern_tui.core.rows import Row, Tone, details, json_line, row_of, status_tone, words

__all__ = [
    "Level",
    "Row",
    "Timeline",
    "Tone",
    "details",
    "json_line",
    "row_of",
    "status_tone",
    "words",
]

_order = attrgetter("sort_key")
MAX_DEPTH: Final = 60
"""Levels that are nested; what is deeper stands at the last one."""
_EVIDENCE: Final = frozenset({"screenshot_action", "screenshot_final", "screenshot", "recording", "download", "pdf"})
"""Artifacts that stand for what happened where a run has no timeline."""
_TOLD_BY_ANOTHER: Final = frozenset({EventKind.block_closed, EventKind.outage_ended})
"""Events that the row of their beginning tells."""


class Level(StrEnum):
    """How much is told."""

    all = "everything"
    actions = "no thoughts"
    blocks = "blocks and errors"


class Timeline:
    """The rows of a journal. Rows of events that did not change are the same objects as before."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._read = 0
        """Place in the journal's log up to which it was taken in."""
        self._filed: dict[str, tuple[str, Event]] = {}
        """By key: the block an event is shown under (empty at the top), and the event as it was filed there."""
        self._below: dict[str, list[Event]] = {"": []}
        """Events by that block, in order."""
        self._orphans: dict[str, list[str]] = {}
        """Keys of events by a block that was not seen yet; they are shown at the top."""
        self._ringed: set[str] = set()
        """Keys of blocks that were said to be inside each other."""
        self._failed: set[str] = set()
        self._folded: set[str] = set()
        self._frozen: frozenset[str] | None = None
        self._late: list[str] = []
        """Keys of what was filed since the pause."""
        self._level = Level.all
        self._evidence = False
        self._reason = ""
        self._rows: dict[str, Row] = {}
        self._branches: dict[str, tuple[int, list[Row]]] = {}
        """What stands below each block, and at which depth."""
        self._top: list[Row] = []
        self._starts: list[int] = []
        """For each event at the top, the row it begins at."""
        self._clean = 0
        """Events at the top whose rows are up to date."""
        self._answer: list[Row] = []

    def over(self, journal: Journal) -> Timeline:
        """Return a timeline of another journal of the same run, with the same folded and left out."""
        other = Timeline(journal)
        other._folded, other._level = set(self._folded), self._level
        return other

    def rows(self, *, evidence: bool = False) -> Sequence[Row]:
        """Return all rows in reading order; the same list as before if nothing changed.

        Args:
            evidence: show screenshots and files as rows, for runs that have no timeline.
        """
        if evidence != self._evidence:
            self._evidence = evidence
            self._forget()
        self._catch_up()
        top = self._below[""]
        if self._clean < len(top) or len(self._starts) > len(top):
            self._build(top)
        return self._answer

    @property
    def level(self) -> Level:
        """How much is told."""
        return self._level

    @level.setter
    def level(self, level: Level) -> None:
        self._level = level
        self._forget()

    @property
    def has_failures(self) -> bool:
        """True when something went wrong that a reader can jump to."""
        return bool(self._failed)

    @property
    def is_paused(self) -> bool:
        """True while nothing new is shown."""
        return self._frozen is not None

    @property
    def waiting(self) -> int:
        """How many rows came since the pause."""
        return sum(self._is_told(self._filed[key][1]) for key in self._late)

    def pause(self) -> None:
        """Show nothing new from now on; what is shown may still change in its place."""
        self._catch_up()
        self._frozen = frozenset(self._filed)

    def resume(self) -> None:
        """Show all again."""
        self._frozen = None
        self._late.clear()
        self._forget()

    def can_fold(self, row: Row) -> bool:
        """Tell whether there is something below a row."""
        return row.event.kind is EventKind.block_opened and bool(self._below.get(row.event.subject.id))

    def fold(self, row: Row) -> bool:
        """Fold a block away, or open it; False for what has nothing below it."""
        event = row.event
        if not self.can_fold(row):
            return False
        self._folded ^= {event.key}
        self._spoil(*self._filed[event.key])
        return True

    def fold_all(self) -> None:
        """Fold all blocks, or open all if some are folded."""
        blocks = (event for _, event in self._filed.values() if event.kind is EventKind.block_opened)
        self._folded = set() if self._folded else {event.key for event in blocks if self._below.get(event.subject.id)}
        self._forget()

    def reveal_failures(self) -> None:
        """Open every block in which something failed."""
        for key in self._failed & self._filed.keys():
            home = self._filed[key][0]
            while f"block/{home}" in self._folded:
                self._folded.discard(f"block/{home}")
                self._spoil(*self._filed[f"block/{home}"])
                home = self._filed[f"block/{home}"][0]

    def _build(self, top: list[Event]) -> None:
        if self._clean < len(self._starts):
            del self._top[self._starts[self._clean] :]
            del self._starts[self._clean :]
        for event in top[self._clean :]:
            self._starts.append(len(self._top))
            self._top += self._branch_of(event, 0)
        self._clean = len(top)
        self._answer = list(self._top)

    def _branch_of(self, event: Event, depth: int) -> list[Row]:
        """Return the row of an event, if it is shown, and those below it."""
        below = self._rows_below(event, depth + 1) if event.kind is EventKind.block_opened else []
        if not self._is_shown(event):
            return below
        folded = len(below) if event.key in self._folded else 0
        row = self._rows.get(event.key)
        if row is None or row.event is not event or row.depth != depth or row.folded != folded:
            row = self._rows[event.key] = row_of(event, depth, self._reason, folded)
        return [row] if folded else [row, *below]

    def _rows_below(self, event: Event, depth: int) -> list[Row]:
        block, depth = event.subject.id, min(depth, MAX_DEPTH)
        known = self._branches.get(block)
        if known is None or known[0] != depth:
            rows: list[Row] = []
            for child in self._below.get(block, ()):
                rows += self._branch_of(child, depth)
            known = self._branches[block] = (depth, rows)
        return known[1]

    def _is_shown(self, event: Event) -> bool:
        if self._frozen is not None and event.key not in self._frozen:
            return False
        return self._is_told(event)

    def _is_told(self, event: Event) -> bool:
        """Tell whether an event is part of what the reader wants to know."""
        if event.kind is EventKind.artifact:
            return self._evidence
        if event.kind is EventKind.thought:
            return self._level is Level.all
        return event.kind is not EventKind.action or self._level is not Level.blocks or event.failed

    def _forget(self) -> None:
        """Put everything together again the next time."""
        self._branches.clear()
        self._clean = 0

    def _catch_up(self) -> None:
        log = self.journal.log
        for key in dict.fromkeys(log[self._read :]):
            event = self.journal.event(key)
            if event is None:
                self._unfile(key)
                continue
            if key in self._filed and self._filed[key][1] == event:
                continue  # forgotten, and told again
            told = event.kind in _TOLD_BY_ANOTHER or (
                event.kind is EventKind.artifact and event.subject.type not in _EVIDENCE
            )
            if not told:
                self._file(event)
        self._read = len(log)
        run = self.journal.run
        reason = (run.failure_reason or "") if run is not None and run.status != RunStatus.completed else ""
        if reason != self._reason:
            self._reason = reason
            for key, (home, event) in self._filed.items():
                if event.kind is EventKind.ended:
                    self._rows.pop(key, None)
                    self._spoil(home, event)

    def _unfile(self, key: str) -> None:
        """Take out an event that was forgotten."""
        before = self._filed.pop(key, None)
        if before is None:
            return
        self._take_out(*before)
        self._failed.discard(key)
        self._rows.pop(key, None)
        self._late = [late for late in self._late if late != key]
        if before[1].kind is EventKind.block_opened:
            for event in list(self._below.get(before[1].subject.id, ())):
                self._file(event)
            self._part_rings(before[1])

    def _take_out(self, home: str, event: Event) -> None:
        self._spoil(home, event)
        del self._below[home][bisect_left(self._below[home], event.sort_key, key=_order)]

    def _file(self, event: Event) -> None:
        """Put an event where it belongs, and note which rows that changes."""
        before = self._filed.pop(event.key, None)
        if before is not None:
            self._take_out(*before)
        elif self._frozen is not None:
            self._late.append(event.key)
        home = self._home_of(event)
        if event.parent and f"block/{event.parent}" not in self._filed:
            self._orphans.setdefault(event.parent, []).append(event.key)
        insort(self._below.setdefault(home, []), event, key=_order)
        self._filed[event.key] = (home, event)
        self._spoil(home, event)
        self._failed.discard(event.key)
        if event.failed or (event.kind is EventKind.block_opened and event.subject.status in FAILED):
            self._failed.add(event.key)
        if event.kind is EventKind.block_opened and before is None:
            for key in self._orphans.pop(event.subject.id, ()):
                if key in self._filed:
                    self._file(self._filed[key][1])
        if event.kind is EventKind.block_opened:
            self._part_rings(event)

    def _home_of(self, event: Event) -> str:
        """Return the block an event is shown under: none if that was not seen, or is said to be inside the event."""
        if f"block/{event.parent}" not in self._filed:
            return ""
        return "" if event.key in self._above(event) else event.parent

    def _above(self, event: Event) -> list[str]:
        """Return the keys of the blocks an event is said to be inside of, from the inmost; each once."""
        keys: dict[str, None] = {}
        key = f"block/{event.parent}"
        while key in self._filed and key not in keys:
            keys[key] = None
            key = f"block/{self._filed[key][1].parent}"
        if key == event.key:
            keys[key] = None
        return list(keys)

    def _part_rings(self, block: Event) -> None:
        """Put right what stands elsewhere now that a block came, moved or went.

        Blocks that are said to be inside each other all stand at the top; which was heard of first makes no difference.
        """
        above = self._above(block)
        ring = above if block.key in above else []
        self._ringed |= set(ring)
        for key in sorted(self._ringed):
            home, event = self._filed.get(key, ("", None))
            if event is not None and home != self._home_of(event):
                self._file(event)
        self._ringed = {key for key in self._ringed if key in self._filed and not self._filed[key][0]}

    def _spoil(self, home: str, event: Event) -> None:
        """Forget the rows of the branch an event hangs on."""
        # A branch that is not built has nothing built above it either.
        while home:
            above = self._filed.get(f"block/{home}")
            if self._branches.pop(home, None) is None or above is None:
                return
            home, event = above
        place = bisect_left(self._below[""], event.sort_key, key=_order)
        self._clean = min(self._clean, place)
