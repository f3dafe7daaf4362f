"""From a validated request to a run.

Owns: which ids a run gets, its type, title and first status. Must not: validate; the
request is complete and well-formed when it gets here.
"""

from __future__ import annotations

from typing import Any, Final

from mock_server.clock import Clock
from mock_server.engine.lifecycle import advance
from mock_server.ids import IdFactory
from mock_server.store.records import RunRecord

PLANNER_ENGINE: Final = "skyvern-2.0"
WORKFLOW_RUN: Final = "workflow_run"
"""Run type of a workflow's run; its own id is its ``wr_`` id."""

RUN_TYPES: Final = {
    "skyvern-1.0": "task_v1",
    "skyvern-2.0": "task_v2",
    "skyvern-3.0": "task_v3",
    "openai-cua": "openai_cua",
    "anthropic-cua": "anthropic_cua",
    "ui-tars": "ui_tars",
    "yutori-navigator": "yutori_navigator",
}
"""Engine of the request -> run_type of the answer."""

DEFAULT_MAX_STEPS: Final = {PLANNER_ENGINE: 25}
_DEFAULT_STEP_ENGINE_MAX_STEPS: Final = 10

_MAX_SCROLLS: Final = 1000
"""The most screens of a page that are in one screenshot."""

_TITLE_CHARACTERS: Final = 80


def admit(
    organization_id: str, request: dict[str, Any], ids: IdFactory, clock: Clock, default_engine: str
) -> RunRecord:
    """Return the new run, created or (planner) queued; it is not stored yet."""
    engine = PLANNER_ENGINE if request.get("publish_workflow") else request.get("engine") or default_engine
    planner = engine == PLANNER_ENGINE
    now = clock.now()
    run_id = ids.new("tsk_v2" if planner else "tsk")
    workflow_id = ids.new("w") if planner else None
    workflow_permanent_id = ids.new("wpid") if planner else None
    workflow_run_id = ids.new("wr") if planner else None
    run = RunRecord(
        run_id=run_id,
        organization_id=organization_id,
        list_id=ids.new("tr"),
        workflow_run_id=workflow_run_id,
        task_id=ids.new("tsk") if planner else run_id,
        engine=engine,
        run_type=RUN_TYPES[engine],
        status="created",
        request=request,
        created_at=now,
        modified_at=now,
        title=title_of(request),
        workflow_id=workflow_id,
        workflow_permanent_id=workflow_permanent_id,
    )
    if planner:
        run.step_count = 0
        advance(run, "queued", clock.now())
    return run


def admit_workflow_run(
    organization_id: str,
    request: dict[str, Any],
    ids: IdFactory,
    clock: Clock,
    *,
    workflow_permanent_id: str | None = None,
    workflow_id: str | None = None,
) -> RunRecord:
    """Return the new run of a workflow, created; it is not stored yet.

    The two ids are those of the workflow; without them the run gets a workflow of its own,
    made for this one run and shown nowhere else. See :meth:`Engine.submit_workflow_run`
    for what ``request`` holds.
    """
    now = clock.now()
    run_id = ids.new("wr")
    workflow_id = workflow_id or ids.new("w")
    workflow_permanent_id = workflow_permanent_id or ids.new("wpid")
    request = {"workflow_id": workflow_id, **request}
    return RunRecord(
        run_id=run_id,
        organization_id=organization_id,
        list_id=ids.new("tr"),
        workflow_run_id=run_id,
        task_id=ids.new("tsk"),
        engine=PLANNER_ENGINE,
        run_type=WORKFLOW_RUN,
        status="created",
        request=request,
        created_at=now,
        modified_at=clock.now(),
        title=title_of(request),
        step_count=0,
        workflow_id=workflow_id,
        workflow_permanent_id=workflow_permanent_id,
    )


def title_of(request: dict[str, Any]) -> str | None:
    """Return the title that was asked for, else the beginning of the prompt; None if both are blank."""
    title = " ".join((request.get("title") or request.get("prompt") or "").split())
    if len(title) > _TITLE_CHARACTERS:
        title = title[: _TITLE_CHARACTERS - 1].rstrip() + "…"
    return title or None


def clamped_scrolls(scrolls: int | None) -> int | None:
    """Return how often a page is scrolled for a screenshot, of what was asked for; None leaves it to the server."""
    return None if scrolls is None else min(max(scrolls, 0), _MAX_SCROLLS)


def max_steps_of(run: RunRecord) -> int:
    """Return how many steps the run may take. Zero and negative numbers mean the default, as they always have."""
    asked = run.request.get("max_steps")
    if asked is not None and asked > 0:
        return int(asked)
    return DEFAULT_MAX_STEPS.get(run.engine, _DEFAULT_STEP_ENGINE_MAX_STEPS)
