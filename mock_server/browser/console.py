"""The console log of a context, as text.

Owns: its form (one line for each event) and its bounds. Must not: know Playwright.
"""

from __future__ import annotations

import re
from collections import deque
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit, urlunsplit

MAX_LINES: Final = 2000
"""Kept: the first and the last half of this; a page that logs in a loop fills neither disk nor memory."""

MAX_LINE_CHARS: Final = 2000

_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


class ConsoleLog:
    """Lines of ``time level [location] text``, oldest first."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._last: deque[str] = deque(maxlen=MAX_LINES // 2)
        self._left_out = 0

    def add(self, at: datetime, level: str, text: str, location: str = "") -> None:
        """Append one line; line breaks and control characters in ``text`` become spaces.

        ``level`` is the console's own (log, info, warning, error, ...), ``pageerror``,
        ``requestfailed`` or ``capture``; ``location`` is ``url:line:column`` or a url.
        """
        parts = [f"{at.isoformat(timespec='milliseconds')}Z", level, *([f"[{location}]"] if location else []), text]
        line = _BREAKS.sub(" ", " ".join(parts)).strip()
        if len(line) > MAX_LINE_CHARS:
            line = f"{line[:MAX_LINE_CHARS]}… ({len(line) - MAX_LINE_CHARS} more characters)"
        if len(self._first) < MAX_LINES // 2:
            self._first.append(line)
            return
        self._left_out += len(self._last) == self._last.maxlen
        self._last.append(line)

    def text(self) -> str:
        """Return the log; empty if nothing was logged."""
        gap = [f"… {self._left_out} lines left out …"] if self._left_out else []
        return "".join(f"{line}\n" for line in (*self._first, *gap, *self._last))


def shown_url(url: str) -> str:
    """Return ``url`` without user name and password, and data: urls without their data."""
    if url.startswith("data:"):
        return url.partition(",")[0] + ",…"
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
