"""Opening the terminal app.

Owns: choosing the server the app opens on, and the handing over of the mock that is to be
started. Must not: load the client; the app does that after its first paint.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Final

import click

from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import reported
from skyvern_tui.cli.signals import ending_by_exception
from skyvern_tui.config import resolve_connection
from skyvern_tui.config.locations import mock_data_dir
from skyvern_tui.embedded import WARM_COMMAND, EmbeddedMock

WITHOUT_TEXTUAL: Final = """\
The terminal app is not installed, only the client, the other commands and what else you asked for.
To have it, in an environment of its own (Textual and the official Skyvern SDK cannot share one):

  pipx install 'skyvern-tui[tui,images,mock]'

`skyvern-tui --help` shows the commands that work without it."""
WITHOUT_SCREEN: Final = """\
This terminal (TERM=dumb) has no screen to draw on. What works in it as well:

  skyvern-tui run "Get the title of the top post" --url URL    one task, and its result
  skyvern-tui runs list                                        the runs there are
  skyvern-tui --help                                           all commands

In a terminal that does draw: TERM=xterm-256color skyvern-tui"""


def open_app(*, base_url: str | None, profile: str | None, mock: bool) -> int:
    """Open the app on the server meant, or on a mock on this machine if none is named; return its exit status.

    The app starts the mock itself, on screen, and ends it when it ends.
    """
    if find_spec("textual") is None:
        click.echo(WITHOUT_TEXTUAL, err=True)
        return Exit.error
    # Served to a browser, Textual draws there, whatever terminal the server was started in.
    if os.environ.get("TERM") == "dumb" and "TEXTUAL_DRIVER" not in os.environ:
        click.echo(WITHOUT_SCREEN, err=True)
        return Exit.error
    from skyvern_tui.tui import run_app  # noqa: PLC0415 - the one door from the command line to the app

    with reported():
        connection = resolve_connection(base_url=base_url, profile=profile, mock=mock)
    with ending_by_exception():
        if connection is not None and not connection.embedded:
            return run_app(connection)
        return run_app(EmbeddedMock(mock_data_dir(), command=WARM_COMMAND), starting="starting the local mock server…")
