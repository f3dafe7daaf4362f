"""The two streams: data on stdout, narration on stderr.

Owns: writing to them, and that nothing a server sent can act on a terminal. Must not: know
what is being told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final

import click
from rich.console import Console
from rich.text import Text

from skyvern_tui.core.text import inert, inert_lines

_STYLES: Final = {
    "good": "green",
    "bad": "red",
    "warn": "yellow",
    "busy": "cyan",
    "quiet": "dim",
    "thought": "magenta",
}
_ACTING: Final = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What JSON leaves as it is and a terminal may act on: C1 controls, direction marks, line separators."""


def json_text(value: Any) -> str:
    """Return ``value`` as JSON that a terminal cannot be fooled by and any parser reads back unchanged."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    return _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def emit(value: Any) -> None:
    """Write a JSON value to stdout."""
    click.echo(json_text(value))


def emit_lines(lines: Iterable[str]) -> None:
    """Write lines of text to stdout, inert."""
    for line in lines:
        click.echo(inert(line))


class Narrator:
    """Tells on stderr what is going on, in colour if that is a terminal and NO_COLOR is not set."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)

    @property
    def is_live(self) -> bool:
        """True if lines can be rewritten in place."""
        return self.console.is_terminal and not self.console.is_dumb_terminal

    def say(self, text: str, tone: str = "") -> None:
        """Tell ``text``, which may have several lines."""
        for line in inert_lines(text):
            self.console.print(Text(line, style=_STYLES.get(tone, "")))
