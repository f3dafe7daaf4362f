"""What the terminal says of itself before the app takes it over.

Owns: one question to the terminal and the reading of its answer. Must not: draw, or ask
anything while the app runs.

The libraries that draw pictures ask one thing after the other and give each a tenth of a
second. Over a slow line the answers come later, in pieces, and are then taken for keys: a
``?`` opens the help, a ``c`` asks to cancel the run. So it is asked here, once, and all of
the answer is waited for: its end is known, since every terminal answers the last question.
"""

from __future__ import annotations

import os
import re
import select
import struct
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

PATIENCE: Final = 3.0
"""Seconds to wait for a terminal that may not answer at all."""
_MOST: Final = 4096
"""Characters that may come with an answer: somebody may be typing already."""
_CELL: Final = "\x1b[16t"
_KITTY: Final = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
_WHO: Final = "\x1b[c"
_WHO_SAID: Final = re.compile(rb"\x1b\[\?([\d;]*)c")
_CELL_SAID: Final = re.compile(rb"\x1b\[6;(\d{1,4});(\d{1,4})t")
_KITTY_SAID: Final = re.compile(rb"\x1b_Gi=31;OK\x1b\\")
_SIXEL: Final = "4"


@dataclass(frozen=True, slots=True)
class Graphics:
    """What a terminal can draw."""

    kitty: bool = False
    sixel: bool = False
    cell: tuple[int, int] | None = None
    """Width and height of a character in pixels, if it was said."""


def read_answer(said: bytes) -> Graphics | None:
    """Return what an answer means; None while it is not complete."""
    who = _WHO_SAID.search(said)
    if who is None:
        return None
    cell = _CELL_SAID.search(said)
    return Graphics(
        kitty=_KITTY_SAID.search(said) is not None,
        sixel=_SIXEL in who.group(1).decode().split(";")[1:],
        cell=(int(cell.group(2)), int(cell.group(1))) if cell and int(cell.group(1)) and int(cell.group(2)) else None,
    )


def question(environment: Mapping[str, str]) -> str:
    """Return what to ask. Only who knows Kitty's protocol is asked for it: others would print the question."""
    names = f"{environment.get('TERM', '')} {environment.get('TERM_PROGRAM', '')}".lower()
    is_kitty = "kitty" in names or "ghostty" in names or "KITTY_WINDOW_ID" in environment
    return _CELL + (_KITTY if is_kitty and "TMUX" not in environment else "") + _WHO


def ask(patience: float = PATIENCE) -> Graphics:
    """Ask the terminal of this program; one that says nothing in time can draw nothing but text."""
    terminal = sys.__stdin__
    out = sys.__stdout__
    if sys.platform == "win32" or terminal is None or out is None or not (terminal.isatty() and out.isatty()):
        return Graphics()
    import termios  # noqa: PLC0415 - not on Windows
    import tty  # noqa: PLC0415 - as above

    number = terminal.fileno()
    before = termios.tcgetattr(number)
    said = b""
    try:
        tty.setcbreak(number, termios.TCSANOW)
        out.write(question(os.environ))
        out.flush()
        while len(said) < _MOST and select.select([number], [], [], patience)[0]:
            got = os.read(number, 1024)
            if not got:  # the terminal is gone: this can be read for ever
                break
            said += got
            answer = read_answer(said)
            if answer is not None:
                return answer if answer.cell else replace(answer, cell=_cell(out.fileno()))
    except OSError:
        return Graphics()
    finally:
        with suppress(termios.error):
            termios.tcsetattr(number, termios.TCSANOW, before)
    return Graphics()


def _cell(number: int) -> tuple[int, int] | None:
    """Return the size of a character as the system knows it."""
    import fcntl  # noqa: PLC0415 - not on Windows
    import termios  # noqa: PLC0415 - as above

    lines, columns, width, height = struct.unpack("HHHH", fcntl.ioctl(number, termios.TIOCGWINSZ, bytes(8)))
    size = width // max(columns, 1), height // max(lines, 1)
    return size if all(size) else None
