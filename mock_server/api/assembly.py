"""The application, put together.

Owns: which routes there are and in which order the front asks for them. Must not: make the
services or mount what is not part of the API; ``mock_server.app`` does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import FastAPI, Header
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mock_server import viewer
from mock_server.api import description, docs_page, documents
from mock_server.api.auth import Doorman, Organization
from mock_server.api.browser_documents import GONE
from mock_server.api.documents_workflow_runs import WorkflowRunResponse
from mock_server.api.faulting import Faulting
from mock_server.api.front import DirectRoute, Front, LastCatch
from mock_server.api.hosts import HostRule
from mock_server.api.links import Links
from mock_server.api.origins import OriginRule
from mock_server.api.recording import Recorder
from mock_server.api.refusals import Refusal, invalid, invalid_secret
from mock_server.api.routes import (
    agents,
    artifacts,
    browser_profiles,
    browser_sessions,
    conformance,
    content,
    deliveries,
    faults,
    journal,
    legacy,
    read,
    runs,
    scenarios,
    scripts,
    service,
    submit,
    webhooks,
)
from mock_server.api.routes.documented import Documented, slash_alias
from mock_server.api.routes.vault import add_vault
from mock_server.api.run_view import RunView
from mock_server.services import Services

if TYPE_CHECKING:
    from mock_server.conformance.findings import Ledgers

_WITHOUT_SLASH_ALIAS: Final = ("/content", "/heartbeat", "/health", "/docs", "/sites")
"""Ends of paths that answer a trailing slash with a redirect, as on the real service."""
_SECRET_INPUT: Final = ("/v1/credentials", "/v1/browser_sessions/external")
"""Below these, a fault is answered without the value that has it."""


def create_api(services: Services) -> FastAPI:
    """Return the application with every route of the API; the caller may mount more."""
    app = _Api(
        title="Skyvern mock server",
        version=service.own_version(),
        description=f"The Skyvern task API, served locally in the {services.dialect.name} dialect.",
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    doorman, links = Doorman(services.settings, services.tenants), Links(services)
    view = RunView(services.dialect, links)
    app.state.doorman = doorman
    recorder = Recorder(services, doorman)
    reading = read.RunReading(services, doorman, view)
    submission = submit.TaskSubmission(services, doorman, view)
    _add_direct(app, reading, submission)
    runs.add(app.router, services, view)
    artifacts.add(app.router, services, links)
    content.add(app.router, services, doorman)
    browser_sessions.add(app.router, services, view)
    browser_profiles.add(app.router, services, view)
    add_vault(app.router, services, doorman, view)
    agents.add(app.router, services, doorman, view)
    scripts.add(app.router, services)
    webhooks.add(app.router, services)
    legacy.add(app.router, services, doorman)
    service.add(app.router, services)
    deliveries.add(app.router, services)
    conformance.add(app.router, services)
    faults.add(app.router, doorman)
    scenarios.add(app.router, services)
    journal.add(app.router, services, doorman, recorder)
    docs_page.add(app)
    _add_slash_aliases(app)
    app.router.routes.extend(viewer.create_routes(services, doorman.tenant_of))
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_middleware(LastCatch)
    origins = services.settings.allowed_origins
    app.stand_behind(
        hosts=HostRule(services.settings),
        origins=OriginRule(services.dialect.allowed_origins if origins is None else origins),
        direct=_direct_routes(reading, submission),
        recorder=recorder,
        faulting=Faulting(services.clock),
    )
    if services.conformance is not None:
        app.check_itself(services.conformance, doorman)
    return app


class _Api(FastAPI):
    """FastAPI with the front before it, rather than among its middlewares: half of those would be passed first."""

    _front: ASGIApp

    def openapi(self) -> dict[str, Any]:
        """Return the description, made when it is first asked for."""
        is_new = self.openapi_schema is None
        found = super().openapi()
        return description.complete(found) if is_new else found

    def stand_behind(self, **parts: Any) -> None:
        """Let every request pass a front made of ``parts``."""
        self._front = Front(super().__call__, **parts)

    def check_itself(self, ledgers: Ledgers, doorman: Doorman) -> None:
        """Hold every exchange to the published schema, outside the front, which makes answers too."""
        from mock_server.api.conforming import Conforming  # noqa: PLC0415  # brings the validators, which take time

        self._front = Conforming(self._front, ledgers, doorman)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._front(scope, receive, send)


def _add_direct(app: FastAPI, reading: read.RunReading, submission: submit.TaskSubmission) -> None:
    """Add the routes that carry the load. Their functions below are never called: they state parameters and models."""
    model = submission.model

    async def run_task(
        organization: Organization,
        request: model,  # type: ignore[valid-type]  # the model of this dialect
        x_user_agent: Annotated[str | None, Header()] = None,
        *,
        x_mock_progression: Annotated[str | None, Header(description=scenarios.PROGRESSION_HEADER)] = None,
        x_mock_end: Annotated[str | None, Header(description=scenarios.END_HEADER)] = None,
        x_mock_script: Annotated[str | None, Header(description=scenarios.SCRIPT_HEADER)] = None,
    ) -> None:
        """Start a task; it is queued and done in the background."""

    async def get_run(organization: Organization, run_id: str) -> None:
        """Return a run as it is now."""

    run_task.__annotations__["request"] = model
    answer = documents.run_model(model)
    app.router.routes.append(
        Documented(
            submit.PATH,
            run_task,
            submission,
            methods=["POST"],
            response_model=answer,
            responses=documents.BAD_REQUEST | documents.NO_KEY | documents.NOT_FOUND | GONE | documents.BROKEN,
            summary="Run a task",
        )
    )
    app.router.routes.append(
        Documented(
            f"{read.PREFIX}{{run_id}}",
            get_run,
            reading,
            methods=["GET"],
            response_model=answer | WorkflowRunResponse,
            responses=documents.NO_KEY | documents.NOT_FOUND,
            summary="Get a run",
        )
    )


def _direct_routes(reading: DirectRoute, submission: DirectRoute) -> Callable[[str, str], DirectRoute | None]:
    start = len(read.PREFIX)

    def find(method: str, path: str) -> DirectRoute | None:
        if method == "GET":
            if path.startswith(read.PREFIX) and len(path) > start and path.find("/", start) < 0:
                return reading
        elif method == "POST" and path == submit.PATH:
            return submission
        return None

    return find


def _add_slash_aliases(app: FastAPI) -> None:
    """Make every documented path answer with a slash at its end as well."""
    for route in list(app.router.routes):
        if not isinstance(route, APIRoute) or route.path.endswith(_WITHOUT_SLASH_ALIAS):
            continue
        app.router.routes.append(slash_alias(route))


def _refused(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return refusal.answer().response()


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    answer = invalid_secret if request.url.path.startswith(_SECRET_INPUT) else invalid
    return answer(error.errors()).answer().response()
