"""``completion``: what makes a shell complete the words of this command.

Loads nothing but click: a shell may run it at every start.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import click

from skyvern_tui.cli.envelope import current_reply, json_option
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure

_PROGRAM: Final = "skyvern-tui"
_VARIABLE: Final = "_SKYVERN_TUI_COMPLETE"
SHELLS: Final = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.option("--install", is_flag=True, help="Write it where the shell looks, and print where that is.")
@json_option
def completion(*, shell: str, install: bool) -> None:
    """Print the script that makes SHELL complete commands, options, runs, profiles and formats.

    Runs are those this machine remembers; nothing asks the network.
    """
    script = script_for(shell)
    if not install:
        current_reply().give({"shell": shell, "script": script}, script.splitlines())
        return
    path = place_for(shell)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script, encoding="utf-8")
    except OSError as error:
        raise Failure(
            f"{path} can't be written: {error.strerror}.", Exit.error, "Write it yourself: --help."
        ) from error
    current_reply().give({"shell": shell, "path": str(path)}, [str(path)])
    click.echo(_NEXT[shell].format(folder=path.parent), err=True)


_NEXT: Final = {
    "bash": "Open a new shell. It needs bash 4.4 and the package bash-completion, which reads that folder.",
    "zsh": "In ~/.zshrc, before compinit: fpath+=({folder}); then open a new shell.",
    "fish": "Open a new shell.",
}
"""What is left to do after the script was written."""


def script_for(shell: str) -> str:
    """Return the script of a shell: it asks this program for the words, and knows none itself."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - for this command only

    kind = get_completion_class(shell)
    assert kind is not None
    # Without a look at the bash that happens to be installed here: the script may be for another machine.
    made = kind(click.Command(_PROGRAM), {}, _PROGRAM, _VARIABLE)
    return made.source_template % made.source_vars()


def place_for(shell: str) -> Path:
    """Return the file a shell looks for the script in."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return {
        "bash": data / "bash-completion/completions" / _PROGRAM,
        "zsh": data / "zsh/site-functions" / f"_{_PROGRAM}",
        "fish": config / "fish/completions" / f"{_PROGRAM}.fish",
    }[shell]
