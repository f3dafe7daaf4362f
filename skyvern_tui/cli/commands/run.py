"""``skyvern-tui run``: start a task and see it through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from skyvern_tui.cli.asking import request_from, task_options
from skyvern_tui.cli.console import json_text
from skyvern_tui.cli.envelope import current_reply, json_option
from skyvern_tui.cli.exits import Exit, of_status
from skyvern_tui.cli.failing import Failure
from skyvern_tui.cli.keeping import keep
from skyvern_tui.cli.server import Opening, Server, server_options
from skyvern_tui.cli.watching import Watch, ending, summary, telling
from skyvern_tui.client import Run, RunTimeoutError


@click.command("run")
@task_options
@click.option("--wait/--no-wait", default=True, help="Wait for the run's end (default), or print its id and leave it.")
@click.option("--timeout", type=click.FloatRange(0), default=1800.0, metavar="SECONDS", help="Longest wait; 1800 s.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Save every artifact there."
)
@json_option
@server_options
def run(
    opening: Opening,
    /,
    *,
    prompt: str,
    wait: bool,
    timeout: float,
    out: Path | None,
    **options: Any,
) -> None:
    """Start the task PROMPT describes and print its output as JSON.

    Progress goes to stderr. Ctrl-C leaves the run as it is and says how to come back to it.
    """
    reply = current_reply()
    fields = request_from(prompt, options).model_dump(mode="json", exclude_unset=True)
    with opening as server:
        try:
            created = server.client.run_task(**fields)
        except KeyboardInterrupt:
            hint = f"Whether the run was started is not known: {server.again('runs list')}"
            raise Failure("Interrupted.", Exit.interrupted, hint) from None
        server.narrator.say(f"Run {created.run_id} is {created.status} on {server.connection.name}.")
        if not wait:
            reply.give(created, [created.run_id])
            server.narrator.say(_resume(server, created), "quiet")
            return
        ended = follow(server, created, timeout)
        reply.give(ended, json_text(ended.output).splitlines())
        if out is not None:
            save_all(server, ended, out)
        reply.leave(of_status(ended.status), *ending(ended))


def follow(server: Server, run: Run, timeout: float, *, lines: bool = False) -> Run:
    """Wait for a run and tell what happens; return it as it ended. Leaves it alone when interrupted."""
    try:
        with telling(server.narrator, lines=lines) as teller:
            watch = Watch(server.client, run, teller)
            ended = run if run.is_final else server.client.wait_for_run(run.run_id, timeout, on_poll=watch.on_poll)
    except KeyboardInterrupt:
        raise Failure(
            f"Interrupted. Run {run.run_id} was not canceled.", Exit.interrupted, _resume(server, run)
        ) from None
    except RunTimeoutError as error:
        raise Failure(error.message, Exit.wait_timeout, _resume(server, run)) from error
    server.narrator.say(*summary(ended))
    return ended


def save_all(server: Server, run: Run, directory: Path) -> list[Path]:
    """Save a run's artifacts and tell of each."""
    say = server.narrator.say
    files = keep(
        server.client,
        run,
        directory,
        on_error=lambda name, error: say(f"  {name} could not be saved: {error}", "warn"),
    )
    say(f"Saved {len(files)} files in {directory}:")
    for path in files:
        say(f"  {path}")
    return files


def _resume(server: Server, run: Run) -> str:
    begin = "Come back to it"
    if server.connection.embedded:
        begin = "A mock server that ends with this command takes it up again when it starts"
    return f"{begin}: {server.again(f'runs get {run.run_id} --wait')}"
