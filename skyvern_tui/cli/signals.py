"""Ending well when told to end.

Owns: turning the signals that end a program into an exception, so that what was started is
ended too. Must not: know what was started.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

_ENDING: Final = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""SIGHUP is what a program gets whose terminal is closed; Windows has none."""


@contextmanager
def ending_by_exception() -> Iterator[None]:
    """Make SIGTERM and SIGHUP raise SystemExit for as long as the block lasts."""

    def end(number: int, frame: object) -> NoReturn:
        del frame
        sys.exit(128 + number)

    before = {number: signal.signal(number, end) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
