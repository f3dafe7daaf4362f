"""Opening the terminal app.

Owns: choosing the server the app opens on, and the handing over of the mock that is to be
started. Must not: load the client; the app does that after its first paint.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure, reported
from skyvern_tui.cli.signals import ending_by_exception
from skyvern_tui.config import Connection, resolve_connection
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
    if not _can_draw():
        return Exit.error
    from skyvern_tui.tui import run_app  # noqa: PLC0415 - the one door from the command line to the app

    with reported():
        connection = resolve_connection(base_url=base_url, profile=profile, mock=mock)
    with ending_by_exception():
        if connection is not None and not connection.embedded:
            return run_app(connection)
        return run_app(EmbeddedMock(mock_data_dir(), command=WARM_COMMAND), starting="starting the local mock server…")


def open_saved(
    files: Sequence[Path],
    *,
    has_terminal: bool,
    base_url: str | None = None,
    profile: str | None = None,
    mock: bool = False,
) -> int:
    """Open the app on saved runs; return its exit status. A server is connected to only if an option names one."""
    for file in files:
        if not file.is_file():
            raise Failure(
                f"{file}: no such file.", Exit.not_found, "`skyvern-tui export RUN_ID --format skyrun` makes one."
            )
    if not has_terminal:
        hint = f"`skyvern-tui watch {files[0]}` tells it as lines, `skyvern-tui runs get {files[0]}` in short."
        raise Failure("There is no terminal here to open the app in.", Exit.error, hint)
    if not _can_draw():
        return Exit.error
    from skyvern_tui.tui import run_app  # noqa: PLC0415 - the one door from the command line to the app

    source: Connection | EmbeddedMock | None = None
    if mock or base_url is not None or profile is not None:
        with reported():
            connection = resolve_connection(base_url=base_url, profile=profile, mock=mock)
        embedded = connection is None or connection.embedded
        source = EmbeddedMock(mock_data_dir(), command=WARM_COMMAND) if embedded else connection
    with ending_by_exception():
        return run_app(source, saved=files)


def _can_draw() -> bool:
    """Tell whether the app can be shown here; if not, say what to do."""
    if find_spec("textual") is None:
        click.echo(WITHOUT_TEXTUAL, err=True)
        return False
    # Served to a browser, Textual draws there, whatever terminal the server was started in.
    if os.environ.get("TERM") == "dumb" and "TEXTUAL_DRIVER" not in os.environ:
        click.echo(WITHOUT_SCREEN, err=True)
        return False
    return True
