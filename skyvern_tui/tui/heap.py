"""What stays in memory for long, and the garbage collector.

Owns: taking what lives as long as the app, or as the screen of a large run, out of the collector's rounds, and giving
it back afterwards. Must not: know what the objects are.

A full round of the collector looks at every object that is alive. With the app's own modules, ten thousand events and
their answers that is a tenth of a second, in the midst of whatever key is pressed then, and it finds nothing there.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from textual.app import App

ENOUGH: Final = 1000
"""Facts by which a history grows until they are set aside."""
REST: Final = 2.0
"""Seconds after leaving a screen until what it held is freed."""


class _Owner:
    """Whether it was the app that set objects aside: what whoever runs it set aside before is theirs."""

    is_app = False


def set_aside() -> None:
    """Leave what is there now out of the rounds to come."""
    if _Owner.is_app or not gc.get_freeze_count():
        _Owner.is_app = True
        gc.freeze()


def give_back() -> None:
    """Let the collector look at everything again."""
    if _Owner.is_app:
        _Owner.is_app = False
        gc.unfreeze()


def renew() -> None:
    """Free what was set aside and is of no use any more, and set the rest aside again; this is a full round."""
    if _Owner.is_app:
        gc.unfreeze()
        gc.collect()
        gc.freeze()


def renew_later(app: App[Any], busy: Callable[[], bool]) -> None:
    """Renew in a while, and not before ``busy`` says no: whoever leaves a run may open the next one at once."""
    app.set_timer(REST, lambda: renew_later(app, busy) if busy() else renew())


class Growing:
    """The history that a screen keeps for as long as it is there."""

    def __init__(self) -> None:
        self._count = 0

    @property
    def is_large(self) -> bool:
        """Whether any of it was set aside."""
        return self._count > 0

    def has(self, count: int) -> None:
        """Set aside what is there if it is many facts more than the last time."""
        if count - self._count >= ENOUGH:
            self._count = count
            set_aside()
