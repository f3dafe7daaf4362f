"""The journal of a run: snapshots of it in, one ordered history out.

Owns: merging what polling brings (the run, its timeline, its artifacts, outages) into
facts without duplicates, and the order of the events that follow from them. Must not: do
I/O, read a clock, or word anything for a screen.

Snapshots may come late, twice or out of order, and any number of them may be missing; the
events depend only on *which* snapshots were seen. That holds because every merge is a join:
each fact keeps its newest version under a total order, each status its best known time,
and events are sorted by what the facts say, never by when they arrived.
"""

from __future__ import annotations

import json
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final, TypeVar

from skyvern_tui.client.models import Artifact, Run, RunStatus, TimelineItem
from skyvern_tui.core.facts import (
    CLOSED,
    FAILED,
    Action,
    ArtifactFact,
    Block,
    Outage,
    Thought,
    action_fact,
    artifact_fact,
    block_fact,
    thought_fact,
)


@dataclass(frozen=True, slots=True)
class RunSeen:
    """An answer of ``GET /v1/runs/{id}``."""

    run: Run


@dataclass(frozen=True, slots=True)
class TimelineSeen:
    """An answer of ``GET /v1/runs/{id}/timeline``."""

    items: Sequence[TimelineItem]


@dataclass(frozen=True, slots=True)
class ArtifactsSeen:
    """An answer of ``GET /v1/runs/{id}/artifacts``."""

    artifacts: Sequence[Artifact]


@dataclass(frozen=True, slots=True)
class OutageSeen:
    """The server did not answer: first said when it begins, again as it goes on and when it ends."""

    outage: Outage


Snapshot = RunSeen | TimelineSeen | ArtifactsSeen | OutageSeen


class EventKind(StrEnum):
    """What happened. The order of the members breaks ties between events of one moment."""

    status = "status changed"
    outage_began = "outage began"
    outage_ended = "outage ended"
    thought = "thought added"
    block_opened = "block opened"
    action = "action added"
    artifact = "artifact added"
    block_closed = "block closed"
    output_ready = "output ready"
    ended = "ended"


_FINE_ENDS: Final = frozenset({RunStatus.completed, RunStatus.canceled})
_CAN_FAIL: Final = frozenset({EventKind.action, EventKind.block_closed})
_OF_THE_RUN: Final = frozenset(
    {EventKind.status, EventKind.ended, EventKind.output_ready, EventKind.outage_began, EventKind.outage_ended}
)
_F = TypeVar("_F", Thought, Block, Action, ArtifactFact)
_TIE: Final = {kind: place for place, kind in enumerate(EventKind)}
_sort_key = attrgetter("sort_key")
_LIFECYCLE: Final = {"created": 0, "queued": 1, "running": 2, "paused": 3}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a run; ``subject`` is the newest version of what it happened to."""

    kind: EventKind
    key: str
    """Identity of the event within the run."""
    at: datetime
    subject: Any
    parent: str = ""
    """Id of the block it belongs to; empty at the top."""
    order: int = 0
    sort_key: tuple[datetime, int, int, str] = field(init=False, compare=False, repr=False)
    """Time first; then the kind, the place in its step and the key, so that the order is total.

    Kept, not made when asked for: an event is compared with a dozen others wherever it is filed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "sort_key", (self.at, _TIE[self.kind], self.order, self.key))

    @property
    def failed(self) -> bool:
        """True for what a reader jumps to when something went wrong."""
        if self.kind is EventKind.ended:
            return self.subject not in _FINE_ENDS
        return self.kind in _CAN_FAIL and self.subject.status in FAILED


@dataclass(frozen=True, slots=True)
class Changes:
    """What one snapshot did: events that are new, and known ones whose subject changed."""

    added: tuple[Event, ...] = ()
    changed: tuple[Event, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed)


@dataclass(slots=True)
class _Held:
    """The newest version of a fact and the block it hangs under."""

    fact: Any
    parent: str


def _canonical(plain: Any) -> str:
    """Return text that is equal for equal values whatever the order of their keys."""
    return json.dumps(plain, sort_keys=True, default=str)


def _newer(a: _F, b: _F) -> _F:
    """Return the newer version of one fact: closed over open, then later modified, then by content.

    What was closed never opens again: an answer that says so is a stale one.
    """
    if a == b:
        return a
    rank_a, rank_b = ((f.status in CLOSED, f.modified_at) for f in (a, b))
    if rank_a != rank_b:
        return a if rank_a > rank_b else b
    return max(a, b, key=lambda fact: _canonical(asdict(fact)))


