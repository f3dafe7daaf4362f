"""One side of a comparison: where a run comes from, and all of it that is compared.

Owns: fetching a run with its timeline and list of artifacts once. Must not: compare or draw.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skyvern_tui.client.models import Artifact, Run, TimelineItem
from skyvern_tui.core.compare import Comparison, Side, compare
from skyvern_tui.core.journal import ArtifactsSeen, Journal, RunSeen, TimelineSeen
from skyvern_tui.core.runs import RunLine, line_of
from skyvern_tui.core.timeline import Timeline
from skyvern_tui.tui.server import Server, Troubled


@dataclass(frozen=True, slots=True)
class Source:
    """A run and whom to ask for it. ``where`` says in a few words which server or file that is."""

    server: Server
    run_id: str
    where: str
    request: Mapping[str, Any] | None = None
    """As it was sent, if known."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A side as it was when it was asked for."""

    source: Source
    side: Side
    line: RunLine
    artifacts: Mapping[str, Artifact]

    async def content(self, artifact_id: str) -> bytes:
        """Return the bytes of an artifact. Raises :class:`~skyvern_tui.tui.server.Troubled`."""
        artifact = self.artifacts[artifact_id]
        return await self.source.server.call(lambda gateway: gateway.get_artifact_content(artifact))


async def fetched(source: Source) -> Fetched:
    """Ask for a run and what belongs to it. Raises :class:`~skyvern_tui.tui.server.Troubled`."""
    server = source.server
    run = await server.call(lambda gateway: gateway.get_run(source.run_id))
    try:
        timeline: Sequence[TimelineItem] | None = await server.call(
            lambda gateway: gateway.get_run_timeline(source.run_id)
        )
    except Troubled as error:
        if error.trouble.kind not in {"missing", "rejected"}:
            raise
        timeline = None
    artifacts = await server.call(lambda gateway: gateway.get_run_artifacts(source.run_id))
    return await asyncio.to_thread(_built, source, run, timeline, artifacts)


def _built(source: Source, run: Run, timeline: Sequence[TimelineItem] | None, artifacts: Sequence[Artifact]) -> Fetched:
    journal = Journal()
    journal.apply(RunSeen(run))
    if timeline is not None:
        journal.apply(TimelineSeen(timeline))
    journal.apply(ArtifactsSeen(artifacts))
    side = Side(run, Timeline(journal).rows(evidence=timeline is None), journal.artifacts, source.request)
    return Fetched(source, side, line_of(run), dict(journal.latest_artifacts))


async def compared(left: Fetched, right: Fetched) -> Comparison:
    """Compare two sides, beside the screen: long timelines take their time."""
    return await asyncio.to_thread(compare, left.side, right.side)
