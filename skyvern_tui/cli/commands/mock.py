"""``mock``: the server on this machine, started, looked at and ended from the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import click

from skyvern_tui.cli import background
from skyvern_tui.cli.console import emit_lines
from skyvern_tui.cli.envelope import current_reply, json_option
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure, reported
from skyvern_tui.config.locations import mock_data_dir
from skyvern_tui.embedded import DEFAULT_KEY

_DATA_DIR: Final = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where its runs are; usually where --mock and the app look.",
)
_HOW: Final = "skyvern-tui mock start"


@click.command("start", context_settings={"ignore_unknown_options": True})
@_DATA_DIR
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0 takes a free one."
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[SERVE OPTIONS]...")
@json_option
def start(*, data_dir: Path | None, port: int, options: tuple[str, ...]) -> None:
    """Start the mock in the background; it goes on until `mock stop`.

    The app and every command with --mock use it from then on. One that runs already is left as it is. What
    `skyvern-mock serve --help` lists can be given, too.
    """
    data_dir = data_dir or mock_data_dir()
    with reported():
        found = background.running(data_dir)
        reply = current_reply()
        if found is not None:
            reply.warn("It runs already; options were not looked at." if options else "It runs already.")
        else:
            found = background.start(data_dir, ["--port", str(port), *options])
    reply.give(_facts(found, data_dir), _lines(found, data_dir))


@click.command("status")
@_DATA_DIR
@json_option
def status(*, data_dir: Path | None) -> None:
    """Say whether a mock runs, and where. The exit status is 8 if none does."""
    data_dir = data_dir or mock_data_dir()
    if background.running(data_dir) is None:
        current_reply().give({"running": False, "data_dir": str(data_dir)}, ["not running"])
    found = _found(data_dir)
    current_reply().give(_facts(found, data_dir), _lines(found, data_dir))


@click.command("stop")
@_DATA_DIR
@json_option
def stop(*, data_dir: Path | None) -> None:
    """End the mock; runs that were going on are taken up when it starts again."""
    data_dir = data_dir or mock_data_dir()
    found = background.running(data_dir)
    if found is None:
        current_reply().give({"running": False, "stopped": False}, ["none was running"])
        return
    with reported():
        background.stop(found, data_dir)
    current_reply().give({"running": False, "stopped": True, "pid": found.pid}, [f"stopped {found.url}"])


@click.command("serve", context_settings={"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]})
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[SERVE OPTIONS]...")
def serve(*, options: tuple[str, ...]) -> None:
    """Run the mock in the foreground until Ctrl-C: `skyvern-mock serve` on the data the app uses.

    `skyvern-mock serve --help` lists the options.
    """
    with reported():
        background.check_installed()
    given = any(option.split("=")[0] == "--data-dir" for option in options)
    place = [] if given else ["--data-dir", str(mock_data_dir())]
    command = [*background.COMMAND, *place, *options]
    if sys.platform == "win32":
        sys.exit(subprocess.call(command))  # noqa: S603 - our own command
    # Its process becomes the server's: signals and the exit status need no handing on.
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - as above


@click.command("sites")
@_DATA_DIR
@json_option
def sites(*, data_dir: Path | None) -> None:
    """Print the bundled sites tasks can be tried on, while the mock runs: name and address."""
    import httpx  # noqa: PLC0415 - for this command only

    found = _found(data_dir or mock_data_dir())
    try:
        answer = httpx.get(f"{found.url}/_mock/sites", headers={"x-api-key": DEFAULT_KEY}, trust_env=False)
        listed = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise Failure(f"{found.url} lists no sites: {error}.", Exit.error) from error
    width = max((len(site["name"]) for site in listed), default=0)
    current_reply().give(listed, [f"{site['name']:<{width}}  {site['url']}" for site in listed])


@click.command("logs")
@_DATA_DIR
@click.option(
    "--lines", "-n", type=click.IntRange(0), default=40, show_default=True, help="How many of the last lines."
)
@click.option("--follow", "-f", is_flag=True, help="Go on as more is written, until Ctrl-C.")
def logs(*, data_dir: Path | None, lines: int, follow: bool) -> None:
    """Print the log of the mock that `mock start` started."""
    path = (data_dir or mock_data_dir()) / background.LOG_FILE
    if not path.exists():
        raise Failure(f"There is no log at {path}.", Exit.not_found, f"`{_HOW}` writes one.")
    with reported():
        emit_lines(background.last_lines(path, lines))
        if follow:
            try:
                for line in background.following(path):
                    emit_lines([line])
            except KeyboardInterrupt:
                return


def _found(data_dir: Path) -> background.Running:
    found = background.running(data_dir)
    if found is None:
        raise Failure(f"No mock runs on {data_dir}.", Exit.no_server, f"`{_HOW}` starts one.")
    return found


def _facts(found: background.Running, data_dir: Path) -> dict[str, object]:
    return {
        "running": True,
        "url": found.url,
        "pid": found.pid,
        "api_key": DEFAULT_KEY,
        "version": found.health.get("version"),
        "dialect": found.health.get("dialect"),
        "data_dir": str(data_dir),
        "log": str(data_dir / background.LOG_FILE),
    }


def _lines(found: background.Running, data_dir: Path) -> list[str]:
    facts = _facts(found, data_dir)
    shown = ["url", "pid", "dialect", "version", "data_dir", "log"]
    width = max(map(len, shown))
    return [f"running  {found.url}", *(f"  {name:<{width}}  {facts[name]}" for name in shown[1:])]
