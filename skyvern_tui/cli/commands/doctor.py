"""``skyvern-tui doctor``: what works here, what does not, and what to do about it."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

import click

import skyvern_tui
from skyvern_tui.cli.console import emit_lines
from skyvern_tui.cli.exits import Exit, of_error
from skyvern_tui.cli.server import Server, Tools, serving
from skyvern_tui.client import SkyvernError
from skyvern_tui.client.secrets import describe_key
from skyvern_tui.config import ConfigError, resolve_connection
from skyvern_tui.config.locations import config_file, mock_data_dir

_BROWSER_SECONDS = 60.0


class Finding(NamedTuple):
    """One line of the report; ``code`` is what the whole command exits with if this is the first fault."""

    what: str
    text: str
    code: Exit = Exit.completed


@click.command("doctor")
@click.option("--mock", is_flag=True, help="Look at the local mock server, starting it.")
@click.option("--base-url", metavar="URL", help="Look at the server at this address.")
@click.option("--profile", metavar="NAME", help="Look at the server of this profile.")
@click.pass_context
def doctor(ctx: click.Context, *, mock: bool, base_url: str | None, profile: str | None) -> None:
    """Check the installation, the settings and the server they lead to."""
    first = Exit.completed
    findings = (*_installation(), *_server(ctx.ensure_object(Tools), mock=mock, base_url=base_url, profile=profile))
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        mark = "ok  " if finding.code is Exit.completed else "FAIL"
        emit_lines([f"{mark}  {finding.what:<{width}}  {finding.text}"])
        first = first or finding.code
    ctx.exit(first)


def _installation() -> Iterator[Finding]:
    yield Finding("version", f"skyvern-tui {skyvern_tui.__version__}, Python {platform.python_version()}")
    size = shutil.get_terminal_size()
    terminal = f"{size.columns}x{size.lines}" if sys.stdout.isatty() else "none (the app needs one; commands do not)"
    yield Finding("terminal", terminal)
    file = config_file()
    yield Finding("settings", f"{file}{'' if file.exists() else ' (not there; not needed)'}")
    missing = [name for name in ("fastapi", "uvicorn", "playwright", "av") if importlib.util.find_spec(name) is None]
    if missing:
        yield Finding("mock", f"not installed ({', '.join(missing)}): pip install 'skyvern-tui[mock]'")
        return
    yield Finding("mock", f"installed; its data is in {mock_data_dir()}")
    yield _browser()


def _browser() -> Finding:
    """Ask the mock's own doctor, in a process of its own, about the browser."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "mock_server", "doctor"],
            capture_output=True,
            text=True,
            timeout=_BROWSER_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding("browser", "`skyvern-mock doctor` does not end", Exit.error)
    # Of a failure that says nothing on stdout the last line of stderr is the one that tells.
    lines = done.stdout.split("\n") if done.stdout.strip() else done.stderr.strip().split("\n")[-1:]
    text = "; ".join(line.strip() for line in lines if line.strip())
    return Finding("browser", text or f"status {done.returncode}", Exit.error if done.returncode else Exit.completed)


def _server(tools: Tools, *, mock: bool, base_url: str | None, profile: str | None) -> Iterator[Finding]:
    try:
        connection = resolve_connection(base_url=base_url, profile=profile, mock=mock)
    except ConfigError as error:
        yield Finding("server", f"{error.message} {error.hint}", Exit.bad_input)
        return
    if connection is None:
        yield Finding(
            "server", "none named: the app uses the local mock; commands need --mock, --base-url or --profile"
        )
        return
    with serving(connection, tools, "") as server:
        yield from _answers(server)


def _answers(server: Server) -> Iterator[Finding]:
    where, key = server.connection.base_url, describe_key(server.connection.api_key)
    try:
        yield Finding("server", f"{where} answers, version {server.client.get_version()}")
        server.client.get_runs(page_size=1)
        yield Finding("key", f"{key} is accepted")
    except SkyvernError as error:
        yield Finding("server" if of_error(error) is Exit.no_server else "key", str(error), of_error(error))
