"""``skyvern-tui artifacts``: what a run left behind, listed, saved and opened."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import click

from skyvern_tui.cli.choosing import LIST_HINT, artifact_filters, artifacts_of
from skyvern_tui.cli.envelope import current_reply, json_option, jsonl_options
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure
from skyvern_tui.cli.keeping import keep_artifacts
from skyvern_tui.cli.server import Opening, server_options, tools_in_use
from skyvern_tui.client import NotFoundError, SkyvernError
from skyvern_tui.core.opening import NotOpened, to_open
from skyvern_tui.core.saving import save
from skyvern_tui.core.text import plural, size_words


@click.command("list")
@click.argument("run_id", metavar="RUN_ID|FILE")
@artifact_filters
@jsonl_options
@server_options
def list_artifacts(
    opening: Opening, /, *, run_id: str, types: tuple[str, ...], step: str | None, name: str | None
) -> None:
    """Print a run's artifacts, oldest first: id, size, file name."""
    reply = current_reply()
    with artifacts_of(opening, [run_id], types, step, name) as chosen:
        names = {artifact.artifact_id: file for artifact, file in chosen.found}
        width = max((len(artifact_id) for artifact_id in names), default=0)
        count = reply.give_each(
            (artifact for artifact, _ in chosen.found),
            lambda a: f"{a.artifact_id:<{width}}  {size_words(a.file_size):>8}  {names[a.artifact_id]}",
        )
    if not count:
        tools_in_use().narrator.say("There are no such artifacts.", "quiet")


@click.command("get")
@click.argument("words", nargs=-1, required=True, metavar="ARTIFACT_ID...|RUN_ID|FILE [ARTIFACT_ID]...")
@artifact_filters
@click.option("--out", metavar="FILE|DIR|-", default=".", help="Where to; the working directory. - is stdout.")
@jsonl_options
@server_options
def get(
    opening: Opening, /, *, words: tuple[str, ...], types: tuple[str, ...], step: str | None, name: str | None, out: str
) -> None:
    """Save artifacts, and print the files.

    Either by their ids, or all of a run that --type, --step and --name let through. OUT is a file for a single artifact
    that has an id or a suffix given, else a folder. A broken download is taken up where it broke; what arrives is held
    to the size and the checksum of its record.
    """
    reply = current_reply()
    if out == "-" and not reply.is_text:
        raise click.UsageError("--out - writes the bytes to stdout, where --json and --jsonl write theirs. Take one.")
    missing: list[SkyvernError] = []

    def lost(file: str, error: SkyvernError) -> None:
        missing.append(error)
        tools_in_use().narrator.say(f"{file} could not be saved: {error}", "warn")

    with artifacts_of(opening, words, types, step, name) as chosen:
        if not chosen.found:
            raise NotFoundError("There are no such artifacts.", status_code=404, hint=LIST_HINT)
        if out == "-":
            artifact, _ = chosen.one("--out -")
            click.echo(chosen.files.content(artifact), nl=False)
            return
        path = Path(out).expanduser()
        if len(chosen.found) == 1 and not path.is_dir() and not out.endswith("/") and (chosen.by_id or path.suffix):
            path.parent.mkdir(parents=True, exist_ok=True)
            files = [chosen.files.save(chosen.found[0][0], path)]
        else:
            files = keep_artifacts(chosen.files, chosen.found, path, on_error=lost)
    reply.give_each(map(_saved, files), lambda saved: str(saved["path"]))
    if missing:
        raise Failure(
            f"{plural(len(missing), 'artifact')} could not be saved.", Exit.error, "The others are there; try again."
        )


def _saved(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": str(path), "size": path.stat().st_size, "sha256": checksum}


@click.command("open")
@click.argument("words", nargs=-1, required=True, metavar="ARTIFACT_ID|RUN_ID|FILE [ARTIFACT_ID]")
@artifact_filters
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Keep the copy there.")
@json_option
@server_options
def open_artifact(
    opening: Opening,
    /,
    *,
    words: tuple[str, ...],
    types: tuple[str, ...],
    step: str | None,
    name: str | None,
    out: Path | None,
) -> None:
    """Save an artifact and open the copy with the system's program for it; print the file.

    What does something when it is opened is refused. A page is opened without its scripts, and asks nothing of any
    server.
    """
    reply = current_reply()
    with artifacts_of(opening, words, types, step, name) as chosen:
        artifact, file = chosen.one("open")
        data = chosen.files.content(artifact)
        try:
            safe, data = to_open(file, data)
        except NotOpened as reason:
            hint = f"`skyvern-tui artifacts get {artifact.artifact_id}` saves it, `artifacts show` prints it."
            raise Failure(f"{str(reason).partition(';')[0]}.", Exit.error, hint) from reason
        path = save(out or Path(tempfile.mkdtemp(prefix="skyvern-artifact-")), safe, data)
    reply.give(_saved(path), [str(path)])
    if click.launch(str(path)) != 0:
        raise Failure("No program could be started for it.", Exit.error, f"The file is {path}")
