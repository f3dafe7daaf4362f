"""Runs as a list, their cancellation and their timelines.

Owns: these routes. Must not: decide whether a run can be canceled; the engine does.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from mock_server.api import documents, timeline_view
from mock_server.api.auth import Organization
from mock_server.api.cache import AnswerCache
from mock_server.api.links import GOOD_FOR_SECONDS
from mock_server.api.refusals import Refusal, refuse
from mock_server.api.run_view import PLANNER_RUN, RunView
from mock_server.api.wire import Answer, JsonAnswer, to_json
from mock_server.dialect import Dialect
from mock_server.engine.admission import WORKFLOW_RUN
from mock_server.engine.engine import CancelOutcome
from mock_server.services import Services
from mock_server.store.records import RunRecord

MAX_PAGE: Final = 100
MAX_PAGE_SIZE: Final = 100
MAX_BULK: Final = 100
_WITH_WORKFLOW: Final = (PLANNER_RUN, WORKFLOW_RUN)


class RunType(StrEnum):
    """What made a run."""

    TASK_V1 = "task_v1"
    TASK_V2 = "task_v2"
    TASK_V3 = "task_v3"
    WORKFLOW_RUN = "workflow_run"
    OPENAI_CUA = "openai_cua"
    ANTHROPIC_CUA = "anthropic_cua"
    UI_TARS = "ui_tars"
    YUTORI_NAVIGATOR = "yutori_navigator"


class BulkCancelRunsRequest(BaseModel):
    """Runs to cancel."""

    run_ids: Annotated[list[str], Field(max_length=MAX_BULK)]


def add(router: APIRouter, services: Services, view: RunView) -> None:
    """Add the routes."""
    _add_list(router, services, view)
    _add_cancel(router, services)
    _add_timeline(router, services)


def _add_list(router: APIRouter, services: Services, view: RunView) -> None:
    store = services.store

    @router.get(
        "/v1/runs",
        response_model=list[documents.TaskRunListItem],
        responses=documents.NO_KEY,
        summary="List runs, newest first",
    )
    async def list_runs(
        *,
        organization: Organization,
        page: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1,
        page_size: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 10,
        status: Annotated[list[documents.RunStatus] | None, Query()] = None,
        search_key: Annotated[str | None, Query(min_length=3, description="Part of title, url or run id.")] = None,
        run_type: Annotated[list[RunType] | None, Query()] = None,
        workflow_permanent_id: Annotated[list[str] | None, Query(max_length=50)] = None,
        tags: Annotated[list[str] | None, Query(max_length=20)] = None,
        failure_category: Annotated[str | None, Query(max_length=100)] = None,
    ) -> Response:
        if tags or failure_category:
            # Runs here have none of these, so none can match.
            return JsonAnswer([])
        runs = store.runs(
            organization,
            page=page,
            page_size=page_size,
            statuses=_values(status),
            run_types=_values(run_type),
            search=search_key,
            workflows=workflow_permanent_id or (),
        )
        tenant = services.tenants.of(organization)
        if tenant.scripted:
            return JsonAnswer(await services.director.listed(tenant, runs, view.listed))
        return JsonAnswer([view.listed(run) for run in runs])


def _values(chosen: Sequence[Any] | None) -> list[str]:
    return [item.value for item in chosen or ()]


def _add_cancel(router: APIRouter, services: Services) -> None:
    @router.post(
        "/v1/runs/cancel",
        response_model=documents.BulkCancelRunsResponse,
        responses=documents.NO_KEY,
        summary="Cancel several runs",
    )
    async def cancel_runs(organization: Organization, request: BulkCancelRunsRequest) -> Response:
        answer: dict[str, list[str]] = {"cancelled": [], "failed": []}
        for run_id in dict.fromkeys(request.run_ids):
            answer["failed" if cancel(services, organization, run_id) else "cancelled"].append(run_id)
        return JsonAnswer(answer)

    @router.post(
        "/v1/runs/{run_id}/cancel",
        response_model=None,
        responses=documents.NOTHING | documents.BAD_REQUEST | documents.NO_KEY | documents.NOT_FOUND,
        summary="Cancel a run",
    )
    async def cancel_run(organization: Organization, run_id: str) -> Response:
        if refusal := cancel(services, organization, run_id):
            raise refusal
        return JsonAnswer(None)


def cancel(services: Services, organization: str, run_id: str) -> Refusal | None:
    """Cancel one run; return why not, if not. Under the id of its hidden workflow run it is not found here."""
    run = services.store.run(organization, run_id)
    if run is None or run.run_id != run_id:
        return refuse(404, f"Run not found {run_id}")
    status = run.status
    if services.engine.cancel(run) is CancelOutcome.ALREADY_FINISHED:
        return _too_late(run, status, services.dialect)
    return None


def _too_late(run: RunRecord, status: str, dialect: Dialect) -> Refusal | None:
    """Return what asking to cancel a finished run is answered with; None if it is not minded."""
    if run.run_type in _WITH_WORKFLOW or dialect.cancel_finished_step_run == "ok":
        return None
    if status == "canceled":
        return refuse(
            400, f"Invalid task status transition to canceled for {run.run_id} because task is already canceled"
        )
    return refuse(400, f"Invalid task status transition from {status} to canceled for {run.run_id}")


def _add_timeline(router: APIRouter, services: Services) -> None:
    store, dialect = services.store, services.dialect
    answers = AnswerCache(GOOD_FOR_SECONDS)

    @router.get(
        "/v1/runs/{run_id}/timeline",
        response_model=list[documents.WorkflowRunTimeline],
        responses=documents.BAD_REQUEST | documents.NO_KEY | documents.NOT_FOUND,
        summary="What a run did and why, newest first",
    )
    async def run_timeline(organization: Organization, run_id: str) -> Response:
        run = store.run(organization, run_id)
        if run is None:
            raise refuse(404, f"Run not found {run_id}")
        if run.run_type not in _WITH_WORKFLOW and not dialect.step_run_timeline:
            raise refuse(400, f"Timeline not available for run type {run.run_type}")

        def answer() -> Answer:
            return Answer(200, to_json(timeline_view.timeline(store.timeline(run.run_id))))

        now = services.tenants.of(organization).clock.monotonic()
        return answers.get(run.run_id, store.timeline_revision(run.run_id), now, answer).response()
