"""A saved run as it went: what was known of it at each moment.

Owns: cutting the history of a saved run into the snapshots somebody would have got who
watched it, and where a replay stands. Must not: read a clock or show anything; time is
handed in.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple

from skyvern_tui.client.models import Run, TimelineAction, TimelineBlock, TimelineItem
from skyvern_tui.core.facts import CLOSED, EARLIEST
from skyvern_tui.core.journal import ArtifactsSeen, Journal, OutageSeen, RunSeen, Snapshot, TimelineSeen
from skyvern_tui.core.skyrun.saved import SavedRun

SPEEDS: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_LATER: Final = ("finished_at", "output", "failure_reason", "errors", "downloaded_files", "recording_url")
"""What a run does not have before it is over."""
_TICK: Final = timedelta(microseconds=1)


class _Step(NamedTuple):
    """What was seen at a moment; from ``told_by`` on a later step says the same and more."""

    at: datetime
    seen: Callable[[], Snapshot]
    """Makes the snapshot: there are many, and few are ever looked at."""
    told_by: datetime | None = None
    subject: str = ""
    """Id of the item of the timeline or of the artifact it is about; empty for the run as a whole."""

    def is_told(self, until: datetime) -> bool:
        """Whether a later step up to a moment says the same."""
        return self.told_by is not None and self.told_by <= until


class Replay:
    """The history of a saved run by time. It has at least one moment."""

    def __init__(self, saved: SavedRun) -> None:
        steps = [*_run_steps(saved), *_outage_steps(saved), *_artifact_steps(saved)]
        self._items: dict[str, TimelineItem] = {}
        """The items of the timeline by subject."""
        self._names: set[str] = set()
        """What stands in the timeline: items and actions."""
        self._is_plain = len({one.artifact.artifact_id for one in saved.artifacts}) == len(saved.artifacts)
        """Whether each thing stands in the file once, and what is in it came after it, so that it can be taken back."""
        for item in saved.timeline or ():
            steps += self._item_steps(item, ())
        self._steps = sorted(steps, key=lambda step: step.at)
        self._times = [step.at for step in self._steps]
        self._of: dict[str, list[_Step]] = {}
        """Steps by subject, in order."""
        for step in self._steps:
            self._of.setdefault(step.subject, []).append(step)
        self._whole = saved.snapshots()
        self.moments: Sequence[datetime] = sorted(set(self._times))
        """When something happened, in order."""

    @property
    def begin(self) -> datetime:
        """The first moment."""
        return self.moments[0]

    @property
    def end(self) -> datetime:
        """The last moment."""
        return self.moments[-1]

    def between(self, after: datetime | None, until: datetime) -> list[Snapshot]:
        """Return what was seen after one moment (None: from the beginning) up to and with another."""
        if until >= self.end and after is None:
            return self._whole
        first = 0 if after is None else bisect_right(self._times, after)
        steps = self._steps[first : bisect_right(self._times, until)]
        seen = _gathered([step.seen() for step in steps if not step.is_told(until)])
        # What the file says of the run as a whole is more than what is seen of it at its moments.
        rest = [one for one in self._whole if isinstance(one, RunSeen | OutageSeen)] if until >= self.end else []
        return [*seen, *rest]

    def take_back(self, journal: Journal, now: datetime, until: datetime) -> bool:
        """Make a journal of this run that knows what there was to know ``now`` one of an earlier moment.

        False, and nothing is changed, where building another journal is less work.
        """
        first = bisect_right(self._times, until)
        undone = self._steps[first : bisect_right(self._times, now)]
        if not self._is_plain or len(undone) > first:
            return False
        subjects = dict.fromkeys(step.subject for step in undone)
        items = [self._items[subject] for subject in subjects if subject in self._items]
        journal.forget(items, [subject for subject in subjects if subject and subject not in self._items])
        seen = [
            step.seen()
            for subject in ("", *subjects)
            for step in (self._run_told(until) if not subject else self._of[subject])
            if step.at <= until and not step.is_told(until)
        ]
        for snapshot in _gathered(seen):
            journal.apply(snapshot)
        return True

    def _run_told(self, until: datetime) -> list[_Step]:
        """Return the steps of the run as a whole up to a moment, but those that others say as well."""
        steps = [step for step in self._of[""] if step.at <= until]
        runs = [(step, seen.run) for step in steps if isinstance(seen := step.seen(), RunSeen)]
        last = max((run.modified_at for _, run in runs), default=None)
        told = {id(step) for step, run in runs}
        for place, (step, run) in enumerate(runs):
            if not place or run.modified_at == last or run.status != runs[place - 1][1].status:
                told.discard(id(step))
        return [step for step in steps if id(step) not in told]

    def _item_steps(self, item: TimelineItem, above: tuple[TimelineItem, ...]) -> Iterator[_Step]:
        """Yield an item of the timeline as it came about, and what is below it."""
        block, name = item.block, _subject(item)
        names = [
            name,
            *(f"action/{action.action_id}" for action in (block.actions if block else ()) if action.action_id),
        ]
        self._is_plain &= bool(name) and self._names.isdisjoint(names) and len(set(names)) == len(names)
        self._names.update(names)
        self._items[name] = item
        if block is None:
            if item.thought is not None:
                yield _Step(item.thought.created_at, partial(_seen, item, above), None, name)
        else:
            closed = block.modified_at if block.status in CLOSED else block.created_at
            yield _Step(block.created_at, partial(_begin, item, block, above), closed, name)
            for action in block.actions or ():
                with_action = partial(_acted, item, block, action, above)
                yield _Step(_when(action, block), with_action, closed, name)
            yield _Step(closed, partial(_alone, item, above), None, name)
        for child in item.children or ():
            inner = child.block or child.thought
            self._is_plain &= block is None or inner is None or inner.created_at >= block.created_at
            begun = () if block is None else (item.model_copy(update={"block": _begun(block), "children": []}),)
            yield from self._item_steps(child, (*above, *begun))

    def next(self, moment: datetime) -> datetime:
        """Return the next moment at which something happened; the end after it."""
        return self.moments[min(bisect_right(self.moments, moment), len(self.moments) - 1)]

    def previous(self, moment: datetime) -> datetime:
        """Return the moment before; the beginning before it."""
        return self.moments[max(0, bisect_left(self.moments, moment) - 1)]


@dataclass(frozen=True, slots=True)
class Player:
    """Where a replay stands, and whether it goes on by itself."""

    replay: Replay
    at: datetime
    speed: float = 1.0
    is_playing: bool = False

    @property
    def is_over(self) -> bool:
        """True at the end."""
        return self.at >= self.replay.end

    @property
    def share(self) -> float:
        """How much of it is over, 0 to 1."""
        whole = (self.replay.end - self.replay.begin).total_seconds()
        return 1.0 if whole <= 0 else min(1.0, max(0.0, (self.at - self.replay.begin).total_seconds() / whole))

    def passed(self, seconds: float) -> Player:
        """Let time pass; at the end it stops."""
        if not self.is_playing:
            return self
        further = max(0.0, seconds) * self.speed
        # What is left is looked at first: the end may be the last day there is.
        if further >= (self.replay.end - self.at).total_seconds():
            return replace(self, at=self.replay.end, is_playing=False)
        return replace(self, at=self.at + timedelta(seconds=further))

    def toggled(self) -> Player:
        """Play or pause; at the end play from the beginning."""
        if self.is_over and not self.is_playing:
            return replace(self, at=self.replay.begin, is_playing=self.replay.end > self.replay.begin)
        return replace(self, is_playing=not self.is_playing)

    def gone_to(self, moment: datetime) -> Player:
        """Stand still at a moment."""
        return replace(self, at=min(max(moment, self.replay.begin), self.replay.end), is_playing=False)

    def gone_to_share(self, share: float) -> Player:
        """Stand still at a share of the whole, 0 to 1."""
        return self.gone_to(self.replay.begin + (self.replay.end - self.replay.begin) * min(1.0, max(0.0, share)))

    def faster(self, step: int) -> Player:
        """Go on at the next speed, or one before."""
        place = SPEEDS.index(self.speed) + step
        return replace(self, speed=SPEEDS[min(len(SPEEDS) - 1, max(0, place))])


def _gathered(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """Return the same in few snapshots: each costs a journal some work of its own."""
    items = [item for one in snapshots if isinstance(one, TimelineSeen) for item in one.items]
    artifacts = [artifact for one in snapshots if isinstance(one, ArtifactsSeen) for artifact in one.artifacts]
    rest: list[Snapshot] = [one for one in snapshots if not isinstance(one, TimelineSeen | ArtifactsSeen)]
    if items:
        rest.append(TimelineSeen(items))
    if artifacts:
        rest.append(ArtifactsSeen(artifacts))
    return rest


def _run_steps(saved: SavedRun) -> Iterator[_Step]:
    """Yield the run as it stood at each change of its status and at each step it is known to have begun."""
    run = saved.run
    known = [("created", run.created_at), ("queued", run.queued_at), ("running", run.started_at)]
    known += [(seen.status, seen.at) for seen in saved.statuses]
    over = run.finished_at if run.is_final else None
    changes = sorted((at, status) for status, at in known if at is not None and (over is None or at <= over))
    begun = sorted({one.artifact.step_id: one.artifact.created_at for one in reversed(saved.artifacts)
                    if one.artifact.step_id}.values())  # fmt: skip
    begun = begun[: run.step_count or 0]
    for at in sorted({at for at, _ in changes} | {at for at in begun if over is None or at < over}):
        status = next((status for when, status in reversed(changes) if when <= at), "created")
        yield _Step(at, partial(_run_seen, run, at, status, bisect_right(begun, at)))
    yield _Step(over or run.modified_at, partial(RunSeen, run))


def _run_seen(run: Run, at: datetime, status: str, steps: int) -> RunSeen:
    return RunSeen(_run_at(run, at, status, steps))


def _run_at(run: Run, at: datetime, status: str, steps: int) -> Run:
    update: dict[str, Any] = {name: None for name in _LATER if hasattr(run, name)}
    # A run that was not over must win over what stands for its past, whatever times it claims.
    last = run.modified_at - _TICK if run.modified_at > EARLIEST else EARLIEST
    update |= {"status": status, "modified_at": min(at, last), "step_count": steps or None}
    update |= {name: None for name in ("queued_at", "started_at") if (getattr(run, name) or at) > at}
    return run.model_copy(update=update)


def _outage_steps(saved: SavedRun) -> Iterator[_Step]:
    for outage in saved.outages:
        yield _Step(outage.began, partial(OutageSeen, replace(outage, ended=None, attempts=1)))
        if outage.ended is not None:
            yield _Step(outage.ended, partial(OutageSeen, outage))


def _artifact_steps(saved: SavedRun) -> Iterator[_Step]:
    for one in saved.artifacts:
        yield _Step(one.artifact.created_at, partial(ArtifactsSeen, [one.artifact]), None, one.artifact.artifact_id)


def _begun(block: TimelineBlock) -> TimelineBlock:
    """Return a block as it was when it began."""
    later: dict[str, Any] = {"duration": None, "output": None, "failure_reason": None, "actions": []}
    status = "running" if block.status in CLOSED else block.status
    return block.model_copy(update={**later, "status": status, "modified_at": block.created_at})


def _when(action: TimelineAction, block: TimelineBlock) -> datetime:
    return action.created_at or action.finished_at or action.started_at or block.created_at


def _subject(item: TimelineItem) -> str:
    if item.block is not None:
        return f"block/{item.block.workflow_run_block_id}"
    return "" if item.thought is None else f"thought/{item.thought.thought_id}"


def _begin(item: TimelineItem, block: TimelineBlock, above: tuple[TimelineItem, ...]) -> TimelineSeen:
    return _seen(item.model_copy(update={"block": _begun(block), "children": []}), above)


def _acted(
    item: TimelineItem, block: TimelineBlock, action: TimelineAction, above: tuple[TimelineItem, ...]
) -> TimelineSeen:
    with_action = {"block": _begun(block).model_copy(update={"actions": [action]}), "children": []}
    return _seen(item.model_copy(update=with_action), above)


def _alone(item: TimelineItem, above: tuple[TimelineItem, ...]) -> TimelineSeen:
    return _seen(item.model_copy(update={"children": []}), above)


def _seen(item: TimelineItem, above: tuple[TimelineItem, ...]) -> TimelineSeen:
    for outer in reversed(above):
        item = outer.model_copy(update={"children": [item]})
    return TimelineSeen([item])