def _newer_run(a: Run, b: Run) -> Run:
    """As :func:`_newer`, for the run itself."""
    if a == b:
        return a
    rank_a, rank_b = ((r.is_final, r.modified_at) for r in (a, b))
    if rank_a != rank_b:
        return a if rank_a > rank_b else b
    return max(a, b, key=lambda run: _canonical(run.model_dump(mode="json")))


def _newer_outage(a: Outage, b: Outage) -> Outage:
    """Return the outage that knows more: one that ended, then the longer one."""

    def rank(outage: Outage) -> tuple[bool, int, str, str]:
        ended = outage.ended
        return (ended is not None, outage.attempts, ended.isoformat() if ended else "", outage.reason)

    return max(a, b, key=rank)


class Journal:
    """The history of one run, built by :meth:`apply` from any sequence of snapshots."""

    def __init__(self) -> None:
        self.run: Run | None = None
        """The newest version of the run; None until one was seen."""
        self.latest_artifacts: dict[str, Artifact] = {}
        """Artifacts by id as they came last, for fetching: signed URLs age, so here arrival counts."""
        self._answered: Run | None = None
        self._facts: dict[str, _Held] = {}
        self._statuses: dict[str, tuple[bool, datetime]] = {}
        self._events: dict[str, Event] = {}
        self._ordered: list[Event] = []
        self._artifacts: list[ArtifactFact] | None = None
        self.log: list[str] = []
        """Keys of events in the order they came or changed: who remembers how far it read finds what is new."""

    def event(self, key: str) -> Event | None:
        """Return an event by its key; None if it was forgotten."""
        return self._events.get(key)

    @property
    def events(self) -> Sequence[Event]:
        """All events in order; the journal's own list, not to be changed."""
        return self._ordered

    @property
    def artifacts(self) -> list[ArtifactFact]:
        """All artifacts, oldest first; the same list as before if none came or changed, not to be changed."""
        if self._artifacts is None:
            self._artifacts = [event.subject for event in self._ordered if event.kind is EventKind.artifact]
        return self._artifacts

    @property
    def is_final(self) -> bool:
        """True when the run is over."""
        return self.run is not None and self.run.is_final

    def apply(self, snapshot: Snapshot) -> Changes:
        """Take in one snapshot and return what it changed."""
        match snapshot:
            case RunSeen(run):
                return self._record(self._take_run(run))
            case TimelineSeen(items):
                return self._record(self._take_items(items, parent=""))
            case ArtifactsSeen(artifacts):
                return self._record(self._take_artifacts(artifacts))
            case OutageSeen(outage):
                return self._record(self._take_outage(outage))

    def forget(self, items: Iterable[TimelineItem], artifacts: Iterable[str]) -> None:
        """Know nothing any more of some items of the timeline and artifacts, of the run itself and of outages.

        For a replay that goes back: what was known then is told again afterwards. What is below the items, and how to
        fetch the artifacts, stays known.
        """
        self.run = self._answered = None
        self._statuses.clear()
        told = [key for key, event in self._events.items() if event.kind in _OF_THE_RUN]
        gone = [f"artifact/{name}" for name in artifacts]
        for item in items:
            block, thought = item.block, item.thought
            if block is not None:
                own = block.workflow_run_block_id
                gone += (f"action/{action_fact(action, own).id}" for action in block.actions)
                gone += (f"block/{own}/closed", f"block/{own}")
            if thought is not None:
                gone.append(f"thought/{thought.thought_id}")
        for key in (*told, *gone):
            self._facts.pop(key, None)
            event = self._events.pop(key, None)
            if event is not None:
                del self._ordered[bisect_left(self._ordered, event.sort_key, key=_sort_key)]
                self.log.append(key)
        self._artifacts = None

    def _record(self, events: Iterable[Event]) -> Changes:
        added: list[Event] = []
        changed: list[Event] = []
        for event in events:
            known = self._events.get(event.key)
            if known is None:
                added.append(event)
            elif known != event:
                changed.append(event)
                del self._ordered[bisect_left(self._ordered, known.sort_key, key=_sort_key)]
            else:
                continue
            self._events[event.key] = event
            self.log.append(event.key)
            if event.kind is EventKind.artifact:
                self._artifacts = None
            insort(self._ordered, event, key=_sort_key)
        return Changes(tuple(added), tuple(changed))

    def _merge(self, key: str, fact: _F, parent: str) -> tuple[_F, str] | None:
        """Keep the newer of ``fact`` and what is held; return what is held now, None if nothing changed."""
        held = self._facts.get(key)
        if held is None:
            self._facts[key] = _Held(fact, parent)
            return fact, parent
        newer = _newer(held.fact, fact)
        # A fact seen under two parents is shown under one, whichever was seen first.
        chosen = max(held.parent, parent)
        if newer is held.fact and chosen == held.parent:
            return None
        held.fact, held.parent = newer, chosen
        return newer, chosen

    def _take_run(self, run: Run) -> Iterable[Event]:
        self.run = run if self.run is None else _newer_run(self.run, run)
        for status, at, exact in _status_times(run):
            rival = self._statuses.get(status)
            # A time the server gave beats one guessed from `modified_at`; of two equals the earlier.
            if rival is None or (not exact, at) < (not rival[0], rival[1]):
                self._statuses[status] = (exact, at)
        for status, (_, at) in self._statuses.items():
            kind = EventKind.ended if status in CLOSED else EventKind.status
            yield Event(kind, f"status/{status}", at, status, order=_LIFECYCLE.get(status, len(_LIFECYCLE)))
        if run.is_final and run.output is not None:
            answered = self._answered = run if self._answered is None else _newer_run(self._answered, run)
            at = answered.finished_at or answered.modified_at
            yield Event(EventKind.output_ready, "output", at, answered.output)

    def _take_items(self, items: Sequence[TimelineItem], parent: str) -> Iterable[Event]:
        for item in items:
            own = parent
            if item.thought is not None:
                thought = thought_fact(item.thought)
                yield from self._take_fact(EventKind.thought, f"thought/{thought.id}", thought, parent)
            if item.block is not None:
                own = item.block.workflow_run_block_id
                yield from self._take_block(block_fact(item.block), parent)
                for wire_action in item.block.actions:
                    action = action_fact(wire_action, own)
                    yield from self._take_fact(EventKind.action, f"action/{action.id}", action, own, action.order)
            if item.children:
                yield from self._take_items(item.children, own)

    def _take_fact(self, kind: EventKind, key: str, fact: _F, parent: str, order: int = 0) -> Iterable[Event]:
        held = self._merge(key, fact, parent)
        return () if held is None else (Event(kind, key, held[0].at, held[0], held[1], order),)

    def _take_block(self, block: Block, parent: str) -> Iterable[Event]:
        key = f"block/{block.id}"
        held = self._merge(key, block, parent)
        if held is None:
            return
        fact, parent = held
        yield Event(EventKind.block_opened, key, fact.at, fact, parent)
        if fact.status in CLOSED:
            yield Event(EventKind.block_closed, f"{key}/closed", fact.modified_at, fact, parent)

    def _take_artifacts(self, artifacts: Sequence[Artifact]) -> Iterable[Event]:
        for artifact in artifacts:
            self.latest_artifacts[artifact.artifact_id] = artifact
            fact = artifact_fact(artifact)
            yield from self._take_fact(EventKind.artifact, f"artifact/{fact.id}", fact, "")

    def _take_outage(self, outage: Outage) -> Iterable[Event]:
        key = f"outage/{outage.began.isoformat()}"
        held = self._facts.setdefault(key, _Held(outage, ""))
        fact = held.fact = _newer_outage(held.fact, outage)
        yield Event(EventKind.outage_began, key, fact.began, fact)
        if fact.ended is not None:
            yield Event(EventKind.outage_ended, f"{key}/ended", fact.ended, fact)


def _status_times(run: Run) -> list[tuple[str, datetime, bool]]:
    """Return the statuses a run is known to have been in, when, and whether the time is the server's own."""
    times = [("created", run.created_at, True)]
    if run.queued_at is not None:
        times.append(("queued", run.queued_at, True))
    if run.started_at is not None:
        times.append(("running", run.started_at, True))
    status = str(run.status)
    if run.is_final and run.finished_at is not None:
        times.append((status, run.finished_at, True))
    elif status not in {known for known, _, _ in times}:
        times.append((status, run.modified_at, False))
    return times
