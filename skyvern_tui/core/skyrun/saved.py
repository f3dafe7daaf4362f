"""What a saved run is, once read.

Owns: the parts of it, and its history as snapshots for a journal. Must not: read or write
the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from skyvern_tui.client.models import Artifact, Run, TimelineItem
from skyvern_tui.core.facts import Outage
from skyvern_tui.core.journal import ArtifactsSeen, OutageSeen, RunSeen, Snapshot, TimelineSeen

SUFFIX: Final = ".skyrun"
FORMAT: Final = "skyrun"
VERSION: Final = 1
"""Raised when an older program could no longer read the file rightly; additions don't raise it."""


class NotSaved(ValueError):  # noqa: N818 - named for the finding
    """The file is no saved run, or not one that can be read. The message says why, in safe text."""


@dataclass(frozen=True, slots=True)
class SavedArtifact:
    """An artifact in the file. ``member`` is empty when its content was not saved; ``missing`` says why."""

    artifact: Artifact
    member: str = ""
    sha256: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class StatusSeen:
    """A status a run was seen in, and when."""

    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A run as it was when it was saved."""

    run: Run
    saved_at: datetime
    content: Callable[[str], bytes]
    """Returns the content of an artifact by its id. Raises :class:`NotSaved` when it is not there or damaged."""
    timeline: tuple[TimelineItem, ...] | None = None
    """None for a run whose type has no timeline."""
    artifacts: tuple[SavedArtifact, ...] = ()
    request: Mapping[str, Any] | None = None
    """The request as it was sent, where that was known."""
    outages: tuple[Outage, ...] = ()
    statuses: tuple[StatusSeen, ...] = ()
    server: str = ""
    """Base URL of the server it ran on."""
    note: str = ""
    unread: tuple[str, ...] = field(default=())
    """Parts that could not be read and are left out, in words."""

    def snapshots(self) -> list[Snapshot]:
        """Return its history, to be applied to a journal in any order."""
        history: list[Snapshot] = [OutageSeen(outage) for outage in self.outages]
        passing = {"finished_at": None, "output": None, "failure_reason": None}
        history += [
            RunSeen(self.run.model_copy(update={"status": seen.status, "modified_at": seen.at, **passing}))
            for seen in self.statuses
            if seen.status != str(self.run.status)
        ]
        history.append(RunSeen(self.run))
        if self.timeline is not None:
            history.append(TimelineSeen(self.timeline))
        return [*history, ArtifactsSeen([saved.artifact for saved in self.artifacts])]
