"""``skyvern-tui doctor``: what works here, what does not, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from skyvern_tui.cli import findings
from skyvern_tui.cli.envelope import current_reply, json_option
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.findings import Finding
from skyvern_tui.cli.server import Tools, serving
from skyvern_tui.cli.serverchecks import answers
from skyvern_tui.config import ConfigError, resolve_connection


@click.command("doctor")
@click.option("--mock", is_flag=True, help="Look at the local mock server, starting it.")
@click.option("--base-url", metavar="URL", help="Look at the server at this address.")
@click.option("--profile", metavar="NAME", help="Look at the server of this profile.")
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, mock: bool, base_url: str | None, profile: str | None) -> None:
    """Check the installation, the terminal, the settings and the server they lead to, and say what to do.

    The exit status is that of the first fault. Notes are no faults.
    """
    root = ctx.find_root().params
    found = [
        *findings.installation(),
        *findings.terminal(),
        *findings.settings(),
        *_server(
            ctx.ensure_object(Tools),
            mock=mock or bool(root["mock"]),
            base_url=base_url or root["base_url"],
            profile=profile or root["profile"],
        ),
    ]
    width = max(len(finding.what) for finding in found)
    reply = current_reply()
    reply.give([finding.as_dict() for finding in found], _lines(found, width))
    first = next((finding for finding in found if finding.code is not Exit.completed), None)
    if first is not None:
        reply.leave(first.code, f"{first.what}: {first.text}", first.hint)


def _lines(found: list[Finding], width: int) -> Iterator[str]:
    for finding in found:
        yield f"{finding.mark:<4}  {finding.what:<{width}}  {finding.text}"
        if finding.hint:
            yield f"      {'':<{width}}  -> {finding.hint}"


def _server(tools: Tools, *, mock: bool, base_url: str | None, profile: str | None) -> Iterator[Finding]:
    try:
        connection = resolve_connection(base_url=base_url, profile=profile, mock=mock)
    except ConfigError as error:
        yield Finding("server", error.message, Exit.bad_input, error.hint)
        return
    if connection is None:
        hint = "Commands need --mock, --base-url or --profile; the app uses the local mock."
        yield Finding("server", "none is named", hint=hint)
        return
    with serving(connection, tools, "") as server:
        yield from answers(server, tools.clock)
