"""Saved runs in the place of a server.

Owns: answering what screens ask for from files. Must not: pretend that anything can be
started or stopped: such calls are refused as a server would refuse them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from skyvern_tui.client.errors import BadRequestError, NotFoundError
from skyvern_tui.client.models import ARTIFACTS, RUN, TIMELINE, Artifact, Run, RunListItem, TimelineItem
from skyvern_tui.client.resources import WebhookReplay
from skyvern_tui.core.answers import Answer
from skyvern_tui.core.gateway import Site
from skyvern_tui.core.skyrun.saved import NotSaved, SavedRun


class SavedGateway:
    """A gateway over saved runs; a :class:`~skyvern_tui.core.gateway.Gateway`."""

    def __init__(self, *saved: SavedRun) -> None:
        self._saved = {one.run.run_id: one for one in saved}

    def saved(self, run_id: str) -> SavedRun:
        """Return a saved run. Raises NotFoundError."""
        if run_id not in self._saved:
            raise NotFoundError(f"{run_id} is not among the opened files", status_code=404, run_id=run_id)
        return self._saved[run_id]

    async def run_task(self, prompt: str, **fields: Any) -> Run:  # noqa: ARG002 - the protocol's signature
        self._refuse("There is no server to send a task to: this run was opened from a file.")

    async def cancel_run(self, run_id: str) -> object:  # noqa: ARG002 - the protocol's signature
        self._refuse("A run opened from a file can't be canceled.")

    async def retry_run_webhook(self, run_id: str, *, webhook_url: str | None = None) -> WebhookReplay:  # noqa: ARG002 - as above
        self._refuse("There is no server to send a webhook: this run was opened from a file.")

    @staticmethod
    def _refuse(message: str) -> NoReturn:
        raise BadRequestError(message, status_code=400, hint="Connect to a server to do this.")

    async def get_run(self, run_id: str) -> Run:
        return self.saved(run_id).run

    async def get_runs(self, *, page: int, page_size: int, **_filters: Any) -> Sequence[RunListItem]:
        newest = sorted(self._saved.values(), key=lambda one: one.run.created_at, reverse=True)
        return [_item(one.run) for one in newest[(page - 1) * page_size : page * page_size]]

    async def get_run_timeline(self, run_id: str) -> Sequence[TimelineItem]:
        timeline = self.saved(run_id).timeline
        if timeline is None:
            raise BadRequestError(f"No timeline was saved of {run_id}", status_code=400, run_id=run_id)
        return timeline

    async def get_run_artifacts(self, run_id: str) -> Sequence[Artifact]:
        return [saved.artifact for saved in self.saved(run_id).artifacts]

    async def get_artifact_content(self, artifact: Artifact) -> bytes:
        for one in self._saved.values():
            if any(saved.artifact.artifact_id == artifact.artifact_id for saved in one.artifacts):
                try:
                    return one.content(artifact.artifact_id)
                except NotSaved as reason:
                    raise NotFoundError(str(reason), status_code=404) from reason
        raise NotFoundError(f"{artifact.artifact_id} is not in the opened files", status_code=404)

    async def get_deliveries(self, run_id: str) -> Sequence[Mapping[str, Any]]:  # noqa: ARG002 - as above
        return []

    def answers(self, run_id: str) -> Sequence[Answer]:
        """Return what was saved in the shape in which a server would answer it."""
        saved = self.saved(run_id)
        parts = {
            "get_run": ("", RUN.dump_json(saved.run)),
            "get_run_timeline": ("/timeline", TIMELINE.dump_json(list(saved.timeline or ()))),
            "get_run_artifacts": ("/artifacts", ARTIFACTS.dump_json([one.artifact for one in saved.artifacts])),
        }
        return [
            Answer(name, "GET", f"/v1/runs/{run_id}{path}", None, saved.saved_at, None, content)
            for name, (path, content) in parts.items()
        ]

    async def get_sites(self) -> Sequence[Site]:
        return []

    async def aclose(self) -> None:
        pass


def _item(run: Run) -> RunListItem:
    title = (run.run_request or {}).get("title")
    return RunListItem(
        task_run_id=run.run_id,
        run_id=run.run_id,
        task_run_type=run.run_type,
        status=run.status,
        created_at=run.created_at,
        title=title if isinstance(title, str) else None,
        started_at=run.started_at,
        finished_at=run.finished_at,
    )
