"""The ``skyvern-tui`` command.

Owns: the group, what it does without a command, and how its parts are loaded: a command's
module only when it is asked for. Must not: do the work of any command.
"""

from __future__ import annotations

import importlib
import sys
from typing import Final

import click

_COMMANDS: Final = {
    "run": "run:run",
    "get": "runs:get",
    "list": "runs:list_runs",
    "cancel": "runs:cancel",
    "timeline": "runs:timeline",
    "artifacts": "artifacts:artifacts",
    "demo": "demo:demo",
    "doctor": "doctor:doctor",
}
"""Name -> module below ``skyvern_tui.cli.commands`` and attribute, in the order of the help text."""


class _Group(click.Group):
    """A group that imports its commands late and ends every help text with the exit statuses."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(f"skyvern_tui.cli.commands.{module}"), attribute)
        assert isinstance(command, click.Command)
        command.epilog = command.epilog or _epilog()
        return command

    def get_help(self, ctx: click.Context) -> str:
        self.epilog = self.epilog or _epilog()
        return super().get_help(ctx)


def _epilog() -> str:
    """Return the exit statuses; the mark before them keeps click from filling the lines."""
    from skyvern_tui.cli.exits import table  # noqa: PLC0415 - loads the client, which a start does not need

    return f"\b\nExit status:\n{table()}"


@click.group(cls=_Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="skyvern-tui", prog_name="skyvern-tui")
@click.option("--mock", is_flag=True, help="Use the local mock server; started if need be.")
@click.option("--base-url", metavar="URL", help="Use the server at this address, with SKYVERN_API_KEY.")
@click.option("--profile", metavar="NAME", help="Use this profile of the configuration file, cloud or mock.")
@click.pass_context
def main(ctx: click.Context, *, mock: bool, base_url: str | None, profile: str | None) -> None:
    """Compose, watch and inspect Skyvern runs.

    Without a command the terminal app opens: on the server that the options, the environment or the configuration
    file name, else on a local mock server.
    """
    if ctx.invoked_subcommand is not None:
        return  # which takes the options from here, if it was not given its own
    if not has_terminal():
        click.echo("There is no terminal here to open the app in; running the demo instead.", err=True)
        ctx.invoke(_group_command(ctx, "demo"))
        return
    from skyvern_tui.cli.app import open_app  # noqa: PLC0415 - loads the terminal app, for this path only

    ctx.exit(open_app(base_url=base_url, profile=profile, mock=mock))


def has_terminal() -> bool:
    """Tell whether there is a terminal to open the app in."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _group_command(ctx: click.Context, name: str) -> click.Command:
    assert isinstance(ctx.command, click.Group)
    command = ctx.command.get_command(ctx, name)
    assert command is not None
    return command
