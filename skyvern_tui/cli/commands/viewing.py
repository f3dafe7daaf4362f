"""``skyvern-tui artifacts show``: an artifact as text."""

from __future__ import annotations

import click

from skyvern_tui.cli.choosing import artifact_filters, artifacts_of
from skyvern_tui.cli.envelope import current_reply, json_option
from skyvern_tui.cli.server import Opening, server_options
from skyvern_tui.cli.showing import shown


@click.command("show")
@click.argument("words", nargs=-1, required=True, metavar="ARTIFACT_ID|RUN_ID|FILE [ARTIFACT_ID]")
@artifact_filters
@click.option("--source", is_flag=True, help="As it is: the markup of a page, the JSON of a request log.")
@json_option
@server_options
def show(
    opening: Opening,
    /,
    *,
    words: tuple[str, ...],
    types: tuple[str, ...],
    step: str | None,
    name: str | None,
    source: bool,
) -> None:
    """Print an artifact as text: JSON, logs, a page's text, requests, an archive's contents, a PDF's words."""
    reply = current_reply()
    with artifacts_of(opening, words, types, step, name) as chosen:
        artifact, file = chosen.one("show")
        text = shown(chosen.files.content(artifact), artifact.artifact_type, file, source=source)
    for note in text.notes:
        reply.warn(f"{file}: {note}")
    reply.give({"artifact": artifact, "name": file, "lines": list(text.lines)}, text.lines)
