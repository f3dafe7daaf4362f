"""``skyvern-tui watch``: a run as plain lines, from wherever it is to its end."""

from __future__ import annotations

import click

from skyvern_tui.cli.commands.run import answer
from skyvern_tui.cli.console import emit_lines
from skyvern_tui.cli.envelope import Reply, current_reply, jsonl_options
from skyvern_tui.cli.exits import Exit, of_status
from skyvern_tui.cli.failing import Failure
from skyvern_tui.cli.following import follow, teller_for
from skyvern_tui.cli.server import Opening, Server, server_options
from skyvern_tui.cli.source import is_file, saved_run
from skyvern_tui.cli.watching import Lines, Teller, ending, summary, tell_all
from skyvern_tui.client import Run, RunStatus
from skyvern_tui.core.runs import line_of

LIVE = (RunStatus.running, RunStatus.paused, RunStatus.queued, RunStatus.created)
"""Statuses of runs that are not over."""


@click.command("watch")
@click.argument("run_id", required=False, metavar="[RUN_ID|FILE]")
@click.option("--timeout", type=click.FloatRange(0), metavar="SECONDS", help="Longest wait; as long as it takes.")
@jsonl_options
@server_options
def watch(opening: Opening, /, *, run_id: str | None, timeout: float | None) -> None:
    """Print what happens in a run, a plain line for each thing, until it is over.

    Nothing is drawn over or coloured: right for screen readers, logs and pipes. Without RUN_ID the newest run that is
    not over is taken. Outages of the server are waited out. The exit status says how the run ended, also when it was
    over already.
    """
    reply = current_reply()
    if run_id is not None and is_file(run_id):
        source = saved_run(run_id)
        teller = _teller(reply)
        if teller is not None:
            tell_all(source.journal(), teller, source.run)
        _end(reply, source.run)
    with opening as server:
        run = _newest(server) if run_id is None else server.client.get_run(run_id)
        if reply.is_text:
            emit_lines([f"Run {run.run_id} is {run.status}: {line_of(run).name}"])
        reply.keep(run)
        server.be_patient()
        ended = follow(server, run, timeout, teller=_teller(reply), tell_end=False)
        _end(reply, ended)


def _teller(reply: Reply) -> Teller | None:
    """Return whom news go to: here lines are the data. One document has room for the run only: None."""
    if reply.is_text:
        return Lines(lambda text, _tone: emit_lines([text]))
    return teller_for(reply)


def _end(reply: Reply, run: Run) -> None:
    answer(reply, run, [summary(run)[0]])
    reply.leave(of_status(run.status), *ending(run))


def _newest(server: Server) -> Run:
    """Return the newest run that is not over. Raises Failure if there is none."""
    rows = server.client.get_runs(page_size=1, status=list(LIVE))
    if not rows:
        raise Failure(
            "No run is going on.",
            Exit.not_found,
            f"Give the id of one, or start one: {server.again('run PROMPT')}",
        )
    return server.client.get_run(rows[0].run_id)
