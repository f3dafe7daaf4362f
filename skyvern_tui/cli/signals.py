"""Ending well when told to end.

Owns: turning the signals that end a program into an exception, so that what was started is
ended too, and ending all the same if that gets stuck. Must not: know what was started.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

_ENDING: Final = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""SIGHUP is what a program gets whose terminal is closed; Windows has none."""
GRACE: Final = 20
"""Seconds to end in order. More than stopping a mock takes: what is killed in the middle leaves its children behind."""


@contextmanager
def ending_by_exception(grace: int = GRACE) -> Iterator[None]:
    """Make SIGTERM and SIGHUP raise SystemExit for as long as the block lasts.

    A program that is not over ``grace`` seconds after the signal is ended by the system, without its clean-up: one
    that writes to a terminal that is gone may wait for ever. The mock it started notices, and ends by itself.
    """

    def end(number: int, frame: object) -> NoReturn:
        del frame
        # A terminal window closes with more than one signal; the first is enough.
        for other in _ENDING:
            signal.signal(other, signal.SIG_IGN)
        # With SIGHUP the system sends one to go on, by which a screen would be taken into use once more.
        if hasattr(signal, "SIGCONT"):
            signal.signal(signal.SIGCONT, signal.SIG_DFL)
        if hasattr(signal, "alarm"):
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(grace)
        sys.exit(128 + number)

    before = {number: signal.signal(number, end) for number in _ENDING}
    try:
        yield
    finally:
        if all(signal.getsignal(number) is end for number in _ENDING):
            for number, handler in before.items():
                signal.signal(number, handler)
