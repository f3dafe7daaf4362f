"""The calls the app makes, as it sees them.

Owns: the protocol between screens and whatever answers them: the async client over HTTP, a
scripted fake in tests. Must not: know how a call is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from skyvern_tui.client.models import Artifact, Run, RunListItem, TimelineItem
from skyvern_tui.client.resources import WebhookReplay
from skyvern_tui.core.answers import Answer


class Site(NamedTuple):
    """A practice site served beside a local mock."""

    name: str
    url: str


class Gateway(Protocol):
    """What the app asks of a server. Every call raises ``client.errors.SkyvernError`` when it fails."""

    async def run_task(self, prompt: str, **fields: Any) -> Run:
        """Create a run. ``fields`` are those of ``TaskRunRequest``."""
        ...

    async def get_run(self, run_id: str) -> Run:
        """Return one run."""
        ...

    async def get_runs(self, *, page: int, page_size: int) -> Sequence[RunListItem]:
        """Return a page of runs, newest first; pages count from 1."""
        ...

    async def cancel_run(self, run_id: str) -> object:
        """Cancel a run."""
        ...

    async def get_run_timeline(self, run_id: str) -> Sequence[TimelineItem]:
        """Return the timeline, newest first. Runs of some types have none and answer 400.

        The same object as before says that nothing changed; so it is with the artifacts.
        """
        ...

    async def get_run_artifacts(self, run_id: str) -> Sequence[Artifact]:
        """Return all artifacts of a run."""
        ...

    async def get_artifact_content(self, artifact: Artifact) -> bytes:
        """Return the bytes of an artifact."""
        ...

    async def retry_run_webhook(self, run_id: str, *, webhook_url: str | None = None) -> WebhookReplay:
        """Have the webhook of a finished run sent once more, to its receiver or another; what came of it."""
        ...

    async def get_deliveries(self, run_id: str) -> Sequence[Mapping[str, Any]]:
        """Return the webhooks of a run with all their attempts, newest first, where the server tells; else none."""
        ...

    def answers(self, run_id: str) -> Sequence[Answer]:
        """Return what was answered last to each call about a run, as it came. Asks nothing."""
        ...

    async def get_sites(self) -> Sequence[Site]:
        """Return the practice sites of a mock; none for any other server."""
        ...

    async def aclose(self) -> None:
        """Give back what the gateway holds."""
        ...
