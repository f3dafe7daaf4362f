"""Who is told that a run has ended.

Owns: the shape of a listener, and storing an end together with the telling of it. Must not:
know what is done with the news; webhooks are.
"""

from __future__ import annotations

from typing import Final, Protocol

from mock_server.store.records import RunRecord
from mock_server.store.store import Store


class Notices(Protocol):
    """Hears of ends. What it stores is stored, or lost, together with the run; it raises StoreError only."""

    def run_ended(self, run: RunRecord) -> None:
        """Hear that a run has got its final status. Called once for each run."""
        ...

    def cancel_noticed(self, run: RunRecord) -> None:
        """Hear that whatever did a run that was canceled has now stopped."""
        ...

    def cancel_repeated(self, run: RunRecord) -> None:
        """Hear that somebody asked to cancel a run that had ended."""
        ...


class _Nobody:
    """Listens to nothing."""

    def run_ended(self, run: RunRecord) -> None:
        pass

    def cancel_noticed(self, run: RunRecord) -> None:
        pass

    def cancel_repeated(self, run: RunRecord) -> None:
        pass


NOBODY: Final[Notices] = _Nobody()


def store_end(store: Store, run: RunRecord, notices: Notices) -> None:
    """Store a run that has just got its final status, and have it told, in one transaction.

    Whoever ends a run ends it this way, or its webhook may get lost.

    Raises:
        StoreError: Neither was stored.
    """
    with store.at_once():
        store.save_run(run)
        notices.run_ended(run)
