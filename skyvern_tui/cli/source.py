"""Where a command gets a run from: a server, or a file in which one was saved.

Owns: telling an id from a file, and giving both the same face. Must not: print.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure, reported
from skyvern_tui.cli.remembering import remembered_request
from skyvern_tui.cli.server import Opening, Server
from skyvern_tui.client import Artifact, BadRequestError, NotFoundError, Run, TimelineItem
from skyvern_tui.client.downloads import is_here
from skyvern_tui.core.exports import KEY_VARIABLE
from skyvern_tui.core.journal import ArtifactsSeen, Journal, RunSeen, TimelineSeen
from skyvern_tui.core.saving import write_whole
from skyvern_tui.core.skyrun import SUFFIX, NotSaved, SavedRun, open_run


class Files(Protocol):
    """Where contents of artifacts are."""

    def content(self, artifact: Artifact) -> bytes:
        """Return the bytes of one."""
        ...

    def save(self, artifact: Artifact, path: Path) -> Path:
        """Write one to ``path``, whole or not at all."""
        ...


class Source(Files, Protocol):
    """A run and what it left, wherever it is."""

    run: Run
    name: str
    """What it is called in a message: the id or the file."""

    @property
    def base_url(self) -> str:
        """The root of the server it ran on; empty if that is not known."""
        ...

    @property
    def secrets(self) -> Mapping[str, str]:
        """What must not be written down, by the name to write instead."""
        ...

    def timeline(self) -> Sequence[TimelineItem] | None:
        """Return what happened, newest first; None for a run of a type that has no timeline."""
        ...

    def artifacts(self, types: Sequence[str] = ()) -> Sequence[Artifact]:
        """Return the records of what it left, oldest first."""
        ...

    def request(self) -> Mapping[str, Any] | None:
        """Return the request as it was sent; None where only what the server repeats of it is known."""
        ...

    def journal(self) -> Journal:
        """Return its history."""
        ...


class ServerFiles:
    """The artifacts of a server."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def content(self, artifact: Artifact) -> bytes:
        return self.server.client.get_artifact_content(artifact)

    def save(self, artifact: Artifact, path: Path) -> Path:
        return path if is_here(artifact, path) else self.server.client.download_artifact(artifact, path)


class LiveSource(ServerFiles):
    """A run on a server."""

    def __init__(self, server: Server, run: Run) -> None:
        super().__init__(server)
        self.run = run
        self.name = run.run_id

    @property
    def base_url(self) -> str:
        return self.server.connection.base_url

    @property
    def secrets(self) -> Mapping[str, str]:
        key = self.server.connection.api_key
        return {KEY_VARIABLE: key} if key else {}

    def timeline(self) -> Sequence[TimelineItem] | None:
        try:
            return self.server.client.get_run_timeline(self.run.run_id)
        except (BadRequestError, NotFoundError):
            return None

    def artifacts(self, types: Sequence[str] = ()) -> Sequence[Artifact]:
        return self.server.client.get_run_artifacts(self.run.run_id, artifact_type=list(types) or None)

    def request(self) -> Mapping[str, Any] | None:
        return remembered_request(self.run.run_id)

    def journal(self) -> Journal:
        journal = Journal()
        journal.apply(RunSeen(self.run))
        items = self.timeline()
        if items is not None:
            journal.apply(TimelineSeen(items))
        else:
            journal.apply(ArtifactsSeen(self.artifacts()))
        return journal


class SavedSource:
    """A run in a file."""

    def __init__(self, saved: SavedRun, name: str) -> None:
        self.saved = saved
        self.run = saved.run
        self.name = name

    @property
    def base_url(self) -> str:
        return self.saved.server

    @property
    def secrets(self) -> Mapping[str, str]:
        return {}

    def timeline(self) -> Sequence[TimelineItem] | None:
        return self.saved.timeline

    def artifacts(self, types: Sequence[str] = ()) -> Sequence[Artifact]:
        found = [one.artifact for one in self.saved.artifacts]
        return [artifact for artifact in found if not types or artifact.artifact_type in types]

    def content(self, artifact: Artifact) -> bytes:
        try:
            return self.saved.content(artifact.artifact_id)
        except NotSaved as reason:
            raise NotFoundError(f"{artifact.artifact_id}: {reason}.", status_code=404) from reason

    def save(self, artifact: Artifact, path: Path) -> Path:
        return write_whole(path, self.content(artifact))

    def request(self) -> Mapping[str, Any] | None:
        return self.saved.request

    def journal(self) -> Journal:
        journal = Journal()
        for snapshot in self.saved.snapshots():
            journal.apply(snapshot)
        return journal


def is_file(word: str) -> bool:
    """Tell whether a word names a saved run rather than an id; ids have no dots and no slashes."""
    return word.endswith(SUFFIX) or "/" in word or "\\" in word


def saved_run(word: str) -> SavedSource:
    """Open a saved run. Raises Failure that says why it can't be."""
    path = Path(word).expanduser()
    try:
        return SavedSource(open_run(path), word)
    except NotSaved as reason:
        raise Failure(
            f"{word}: {reason}.", Exit.bad_input, f"`skyvern-tui export RUN_ID --format skyrun` writes {SUFFIX} files."
        ) from reason
    except OSError as error:
        code = Exit.not_found if isinstance(error, FileNotFoundError) else Exit.error
        raise Failure(f"{word}: {error.strerror or error}.", code, "Check the file's name and permissions.") from error


def live(server: Server, run_id: str) -> LiveSource:
    """Return a run of a server."""
    return LiveSource(server, server.client.get_run(run_id))


@contextmanager
def sourced(opening: Opening, word: str) -> Iterator[Source]:
    """Yield the run that ``word`` names. A file needs no server: none is asked for or started."""
    if is_file(word):
        with reported():
            yield saved_run(word)
        return
    with opening as server:
        yield live(server, word)
