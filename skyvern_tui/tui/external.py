"""Handing a text to the user's editor, and taking it back.

Owns: which editor, the file it gets, and giving it the terminal. Must not: judge the text.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

if TYPE_CHECKING:
    from textual.app import App


class EditorError(Exception):
    """The text could not be edited; the message says why and what to do."""


def editor_command() -> list[str]:
    """Return the words that start the user's editor. Raises EditorError if there is none."""
    for name in ("VISUAL", "EDITOR"):
        words = os.environ.get(name, "").strip()
        if words:
            return shlex.split(words, posix=os.name != "nt")
    raise EditorError("No editor is set. Set EDITOR, such as: export EDITOR=nano")


def edit(app: App[Any], text: str, suffix: str) -> str:
    """Return ``text`` as the user's editor leaves it. Raises EditorError; the text is then as it was."""
    command = editor_command()
    with tempfile.TemporaryDirectory(prefix="skyvern-") as folder:
        path = Path(folder) / f"text{suffix}"
        path.write_text(text, encoding="utf-8")
        try:
            with app.suspend():
                done = subprocess.run([*command, str(path)], check=False)  # noqa: S603 - the user's own editor
        except SuspendNotSupported:
            raise EditorError("There is no terminal here to hand over to an editor.") from None
        except OSError as error:
            raise EditorError(f"{command[0]} could not be started: {error.strerror}.") from error
        if done.returncode != 0:
            raise EditorError(f"{command[0]} ended with status {done.returncode}; the text is as it was.")
        try:
            edited = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise EditorError("What the editor left can't be read as UTF-8; the text is as it was.") from None
    # Editors end the last line; a text that had no such end gets none.
    return edited if text.endswith("\n") else edited.removesuffix("\n")
