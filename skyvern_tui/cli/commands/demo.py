"""``skyvern-tui demo``: three documented tasks on the bundled sites, from nothing to checked answers."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from skyvern_tui.cli.console import emit
from skyvern_tui.cli.exits import Exit, of_status
from skyvern_tui.cli.following import follow, save_all
from skyvern_tui.cli.server import Server, Tools, serving
from skyvern_tui.cli.showpieces import SHOWPIECES, Showpiece
from skyvern_tui.cli.source import LiveSource
from skyvern_tui.config import Connection
from skyvern_tui.core.text import one_line

_LONGEST_RUN = 180.0
"""Seconds; the tasks take a few."""


@click.command("demo")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Save the artifacts there."
)
@click.pass_context
def demo(ctx: click.Context, *, out: Path | None) -> None:
    """Run three documented tasks on the bundled sites and check their answers.

    A mock server is started for it on a free port, with data of its own. The exit status is 0 only if every run
    completed with the answer that the site itself gives.
    """
    out = out or Path(tempfile.mkdtemp(prefix="skyvern-demo-"))
    with (
        tempfile.TemporaryDirectory(prefix="skyvern-demo-data-", ignore_cleanup_errors=True) as data,
        serving(Connection("", name="mock", embedded=True), ctx.ensure_object(Tools), " --mock", Path(data)) as server,
    ):
        sites = {site.name: site.url for site in server.client.get_mock_sites()}
        endings = [
            _perform(server, piece, sites[piece.site], out / f"{number}-{piece.site}", f"{number}/{len(SHOWPIECES)}")
            for number, piece in enumerate(SHOWPIECES, 1)
        ]
    wrong = [ending for ending in endings if ending is not Exit.completed]
    say = ctx.ensure_object(Tools).narrator.say
    say(
        f"\n{len(endings) - len(wrong)} of {len(endings)} tasks completed with the right answer.",
        "bad" if wrong else "good",
    )
    say(f"Everything they left behind is in {out}.")
    ctx.exit(wrong[0] if wrong else Exit.completed)


def _perform(server: Server, piece: Showpiece, site: str, directory: Path, place: str) -> Exit:
    """Do one task, save what it left, and compare its answer with what the site itself says."""
    say = server.narrator.say
    url = site.rstrip("/") + "/" + piece.path
    say(f"\n[{place}] {piece.prompt}\n      {url}", "busy")
    created = server.client.run_task(piece.prompt, url=url, data_extraction_schema=piece.schema, max_steps=10)
    run = follow(server, created, _LONGEST_RUN, lines=True)
    emit(run.output)
    save_all(server.narrator, LiveSource(server, run), directory)
    if run.status != "completed":
        return of_status(run.status)
    problem = piece.check(server.client, site, run)
    if problem:
        say(f"      The answer is wrong: {one_line(problem)}", "bad")
        return Exit.error
    say(f"      The answer is right: {piece.proof}", "good")
    return Exit.completed
