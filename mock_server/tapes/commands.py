"""The commands ``record`` and ``scenarios``.

Owns: their options, messages and exit codes. Must not: pass exchanges on or write them; ``proxy``
and ``session`` do.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any, Final, NoReturn

import click
import httpx

from mock_server.clock import RealClock
from mock_server.listening import PortError, bind, listen, loop_factory, say_ready
from mock_server.settings import DEFAULT_API_KEY, Settings
from mock_server.tapes.cassette import CassetteError, read
from mock_server.tapes.proxy import DEFAULT_MOST_BYTES, Proxy, client, shown
from mock_server.tapes.scrubbing import SHORTEST_SECRET
from mock_server.tapes.session import Recording, convert

EXIT_NOT_WRITTEN: Final = 1
EXIT_PORT_IN_USE: Final = 4
EXIT_DIRECTORY: Final = 5

_PACE: Final = "Let statuses last as long as they did, or be shown as often as they were polled."


@dataclass(frozen=True, slots=True)
class _Options:
    key: str | None
    all_paths: bool
    most_bytes: int
    tied: bool


def _upstream(_: click.Context, __: click.Parameter, value: str) -> httpx.URL:
    try:
        url = httpx.URL(value)
    except httpx.InvalidURL as error:
        raise click.BadParameter(f"{value!r} is no address: {error}.") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise click.BadParameter(f"{value!r} is no address such as https://api.skyvern.com.")
    return url


def _key(_: click.Context, __: click.Parameter, name: str | None) -> str | None:
    if name is None:
        return None
    key = os.environ.get(name, "").strip()
    if len(key) < SHORTEST_SECRET:
        raise click.BadParameter(f"the environment variable {name} holds no API key ({SHORTEST_SECRET} characters).")
    return key


@click.command()
@click.option(
    "--upstream",
    required=True,
    metavar="URL",
    callback=_upstream,
    help="The server to record, such as https://api.skyvern.com.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory for cassette.yaml, scenarios.yaml and artifacts/; it must not hold a recording yet.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="Port to listen on; 0 takes a free one."
)
@click.option(
    "--key-env",
    "key",
    metavar="NAME",
    callback=_key,
    help="Environment variable with the upstream's API key, which is sent instead of whatever the client sends.",
)
@click.option("--all-paths", is_flag=True, help="Write down what is not below /v1/ or /api/v1/ as well.")
@click.option("--personal", is_flag=True, help="Replace mail addresses and telephone numbers too.")
@click.option("--pace", type=click.Choice(["seconds", "polls"]), default="seconds", show_default=True, help=_PACE)
@click.option(
    "--max-body",
    "most_bytes",
    type=click.IntRange(1024, 16 << 20),
    default=DEFAULT_MOST_BYTES,
    show_default=True,
    metavar="BYTES",
    help="Bodies that are longer pass, but are not written down.",
)
@click.option(
    "--allow-host", "allowed_hosts", multiple=True, metavar="NAME", help="Host name to answer to; repeatable."
)
@click.option("--tied", is_flag=True, help="Stop when stdin ends, so as not to outlive whoever started this.")
def record(
    *,
    upstream: httpx.URL,
    out: Path,
    host: str,
    port: int,
    key: str | None,
    personal: bool,
    pace: Any,
    allowed_hosts: tuple[str, ...],
    **rest: Any,
) -> None:
    """Record what a client and a server say to each other.

    Point the client's base URL at the address in the one line of JSON this prints, do the work, and
    stop this with SIGTERM or Ctrl+C. The exchanges are then in a cassette for vcrpy, and the runs
    in a scenario file for `skyvern-mock serve --scenarios`, both without keys and other secrets.

    Exit codes: 0 stopped as asked, 1 not everything could be written, 2 bad usage, 4 the port cannot
    be had, 5 the directory cannot be used.
    """
    options = _Options(key, **rest)
    try:
        with bind(host, port) as listener:
            recording = Recording(out, shown(upstream), secrets=_secrets(upstream, key), personal=personal, pace=pace)
            settings = Settings(host=host, port=listener.getsockname()[1], allowed_hosts=allowed_hosts)
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                runner.run(_pass_on(upstream, recording, settings, listener, options))
    except PortError as error:
        _give_up(str(error), EXIT_PORT_IN_USE)
    except FileExistsError as error:
        _give_up(f"{error} is there already. Choose another --out, or move it away.", EXIT_DIRECTORY)
    except OSError as error:
        _give_up(f"{out} cannot be written to: {error.strerror or error}. Choose another --out.", EXIT_DIRECTORY)
    click.echo(recording.close(), err=True)
    if recording.trouble:
        sys.exit(EXIT_NOT_WRITTEN)


def _secrets(upstream: httpx.URL, key: str | None) -> list[str]:
    return [secret for secret in (key, upstream.password) if secret]


async def _pass_on(
    upstream: httpx.URL, recording: Recording, settings: Settings, listener: socket, options: _Options
) -> None:
    async with client() as http:
        proxy = Proxy(
            upstream,
            recording,
            http,
            RealClock(),
            settings,
            key=options.key,
            all_paths=options.all_paths,
            most_bytes=options.most_bytes,
        )
        line = {
            "url": settings.base_url,
            "port": settings.port,
            "pid": os.getpid(),
            "api_key": None if options.key is None else DEFAULT_API_KEY,
            "upstream": shown(upstream),
            "out": str(recording.directory),
        }
        # The upstream says itself when it is and what it is.
        plain = {"server_header": False, "date_header": False}
        await listen(proxy, listener, lambda: say_ready(line), tied=options.tied, **plain)


@click.command()
@click.argument("cassette", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The scenario file to write."
)
@click.option("--pace", type=click.Choice(["seconds", "polls"]), help=f"{_PACE}  [default: seconds if they are known]")
@click.option("--personal", is_flag=True, help="Replace mail addresses and telephone numbers too.")
def scenarios(*, cassette: Path, out: Path, pace: Any, personal: bool) -> None:
    """Turn a cassette of vcrpy into a scenario file.

    Each run of the cassette becomes a script for `skyvern-mock serve --scenarios`. Contents of
    artifacts go into artifacts/ beside the file.

    Exit codes: 0 written, 1 it cannot be written, 2 bad usage, or the cassette cannot be read.
    """
    try:
        runs, scripts = convert(read(cassette), out, cassette.name, pace=pace, personal=personal)
    except CassetteError as error:
        raise click.BadParameter(str(error), param_hint="CASSETTE") from None
    except OSError as error:
        _give_up(f"{out} cannot be written: {error.strerror or error}.", EXIT_NOT_WRITTEN)
    click.echo(f"{runs} runs, {scripts} scripts in {out}", err=True)


def _give_up(message: str, code: int) -> NoReturn:
    click.echo(f"skyvern-mock: {message}", err=True)
    sys.exit(code)
