"""Long values: on the command line, in a file, or on stdin.

Owns: what ``-`` and ``@file`` mean wherever a long value is taken. Must not: know what the
value is for.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

MAX_BYTES: Final = 16_000_000
"""A value is text somebody wrote: more than this is a mistake, such as a device given for a file."""
_STDIN_READ: Final = "skyvern_tui.stdin_read_for"


def given(value: str, option: str) -> str:
    """Return the text ``value`` stands for: ``-`` for stdin, ``@path`` for a file, ``@@x`` for ``@x``, else itself.

    Raises click's UsageError, in which ``option`` names the place, if it can't be read.
    """
    if value == "-":
        return stdin_text(option)
    if value.startswith("@@"):
        return value[1:]
    return file_text(value[1:], option) if value.startswith("@") else value


def given_file(value: str, option: str) -> str:
    """Return the text of a file that is named without a mark, or of stdin for ``-``; ``@`` is understood, too."""
    return stdin_text(option) if value == "-" else file_text(value.removeprefix("@"), option)


def stdin_text(option: str) -> str:
    """Return all of stdin, which can be given away once."""
    meta = click.get_current_context().meta
    if _STDIN_READ in meta:
        raise click.UsageError(f"Both {meta[_STDIN_READ]} and {option} are to be read from stdin. Use a file for one.")
    meta[_STDIN_READ] = option
    try:
        return _bounded(sys.stdin.read(MAX_BYTES + 1), option, "stdin")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{option}: stdin is not UTF-8 text.") from error


def file_text(path: str, option: str) -> str:
    """Return the text of a file."""
    hint = f" Write @@{path} for a text that begins with @." if option == "PROMPT" else ""
    try:
        with Path(path).expanduser().open(encoding="utf-8-sig") as file:
            return _bounded(file.read(MAX_BYTES + 1), option, path)
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{option} {path}: not UTF-8 text.") from error
    except (OSError, ValueError) as error:  # ValueError for a name with a zero byte
        reason = getattr(error, "strerror", None) or str(error)
        raise click.UsageError(f"{option} {path}: {reason}.{hint}") from error


def _bounded(text: str, option: str, where: str) -> str:
    if len(text) > MAX_BYTES:
        raise click.UsageError(f"{option}: {where} holds more than {MAX_BYTES:,} characters.")
    return text
