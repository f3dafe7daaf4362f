"""The two streams: data on stdout, narration on stderr.

Owns: writing to them, and that nothing a server sent can act on a terminal. Must not: know
what is being told, or load anything heavy before something is told.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import sys
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from skyvern_tui.core.text import inert, inert_lines

if TYPE_CHECKING:
    from rich.console import Console

_STYLES: Final = {
    "good": "green",
    "bad": "red",
    "warn": "yellow",
    "busy": "cyan",
    "quiet": "dim",
    "thought": "magenta",
}
_ACTING: Final = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What JSON leaves as it is and a terminal may act on (C1 controls, direction marks, line separators), and the
halves of a character, which no encoding can write."""


def json_text(value: Any) -> str:
    """Return ``value`` as JSON that a terminal cannot be fooled by and any parser reads back unchanged."""
    return _safe(value, indent=2)


def json_line(value: Any) -> str:
    """Return ``value`` as JSON on one line, as safe as :func:`json_text`."""
    return _safe(value, indent=None)


def _safe(value: Any, *, indent: int | None) -> str:
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    ascii_only = not encoding.startswith("utf")  # a pipe on Windows, say
    try:
        text = json.dumps(value, indent=indent, ensure_ascii=ascii_only, default=_plain, allow_nan=False)
    except ValueError:  # NaN and infinity, which Python reads and JSON does not have
        finite = json.loads(json.dumps(value, default=_plain), parse_constant=lambda _: None)
        text = json.dumps(finite, indent=indent, ensure_ascii=ascii_only)
    return _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _plain(value: Any) -> Any:
    """Return what JSON has no form for as something it has one for."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return value.isoformat() if isinstance(value, datetime) else str(value)


def open_missing() -> None:
    """Put an empty stream where one was closed for this program (``<&-``): Python has None there, which nobody expects.

    Without it the next file that is opened would also take the stream's number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for as long as the program


def emit(value: Any) -> None:
    """Write a JSON value to stdout."""
    click.echo(json_text(value))


def emit_lines(lines: Iterable[str]) -> None:
    """Write lines of text to stdout, inert."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    for line in lines:
        click.echo(inert(line).encode(encoding, "replace").decode(encoding))


def emit_block(text: str) -> None:
    """Write a text of several lines to stdout, each inert."""
    emit_lines(text.rstrip("\n").split("\n"))


class Narrator:
    """Tells on stderr what is going on, in colour if that is a terminal and NO_COLOR is not set."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console

    @cached_property
    def console(self) -> Console:
        """The terminal that is told."""
        from rich.console import Console  # noqa: PLC0415 - costs as much as the rest of a start

        return self._console or Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)

    @property
    def is_live(self) -> bool:
        """True if lines can be rewritten in place."""
        return self.console.is_terminal and not self.console.is_dumb_terminal

    def say(self, text: str, tone: str = "") -> None:
        """Tell ``text``, which may have several lines."""
        from rich.text import Text  # noqa: PLC0415 - as above

        for line in inert_lines(text):
            self.console.print(Text(line, style=_STYLES.get(tone, "")))
