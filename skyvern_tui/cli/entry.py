"""The ``skyvern-tui`` command.

Owns: the table of commands, and what happens without a command. Must not: do the work of
any command, or import one before it is asked for.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import click

from skyvern_tui.cli.envelope import Answering
from skyvern_tui.cli.groups import Branch, Lazy, Leaf, Tree

_TREE: Final[Tree] = {
    "run": Leaf("run:run", "Start a task and print its output as JSON."),
    "watch": Leaf("watch:watch", "Print what happens in a run, a plain line for each thing."),
    "runs": Branch(
        "Look after runs that are there.",
        {
            "list": Leaf("listing:list_runs", "Print runs, newest first."),
            "get": Leaf("runs:get", "Print a run: what was asked, how it stands, what came out."),
            "cancel": Leaf("runs:cancel", "Ask the server to cancel runs."),
            "rerun": Leaf("runs:rerun", "Start a task once more, with changes if need be."),
            "diff": Leaf("comparing:diff", "Print what differs between two runs."),
            "timeline": Leaf("runs:timeline", "Print what happened in a run."),
            "open": Leaf("runs:open_run", "Open a run's page in the browser."),
        },
    ),
    "artifacts": Branch(
        "See and save what a run left behind.",
        {
            "list": Leaf("artifacts:list_artifacts", "Print a run's artifacts: id, size, file name."),
            "get": Leaf("artifacts:get", "Save artifacts."),
            "show": Leaf("viewing:show", "Print an artifact as text."),
            "open": Leaf("artifacts:open_artifact", "Open an artifact with the system's program for it."),
        },
    ),
    "export": Leaf("exchanging:export_run", "Write a run for another tool, or everything of it into one file."),
    "import": Leaf("exchanging:import_request", "Read a request written elsewhere, and print it as understood."),
    "webhook": Branch(
        "Receive and check the news a server sends when a run ends.",
        {
            "listen": Leaf("webhook:listen", "Take in webhooks and say of each whether it is genuine."),
            "verify": Leaf("webhook:verify", "Check a delivery against its signature."),
            "resend": Leaf("webhook:resend", "Have a run's webhook sent once more."),
        },
    ),
    "sessions": Branch(
        "Look after browsers that stay open from one run to the next.",
        {
            "list": Leaf("sessions:list_sessions", "Print the sessions that are open."),
            "get": Leaf("sessions:get_session", "Print a session as JSON."),
            "create": Leaf("sessions:create_session", "Open a browser that stays open, and print its id."),
            "close": Leaf("sessions:close_session", "Close sessions."),
        },
    ),
    "browser-profiles": Branch(
        "Look after cookies and storage kept of a browser.",
        {
            "list": Leaf("sessions:list_profiles", "Print the profiles there are."),
            "get": Leaf("sessions:get_profile", "Print a profile as JSON."),
            "create": Leaf("sessions:create_profile", "Keep what a session left, and print the profile's id."),
            "delete": Leaf("sessions:delete_profile", "Delete profiles."),
        },
    ),
    "config": Branch(
        "See, check and change the settings.",
        {
            "path": Leaf("config:path", "Print where the configuration file is."),
            "show": Leaf("config:show", "Print every setting and what set it."),
            "validate": Leaf("config:validate", "Say what is wrong with the settings, by line."),
            "schema": Leaf("config:schema", "Print the JSON Schema of the configuration file."),
            "init": Leaf("config:init", "Write a commented configuration file."),
            "set": Leaf("config:set_", "Set one setting in the file."),
            "unset": Leaf("config:unset", "Take one setting out of the file."),
        },
    ),
    "mock": Branch(
        "Start and stop the mock, a Skyvern on this machine.",
        {
            "start": Leaf("mock:start", "Start it in the background."),
            "stop": Leaf("mock:stop", "End it."),
            "status": Leaf("mock:status", "Say whether it runs, and where."),
            "serve": Leaf("mock:serve", "Run it in the foreground until Ctrl-C."),
            "sites": Leaf("mock:sites", "Print the bundled sites to try tasks on."),
            "logs": Leaf("mock:logs", "Print its log."),
        },
    ),
    "doctor": Leaf("doctor:doctor", "Check the installation, the settings and the server they lead to."),
    "serve": Leaf("serve:serve", "Open the app in a browser."),
    "demo": Leaf("demo:demo", "Run three documented tasks on the bundled sites and check their answers."),
    "completion": Leaf("completion:completion", "Print the script that makes a shell complete the commands."),
}
"""Every command: where it is and what a list says of it, in the order of the help text."""

_SECTIONS: Final = {
    "Runs": ("run", "watch", "runs", "artifacts", "export", "import"),
    "Around runs": ("webhook", "sessions", "browser-profiles"),
    "Servers and settings": ("config", "mock", "doctor"),
    "This program": ("serve", "demo", "completion"),
}
"""The headings the commands stand under."""


_SAVED: Final = ".skyrun"
"""What files end with in which a run was saved; the reader of such files loads too much to be asked here."""


@click.command(hidden=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar=f"FILE{_SAVED}...")
@click.pass_context
def _saved(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Open the terminal app on saved runs; no server is needed for them."""
    from skyvern_tui.cli.app import open_saved  # noqa: PLC0415 - loads the terminal app, for this path only

    ctx.exit(open_saved(files, has_terminal=has_terminal(), **ctx.find_root().params))


class _Root(Answering, Lazy):
    """The group of everything."""

    tree = _TREE
    sections = _SECTIONS

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; the name of a saved run opens the app on it."""
        return ("", _saved, args) if args[0].endswith(_SAVED) else super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the options before the command's name; asked by a shell, offer values for them, too."""
        if ctx.resilient_parsing:
            from skyvern_tui.cli.completing import attach  # noqa: PLC0415 - only when the shell asks

            attach(self)
        return super().parse_args(ctx, args)


def _print_spec(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's own form
    del parameter
    if value and not ctx.resilient_parsing:
        from skyvern_tui.cli.console import json_text  # noqa: PLC0415 - for this option only
        from skyvern_tui.cli.spec import spec  # noqa: PLC0415 - as above

        assert isinstance(ctx.command, click.Group)
        click.echo(json_text(spec(ctx.command)))
        ctx.exit()


@click.group(cls=_Root, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="skyvern-tui", prog_name="skyvern-tui")
@click.option(
    "--spec", is_flag=True, is_eager=True, expose_value=False, callback=_print_spec, help="Print all commands as JSON."
)
@click.option("--mock", is_flag=True, help="Use the local mock server; started if need be.")
@click.option("--base-url", metavar="URL", help="Use the server at this address, with SKYVERN_API_KEY.")
@click.option("--profile", metavar="NAME", help="Use this profile of the configuration file, cloud or mock.")
@click.pass_context
def main(ctx: click.Context, *, mock: bool, base_url: str | None, profile: str | None) -> None:
    """Compose, watch and inspect Skyvern runs.

    Without a command the terminal app opens: on the server that the options, the environment or the configuration
    file name, else on a local mock server. `skyvern-tui FILE.skyrun` opens it on a saved run.
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
    # Served to a browser, the app has a driver of its own and pipes instead of a terminal.
    is_served = "web_driver" in os.environ.get("TEXTUAL_DRIVER", "")
    return is_served or (sys.stdin.isatty() and sys.stdout.isatty())


def _group_command(ctx: click.Context, name: str) -> click.Command:
    assert isinstance(ctx.command, click.Group)
    command = ctx.command.get_command(ctx, name)
    assert command is not None
    return command
