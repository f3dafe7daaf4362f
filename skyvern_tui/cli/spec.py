"""The command line as data, and as the page of a manual.

Owns: what programs, documentation and completions of other tools may know about commands
without running them. Must not: list anything by hand: all of it comes from the commands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import click

import skyvern_tui
from skyvern_tui.cli.exits import MEANINGS, Exit

SPEC_VERSION: Final = 1
"""Raised when a field goes away or changes its meaning; more fields may come without."""


def spec(root: click.Group) -> dict[str, Any]:
    """Return every command with its arguments and options, by the words it is called with."""
    # Click keeps the first help option it makes of a command, so every context has to ask for the same.
    context = click.Context(root, info_name="skyvern-tui", **root.context_settings)
    return {
        "spec_version": SPEC_VERSION,
        "name": "skyvern-tui",
        "version": skyvern_tui.__version__,
        "help": _text(root.help),
        "options": _options(root, context),
        "commands": [
            {
                "path": path,
                "help": _text(command.help),
                "summary": command.get_short_help_str(limit=1000),
                "arguments": _arguments(command, its_context),
                "options": _options(command, its_context),
            }
            for path, command, its_context in every_command(root, context)
        ],
        "exit_statuses": [{"code": code.value, "name": code.name, "meaning": MEANINGS[code]} for code in Exit],
    }


def every_command(
    group: click.Group, context: click.Context, path: tuple[str, ...] = ()
) -> Iterator[tuple[list[str], click.Command, click.Context]]:
    """Yield the commands that do something, groups left out, in the order of the help text."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from every_command(command, inner, (*path, name))
        else:
            yield [*path, name], command, inner


def _arguments(command: click.Command, context: click.Context) -> list[dict[str, Any]]:
    return [
        {"name": p.name, "metavar": p.make_metavar(context), "required": p.required, "many": p.nargs != 1}
        for p in command.params
        if isinstance(p, click.Argument)
    ]


def _options(command: click.Command, context: click.Context) -> list[dict[str, Any]]:
    return [_option(p, context) for p in command.get_params(context) if isinstance(p, click.Option) and not p.hidden]


def _option(option: click.Option, context: click.Context) -> dict[str, Any]:
    takes_value = not option.is_flag and not option.count
    default = option.get_default(context) if takes_value and not callable(option.default) else None
    return {
        "names": [*option.opts, *option.secondary_opts],
        "help": _text(option.help),
        "takes_value": takes_value,
        "metavar": option.make_metavar(context) if takes_value else None,
        "choices": list(option.type.choices) if isinstance(option.type, click.Choice) else None,
        "default": default if isinstance(default, str | int | float) else None,
        "required": option.required,
        "many": option.multiple,
    }


def _text(text: str | None) -> str:
    return " ".join((text or "").replace("\b", "").split())


def manual(root: click.Group) -> str:
    """Return the manual's page in Markdown, in the parts such pages have."""
    from skyvern_tui.config.registry import VARIABLES, settings_known  # noqa: PLC0415 - loads the settings' models

    told = spec(root)
    lines = ["## Name", "", "skyvern-tui - compose, watch and inspect Skyvern runs", "", "## Synopsis", "", "```text"]
    lines += ["skyvern-tui [OPTIONS]", "skyvern-tui [OPTIONS] FILE.skyrun..."]
    lines += [_usage(command) for command in told["commands"]]
    lines += ["```", "", "## Description", "", told["help"], "", "## Options", "", *map(_option_line, told["options"])]
    lines += ["", "Options that name a server may stand before or after the command.", "", "## Commands", ""]
    for command in told["commands"]:
        lines += [f"**{' '.join(command['path'])}** - {command['help']}", ""]
    variables = VARIABLES | {s.variable: s.help for s in settings_known() if s.variable}
    lines += ["## Environment", "", *(f"- `{name}`: {text}" for name, text in variables.items())]
    lines += ["", "## Files", "", "`skyvern-tui config path --all` prints where they are on this machine.", ""]
    lines += [f"- {what}" for what in _FILES]
    lines += ["", "## Exit status", "", *(f"- {s['code']}: {s['meaning']}" for s in told["exit_statuses"])]
    return "\n".join([*lines, ""])


_FILES: Final = (
    "the configuration file, made by `skyvern-tui config init` ([settings](settings.md))",
    "the state: drafts, templates, the history of runs without outputs and secrets, sizes of panes",
    "the data of the local mock: its runs, artifacts and log",
    "`*.skyrun`: a run with everything it left, made by `skyvern-tui export` ([exchange](exchange.md))",
)


def _usage(command: dict[str, Any]) -> str:
    arguments = "".join(f" {argument['metavar']}" for argument in command["arguments"])
    return f"skyvern-tui {' '.join(command['path'])} [OPTIONS]{arguments}"


def _option_line(option: dict[str, Any]) -> str:
    value = f" {option['metavar']}" if option["metavar"] else ""
    return f"- `{', '.join(option['names'])}{value}`: {option['help']}"
