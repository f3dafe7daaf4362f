"""``/v1/credentials/totp``: one-time codes, pushed by whoever receives them.

Owns: these routes and the checks that need more than the request. Must not: read messages.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from mock_server.api import documents, vault_documents
from mock_server.api.auth import Organization
from mock_server.api.credential_request import OTPType, TOTPCodeCreate
from mock_server.api.refusals import refuse
from mock_server.api.wire import JsonAnswer
from mock_server.services import Services
from mock_server.vault.codes import MAX_CONTENT, shown

MAX_LIMIT = 200


def add(router: APIRouter, services: Services) -> None:
    """Add the routes. They go before those of credentials, one of which takes any id."""
    codes = services.vault.codes

    @router.post(
        "/v1/credentials/totp",
        response_model=vault_documents.TOTPCode,
        responses=documents.BAD_REQUEST | documents.NO_KEY,
        summary="Push a one-time code, or the message it came in",
    )
    async def send_totp_code(organization: Organization, request: TOTPCodeCreate) -> Response:
        _check_ids(services, organization, request)
        if len(request.content) > MAX_CONTENT:
            raise refuse(400, f"The content is longer than {MAX_CONTENT:,} characters, the most that is read.")
        pushed = codes.push(organization, request.model_dump() | {"expired_at": _iso(request)})
        return JsonAnswer(shown(pushed))

    @router.get(
        "/v1/credentials/totp",
        response_model=list[vault_documents.TOTPCode],
        responses=documents.NO_KEY,
        summary="List the codes that are still good, newest first",
    )
    async def list_totp_codes(
        *,
        organization: Organization,
        totp_identifier: str | None = None,
        workflow_run_id: str | None = None,
        otp_type: OTPType | None = None,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    ) -> Response:
        found = codes.recent(
            organization,
            limit=limit,
            identifier=totp_identifier,
            workflow_run_id=workflow_run_id,
            otp_type=otp_type.value if otp_type else None,
        )
        return JsonAnswer([shown(record) for record in found])


def _iso(request: TOTPCodeCreate) -> str | None:
    return None if request.expired_at is None else request.expired_at.isoformat()


def _check_ids(services: Services, organization: str, request: TOTPCodeCreate) -> None:
    """Refuse a code for a run or workflow the tenant does not have."""
    store = services.store
    if request.task_id is not None and store.run(organization, request.task_id) is None:
        raise refuse(400, f"Invalid task id: {request.task_id}")
    if request.workflow_id is not None and not _has_workflow(services, organization, request.workflow_id):
        raise refuse(400, f"Invalid workflow id: {request.workflow_id}")
    run_id = request.workflow_run_id
    if run_id is not None:
        run = store.run(organization, run_id)
        if run is None or run.workflow_run_id != run_id:
            raise refuse(400, f"Invalid workflow run id: {run_id}")


def _has_workflow(services: Services, organization: str, workflow_id: str) -> bool:
    return services.store.resource(organization, "workflow", workflow_id) is not None
