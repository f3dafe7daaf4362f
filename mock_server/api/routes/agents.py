"""Workflows, which the API also calls agents: making them from a definition, listing them and running them.

Owns: these routes and the order in which their requests are checked. Must not: run
anything, or publish a run; runs do.
"""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Header, Query
from starlette.responses import Response
from starlette.types import Receive, Scope

from mock_server.api import agent_definition, agent_request, body, documents, preconditions, workflow_view
from mock_server.api.addresses import normalised
from mock_server.api.agent_definition import WorkflowRequest
from mock_server.api.agent_request import WorkflowRunRequest
from mock_server.api.auth import Doorman, Organization
from mock_server.api.documents_workflow_runs import WorkflowRunResponse
from mock_server.api.documents_workflows import Workflow, WorkflowStatus
from mock_server.api.refusals import failure, invalid, refuse
from mock_server.api.routes.documented import Documented
from mock_server.api.run_view import RunView
from mock_server.api.task_request import check_keepable
from mock_server.api.wire import Answer, JsonAnswer, to_json
from mock_server.engine.parameters import ParameterFault, known_values
from mock_server.engine.published import Published, request_of
from mock_server.scenarios.casting import BadScriptError
from mock_server.services import Services
from mock_server.store.errors import StoreError

RUN: Final = "/v1/run/agents"
RUN_ALIAS: Final = "/v1/run/workflows"
AGENTS: Final = "/v1/agents"
AGENTS_ALIAS: Final = "/v1/workflows"
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
        tenant = self._doorman.tenant(scope)
        organization = tenant.organization_id
        private = self._services.settings.block_private_hosts
        request = agent_request.validate(body.required(sent), block_private_hosts=private)
        check_keepable(request)
        request["max_steps"] = max_steps_override(scope)
        wpid = request["workflow_id"]
        workflow = self._published.workflow(organization, wpid)
        if workflow is None:
            raise refuse(404, f"Workflow not found. workflow_permanent_id={wpid}")
        preconditions.check_browser(request, organization, self._services)
        try:
            wanted = request_of(workflow, request)
        except ParameterFault as fault:
            raise refuse(400, str(fault)) from None
        if private:
            _check_addresses(wanted)
        try:
            script = self._services.casting.script_for(tenant, wanted, scope["headers"])
            run = self._services.engine.submit_workflow_run(
                organization,
                wanted,
                workflow_permanent_id=wpid,
                workflow_id=workflow.body["workflow_id"],
                script=script,
            )
        except BadScriptError as error:
            raise invalid(error.faults) from None
        except StoreError as error:
            raise failure(f"The run was not accepted. {error}") from error
        return Answer(200, to_json(self._view.created(run)))


class AgentCreation:
    """Makes a workflow of a definition, checked in the same order."""

    def __init__(self, services: Services, doorman: Doorman) -> None:
        self._services = services
        self._doorman = doorman
        self._published = Published(services.store, services.tenants)

    async def __call__(self, scope: Scope, receive: Receive) -> Answer:
        sent = body.decode(scope, await body.read(receive))
        organization = self._doorman.organization(scope)
        private = self._services.settings.block_private_hosts
        asked = agent_definition.validate(body.required(sent), block_private_hosts=private)
        folder = parse_qs(scope["query_string"].decode("latin-1")).get("folder_id", [None])[-1]
        wpid, fields = agent_definition.body_of(asked, organization, self._services, folder_id=folder)
        check_keepable(fields)
        record = self._published.define(organization, fields, wpid)
        return Answer(200, to_json(workflow_view.created(record)))


def _check_addresses(request: dict[str, Any]) -> None:
    """Refuse a run whose blocks open private hosts. Addresses that blocks before them find out are not known yet."""
    from mock_server.engine.templates import TemplateFault, filled  # noqa: PLC0415  # the rule is rarely on

    if "definition" not in request:
        return
    values = known_values(request["definition"], request["values"])
    waiting = list(request["definition"]["blocks"])
    while waiting:
        block = waiting.pop()
        waiting += block.get("loop_blocks") or ()
        try:
            normalised("url", filled(block.get("url") or "", values), block_private=True)
        except TemplateFault:
            continue


def max_steps_override(scope: Scope) -> int | None:
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
    _add_create(router, services, doorman)
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


def _add_create(router: APIRouter, services: Services, doorman: Doorman) -> None:
    async def create_agent(
        organization: Organization,
        request: WorkflowRequest,
        *,
        folder_id: Annotated[str | None, Query(description="Kept and shown; there are no folders here.")] = None,
        idempotency_key: Annotated[str | None, Header(description="Accepted; every request makes a workflow.")] = None,
    ) -> None:
        """Make a workflow of a definition. Never called: it states the models."""

    create = Documented(
        AGENTS,
        create_agent,
        AgentCreation(services, doorman),
        methods=["POST"],
        response_model=Workflow,
        responses=documents.BAD_REQUEST | documents.NO_KEY | documents.BROKEN,
        summary="Make a workflow of a definition",
    )
    router.routes.append(create)
    router.routes.append(create.alias(AGENTS_ALIAS))


def _add_list(router: APIRouter, services: Services) -> None:
    published = Published(services.store, services.tenants)

    @router.get(
        AGENTS,
        response_model=list[Workflow],
        responses=documents.NO_KEY,
        summary="List published workflows, newest first",
    )
    @router.get(AGENTS_ALIAS, include_in_schema=False)
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
        unheard_of = only_saved_tasks or only_templates or template or folder_id or tags  # none has any of these
        if unheard_of:
            return JsonAnswer([])
        wanted = [text.casefold() for text in (search_key, title) if text]
        found = [
            record
            for record in published.workflows(organization)
            if (not status or record.body.get("status", WorkflowStatus.PUBLISHED) in status)
            and all(text in _said_of(record) for text in wanted)
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
