"""``skyvern-tui run``: start a task and see it through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from skyvern_tui.cli.asking import checked, draft_from, fields_of, task_options, templates
from skyvern_tui.cli.console import emit_block, json_text
from skyvern_tui.cli.envelope import Reply, current_reply, jsonl_options
from skyvern_tui.cli.exits import of_status
from skyvern_tui.cli.following import follow, resume, save_all, teller_for
from skyvern_tui.cli.server import Opening, Server, server_options, url_meant
from skyvern_tui.cli.source import LiveSource
from skyvern_tui.cli.varying import leave_all, see_all_through, several, show_requests, varying_options
from skyvern_tui.cli.watching import ending
from skyvern_tui.client import Run
from skyvern_tui.core.exports import FORMATS, export

REQUEST_FORMATS = [format_.name for format_ in FORMATS]
TIMEOUT = click.option(
    "--timeout", type=click.FloatRange(0), default=1800.0, metavar="SECONDS", help="Longest wait; 1800 s."
)


@click.command("run")
@task_options
@varying_options
@click.option("--dry-run", is_flag=True, help="Send nothing: print the request, in the format --format names.")
@click.option("--format", "format_name", type=click.Choice(REQUEST_FORMATS), default="json", help="With --dry-run.")
@click.option("--wait/--no-wait", default=True, help="Wait for the run's end (default), or print its id and leave it.")
@TIMEOUT
@click.option("--cancel-on-timeout", is_flag=True, help="Cancel a run that is not over within --timeout.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Save every artifact there."
)
@jsonl_options
@server_options
@click.pass_context
def run(
    ctx: click.Context,
    opening: Opening,
    /,
    *,
    prompt: str | None,
    request_file: str | None,
    template: str | None,
    each: tuple[str, ...],
    variants_file: str | None,
    copies: int,
    dry_run: bool,
    format_name: str,
    wait: bool,
    timeout: float,
    cancel_on_timeout: bool,
    out: Path | None,
    **options: Any,
) -> None:
    """Start the task PROMPT describes and print its output as JSON.

    PROMPT and every other long value may be @FILE (@@ for a text that begins with @) or - for stdin. A whole task can
    come from --request or --template; PROMPT and options then change it.

    --each, --variants and --copies start several runs of it, a hundred at most: a line of JSON for each as it ends.

    Progress goes to stderr. Ctrl-C leaves the run as it is and says how to come back to it. The exit status says how
    the run ended.
    """
    reply = current_reply()
    if template == "list":
        reply.give_each(templates(), lambda one: f"{one.name}: {one.summary}")
        return
    draft = draft_from(prompt, options, request_file=request_file, template=template, reply=reply)
    asked = several(draft, each, variants_file, copies, reply)
    if asked:
        if dry_run:
            show_requests(reply, asked, format_name, base_url=url_meant(ctx))
            return
        with opening as server:
            if wait:
                see_all_through(reply, server, asked, timeout=timeout, cancel=cancel_on_timeout, out=out)
            else:
                leave_all(reply, server, asked)
        return
    fields = fields_of(checked(draft, reply))
    if dry_run:
        show_request(reply, fields, format_name, base_url=url_meant(ctx))
        return
    with opening as server:
        created = server.start(fields)
        see_through(reply, server, created, wait=wait, timeout=timeout, cancel=cancel_on_timeout, out=out)


def show_request(reply: Reply, fields: dict[str, Any], format_name: str, *, base_url: str) -> None:
    """Answer a request as another tool would take it. Secrets are variables."""
    exported = export(fields, format_name, base_url=base_url)
    data = {"format": format_name, "text": exported.text, "variables": list(exported.variables)}
    emit_block(exported.text) if reply.is_text else reply.give(data)


def see_through(
    reply: Reply, server: Server, created: Run, *, wait: bool, timeout: float, cancel: bool, out: Path | None
) -> None:
    """Answer with the run's id at once, or with its output at its end; the exit status is then the run's."""
    server.narrator.say(f"Run {created.run_id} is {created.status} on {server.connection.name}.")
    if not wait:
        reply.give(created, [created.run_id])
        server.narrator.say(resume(server, created), "quiet")
        return
    reply.keep(created)
    ended = follow(server, created, timeout, cancel=cancel, teller=teller_for(reply))
    answer(reply, ended, json_text(ended.output).split("\n"))
    if out is not None:
        save_all(server.narrator, LiveSource(server, ended), out)
    reply.leave(of_status(ended.status), *ending(ended))


def answer(reply: Reply, ended: Run, text: list[str]) -> None:
    """Answer a run that is over; for ``--jsonl`` that is its last event."""
    if reply.is_stream:
        reply.event({"event": "ended", "run": ended})
    else:
        reply.give(ended, text)
