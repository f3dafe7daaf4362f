"""Fetching everything of a run into one file.

Owns: which calls that takes, that a file which can't be had is noted with the reason and
the rest goes on, and that stopping midway leaves nothing behind. Must not: know HTTP or a
screen; it asks a gateway and tells how far it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from skyvern_tui.client.errors import BadRequestError, NotFoundError, SkyvernError
from skyvern_tui.client.models import Artifact, Run, TimelineItem
from skyvern_tui.core.facts import artifact_fact
from skyvern_tui.core.journal import Journal
from skyvern_tui.core.skyrun.writing import RunWriter
from skyvern_tui.core.text import one_line, shorten
from skyvern_tui.core.trouble import trouble_of

AHEAD: Final = 3
"""Artifacts fetched while another is written; memory holds about so many."""


class Asked(Protocol):
    """What is asked for a run: a gateway, or the async client itself."""

    async def get_run(self, run_id: str) -> Run:
        """Return the run."""
        ...

    async def get_run_timeline(self, run_id: str) -> Sequence[TimelineItem]:
        """Return its timeline; runs of some types have none and answer 400 or 404."""
        ...

    async def get_run_artifacts(self, run_id: str) -> Sequence[Artifact]:
        """Return its artifacts."""
        ...

    async def get_artifact_content(self, artifact: Artifact) -> bytes:
        """Return the bytes of one."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: artifacts done of all, bytes so far, and the name of the one being written."""

    done: int
    total: int
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class Collected:
    """A file that was written. ``missing`` are names of artifacts that could not be had, each with the reason."""

    path: Path
    run: Run
    artifacts: int
    size: int
    """Bytes of the contents, before packing."""
    missing: tuple[tuple[str, str], ...]


async def collect(
    gateway: Asked,
    run_id: str,
    path: Path,
    *,
    saved_at: datetime,
    journal: Journal | None = None,
    request: Mapping[str, Any] | None = None,
    server: str = "",
    note: str = "",
    secrets: Mapping[str, str] | None = None,
    told: Callable[[Progress], object] = lambda _: None,
) -> Collected:
    """Fetch a run with everything it left, and write it to ``path``. Cancelling leaves no file behind.

    Args:
        gateway: what to ask.
        run_id: of the run.
        path: the file to write; one that is there is replaced once the new one is whole.
        saved_at: now.
        journal: what was seen of the run, for outages and statuses in passing.
        request: as it was sent; without it the file has what the server repeats.
        server: base URL of the server.
        note: what a person wants to remember of the run.
        secrets: values that must not be in the file, by the name to write instead.
        told: called before each artifact and at the end.

    Raises:
        SkyvernError: the run itself, its timeline or its list of artifacts can't be had.
        OSError: the disk.
    """
    run = await gateway.get_run(run_id)
    try:
        timeline: Sequence[TimelineItem] | None = await gateway.get_run_timeline(run_id)
    except (BadRequestError, NotFoundError):
        timeline = None
    artifacts = sorted(await gateway.get_run_artifacts(run_id), key=lambda one: (one.created_at, one.artifact_id))
    missing: list[tuple[str, str]] = []
    size = 0
    with RunWriter(path, saved_at=saved_at) as writer:
        fetching = {n: asyncio.ensure_future(_content(gateway, one)) for n, one in enumerate(artifacts[:AHEAD])}
        try:
            for number, artifact in enumerate(artifacts):
                name = artifact_fact(artifact).name
                told(Progress(number, len(artifacts), size, name))
                content, reason = await fetching.pop(number)
                if number + AHEAD < len(artifacts):
                    ahead = artifacts[number + AHEAD]
                    fetching[number + AHEAD] = asyncio.ensure_future(_content(gateway, ahead))
                if content is None:
                    missing.append((name, reason))
                size += len(content or b"")
                await _aside(partial(writer.add, artifact, content, missing=reason))
        finally:
            for task in fetching.values():
                task.cancel()
            await asyncio.gather(*fetching.values(), return_exceptions=True)
        told(Progress(len(artifacts), len(artifacts), size, ""))
        more: dict[str, Any] = {"request": request, "server": server, "note": note, "secrets": secrets}
        await _aside(partial(writer.finish, run, timeline, journal=journal, **more))
    return Collected(path, run, len(artifacts), size, tuple(missing))


async def _content(gateway: Asked, artifact: Artifact) -> tuple[bytes | None, str]:
    """Return the bytes of an artifact, or None and why."""
    try:
        return await gateway.get_artifact_content(artifact), ""
    except SkyvernError as error:
        return None, shorten(one_line(trouble_of(error).message), 300)


async def _aside(do: Callable[[], object]) -> None:
    """Do something in a thread. When cancelled, its end is waited for first: two must not write one file."""
    doing = asyncio.ensure_future(asyncio.to_thread(do))
    try:
        await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait({doing})
        raise
