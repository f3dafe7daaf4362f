"""Make the references, the screenshots and the executed notebook from the program itself.

``python docs/generate.py`` writes them; ``--check`` writes nothing and exits 1 if a reference is out of date (the
screenshots are not compared: ``make snapshots`` holds the screens).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

DOCS = Path(__file__).parent
WIDTH = 100
MADE = "<!-- Made by `make docs`; do not edit. -->\n"


def commands(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[str]:
    """Yield one section per command, the group's own first."""
    settings = {"terminal_width": WIDTH, "max_content_width": WIDTH, **command.context_settings}
    context = click.Context(command, info_name=name, parent=parent, **settings)
    text = command.get_help(context)
    yield f"## `{context.command_path}`\n\n```text\n{text}\n```\n"
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            yield from commands(found, child, context)


def cli() -> str:
    """Both commands and their exit statuses."""
    from mock_server.cli import main as mock
    from skyvern_tui.cli import main as tui

    sections = [*commands(tui, "skyvern-tui"), *commands(mock, "skyvern-mock")]
    return f"# Command line\n\n{MADE}\n" + "\n".join(sections)


def keys() -> str:
    """Every action of the terminal app with its keys."""
    from skyvern_tui.tui.actions import Scope, actions_of, key_words

    lines = [
        "# Keys",
        "",
        MADE,
        "Everything here but the keys of dialogs and controls is also in the command palette (`ctrl+p`); `?` (`f1`",
        "while typing) shows the keys that work now and finds them by what they do or by key.",
        "",
        "Keys can be changed in the configuration file, by the id of the action: one key, several, or `[]` for none.",
        "Keys that come to mean two things are told at the start.",
        "",
        "```toml",
        "[keys]",
        '"runs.cancel" = ["x", "ctrl+x"]',
        '"runs.sort" = "o"',
        '"runs.browser" = []',
        "```",
        "",
    ]
    for scope in Scope:
        lines += [f"## {scope.value[0].upper()}{scope.value[1:]}", "", "| keys | what | id |", "|---|---|---|"]
        for action in actions_of(scope):
            shown = " ".join(f"`{key_words(key)}`" for key in action.keys) or "palette"
            lines.append(f"| {shown} | {action.help} | `{action.id}` |")
        lines.append("")
    return "\n".join(lines)


def dialects() -> str:
    """The table of differences between the two dialects."""
    from mock_server.dialect import DIFFERENCES

    lines = [
        "# Dialects of the mock",
        "",
        MADE,
        "`skyvern-mock serve --dialect cloud` (the default) behaves as the public documentation describes the service,",
        "`--dialect oss` as a self-hosted server was recorded to behave. These are all the differences.",
        "",
        "| name | cloud | oss | meaning | source |",
        "|---|---|---|---|---|",
        *(f"| `{d.name}` | `{d.cloud}` | `{d.oss}` | {d.meaning} | {d.source} |" for d in DIFFERENCES),
        "",
    ]
    return "\n".join(lines)


def settings() -> str:
    """Every setting and variable, from the models of the configuration file."""
    from skyvern_tui.config.registry import commented_file, reference

    return "\n".join(
        [
            "# Settings",
            "",
            MADE,
            "The configuration file is TOML; `skyvern-tui config path` says where it lies, `config init` writes one;",
            "`config set theme skyvern-light` changes one setting. `config validate` says what is wrong, by line, and",
            "`config show` what holds and why: a flag wins over a variable, that over the file, that over the default.",
            "`config schema` is for editors that check TOML by a JSON Schema.",
            "",
            reference(),
            "",
            "A server and its key always come from the same place: a key is never sent to a server it was not set for.",
            "Tables in variables are JSON. Keys of servers never go into the file.",
            "",
            "What `config init` writes:",
            "",
            "```toml",
            commented_file().rstrip(),
            "```",
            "",
        ]
    )


def manual() -> str:
    """The command line as a page of a manual."""
    from skyvern_tui.cli import main as tui
    from skyvern_tui.cli.spec import manual as made

    return f"# skyvern-tui(1)\n\n{MADE}\n{made(tui)}"


REFERENCES: dict[str, Callable[[], str]] = {
    "cli.md": cli,
    "keys.md": keys,
    "dialects.md": dialects,
    "settings.md": settings,
    "manual.md": manual,
}


def outdated() -> list[str]:
    """Names of the references that differ from what the program says now."""
    return [
        name
        for name, make in REFERENCES.items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != make()
    ]


def main() -> int:
    """Write, or with ``--check`` compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        stale = outdated()
        if stale:
            print(f"Out of date: {', '.join(stale)}. Run `make docs`.", file=sys.stderr)
        return bool(stale)
    for name, make in REFERENCES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")
    import notebook
    import screenshots

    screenshots.take(DOCS / "screenshots")
    notebook.write(notebook.TARGET)
    return 0


if __name__ == "__main__":
    sys.exit(main())
