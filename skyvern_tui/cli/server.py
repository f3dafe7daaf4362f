"""Which server a command talks to, and the client for it.

Owns: the starting of the embedded mock, and the client for the time of the command. Must
not: make calls, or read the command line; ``naming`` does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from skyvern_tui.cli.console import Narrator
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure, reported
from skyvern_tui.cli.naming import Named, named_on, naming_options
from skyvern_tui.cli.remembering import remember
from skyvern_tui.cli.signals import ending_by_exception
from skyvern_tui.client import PollPolicy, Run, Skyvern
from skyvern_tui.config import ConfigError, Connection, resolve_connection
from skyvern_tui.config.connection import CLOUD_URL
from skyvern_tui.config.locations import mock_data_dir
from skyvern_tui.core.clock import Clock, RealClock
from skyvern_tui.embedded import EmbeddedMock, read_note

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
    clock: Clock = field(default_factory=RealClock)


def tools_in_use() -> Tools:
    """Return the tools, for a command that may do without a server."""
    return click.get_current_context().ensure_object(Tools)


@dataclass(frozen=True)
class Server:
    """A command's server: where it is, the client for it, and the flags that name it again."""

    connection: Connection
    client: Skyvern
    narrator: Narrator
    flags: str

    def start(self, fields: Mapping[str, Any]) -> Run:
        """Start a run, and remember what was sent.

        Interrupted meanwhile, nobody knows whether it was started: the way to find out is told.
        """
        self.check_writable("start a run")
        try:
            created = self.client.run_task(**fields)
        except KeyboardInterrupt:
            hint = f"Whether the run was started is not known: {self.again('runs list')}"
            raise Failure("Interrupted.", Exit.interrupted, hint) from None
        remember(self.connection, created, fields, tools_in_use().clock.now())
        return created

    def check_writable(self, what: str) -> None:
        """Raise Failure if the profile forbids changes. ``what`` would be done: ``start a run``."""
        if self.connection.read_only:
            raise Failure(
                f"Profile {self.connection.name!r} is read-only: it does not let anybody {what}.",
                Exit.bad_input,
                "Name another one with --profile, or take read_only out of the configuration file.",
            )

    def be_patient(self) -> None:
        """Have a wait outlast any outage: somebody looks on, and can stop it."""
        self.client.calls.poll_policy = self.client.calls.poll_policy._replace(max_failures=sys.maxsize)

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
    data_dir = data_dir or mock_data_dir()
    if read_note(data_dir) is None:  # else one runs, and is used
        tools.narrator.say("Starting the local mock server ...", "quiet")
    with ending_by_exception(), tools.make_mock(data_dir) as started:
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

    @naming_options()
    @wraps(command)
    def chosen(*, named: Named, **options: Any) -> T:
        return command(_opening(tools_in_use(), **named), **options)

    return chosen


def url_meant(ctx: click.Context) -> str:
    """Return the address of the server meant, to write it down: the cloud's where none or no usable one is named."""
    try:
        connection = resolve_connection(**named_on(ctx))
    except ConfigError:
        connection = None
    if connection is not None and connection.embedded:
        return "http://localhost:8000"  # where `skyvern-mock serve` listens
    return connection.base_url if connection is not None else CLOUD_URL


@contextmanager
def _opening(tools: Tools, *, mock: bool | None, base_url: str | None, profile: str | None) -> Iterator[Server]:
    flags = " --mock" if mock else ""
    flags += f" --base-url {base_url}" if base_url else ""
    flags += f" --profile {profile}" if profile else ""
    with reported():
        connection = choose(base_url=base_url, profile=profile, mock=mock)
    with serving(connection, tools, flags) as server:
        yield server
