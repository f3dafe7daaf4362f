"""``get``, ``list``, ``cancel`` and ``timeline``: looking after runs that are there."""

from __future__ import annotations

from pathlib import Path

import click

from skyvern_tui.cli.commands.run import follow, save_all
from skyvern_tui.cli.console import emit, emit_lines
from skyvern_tui.cli.exits import of_status
from skyvern_tui.cli.server import Opening, server_options
from skyvern_tui.cli.watching import line_of
from skyvern_tui.core.journal import EventKind, Journal, RunSeen, TimelineSeen
from skyvern_tui.core.timeline import Timeline


@click.command("get")
@click.argument("run_id")
@click.option("--wait", is_flag=True, help="Wait for the run's end; the exit status then says how it ended.")
@click.option("--timeout", type=click.FloatRange(0), default=1800.0, metavar="SECONDS", help="Longest wait; 1800 s.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Save every artifact there."
)
@server_options
@click.pass_context
def get(ctx: click.Context, opening: Opening, /, *, run_id: str, wait: bool, timeout: float, out: Path | None) -> None:
    """Print the run as JSON."""
    with opening as server:
        run = server.client.get_run(run_id)
        if wait:
            run = follow(server, run, timeout)
        emit(run.model_dump(mode="json"))
        if out is not None:
            save_all(server, run, out)
        if wait:
            ctx.exit(of_status(run.status))


@click.command("list")
@click.option("--page", type=click.IntRange(1), default=1, show_default=True, help="Page, from 1.")
@click.option("--page-size", type=click.IntRange(1, 100), default=20, show_default=True, help="Runs per page.")
@click.option("--status", multiple=True, help="Only runs with this status. Repeatable.")
@click.option("--type", "run_type", multiple=True, help="Only runs of this type. Repeatable.")
@click.option("--search", metavar="TEXT", help="Only runs with this in title, URL or id; 3 characters or more.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@server_options
def list_runs(
    opening: Opening,
    /,
    *,
    page: int,
    page_size: int,
    status: tuple[str, ...],
    run_type: tuple[str, ...],
    search: str | None,
    as_json: bool,
) -> None:
    """Print runs, newest first: id, status, time of creation, title."""
    with opening as server:
        rows = server.client.get_runs(
            page=page, page_size=page_size, status=status or None, run_type=run_type or None, search_key=search
        )
        if as_json:
            emit([row.model_dump(mode="json") for row in rows])
            return
        width = max((len(row.run_id) for row in rows), default=0)
        emit_lines(
            f"{row.run_id:<{width}}  {row.status:<10}  {row.created_at:%Y-%m-%d %H:%M:%S}  {row.title or ''}".rstrip()
            for row in rows
        )
        if not rows:
            server.narrator.say("There are no such runs.", "quiet")


@click.command("cancel")
@click.argument("run_ids", nargs=-1, required=True, metavar="RUN_ID...")
@server_options
def cancel(opening: Opening, /, *, run_ids: tuple[str, ...]) -> None:
    """Ask the server to cancel runs."""
    with opening as server:
        for run_id in run_ids:
            server.client.cancel_run(run_id)
            run = server.client.get_run(run_id)
            server.narrator.say(f"Run {run_id} is {run.status}.")


@click.command("timeline")
@click.argument("run_id")
@click.option("--json", "as_json", is_flag=True, help="Print it as the server sends it: newest first.")
@server_options
def timeline(opening: Opening, /, *, run_id: str, as_json: bool) -> None:
    """Print what happened in a run, in the order in which it happened."""
    with opening as server:
        items = server.client.get_run_timeline(run_id)
        if as_json:
            emit([item.model_dump(mode="json") for item in items])
            return
        run = server.client.get_run(run_id)
        journal = Journal()
        journal.apply(RunSeen(run))
        journal.apply(TimelineSeen(items))
        rows = Timeline(journal).rows()
        emit_lines(line_of(row, run) for row in rows if row.event.kind is not EventKind.output_ready)
