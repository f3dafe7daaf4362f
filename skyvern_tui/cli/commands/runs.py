"""``skyvern-tui runs``: looking after runs that are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from skyvern_tui.cli.commands.run import follow, save_all
from skyvern_tui.cli.envelope import current_reply, json_option, jsonl_options
from skyvern_tui.cli.exits import of_status
from skyvern_tui.cli.server import Opening, server_options
from skyvern_tui.cli.watching import ending, line_of
from skyvern_tui.client import RunListItem
from skyvern_tui.core.journal import EventKind, Journal, RunSeen, TimelineSeen
from skyvern_tui.core.timeline import Timeline


@click.command("get")
@click.argument("run_id")
@click.option("--wait", is_flag=True, help="Wait for the run's end; the exit status then says how it ended.")
@click.option("--timeout", type=click.FloatRange(0), default=1800.0, metavar="SECONDS", help="Longest wait; 1800 s.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Save every artifact there."
)
@json_option
@server_options
def get(opening: Opening, /, *, run_id: str, wait: bool, timeout: float, out: Path | None) -> None:
    """Print the run as JSON."""
    reply = current_reply()
    with opening as server:
        run = server.client.get_run(run_id)
        if wait:
            run = follow(server, run, timeout)
        reply.give(run)
        if out is not None:
            save_all(server, run, out)
        if wait:
            reply.leave(of_status(run.status), *ending(run))


@click.command("list")
@click.option("--page", type=click.IntRange(1), default=1, show_default=True, help="Page, from 1.")
@click.option("--page-size", type=click.IntRange(1, 100), default=20, show_default=True, help="Runs per page.")
@click.option("--status", multiple=True, help="Only runs with this status. Repeatable.")
@click.option("--type", "run_type", multiple=True, help="Only runs of this type. Repeatable.")
@click.option("--search", metavar="TEXT", help="Only runs with this in title, URL or id; 3 characters or more.")
@jsonl_options
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
) -> None:
    """Print runs, newest first: id, status, time of creation, title."""
    reply = current_reply()
    with opening as server:
        rows = server.client.get_runs(
            page=page, page_size=page_size, status=status or None, run_type=run_type or None, search_key=search
        )
        width = max((len(row.run_id) for row in rows), default=0)

        def line(row: RunListItem) -> str:
            at = f"{row.created_at:%Y-%m-%d %H:%M:%S}"
            return f"{row.run_id:<{width}}  {row.status:<10}  {at}  {row.title or ''}".rstrip()

        if not reply.give_each(rows, line):
            server.narrator.say("There are no such runs.", "quiet")


@click.command("cancel")
@click.argument("run_ids", nargs=-1, required=True, metavar="RUN_ID...")
@jsonl_options
@server_options
def cancel(opening: Opening, /, *, run_ids: tuple[str, ...]) -> None:
    """Ask the server to cancel runs, and print how each stands then."""
    reply = current_reply()
    with opening as server:

        def stop(run_id: str) -> dict[str, Any]:
            server.client.cancel_run(run_id)
            return {"run_id": run_id, "status": server.client.get_run(run_id).status}

        reply.give_each(map(stop, run_ids), lambda done: f"{done['run_id']}  {done['status']}")


@click.command("timeline")
@click.argument("run_id")
@json_option
@server_options
def timeline(opening: Opening, /, *, run_id: str) -> None:
    """Print what happened in a run, in the order in which it happened."""
    reply = current_reply()
    with opening as server:
        items = server.client.get_run_timeline(run_id)
        run = server.client.get_run(run_id)
        journal = Journal()
        journal.apply(RunSeen(run))
        journal.apply(TimelineSeen(items))
        rows = Timeline(journal).rows()
        reply.give(items, (line_of(row, run) for row in rows if row.event.kind is not EventKind.output_ready))
