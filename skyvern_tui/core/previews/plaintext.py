"""Bytes as lines of text, or failing that as hexadecimal.

Owns: the bounds of text that is not taken apart, and the first bytes of what is no text.
Must not: recognise anything.
"""

from __future__ import annotations

from typing import Final

from skyvern_tui.core.previews.bounds import MAX_ROWS
from skyvern_tui.core.text import inert, plural, size_words

MAX_DECODED: Final = 4_000_000
"""Bytes that are decoded."""
MAX_LINE: Final = 2000
HEX_BYTES: Final = 1024
_HEX_WIDTH: Final = 8
_SNIFFED: Final = 2048
_UNREADABLE_SHARE: Final = 0.1
_PRINTABLE: Final = range(0x20, 0x7F)


def text_lines(data: bytes) -> tuple[list[str], tuple[str, ...]] | None:
    """Return safe lines and what was left out; None when it is no text."""
    if b"\0" in data[:_SNIFFED]:
        return None
    text = data[:MAX_DECODED].decode("utf-8", errors="replace").removeprefix("\ufeff")
    if text.count("\ufffd") > max(len(text), 1) * _UNREADABLE_SHARE:
        return None
    raw = text.split("\n", MAX_ROWS)
    lines = [bounded(line.removesuffix("\r")) for line in raw[:MAX_ROWS]]
    cut = len(data) > MAX_DECODED or len(raw) > MAX_ROWS
    return lines, (f"first {plural(len(lines), 'line')} of {size_words(len(data))} shown",) if cut else ()


def bounded(line: str) -> str:
    """Return a line made safe, and cut if it is long: what it takes must not grow with what a server sends."""
    if len(line) <= MAX_LINE:
        return inert(line)
    return f"{inert(line[:MAX_LINE])}… ({len(line) - MAX_LINE} more characters)"


def hex_lines(data: bytes) -> tuple[list[str], tuple[str, ...]]:
    """Return the first bytes as offset, hexadecimal and ASCII, and what was left out."""
    head = data[:HEX_BYTES]
    lines = []
    for start in range(0, len(head), _HEX_WIDTH):
        row = head[start : start + _HEX_WIDTH]
        shown = "".join(chr(b) if b in _PRINTABLE else "." for b in row)
        lines.append(f"{start:06x}  {row.hex(' '):<23}  {shown}")
    cut = len(data) > HEX_BYTES
    return lines, (f"first {HEX_BYTES} bytes of {size_words(len(data))} shown",) if cut else ()
