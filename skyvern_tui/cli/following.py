"""Seeing a run through.

Owns: waiting for a run while somebody is told, what an interruption and a time that is up
mean for it, and saving what it left. Must not: choose the run.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from skyvern_tui.cli.console import Narrator
from skyvern_tui.cli.envelope import Form, Reply
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure
from skyvern_tui.cli.keeping import keep
from skyvern_tui.cli.server import Server
from skyvern_tui.cli.source import Source
from skyvern_tui.cli.watching import Events, Teller, Watch, summary, telling
from skyvern_tui.client import Run, RunTimeoutError
from skyvern_tui.core.text import plural


def follow(
    server: Server,
    run: Run,
    timeout: float | None,
    *,
    lines: bool = False,
    cancel: bool = False,
    teller: Teller | None = None,
    tell_end: bool = True,
) -> Run:
    """Wait for a run and tell what happens; return it as it ended.

    Leaves the run alone when interrupted, and when the time is up unless ``cancel`` says otherwise. ``teller`` is told
    instead of stderr; ``tell_end`` has stderr told how the run ended. Raises Failure.
    """
    try:
        with nullcontext(teller) if teller is not None else telling(server.narrator, lines=lines) as told:
            watch = Watch(server.client, run, told)
            ended = (
                run
                if run.is_final
                else server.client.wait_for_run(run.run_id, timeout, cancel_on_timeout=cancel, on_poll=watch.on_poll)
            )
    except KeyboardInterrupt:
        raise Failure(
            f"Interrupted. Run {run.run_id} was not canceled.", Exit.interrupted, resume(server, run)
        ) from None
    except RunTimeoutError as error:
        stopped = "It was asked to stop, as --cancel-on-timeout says."
        hint = stopped if error.canceled else resume(server, run)
        raise Failure(error.message, Exit.wait_timeout, hint) from error
    if tell_end:
        server.narrator.say(*summary(ended))
    return ended


def teller_for(reply: Reply) -> Teller | None:
    """Return whom ``--jsonl`` has told of what happens; None where a person reads along on stderr."""
    return Events(reply.event) if reply.form is Form.jsonl else None


def save_all(narrator: Narrator, source: Source, directory: Path) -> list[Path]:
    """Save what a run left and tell of each file."""
    say = narrator.say
    files = keep(source, directory, on_error=lambda name, error: say(f"  {name} could not be saved: {error}", "warn"))
    say(f"Saved {plural(len(files), 'file')} in {directory}:")
    for path in files:
        say(f"  {path}")
    return files


def resume(server: Server, run: Run) -> str:
    """Return how to come back to a run that goes on."""
    begin = "Come back to it"
    if server.connection.embedded:
        begin = "A mock server that ends with this command takes it up again when it starts"
    return f"{begin}: {server.again(f'watch {run.run_id}')}"
