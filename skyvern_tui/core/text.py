"""Text made safe to show, and numbers put into words.

Owns: the one sanitiser every string from a server passes before it reaches a screen, and
the words for durations, ages, offsets and sizes. Must not: know what a widget is, or
produce markup of any kind.

What an untrusted string can do to a terminal is decided by characters that are not
printable: escapes move the cursor, bidirectional controls reorder what is read, zero-width
ones hide. Each is replaced by a visible mark of printable characters, so that nothing is
hidden and nothing acts.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Final

ELLIPSIS: Final = "…"

_NAMED: Final = {
    0x00AD: "SHY",
    0x061C: "ALM",
    0x200B: "ZWSP",
    0x200C: "ZWNJ",
    0x200D: "ZWJ",
    0x200E: "LRM",
    0x200F: "RLM",
    0x2028: "LSEP",
    0x2029: "PSEP",
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2060: "WJ",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
    0xFEFF: "BOM",
}
_CONTROL_PICTURES: Final = 0x2400
_DELETE: Final = 0x7F
_TAB_WIDTH: Final = 4


def _mark(character: str) -> str:
    """Return the visible stand-in of one character that is not printable."""
    code = ord(character)
    if character == "\t":
        return " " * _TAB_WIDTH
    if unicodedata.category(character) == "Zs":
        return " "
    if code < 0x20:  # noqa: PLR2004 - the C0 controls, which have pictures of their own
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return "␡"
    return f"⟨{_NAMED.get(code) or f'U+{code:04X}'}⟩"


def inert(text: str) -> str:
    """Return ``text`` as one line of printable characters.

    Controls become their pictures (``␛``), directional and zero-width characters become
    marks such as ``⟨RLO⟩``, a line break becomes ``␊``. The result satisfies
    ``str.isprintable`` for any input.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _mark(c) for c in text)


def inert_cells(text: str) -> str:
    """Return ``text`` with a printable stand-in for each character that is not: as many characters as before.

    For text that is edited in place, where a place on screen has to stay a place in the text. Tabs stay tabs.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else _stand_in(c) for c in text)


def _stand_in(character: str) -> str:
    mark = _mark(character)
    return mark if len(mark) == 1 else "▯"


def inert_lines(text: str) -> list[str]:
    """Split at line feeds (with or without a carriage return) and make each line inert."""
    return [inert(line.removesuffix("\r")) for line in text.split("\n")]


def one_line(text: str) -> str:
    """Fold all runs of white space into single spaces and make the rest inert."""
    return inert(" ".join(text.split()))


def shorten(text: str, limit: int) -> str:
    """Cut ``text`` to ``limit`` characters, the last of which says that it was cut."""
    return text if len(text) <= limit else text[: max(0, limit - 1)] + ELLIPSIS


def duration_words(seconds: float) -> str:
    """Return a duration such as ``0.4 s``, ``12 s``, ``3 m 05 s``, ``2 h 07 m`` or ``3 d 4 h``."""
    if seconds < 0:
        return "0 s"
    if seconds < 9.95:  # noqa: PLR2004 - below ten a tenth still tells something
        return f"{seconds:.1f} s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if minutes == 0:
        return f"{whole} s"
    hours, minutes = divmod(minutes, 60)
    if hours == 0:
        return f"{minutes} m {rest:02d} s"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes:02d} m"


def clock_words(seconds: float) -> str:
    """Return a running time such as ``0:07``, ``3:05`` or ``2:07:41``: steady in width while it ticks."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def age_words(then: datetime, now: datetime) -> str:
    """Return how long ago ``then`` was in the coarsest unit: ``now``, ``42 s``, ``5 m``, ``3 h``, ``12 d``."""
    seconds = (now - then) / timedelta(seconds=1)
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return "now"


def size_words(count: int | None) -> str:
    """Return a number of bytes as ``812 B``, ``26.1 kB`` or ``3.4 MB``; a dash when unknown."""
    if count is None:
        return "-"
    if count < 1000:  # noqa: PLR2004 - SI prefixes
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":  # noqa: PLR2004 - rounds up to the next prefix
            return f"{value:.1f} {unit}" if value < 99.95 else f"{value:.0f} {unit}"  # noqa: PLR2004 - rounds to 100
    raise AssertionError("unreachable: the last unit takes any value")


def plural(count: int, noun: str) -> str:
    """Return ``1 step``, ``2 steps``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
