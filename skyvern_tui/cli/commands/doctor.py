"""``skyvern-tui doctor``: what works here, what does not, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from skyvern_tui.cli import findings
from skyvern_tui.cli.envelope import current_reply, json_option
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.findings import Finding
from skyvern_tui.cli.naming import Named, naming_options
from skyvern_tui.cli.server import Tools, serving, tools_in_use
from skyvern_tui.cli.serverchecks import answers
from skyvern_tui.config import ConfigError, resolve_connection


@click.command("doctor")
@naming_options(
    mock="Look at the local mock server, starting it.",
    base_url="Look at the server at this address.",
    profile="Look at the server of this profile.",
)
@json_option
def doctor(*, named: Named) -> None:
    """Check the installation, the terminal, the settings and the server they lead to, and say what to do.

    The exit status is that of the first fault. Notes are no faults.
    """
    found = [
        *findings.installation(),
        *findings.terminal(),
        *findings.settings(),
        *_server(tools_in_use(), named),
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


def _server(tools: Tools, named: Named) -> Iterator[Finding]:
    try:
        connection = resolve_connection(**named)
    except ConfigError as error:
        yield Finding("server", error.message, Exit.bad_input, error.hint)
        return
    if connection is None:
        hint = "Commands need --mock, --base-url or --profile; the app uses the local mock."
        yield Finding("server", "none is named", hint=hint)
        return
    with serving(connection, tools, "") as server:
        yield from answers(server, tools.clock)
