"""Identifiers in the form the service makes them.

Owns: the layout ``(seconds since 2022-06-20) << 32 | worker << 11 | sequence << 1``:
18 digits today, always even, the upper half equal to the second of creation, so that
ids of equal length sort by age (source: oracle findings, section 2). Must not: know what
an id is for, beyond its prefix.
"""

from __future__ import annotations

import hashlib
from calendar import timegm
from typing import Final, Literal

from mock_server.clock import Clock

Prefix = Literal[
    "tsk",
    "tsk_v2",
    "wr",
    "w",
    "wpid",
    "wrb",
    "stp",
    "act",
    "ot",
    "a",
    "o",
    "pbs",
    "bp",
    "totp",
    "tr",
    "cred",
    "s",
    "sr",
    "sf",
    "op",
    "wp",
    "cp",
    "asp",
    "file",
    "whd",
]

EPOCH_SECONDS: Final = 1_655_683_200
"""The zero of the time part: 2022-06-20T00:00:00Z."""

_SEQUENCE_MASK: Final = 0x3FF
_WORKER_MASK: Final = 0x1FFFFF


class IdFactory:
    """Makes ids that never repeat and never go back, whatever the clock does.

    When one second's 1,024 numbers are used up, or the clock steps back, the time part
    runs ahead of the clock instead of reusing a number.
    """

    def __init__(self, clock: Clock, worker: int = 1) -> None:
        self._clock = clock
        self._worker = worker & _WORKER_MASK
        self._second = 0
        self._sequence = 0

    def new(self, prefix: Prefix) -> str:
        """Return a fresh id such as ``tsk_v2_599639051718285248``."""
        second = timegm(self._clock.now().timetuple()) - EPOCH_SECONDS
        if second > self._second:
            self._second, self._sequence = second, 0
        elif self._sequence >= _SEQUENCE_MASK:
            self._second, self._sequence = self._second + 1, 0
        else:
            self._sequence += 1
        number = (self._second << 32) | (self._worker << 11) | (self._sequence << 1)
        return f"{prefix}_{number}"


def organization_for(api_key: str) -> str:
    """Return the organization an API key stands for: stable, and not reversible.

    Every key is a tenant of its own; the key itself is not kept.
    """
    digest = hashlib.sha256(b"skyvern-mock-tenant\0" + api_key.encode()).digest()
    number = 10**17 + int.from_bytes(digest[:8], "big") % (9 * 10**17)
    return f"o_{number & ~1}"
