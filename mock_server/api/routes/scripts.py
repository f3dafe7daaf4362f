"""Scripts: the code of published workflows, and code somebody stores here.

Owns: these routes. Must not: run code; a stored script runs as part of its workflow only.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from mock_server.api import documents, workflow_view
from mock_server.api.auth import Organization
from mock_server.api.documents_workflows import (
    CreateScriptRequest,
    CreateScriptResponse,
    DeployScriptRequest,
    FileEncoding,
    Script,
    ScriptFileCreate,
)
from mock_server.api.refusals import refuse
from mock_server.api.wire import JsonAnswer
from mock_server.engine.published import Published, file_of
from mock_server.services import Services

_NOT_FOUND: Final = "Script not found"


def add(router: APIRouter, services: Services) -> None:
    """Add the routes."""
    _add_reading(router, services)
    _add_making(router, services)


def _add_reading(router: APIRouter, services: Services) -> None:
    published = Published(services.store, services.tenants)

    @router.get(
        "/v1/scripts", response_model=list[Script], responses=documents.NO_KEY, summary="List scripts, newest first"
    )
    async def list_scripts(
        organization: Organization,
        page: Annotated[int, Query(ge=1)] = 1,
        page_size: Annotated[int, Query(ge=1)] = 10,
    ) -> Response:
        start = (page - 1) * page_size
        found = published.scripts(organization)[start : start + page_size]
        return JsonAnswer([workflow_view.script(record) for record in found])

    @router.get(
        "/v1/scripts/{script_id}",
        response_model=Script,
        responses=documents.NO_KEY | documents.NOT_FOUND,
        summary="Get the newest revision of a script",
    )
    async def get_script(organization: Organization, script_id: str) -> Response:
        record = published.newest(organization, script_id)
        if record is None:
            raise refuse(404, _NOT_FOUND)
        return JsonAnswer(workflow_view.script(record))

    @router.get(
        "/v1/scripts/{script_id}/versions",
        response_model=list[Script],
        responses=documents.NO_KEY | documents.NOT_FOUND,
        summary="List the revisions of a script, newest first",
    )
    async def script_versions(organization: Organization, script_id: str) -> Response:
        found = published.revisions(organization, script_id)
        if not found:
            raise refuse(404, _NOT_FOUND)
        return JsonAnswer([workflow_view.script(record) for record in reversed(found)])


def _add_making(router: APIRouter, services: Services) -> None:
    published = Published(services.store, services.tenants)

    @router.post(
        "/v1/scripts",
        response_model=CreateScriptResponse,
        responses=documents.BAD_REQUEST | documents.NO_KEY,
        summary="Store a script",
    )
    async def create_script(organization: Organization, request: CreateScriptRequest) -> Response:
        tenant = services.tenants.of(organization)
        files = _files(services, organization, request.files or [])
        record = published.add_revision(organization, tenant.ids.new("s"), request.run_id, files)
        return JsonAnswer(workflow_view.script_made(record))

    @router.post(
        "/v1/scripts/{script_id}/deploy",
        response_model=CreateScriptResponse,
        responses=documents.BAD_REQUEST | documents.NO_KEY | documents.NOT_FOUND,
        summary="Store the next revision of a script",
    )
    async def deploy_script(organization: Organization, script_id: str, request: DeployScriptRequest) -> Response:
        newest = published.newest(organization, script_id)
        if newest is None:
            raise refuse(404, _NOT_FOUND)
        files = _files(services, organization, request.files)
        record = published.add_revision(organization, script_id, newest.body["run_id"], files)
        return JsonAnswer(workflow_view.script_made(record))

    @router.post(
        "/v1/scripts/{script_id}/run",
        response_model=None,
        responses=documents.BAD_REQUEST | documents.NO_KEY,
        summary="Not implemented, as on the service: run the script's workflow instead",
    )
    async def run_script(organization: Organization, script_id: str) -> Response:
        del organization, script_id
        raise refuse(400, "Not implemented")


def _files(services: Services, organization: str, files: list[ScriptFileCreate]) -> list[dict[str, Any]]:
    tenant = services.tenants.of(organization)
    now = tenant.clock.now().isoformat()
    return [file_of(file.path, _content(file), file.mime_type, tenant.ids.new("sf"), now) for file in files]


def _content(file: ScriptFileCreate) -> bytes:
    if file.encoding is FileEncoding.UTF_8:
        return file.content.encode("utf-8", "backslashreplace")
    try:
        return base64.b64decode(file.content, validate=True)
    except (binascii.Error, ValueError):
        raise refuse(400, f"The content of {file.path} is not base64. Encode it, or say encoding utf-8.") from None
