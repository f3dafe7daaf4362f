"""Published workflows, which the API also calls agents: listing them and running them.

Owns: these routes and the order in which the request of a run is checked. Must not: run
anything, or publish; runs do.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query
from starlette.responses import Response
from starlette.types import Receive, Scope

from mock_server.api import agent_request, body, documents, preconditions, workflow_view
from mock_server.api.agent_request import WorkflowRunRequest
from mock_server.api.auth import Doorman, Organization
from mock_server.api.documents_workflow_runs import WorkflowRunResponse
from mock_server.api.documents_workflows import Workflow, WorkflowStatus
from mock_server.api.refusals import failure, invalid, refuse
from mock_server.api.routes.documented import Documented
from mock_server.api.run_view import RunView
from mock_server.api.task_request import check_keepable
from mock_server.api.wire import Answer, JsonAnswer, to_json
from mock_server.engine.published import Published, request_of
from mock_server.services import Services
from mock_server.store.errors import StoreError

RUN: Final = "/v1/run/agents"
RUN_ALIAS: Final = "/v1/run/workflows"
_MAX_STEPS_HEADER: Final = b"x-max-steps-override"


class AgentSubmission:
    """Checks a request in the service's order: its bytes, the key, addresses, fields, then what exists here."""

    def __init__(self, services: Services, doorman: Doorman, view: RunView) -> None:
        self._services = services
        self._doorman = doorman
        self._view = view
        self._published = Published(services.store, services.tenants)

    async def __call__(self, scope: Scope, receive: Receive) -> Answer:
        sent = body.decode(scope, await body.read(receive))
        organization = self._doorman.organization(scope)
        private = self._services.settings.block_private_hosts
        request = agent_request.validate(body.required(sent), block_private_hosts=private)
        check_keepable(request)
        request["max_steps"] = _max_steps(scope)
        wpid = request["workflow_id"]
        workflow = self._published.workflow(organization, wpid)
        if workflow is None:
            raise refuse(404, f"Workflow not found. workflow_permanent_id={wpid}")
        preconditions.check_browser(request, organization, self._services)
        try:
            run = self._services.engine.submit_workflow_run(
                organization,
                request_of(workflow, request),
                workflow_permanent_id=wpid,
                workflow_id=workflow.body["workflow_id"],
            )
        except StoreError as error:
            raise failure(f"The run was not accepted. {error}") from error
        return Answer(200, to_json(self._view.created(run)))


def _max_steps(scope: Scope) -> int | None:
    """Return what the header says of the number of steps; None if it is not there or empty."""
    for name, value in scope["headers"]:
        if name == _MAX_STEPS_HEADER and value.strip():
            try:
                return int(value)
            except ValueError:
                raise invalid(
                    [
                        {
                            "type": "int_parsing",
                            "loc": ("header", "x-max-steps-override"),
                            "msg": "Input should be a valid integer, unable to parse string as an integer",
                            "input": value,
                        }
                    ]
                ) from None
    return None


def add(router: APIRouter, services: Services, doorman: Doorman, view: RunView) -> None:
    """Add the routes."""
    _add_run(router, services, doorman, view)
    _add_list(router, services)


def _add_run(router: APIRouter, services: Services, doorman: Doorman, view: RunView) -> None:
    async def run_agent(
        organization: Organization,
        request: WorkflowRunRequest,
        *,
        template: Annotated[bool, Query(description="Accepted; there are no templates here.")] = False,
        x_max_steps_override: Annotated[int | None, Header()] = None,
        x_user_agent: Annotated[str | None, Header()] = None,
    ) -> None:
        """Run a published workflow; it is queued and done in the background. Never called: it states the models."""

    run = Documented(
        RUN,
        run_agent,
        AgentSubmission(services, doorman, view),
        methods=["POST"],
        response_model=WorkflowRunResponse,
        responses=documents.BAD_REQUEST | documents.NO_KEY | documents.NOT_FOUND | documents.BROKEN,
        summary="Run a published workflow",
    )
    router.routes.append(run)
    router.routes.append(run.alias(RUN_ALIAS))


def _add_list(router: APIRouter, services: Services) -> None:
    published = Published(services.store, services.tenants)

    @router.get(
        "/v1/agents",
        response_model=list[Workflow],
        responses=documents.NO_KEY,
        summary="List published workflows, newest first",
    )
    @router.get("/v1/workflows", include_in_schema=False)
    async def list_agents(
        *,
        organization: Organization,
        page: Annotated[int, Query(ge=1)] = 1,
        page_size: Annotated[int, Query(ge=1)] = 10,
        only_saved_tasks: bool = False,
        only_workflows: bool = False,
        only_templates: bool = False,
        search_key: Annotated[str | None, Query(description="Part of title, id, url or prompt.")] = None,
        title: Annotated[str, Query(description="Part of the title.")] = "",
        folder_id: str | None = None,
        status: Annotated[list[WorkflowStatus] | None, Query()] = None,
        tags: Annotated[list[str] | None, Query(max_length=20)] = None,
        template: bool = False,
    ) -> Response:
        del only_workflows  # all of them are
        unheard_of = only_saved_tasks or only_templates or template or folder_id or tags
        if unheard_of or (status and WorkflowStatus.PUBLISHED not in status):
            return JsonAnswer([])
        wanted = [text.casefold() for text in (search_key, title) if text]
        found = [
            record for record in published.workflows(organization) if all(text in _said_of(record) for text in wanted)
        ]
        start = (page - 1) * page_size
        return JsonAnswer([workflow_view.workflow(record) for record in found[start : start + page_size]])

    @router.get(
        "/v1/agents/{agent_id}",
        response_model=Workflow,
        responses=documents.NO_KEY | documents.NOT_FOUND,
        summary="Get a published workflow",
    )
    @router.get("/v1/workflows/{agent_id}", include_in_schema=False)
    async def get_agent(organization: Organization, agent_id: str) -> Response:
        record = published.workflow(organization, agent_id)
        if record is None:
            raise refuse(404, f"Workflow not found. workflow_permanent_id={agent_id}")
        return JsonAnswer(workflow_view.workflow(record))


def _said_of(record: Any) -> str:
    task = record.body["task"]
    parts = (record.body["title"], record.resource_id, task.get("url"), task.get("prompt"))
    return "\n".join(part for part in parts if part).casefold()
