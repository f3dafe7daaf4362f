"""What all previews hold to.

Owns: the error, the bounds and the one way to shorten text of an artifact. Must not: read
anything.
"""

from __future__ import annotations

from typing import Any, Final

from skyvern_tui.core.text import one_line, shorten

MAX_TEXT: Final = 16_000_000
"""Bytes of a text that are taken apart."""
MAX_ROWS: Final = 20_000
"""Rows of any table or tree."""
MAX_CELL: Final = 2000
"""Characters of one cell."""


class Unreadable(ValueError):  # noqa: N818 - named for the finding
    """The bytes are not what they are taken for. The message says why, in safe text."""

    def __init__(self, reason: str) -> None:
        super().__init__(cell(reason))


def cell(value: Any, limit: int = MAX_CELL) -> str:
    """Return a value as one safe line."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    return shorten(one_line(text[: limit * 4]), limit)
