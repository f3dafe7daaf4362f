"""The Range header.

Owns: which bytes of a file a request asks for. Must not: read files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ONE_RANGE: Final = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``first`` up to and including ``last``."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class UnsatisfiableError(Exception):
    """The range lies outside the file."""


def parse(header: str | None, size: int) -> Span | None:
    """Return the one span a header asks for; None for no header, several spans, or what is no range: send everything.

    Raises:
        UnsatisfiableError: No byte of the file is in it.
    """
    match = _ONE_RANGE.fullmatch((header or "").replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None
    start, end = match.groups()
    if not start:
        first, last = max(size - int(end), 0), size - 1
    else:
        first, last = int(start), min(int(end) if end else size - 1, size - 1)
        if end and int(end) < first:
            return None
    if first >= size or first > last:
        raise UnsatisfiableError
    return Span(first, last)
