"""Groups of commands that load late.

Owns: looking a command up in a table and importing its module only then, what is suggested
for a mistyped one, and the exit statuses at the end of every help text. Must not: hold a
table; ``entry.py`` does.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import click

from skyvern_tui.cli.exits import table

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


@dataclass(frozen=True)
class Leaf:
    """A command: its module below ``skyvern_tui.cli.commands`` with its attribute, and what a list says of it."""

    place: str
    help: str


@dataclass(frozen=True)
class Branch:
    """A group of commands and what a list of commands says of it."""

    help: str
    parts: Mapping[str, Leaf]


Tree: TypeAlias = Mapping[str, "Leaf | Branch"]


class Lazy(click.Group):
    """A group that knows its commands from a table and imports one when it is asked for."""

    tree: Tree = MappingProxyType({})
    sections: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """Headings of the help text, each with its commands; without any all stand under one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(self.tree)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing its module."""
        part = self.tree.get(cmd_name)
        if part is None:
            return None
        if isinstance(part, Branch):
            group = Lazy(cmd_name, help=part.help, short_help=part.help, epilog=_epilog())
            group.tree = part.parts
            return group
        module, _, attribute = part.place.partition(":")
        command = getattr(importlib.import_module(f"skyvern_tui.cli.commands.{module}"), attribute)
        assert isinstance(command, click.Command)
        command.short_help = part.help
        command.epilog = command.epilog or _epilog()
        if ctx.resilient_parsing:
            from skyvern_tui.cli.completing import attach  # noqa: PLC0415 - only when the shell asks

            attach(command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the names in the table, importing no command."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only when the shell asks

        names = [CompletionItem(n, help=part.help) for n, part in self.tree.items() if n.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        width = max(map(len, self.tree), default=0)
        for heading, names in (self.sections or {"Commands": tuple(self.tree)}).items():
            with formatter.section(heading):
                formatter.write_dl([(f"{name:<{width}}", self.tree[name].help) for name in names])

    def get_help(self, ctx: click.Context) -> str:
        """Return the help text with the exit statuses at its end."""
        self.epilog = self.epilog or _epilog()
        return super().get_help(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; of a name that is none say which it may stand for."""
        name = args[0]
        if name in self.tree or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        meant = self._meant(ctx, name)
        hint = f"Did you mean {' or '.join(meant)}?" if meant else f"{ctx.command_path} --help lists the commands."
        raise click.UsageError(f"There is no command {name!r}. {hint}", ctx)

    def _meant(self, ctx: click.Context, name: str) -> list[str]:
        """Return commands, as they are typed, that a mistyped name may stand for: here first, then anywhere."""
        here = [f"{ctx.command_path} {close}" for close in get_close_matches(name, self.tree, n=2)]
        root = ctx.find_root()
        assert isinstance(root.command, Lazy)
        paths = {path: path[-1] for path in _paths(root.command.tree)}
        same = [path for path, last in paths.items() if last == name]
        close = same or [path for path, last in paths.items() if last in get_close_matches(name, paths.values(), n=2)]
        return here or [f"{root.command_path} {' '.join(path)}" for path in close[:3]]


def _paths(tree: Tree) -> Iterator[tuple[str, ...]]:
    for name, part in tree.items():
        if isinstance(part, Branch):
            yield from ((name, child) for child in part.parts)
        else:
            yield (name,)


def _epilog() -> str:
    """Return the exit statuses; the mark before them keeps click from filling the lines."""
    return f"\b\nExit status:\n{table()}"
