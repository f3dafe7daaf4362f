"""The task routes the service had before ``/v1``: views of the same runs.

Owns: these routes. Must not: have an engine or a store of their own; what cannot be seen in runs,
timelines and artifacts is not served.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response
from starlette.types import Receive, Scope

from mock_server.api import artifact_view, body, legacy_request, legacy_view, preconditions, task_request
from mock_server.api.auth import Doorman, Organization
from mock_server.api.legacy_request import LEGACY, TaskRequest, TaskV2Request
from mock_server.api.links import Links
from mock_server.api.refusals import failure, invalid, refuse
from mock_server.api.routes.agents import max_steps_override
from mock_server.api.routes.documented import Documented
from mock_server.api.routes.runs import cancel
from mock_server.api.run_view import PLANNER_RUN
from mock_server.api.webhook_view import WebhookView
from mock_server.api.wire import Answer, JsonAnswer, to_json
from mock_server.engine.admission import RUN_TYPES
from mock_server.scenarios.casting import BadScriptError
from mock_server.services import Services
from mock_server.store.errors import StoreError
from mock_server.store.records import RunRecord
from mock_server.webhooks.payload import planner_run

TASKS: Final = "/api/v1/tasks"
TASKS_V2: Final = "/api/v2/tasks"
MAX_PAGE: Final = 10
"""Pages beyond this one of the older list of runs are empty."""

_STEP_RUNS: Final = tuple(run_type for run_type in RUN_TYPES.values() if run_type != PLANNER_RUN)


class EntityType(StrEnum):
    """What artifacts belong to."""

    STEP = "step"
    TASK = "task"
    WORKFLOW_RUN = "workflow_run"
    WORKFLOW_RUN_BLOCK = "workflow_run_block"
    THOUGHT = "thought"


class TaskStatus(StrEnum):
    """Where a task is in its life."""

    CREATED = "created"
    QUEUED = "queued"
    RUNNING = "running"
    TIMED_OUT = "timed_out"
    FAILED = "failed"
    TERMINATED = "terminated"
    COMPLETED = "completed"
    CANCELED = "canceled"


class WorkflowRunStatus(StrEnum):
    """Where the run of a workflow is in its life."""

    CREATED = "created"
    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"
    TERMINATED = "terminated"
    CANCELED = "canceled"
    TIMED_OUT = "timed_out"
    COMPLETED = "completed"
    PAUSED = "paused"


class _Submission:
    """Makes a run of an older request, checked in the service's order."""

    def __init__(self, services: Services, doorman: Doorman, model: type[TaskRequest | TaskV2Request]) -> None:
        self._services = services
        self._doorman = doorman
        self._model = model
        self._today = task_request.request_model(services.dialect.default_engine)

    async def __call__(self, scope: Scope, receive: Receive) -> Answer:
        services = self._services
        sent = body.decode(scope, await body.read(receive))
        tenant = self._doorman.tenant(scope)
        private = services.settings.block_private_hosts
        asked = legacy_request.validate(self._model, body.required(sent), block_private_hosts=private).as_task()
        own = asked.pop(LEGACY, None)
        asked["max_steps"] = max_steps_override(scope)
        request = task_request.validate(self._today, asked, block_private_hosts=private)
        preconditions.check(request, tenant.organization_id, services)
        if own is not None:
            request[LEGACY] = own
            task_request.check_keepable(request)
        try:
            script = services.casting.script_for(tenant, request, scope["headers"])
            run = services.engine.submit(tenant.organization_id, request, script=script)
        except BadScriptError as error:
            raise invalid(error.faults) from None
        except StoreError as error:
            raise failure(f"The task was not accepted. {error}") from error
        planned = run.run_type == PLANNER_RUN
        return Answer(200, to_json(planner_run(run, None) if planned else {"task_id": run.run_id}))


