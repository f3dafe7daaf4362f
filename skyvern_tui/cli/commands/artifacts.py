"""``skyvern-tui artifacts``: what a run left behind."""

from __future__ import annotations

from pathlib import Path

import click

from skyvern_tui.cli.console import emit, emit_lines
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure
from skyvern_tui.cli.keeping import file_names, keep
from skyvern_tui.cli.server import Opening, Server, server_options
from skyvern_tui.client import Run, SkyvernError
from skyvern_tui.core.text import size_words


@click.command("artifacts")
@click.argument("run_id")
@click.option("--type", "artifact_type", multiple=True, metavar="TYPE", help="Only artifacts of this type. Repeatable.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Save them there.")
@click.option("--json", "as_json", is_flag=True, help="Print their records as JSON.")
@server_options
def artifacts(
    opening: Opening, /, *, run_id: str, artifact_type: tuple[str, ...], out: Path | None, as_json: bool
) -> None:
    """Print a run's artifacts, oldest first: id, size, file name. With --out print the files saved."""
    with opening as server:
        run = server.client.get_run(run_id)
        if out is not None:
            _save(server, run, artifact_type, out)
            return
        found = server.client.get_run_artifacts(run_id, artifact_type=artifact_type or None)
        if as_json:
            emit([artifact.model_dump(mode="json") for artifact in found])
            return
        width = max((len(artifact.artifact_id) for artifact in found), default=0)
        emit_lines(
            f"{artifact.artifact_id:<{width}}  {size_words(artifact.file_size):>8}  {name}"
            for artifact, name in file_names(found, run)
        )


def _save(server: Server, run: Run, artifact_type: tuple[str, ...], out: Path) -> None:
    missing: list[str] = []

    def lost(name: str, error: SkyvernError) -> None:
        missing.append(name)
        server.narrator.say(f"{name} could not be saved: {error}", "warn")

    files = keep(server.client, run, out, artifact_type=artifact_type, on_error=lost)
    emit_lines(str(path) for path in files)
    if missing:
        raise Failure(f"{len(missing)} artifacts could not be saved.", Exit.error, "The others are there; try again.")
