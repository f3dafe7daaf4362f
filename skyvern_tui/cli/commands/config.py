"""``config``: where settings lie, what they are and who set them, what is wrong with them, changing them.

``path`` and the options of all of them load neither the settings' models nor anything else
heavy: shells complete them while somebody types.
"""

from __future__ import annotations

from typing import Any, Final

import click

from skyvern_tui.cli.envelope import current_reply, json_option
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure, reported
from skyvern_tui.cli.naming import Named, naming_options
from skyvern_tui.config.locations import config_file, mock_data_dir, state_dir

_AS_IF: Final = "As if this were given to a command."


@click.command("path")
@click.option("--all", "everything", is_flag=True, help="Print every place, each with what lies there.")
@json_option
def path(*, everything: bool) -> None:
    """Print where the configuration file is, whether it exists or not."""
    places = _places()
    if not everything:
        current_reply().give({"configuration": places["configuration"]}, [places["configuration"]])
        return
    width = max(map(len, places))
    current_reply().give(places, [f"{name:<{width}}  {place}" for name, place in places.items()])


@click.command("show")
@naming_options(mock=_AS_IF, base_url=_AS_IF, profile=_AS_IF)
@json_option
def show(*, named: Named) -> None:
    """Print every setting with its value and what set it: flag, variable, file or default. Keys are not shown."""
    from skyvern_tui.client.secrets import describe_key  # noqa: PLC0415 - as all below, for this command only
    from skyvern_tui.config.origins import connection_in_force, settings_in_force  # noqa: PLC0415 - as above

    with reported():
        settings = settings_in_force(describe_key)
        server = connection_in_force(describe_key, **named)
    rows = [(o.name, _shown(o.value), o.source, o.where) for o in (*server, *settings)]
    widths = [max(len(row[n]) for row in rows) for n in range(3)]
    places = _places()
    missing = "" if config_file().exists() else "  (not there; not needed)"
    current_reply().give(
        {"files": places, "server": [o.as_dict() for o in server], "settings": [o.as_dict() for o in settings]},
        [
            f"{places['configuration']}{missing}",
            *("  ".join(f"{row[n]:<{widths[n]}}" for n in range(3)) + f"  {row[3]}".rstrip() for row in rows),
        ],
    )


@click.command("validate")
@json_option
def validate() -> None:
    """Say what is wrong with the settings: the line, the key, and what was probably meant.

    The exit status is 2 if they cannot be used; what can be used but looks odd is told and does not count.
    """
    from skyvern_tui.cli.appsettings import app_problems  # noqa: PLC0415 - the models, for this command only
    from skyvern_tui.config.checking import problems  # noqa: PLC0415 - as above

    found = problems()
    if not any(problem.severe for problem in found):
        found = [*found, *app_problems()]
    reply = current_reply()
    reply.give(
        [
            {"where": p.where, "line": p.line, "key": p.key, "text": p.text, "hint": p.hint, "severe": p.severe}
            for p in found
        ],
        [f"{'error' if p.severe else 'note '}  {p}" for p in found],
    )
    severe = sum(problem.severe for problem in found)
    if severe:
        raise Failure(f"The settings cannot be used: {severe} to correct.", Exit.bad_input)


@click.command("schema")
@json_option
def schema() -> None:
    """Print the JSON Schema of the configuration file, for editors that check TOML."""
    from skyvern_tui.config.registry import schema as made  # noqa: PLC0415 - as above

    current_reply().give(made())


@click.command("init")
@json_option
def init() -> None:
    """Write a configuration file in which everything is commented out. An existing file is left alone."""
    from skyvern_tui.config.editing import write_new  # noqa: PLC0415 - as above

    with reported():
        written = str(write_new())
    current_reply().give({"configuration": written}, [written])


@click.command("set")
@click.argument("key")
@click.argument("value")
@json_option
def set_(*, key: str, value: str) -> None:
    """Set one setting in the file, and leave the rest of it as it is.

    KEY is the way to it with dots: theme, profiles.work.base_url, keys.runs.cancel. A VALUE that would make the file
    unusable is refused. Keys of servers have no place in the file.
    """
    from skyvern_tui.cli.appsettings import app_problems  # noqa: PLC0415 - as above
    from skyvern_tui.config.editing import set_value  # noqa: PLC0415 - as above

    with reported():
        before = set(app_problems())
        file, meant = set_value(key, value)
        reply = current_reply()
        for problem in app_problems():
            if problem not in before:
                reply.warn(str(problem))
    reply.give({"configuration": str(file), "key": key, "value": meant}, [f"{key} = {_shown(meant)}"])


@click.command("unset")
@click.argument("key")
@json_option
def unset(*, key: str) -> None:
    """Take one setting out of the file, so that its default holds."""
    from skyvern_tui.config import editing  # noqa: PLC0415 - as above

    with reported():
        file = editing.unset(key)
    current_reply().give({"configuration": str(file), "key": key}, [str(file)])


def _places() -> dict[str, str]:
    return {"configuration": str(config_file()), "state": str(state_dir()), "mock": str(mock_data_dir())}


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
