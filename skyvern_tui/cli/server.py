"""Which server a command talks to, and the client for it.

Owns: the options ``--mock``, ``--base-url`` and ``--profile``, the starting of the embedded
mock, and the client for the time of the command. Must not: make calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from skyvern_tui.cli.console import Narrator
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure, reported
from skyvern_tui.cli.signals import ending_by_exception
from skyvern_tui.client import PollPolicy, Skyvern
from skyvern_tui.config import Connection, resolve_connection
from skyvern_tui.config.locations import mock_data_dir
from skyvern_tui.embedded import EmbeddedMock

T = TypeVar("T")

LOCAL_POLLS: Final = PollPolicy(first_interval=0.2, longest_interval=1.0)
"""A mock on this machine does not mind being asked often."""
REMOTE_POLLS: Final = PollPolicy()


@dataclass(frozen=True)
class Tools:
    """What commands are made of besides the command line; tests bring their own."""

    make_client: Callable[..., Skyvern] = Skyvern
    make_mock: Callable[[Path], EmbeddedMock] = EmbeddedMock
    narrator: Narrator = field(default_factory=Narrator)


@dataclass(frozen=True)
class Server:
    """A command's server: where it is, the client for it, and the flags that name it again."""

    connection: Connection
    client: Skyvern
    narrator: Narrator
    flags: str

    def again(self, command: str) -> str:
        """Return ``command`` as it has to be typed to reach the same server."""
        return f"skyvern-tui {command}{self.flags}"


def choose(*, base_url: str | None, profile: str | None, mock: bool | None) -> Connection:
    """Return the connection meant. Raises Failure if nothing names a server."""
    connection = resolve_connection(base_url=base_url, profile=profile, mock=bool(mock))
    if connection is None:
        raise Failure(
            "No server is named.",
            Exit.bad_input,
            "Give --mock for one on this machine, --base-url or --profile for another, or set SKYVERN_API_KEY for the "
            "cloud.",
        )
    return connection


@contextmanager
def running(connection: Connection, tools: Tools, data_dir: Path | None = None) -> Iterator[Connection]:
    """Yield a connection that can be used: an embedded one gets its mock for as long as the block lasts."""
    if not connection.embedded:
        yield connection
        return
    tools.narrator.say("Starting the local mock server ...", "quiet")
    with ending_by_exception(), tools.make_mock(data_dir or mock_data_dir()) as started:
        yield started


@contextmanager
def serving(connection: Connection, tools: Tools, flags: str, data_dir: Path | None = None) -> Iterator[Server]:
    """Yield the server of a command; what goes wrong with it is reported."""
    with reported(), running(connection, tools, data_dir) as ready:
        make = tools.make_client
        polls = LOCAL_POLLS if ready.embedded else REMOTE_POLLS
        with make(base_url=ready.base_url, api_key=ready.api_key, poll_policy=polls) as client:
            yield Server(ready, client, tools.narrator, flags)


Opening = AbstractContextManager[Server]
"""What a command gets: it checks its own input first, then enters this."""


def server_options(command: Callable[..., T]) -> Callable[..., T]:
    """Add the options that name a server; the command gets an :data:`Opening` as its first argument."""

    @click.option("--mock", is_flag=True, help="Use the local mock server; started if need be.")
    @click.option("--base-url", metavar="URL", help="Use the server at this address, with SKYVERN_API_KEY.")
    @click.option("--profile", metavar="NAME", help="Use this profile of the configuration file, cloud or mock.")
    @click.pass_context
    @wraps(command)
    def chosen(ctx: click.Context, /, **options: Any) -> T:
        # Given before the command's name they count as well.
        given = {
            name: options.pop(name) or ctx.find_root().params.get(name) for name in ("mock", "base_url", "profile")
        }
        return command(_opening(ctx.ensure_object(Tools), **given), **options)

    return chosen


@contextmanager
def _opening(tools: Tools, *, mock: bool | None, base_url: str | None, profile: str | None) -> Iterator[Server]:
    flags = " --mock" if mock else ""
    flags += f" --base-url {base_url}" if base_url else ""
    flags += f" --profile {profile}" if profile else ""
    with reported():
        connection = choose(base_url=base_url, profile=profile, mock=mock)
    with serving(connection, tools, flags) as server:
        yield server
