"""Which server the command line names.

Owns: the options ``--mock``, ``--base-url`` and ``--profile``, and that they count before a command's
name as well. Must not: look for the server, or load a client: shells complete these options.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypedDict, TypeVar

import click

T = TypeVar("T")

_NAMES: Final = ("mock", "base_url", "profile")


class Named(TypedDict):
    """What was named; all of it empty where nothing was."""

    mock: bool
    base_url: str | None
    profile: str | None


def naming_options(
    *,
    mock: str = "Use the local mock server; started if need be.",
    base_url: str | None = "Use the server at this address, with SKYVERN_API_KEY.",
    profile: str = "Use this profile of the configuration file, cloud or mock.",
) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Add the options, each with its help, to a command, which gets :class:`Named` as ``named``.

    Without a help there is no ``--base-url``; one before the command's name counts all the same.
    """

    def decorated(command: Callable[..., T]) -> Callable[..., T]:
        @click.option("--profile", metavar="NAME", help=profile)
        @click.pass_context
        @wraps(command)
        def chosen(ctx: click.Context, /, **options: Any) -> T:
            for name in _NAMES:
                options.pop(name, None)
            return command(named=named_on(ctx), **options)

        if base_url is not None:
            chosen = click.option("--base-url", metavar="URL", help=base_url)(chosen)
        return click.option("--mock", is_flag=True, help=mock)(chosen)

    return decorated


def named_on(ctx: click.Context) -> Named:
    """Return which server the command line of a context names."""
    root = ctx.find_root().params
    return {
        "mock": bool(ctx.params.get("mock") or root.get("mock")),
        "base_url": ctx.params.get("base_url") or root.get("base_url"),
        "profile": ctx.params.get("profile") or root.get("profile"),
    }
