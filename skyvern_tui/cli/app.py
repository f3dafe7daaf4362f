"""Opening the terminal app.

Owns: what is done before and after it: choosing the server, starting and ending the
embedded mock. Must not: know what the app does.
"""

from __future__ import annotations

from skyvern_tui.cli.failing import reported
from skyvern_tui.cli.server import Tools, running
from skyvern_tui.config import Connection, resolve_connection


def open_app(tools: Tools, *, base_url: str | None, profile: str | None, mock: bool) -> None:
    """Open the app on the server meant, or on a mock on this machine if none is named."""
    from skyvern_tui.tui import run_app  # noqa: PLC0415 - the one door from the command line to the app

    with reported():
        chosen = resolve_connection(base_url=base_url, profile=profile, mock=mock)
        with running(chosen or Connection("", None, "mock", embedded=True), tools) as connection:
            run_app(connection)
