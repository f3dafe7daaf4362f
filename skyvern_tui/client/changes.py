"""What happens to a run, as typed changes.

Owns: the kinds of change, the position up to which a run's changes have been told, and the
difference between that position and a new look at the run. Must not: do I/O or know when
to look; ``watching.py`` does.

Told once and told all: :func:`difference` gives what a look has that the position has not,
oldest first, and a position that took those changes differs from that look in nothing. So
a watch that is broken off anywhere and taken up from its position neither repeats nor
leaves out anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from skyvern_tui.client.errors import SkyvernError
from skyvern_tui.client.models import Artifact, Run, TimelineItem

_QUERY: Final = re.compile(r'\?[^\s"\\]*')
"""Links in a timeline are signed anew for each answer; that is no change."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to run ``run_id``."""

    run_id: str


@dataclass(frozen=True, slots=True)
class StatusChanged(Change):
    """The run has another status than at the last look; ``before`` is None at the first."""

    before: str | None
    status: str
    run: Run


@dataclass(frozen=True, slots=True)
class TimelineChange(Change):
    """Something about a block or thought. ``parent`` is the id of the item it belongs to, empty at the top."""

    item: TimelineItem
    key: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class TimelineItemAdded(TimelineChange):
    """A block or thought is new."""


@dataclass(frozen=True, slots=True)
class TimelineItemChanged(TimelineChange):
    """A block or thought that was told before has changed: its status, its actions, its output."""


@dataclass(frozen=True, slots=True)
class ArtifactAdded(Change):
    """The run has left something."""

    artifact: Artifact


@dataclass(frozen=True, slots=True)
class OutageBegan(Change):
    """The server could not be asked, and is asked again from now on; ``error`` says why."""

    error: SkyvernError


@dataclass(frozen=True, slots=True)
class OutageEnded(Change):
    """The server answers again, after ``seconds`` and ``failures`` polls that failed."""

    seconds: float
    failures: int


@dataclass(frozen=True, slots=True)
class Finished(Change):
    """The run is over; nothing comes after this.

    ``complete`` is False if the server could not be asked any more for the run's last timeline and artifacts.
    """

    run: Run
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a run. What was not to be had is None, and changes nothing."""

    run: Run
    timeline: Sequence[TimelineItem] | None = None
    """Newest first, as on the wire."""
    artifacts: Sequence[Artifact] | None = None
    """Oldest first, as on the wire."""


class Position:
    """How far the changes of a run have been told. Grows with each change; keep it as text to go on elsewhere."""

    __slots__ = ("artifacts", "finished", "items", "outage", "status")

    def __init__(self) -> None:
        self.status: str | None = None
        self.items: dict[str, str] = {}
        """Fingerprint of each timeline item, by its key."""
        self.artifacts: set[str] = set()
        self.outage = False
        self.finished: str | None = None
        """The status with which it was told that the run is over."""

    def take(self, change: Change) -> None:
        """Count ``change`` as told."""
        match change:
            case StatusChanged(status=status):
                self.status = status
            case TimelineChange(item=item, key=key):
                self.items[key] = _fingerprint(item)
            case ArtifactAdded(artifact=artifact):
                self.artifacts.add(artifact.artifact_id)
            case OutageBegan() | OutageEnded():
                self.outage = isinstance(change, OutageBegan)
            case Finished(run=run):
                self.finished = str(run.status)

    def __str__(self) -> str:
        """Return the position as JSON text, for :meth:`parse`."""
        return json.dumps(
            {
                "status": self.status,
                "items": self.items,
                "artifacts": sorted(self.artifacts),
                "outage": self.outage,
                "finished": self.finished,
            },
            separators=(",", ":"),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Position) and str(self) == str(other)

    __hash__ = None  # type: ignore[assignment] # it changes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a position from its text. Raises ValueError."""
        position = cls()
        try:
            parts = json.loads(text)
            position.status, position.finished = parts["status"], parts["finished"]
            position.items, position.artifacts = dict(parts["items"]), set(parts["artifacts"])
            position.outage = bool(parts["outage"])
        except (ValueError, TypeError, KeyError) as problem:
            raise ValueError("This is not the position of a watch: give str(handle.position).") from problem
        return position


def difference(position: Position, look: Look) -> Iterator[Change]:
    """Yield what ``look`` has that was not told up to ``position``: status, timeline (oldest first), artifacts.

    The position may take each change as it comes.
    """
    run_id, status = look.run.run_id, str(look.run.status)
    if status != position.status:
        yield StatusChanged(run_id, position.status, status, look.run)
    for item, key, parent in _flat(look.timeline or (), ""):
        known = position.items.get(key)
        if known is None:
            yield TimelineItemAdded(run_id, item, key, parent)
        elif known != _fingerprint(item):
            yield TimelineItemChanged(run_id, item, key, parent)
    for artifact in look.artifacts or ():
        if artifact.artifact_id not in position.artifacts:
            yield ArtifactAdded(run_id, artifact)


def _flat(items: Sequence[TimelineItem], parent: str) -> Iterator[tuple[TimelineItem, str, str]]:
    """Yield each item with its key and its parent's, oldest first, a parent before its children."""
    for item in reversed(items):
        key = _key(item)
        yield item, key, parent
        yield from _flat(item.children, key)


def _key(item: TimelineItem) -> str:
    """Name an item by its id; one of a kind that is not known here by its kind and time."""
    if item.block is not None:
        return item.block.workflow_run_block_id
    if item.thought is not None:
        return item.thought.thought_id
    return f"{item.type}@{item.created_at.isoformat()}"


def _fingerprint(item: TimelineItem) -> str:
    """Return a text that is another one if the item, without its children, is another."""
    import hashlib  # noqa: PLC0415 - loaded for watching only

    plain: dict[str, Any] = item.model_dump(mode="json", exclude={"children"})
    text = _QUERY.sub("", json.dumps(plain, sort_keys=True))
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=12).hexdigest()
