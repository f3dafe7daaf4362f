"""The engine: takes a request, answers for the run from then on.

Owns: admission, queue, cancellation, recovery at start. Must not: know HTTP, or how a
page is worked.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from mock_server.store.records import RunRecord


class CancelOutcome(Enum):
    """What came of asking for a cancel."""

    CANCELED = "canceled"
    ALREADY_FINISHED = "already_finished"


class Engine:
    """Executes runs, a bounded number at a time."""

    def submit(self, organization_id: str, request: dict[str, Any]) -> RunRecord:
        """Admit a validated request (every API field, defaults filled in, url normalised); durable when it returns."""
        raise NotImplementedError

    def cancel(self, run: RunRecord) -> CancelOutcome:
        """Cancel a run; its row says ``canceled`` when this returns CANCELED."""
        raise NotImplementedError

    async def start(self) -> None:
        """Recover what an earlier server left and begin to execute."""

    async def close(self) -> None:
        """Stop executing; runs that are going on are retried by the next start."""

    async def wait_idle(self) -> None:
        """Return when nothing is queued or running."""