class _Views:
    """Finds runs and shows them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._links = Links(services)
        self._told = WebhookView(services)

    def task(self, run: RunRecord) -> dict[str, Any]:
        failure_reason = self._services.webhooks.failure_reason(run)
        logs = self._services.store.artifacts(run.organization_id, run.run_id, ["browser_console_log"])
        log_url = self._links.artifact(logs[-1]) if logs else None
        return legacy_view.task(run, self._told(run), failure_reason, log_url)

    def any_run(self, run: RunRecord) -> dict[str, Any]:
        if run.workflow_run_id is None:
            return self.task(run)
        return legacy_view.workflow_run(run, self._services.webhooks.failure_reason(run))

    def step_run(self, organization: str, task_id: str) -> RunRecord:
        """Return the run of a step engine. Raises Refusal."""
        run = self._services.store.run(organization, task_id)
        if run is None or run.workflow_run_id is not None:
            raise refuse(404, f"Task not found {task_id}")
        return run


def add(router: APIRouter, services: Services, doorman: Doorman) -> None:
    """Add the routes. None is in the description: their shapes were never published."""
    views = _Views(services)
    _add_tasks(router, services, doorman, views)
    _add_parts(router, services, views)
    _add_planner_tasks(router, services, doorman)
    _add_runs(router, services, views)
    _add_artifacts(router, services)


def _hidden(router: APIRouter, path: str, submission: _Submission) -> None:
    async def submit(organization: Organization) -> None:
        """Start a task. Never called."""

    router.routes.append(
        Documented(path, submit, submission, methods=["POST"], response_model=None, include_in_schema=False)
    )


def _add_tasks(router: APIRouter, services: Services, doorman: Doorman, views: _Views) -> None:
    _hidden(router, TASKS, _Submission(services, doorman, TaskRequest))

    @router.get(TASKS, include_in_schema=False)
    async def list_tasks(
        organization: Organization,
        page: Annotated[int, Query(ge=1)] = 1,
        page_size: Annotated[int, Query(ge=1)] = 10,
        task_status: Annotated[list[TaskStatus] | None, Query()] = None,
        workflow_run_id: str | None = None,
    ) -> Response:
        if workflow_run_id:
            return JsonAnswer([])  # the tasks within runs of workflows are in the timeline, and nowhere else
        found = services.store.runs(
            organization, page=page, page_size=page_size, statuses=_values(task_status), run_types=_STEP_RUNS
        )
        return JsonAnswer([views.task(run) for run in found])

    @router.get(TASKS + "/{task_id}", include_in_schema=False)
    async def get_task(organization: Organization, task_id: str) -> Response:
        return JsonAnswer(views.task(views.step_run(organization, task_id)))

    @router.post(TASKS + "/{task_id}/cancel", include_in_schema=False)
    async def cancel_task(organization: Organization, task_id: str) -> Response:
        views.step_run(organization, task_id)
        if refusal := cancel(services, organization, task_id):
            raise refusal
        return JsonAnswer(None)


def _add_parts(router: APIRouter, services: Services, views: _Views) -> None:
    store, links = services.store, Links(services)

    @router.get(TASKS + "/{task_id}/steps", include_in_schema=False)
    async def get_steps(organization: Organization, task_id: str) -> Response:
        run = views.step_run(organization, task_id)
        return JsonAnswer(legacy_view.steps(run, store.timeline(run.run_id)))

    @router.get(TASKS + "/{task_id}/actions", include_in_schema=False)
    async def get_actions(organization: Organization, task_id: str) -> Response:
        run = views.step_run(organization, task_id)
        return JsonAnswer(legacy_view.actions(store.timeline(run.run_id)))

    @router.get(TASKS + "/{task_id}/steps/{step_id}/artifacts", include_in_schema=False)
    async def get_step_artifacts(organization: Organization, task_id: str, step_id: str) -> Response:
        found = store.artifacts(organization, task_id)
        return JsonAnswer([artifact_view.artifact(record, links) for record in found if record.step_id == step_id])


def _add_planner_tasks(router: APIRouter, services: Services, doorman: Doorman) -> None:
    _hidden(router, TASKS_V2, _Submission(services, doorman, TaskV2Request))

    @router.get(TASKS_V2 + "/{task_id}", include_in_schema=False)
    async def get_planner_task(organization: Organization, task_id: str) -> Response:
        run = services.store.run(organization, task_id)
        if run is None or run.run_type != PLANNER_RUN or run.run_id != task_id:
            raise refuse(404, f"Task v2 {task_id} not found")
        return JsonAnswer(planner_run(run, services.webhooks.failure_reason(run)))


def _add_runs(router: APIRouter, services: Services, views: _Views) -> None:
    @router.get("/api/v1/runs", include_in_schema=False)
    async def list_runs(
        organization: Organization,
        page: Annotated[int, Query(ge=1)] = 1,
        page_size: Annotated[int, Query(ge=1)] = 10,
        status: Annotated[list[WorkflowRunStatus] | None, Query()] = None,
    ) -> Response:
        if page > MAX_PAGE:
            return JsonAnswer([])
        found = services.store.runs(organization, page=page, page_size=page_size, statuses=_values(status))
        return JsonAnswer([views.any_run(run) for run in found])


def _add_artifacts(router: APIRouter, services: Services) -> None:
    links = Links(services)

    @router.get("/api/v1/{entity_type}/{entity_id}/artifacts", include_in_schema=False)
    async def get_entity_artifacts(organization: Organization, entity_type: EntityType, entity_id: str) -> Response:
        found = services.store.artifacts_of(organization, _COLUMNS[entity_type], entity_id)
        return JsonAnswer([artifact_view.artifact(record, links) for record in found])


_COLUMNS: Final = {
    EntityType.STEP: "step_id",
    EntityType.TASK: "task_id",
    EntityType.WORKFLOW_RUN: "workflow_run_id",
    EntityType.WORKFLOW_RUN_BLOCK: "workflow_run_block_id",
    EntityType.THOUGHT: "observer_thought_id",
}
"""Which field of an artifact names what it belongs to."""


def _values(chosen: Sequence[Any] | None) -> list[str]:
    return [item.value for item in chosen or ()]
