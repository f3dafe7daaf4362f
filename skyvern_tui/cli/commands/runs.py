"""``skyvern-tui runs``: looking after runs that are there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from skyvern_tui.cli.asking import changed, checked, fields_of
from skyvern_tui.cli.commands.run import REQUEST_FORMATS, TIMEOUT, see_through, show_request
from skyvern_tui.cli.envelope import Reply, current_reply, json_option, jsonl_options
from skyvern_tui.cli.exits import Exit, of_error, of_status
from skyvern_tui.cli.failing import Failure
from skyvern_tui.cli.following import follow, save_all
from skyvern_tui.cli.given import stdin_text
from skyvern_tui.cli.reading import card
from skyvern_tui.cli.server import Opening, Server, server_options, tools_in_use, url_meant
from skyvern_tui.cli.source import LiveSource, Source, is_file, live, saved_run, sourced
from skyvern_tui.cli.watching import ending, lines_of
from skyvern_tui.client import SkyvernError
from skyvern_tui.core.draft import Draft
from skyvern_tui.core.imports import from_run


@click.command("get")
@click.argument("run_id", metavar="RUN_ID|FILE")
@click.option("--wait", is_flag=True, help="Wait for the run's end; the exit status then says how it ended.")
@TIMEOUT
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Save every artifact there."
)
@json_option
@server_options
def get(opening: Opening, /, *, run_id: str, wait: bool, timeout: float, out: Path | None) -> None:
    """Print a run: what was asked, how it stands, what came out. With --json the run as the server sends it."""
    reply = current_reply()
    with sourced(opening, run_id) as source:
        if wait and isinstance(source, LiveSource):
            source.run = follow(source.server, source.run, timeout)
        reply.give(source.run, card(source.run))
        if out is not None:
            save_all(tools_in_use().narrator, source, out)
        if wait:
            reply.leave(of_status(source.run.status), *ending(source.run))


@click.command("cancel")
@click.argument("run_ids", nargs=-1, required=True, metavar="RUN_ID...|-")
@jsonl_options
@server_options
def cancel(opening: Opening, /, *, run_ids: tuple[str, ...]) -> None:
    """Ask the server to cancel runs, and print how each stands then.

    With - the ids are read from stdin, the first word of each line: what `runs list` prints is right. A run that can't
    be canceled does not keep the others from it; the exit status is that of the first trouble.
    """
    reply = current_reply()
    wanted = list(_ids(run_ids))
    if not wanted:
        raise Failure("No run was named on stdin.", Exit.bad_input, "Give a run's id at the beginning of each line.")
    troubles: list[SkyvernError] = []
    with opening as server:
        server.check_writable("cancel a run")
        reply.give_each(
            (_stopped(server, run_id, troubles) for run_id in wanted),
            lambda done: f"{done['run_id']}  {done['status']}",
        )
    if troubles:
        first = troubles[0]
        count = f"{len(troubles)} of {len(wanted)} runs could not be canceled. " if len(wanted) > 1 else ""
        raise Failure(f"{count}{first.message}", of_error(first), first.hint)


def _ids(words: tuple[str, ...]) -> Iterator[str]:
    for word in words:
        if word == "-":
            yield from (line.split()[0] for line in stdin_text("RUN_ID").splitlines() if line.split())
        else:
            yield word


def _stopped(server: Server, run_id: str, troubles: list[SkyvernError]) -> dict[str, Any]:
    try:
        server.client.cancel_run(run_id)
        return {"run_id": run_id, "status": server.client.get_run(run_id).status, "error": None}
    except SkyvernError as error:
        troubles.append(error)
        return {"run_id": run_id, "status": "not canceled", "error": error.message}


@click.command("rerun")
@click.argument("run_id", metavar="RUN_ID|FILE")
@click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE", help="Change a parameter. Repeatable.")
@click.option("--watch/--no-watch", "wait", default=False, help="Wait for the new run's end, as `run` does.")
@TIMEOUT
@click.option("--dry-run", is_flag=True, help="Send nothing: print the request, in the format --format names.")
@click.option("--format", "format_name", type=click.Choice(REQUEST_FORMATS), default="json", help="With --dry-run.")
@jsonl_options
@server_options
@click.pass_context
def rerun(
    ctx: click.Context,
    opening: Opening,
    /,
    *,
    run_id: str,
    assignments: tuple[str, ...],
    wait: bool,
    timeout: float,
    dry_run: bool,
    format_name: str,
) -> None:
    """Start a task once more and print the new run's id; with --watch its output.

    --set max_steps=5 changes a parameter, --set url= leaves one out, and a value may be @FILE or -. What this machine
    sent itself is known in full; of other runs the server repeats only a part (warnings say so).
    """
    reply = current_reply()
    with ExitStack() as stack:
        # A request that is only shown needs no server if the run is in a file.
        server = None if is_file(run_id) and dry_run else stack.enter_context(opening)
        fields = _asked_again(
            saved_run(run_id) if server is None or is_file(run_id) else live(server, run_id), assignments, reply
        )
        if server is None or dry_run:
            show_request(reply, fields, format_name, base_url=url_meant(ctx))
            return
        see_through(reply, server, server.start(fields), wait=wait, timeout=timeout, cancel=False, out=None)


def _asked_again(source: Source, assignments: tuple[str, ...], reply: Reply) -> dict[str, Any]:
    """Return the request a run came from, as far as it is known, with what is to be changed."""
    sent = source.request()
    imported = from_run(source.run)
    for message in imported.messages if sent is None else ():
        reply.warn(f"{source.name}: {message}")
    draft = imported.draft if sent is None else Draft.from_request(sent)
    return fields_of(checked(changed(draft, assignments), reply))


@click.command("timeline")
@click.argument("run_id", metavar="RUN_ID|FILE")
@jsonl_options
@server_options
def timeline(opening: Opening, /, *, run_id: str) -> None:
    """Print what happened in a run, in the order in which it happened."""
    reply = current_reply()
    with sourced(opening, run_id) as source:
        if reply.is_text:
            reply.give(None, lines_of(source.journal(), source.run))
            return
        items = source.timeline()
        if items is None:
            reply.warn(f"Runs of type {source.run.run_type} have no timeline on this server.")
        reply.give_each(items or (), str)


@click.command("open")
@click.argument("run_id", metavar="RUN_ID|FILE")
@click.option("--print", "only_print", is_flag=True, help="Print the address, open nothing.")
@json_option
@server_options
def open_run(opening: Opening, /, *, run_id: str, only_print: bool) -> None:
    """Open a run's page in the browser, and print its address."""
    reply = current_reply()
    with sourced(opening, run_id) as source:
        url = source.run.app_url or ""
    if not url.startswith(("http://", "https://")):
        raise Failure(
            f"The server names no page for {run_id}.", Exit.not_found, "`skyvern-tui runs get` shows the run here."
        )
    reply.give({"run_id": source.run.run_id, "url": url}, [url])
    if not only_print and click.launch(url) != 0:
        raise Failure("No browser could be started.", Exit.error, f"Open it yourself: {url}")
