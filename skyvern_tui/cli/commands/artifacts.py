"""``skyvern-tui artifacts``: what a run left behind."""

from __future__ import annotations

from pathlib import Path

import click

from skyvern_tui.cli.envelope import current_reply, jsonl_options
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure
from skyvern_tui.cli.keeping import file_names, keep
from skyvern_tui.cli.server import Opening, Server, server_options
from skyvern_tui.client import Run, SkyvernError
from skyvern_tui.core.text import size_words

_TYPES = click.option("--type", "artifact_type", multiple=True, help="Only artifacts of this type. Repeatable.")


@click.command("list")
@click.argument("run_id")
@_TYPES
@jsonl_options
@server_options
def list_artifacts(opening: Opening, /, *, run_id: str, artifact_type: tuple[str, ...]) -> None:
    """Print a run's artifacts, oldest first: id, size, file name."""
    reply = current_reply()
    with opening as server:
        run = server.client.get_run(run_id)
        found = list(file_names(server.client.get_run_artifacts(run_id, artifact_type=artifact_type or None), run))
        names = {artifact.artifact_id: name for artifact, name in found}
        width = max((len(artifact_id) for artifact_id in names), default=0)
        reply.give_each(
            (artifact for artifact, _ in found),
            lambda a: f"{a.artifact_id:<{width}}  {size_words(a.file_size):>8}  {names[a.artifact_id]}",
        )


@click.command("get")
@click.argument("run_id")
@_TYPES
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    default=Path(),
    help="Where to; the working directory.",
)
@jsonl_options
@server_options
def get(opening: Opening, /, *, run_id: str, artifact_type: tuple[str, ...], out: Path) -> None:
    """Save a run's artifacts, and print the files."""
    with opening as server:
        _save(server, server.client.get_run(run_id), artifact_type, out)


def _save(server: Server, run: Run, artifact_type: tuple[str, ...], out: Path) -> None:
    missing: list[str] = []

    def lost(name: str, error: SkyvernError) -> None:
        missing.append(name)
        server.narrator.say(f"{name} could not be saved: {error}", "warn")

    files = keep(server.client, run, out, artifact_type=artifact_type, on_error=lost)
    current_reply().give_each(files, str)
    if missing:
        raise Failure(f"{len(missing)} artifacts could not be saved.", Exit.error, "The others are there; try again.")
