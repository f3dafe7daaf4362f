"""The public API as a type checker sees it; `make check` runs mypy over this file.

It is never imported: a changed signature or return type fails the check.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_type

from skyvern_tui.client import (
    Artifact,
    AsyncSkyvern,
    Run,
    RunEngine,
    RunListItem,
    RunStatus,
    Skyvern,
    TimelineItem,
)


def blocking() -> None:
    """The sync face."""
    with Skyvern(api_key="k", base_url="http://127.0.0.1:8000") as sky:
        run = sky.run_task(prompt="p", url="u", engine=RunEngine.skyvern_v2, max_steps=3, wait_for_completion=True)
        assert_type(run, Run)
        assert_type(run.status, RunStatus | str)
        assert_type(run.created_at, datetime)
        assert_type(run.is_final, bool)
        assert_type(sky.get_run(run.run_id), Run)
        assert_type(sky.get_runs(page=1, page_size=5, status=["running"]), list[RunListItem])
        assert_type(sky.get_run_timeline(run.run_id), list[TimelineItem])
        assert_type(sky.get_run_artifacts(run.run_id, artifact_type=["recording", "har"]), list[Artifact])
        assert_type(sky.get_artifact("a_1"), Artifact)
        assert_type(sky.cancel_run(run.run_id), None)


async def awaiting() -> None:
    """The async face has the same names and types."""
    async with AsyncSkyvern() as sky:
        run = await sky.run_task(prompt="p", data_extraction_schema={"type": "object"}, timeout=60)
        assert_type(run, Run)
        assert_type(await sky.get_run_artifacts(run.run_id), list[Artifact])
        assert_type(await sky.wait_for_run(run.run_id, timeout=3.5), Run)
