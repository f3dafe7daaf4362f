"""Which artifacts a command is about.

Owns: the options that choose, and the way from ids, runs and files to artifacts. Must not:
fetch their contents, or print.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Final, TypeVar

import click

from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure, reported
from skyvern_tui.cli.keeping import file_name, file_names
from skyvern_tui.cli.server import Opening
from skyvern_tui.cli.source import Files, ServerFiles, is_file, live, saved_run
from skyvern_tui.client import Artifact, NotFoundError

T = TypeVar("T")

_ARTIFACT_ID: Final = "a_"
"""How ids of artifacts begin; those of runs begin otherwise."""
LIST_HINT: Final = "skyvern-tui artifacts list RUN_ID shows what there is."


@dataclass(frozen=True)
class Chosen:
    """Artifacts that were asked for, with a file name each, and where they are."""

    files: Files
    found: list[tuple[Artifact, str]]
    by_id: bool
    """True if they were named by their ids."""

    def one(self, what: str) -> tuple[Artifact, str]:
        """Return the only one. Raises Failure that names them all if there are more."""
        if len(self.found) == 1:
            return self.found[0]
        some = "\n".join(f"  {artifact.artifact_id}  {name}" for artifact, name in self.found[:20])
        more = f"\n  and {len(self.found) - 20} more" if len(self.found) > 20 else ""  # noqa: PLR2004 - as above
        raise Failure(
            f"{len(self.found)} artifacts fit, and {what} takes one.",
            Exit.bad_input,
            f"Give the id of one, or narrow it with --type and --name:\n{some}{more}",
        )


def artifact_filters(command: Callable[..., T]) -> Callable[..., T]:
    """Add the options that choose among a run's artifacts."""
    names = click.option("--name", metavar="PATTERN", help="Only names like this: *.png; a part of the name will do.")
    steps = click.option("--step", metavar="ID", help="Only those of this step or block.")
    types = click.option("--type", "types", multiple=True, metavar="TYPE", help="Only this type. Repeatable.")
    return types(steps(names(command)))


@contextmanager
def artifacts_of(
    opening: Opening, words: Sequence[str], types: tuple[str, ...], step: str | None, name: str | None
) -> Iterator[Chosen]:
    """Yield what was asked for: ids of artifacts, or a run (or a file) and which of its artifacts.

    Raises Failure if there are none.
    """
    if is_file(words[0]):
        with reported():
            source = saved_run(words[0])
            yield _picked(source, list(file_names(source.artifacts(types), source.run)), words[1:], step, name)
        return
    with opening as server:
        if words[0].startswith(_ARTIFACT_ID):
            records = [server.client.get_artifact(word) for word in words]
            yield Chosen(ServerFiles(server), [(record, file_name(record, None)) for record in records], by_id=True)
            return
        run = live(server, words[0])
        yield _picked(run, list(file_names(run.artifacts(types), run.run)), words[1:], step, name)


def _picked(
    files: Files, found: list[tuple[Artifact, str]], ids: Sequence[str], step: str | None, name: str | None
) -> Chosen:
    fitting = [
        (artifact, file)
        for artifact, file in found
        if (not ids or artifact.artifact_id in ids)
        and (step is None or step in {artifact.step_id, artifact.workflow_run_block_id})
        and (name is None or fnmatch(file.casefold(), name.casefold()) or name.casefold() in file.casefold())
    ]
    missing = set(ids) - {artifact.artifact_id for artifact, _ in fitting}
    if missing:
        raise NotFoundError(f"The run has no artifact {min(missing)}.", status_code=404, hint=LIST_HINT)
    return Chosen(files, fitting, by_id=bool(ids))
