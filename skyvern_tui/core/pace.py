"""How often to ask.

Owns: the interval between polls: short while things change, longer while they don't. Must
not: sleep or read a clock.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """Seconds between polls, from ``quick`` to ``slow``, stretched by ``growth`` for each poll that told nothing."""

    quick: float = 0.3
    slow: float = 5.0
    growth: float = 1.5
    interval: float = 0.0

    def after(self, *, news: bool) -> float:
        """Return the seconds to wait after a poll that did or did not bring news."""
        if news or self.interval <= 0:
            self.interval = self.quick
        else:
            self.interval = min(self.slow, self.interval * self.growth)
        return self.interval
