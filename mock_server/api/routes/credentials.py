"""``/v1/credentials``: credentials for runs to log in with.

Owns: these routes. Must not: show or log what is secret; ``vault.credentials`` has the only form that is shown.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from mock_server.api import documents, vault_documents
from mock_server.api.auth import Organization
from mock_server.api.credential_request import (
    CreateCredentialRequest,
    CredentialType,
    RenameCredentialRequest,
    VaultType,
)
from mock_server.api.refusals import refuse
from mock_server.api.wire import JsonAnswer
from mock_server.services import Services
from mock_server.store.records import ResourceRecord
from mock_server.vault.credentials import Credentials, shown

_ONE: Final = documents.NO_KEY | documents.NOT_FOUND
_KEEPING: Final = documents.BAD_REQUEST | documents.NO_KEY


def add(router: APIRouter, services: Services) -> None:
    """Add the routes."""
    credentials = services.vault.credentials
    _add_collection(router, credentials)
    _add_one(router, credentials)


def _add_collection(router: APIRouter, credentials: Credentials) -> None:
    @router.post(
        "/v1/credentials",
        status_code=201,
        response_model=vault_documents.CredentialResponse,
        responses=_KEEPING,
        summary="Keep a credential",
    )
    async def create_credential(organization: Organization, request: CreateCredentialRequest) -> Response:
        return JsonAnswer(shown(credentials.create(organization, _plain(request))), status_code=201)

    @router.get(
        "/v1/credentials",
        response_model=list[vault_documents.CredentialResponse],
        responses=documents.NO_KEY,
        summary="List credentials, newest first, without what is secret",
    )
    async def list_credentials(
        *,
        organization: Organization,
        page: Annotated[int, Query(ge=1)] = 1,
        page_size: Annotated[int, Query(ge=1)] = 10,
        vault_type: VaultType | None = None,
        credential_type: CredentialType | None = None,
        search: Annotated[str | None, Query(max_length=200, description="Part of name, user name or label.")] = None,
        folder_id: Annotated[str | None, Query(description="There are no folders here, so it finds nothing.")] = None,
    ) -> Response:
        if folder_id or vault_type not in (None, VaultType.SKYVERN):
            return JsonAnswer([])
        kind = credential_type.value if credential_type else None
        found = credentials.find(organization, page=page, page_size=page_size, credential_type=kind, search=search)
        return JsonAnswer([shown(record) for record in found])


def _add_one(router: APIRouter, credentials: Credentials) -> None:
    def existing(organization: str, credential_id: str) -> ResourceRecord:
        record = credentials.get(organization, credential_id)
        if record is None:
            raise refuse(404, "Credential not found")
        return record

    @router.get(
        "/v1/credentials/{credential_id}",
        response_model=vault_documents.CredentialResponse,
        responses=_ONE,
        summary="Get a credential, without what is secret",
    )
    async def get_credential(organization: Organization, credential_id: str) -> Response:
        return JsonAnswer(shown(existing(organization, credential_id)))

    @router.post(
        "/v1/credentials/{credential_id}/update",
        response_model=vault_documents.CredentialResponse,
        responses=_KEEPING | documents.NOT_FOUND,
        summary="Replace a credential; its id stays",
    )
    async def update_credential(
        organization: Organization, credential_id: str, request: CreateCredentialRequest
    ) -> Response:
        record = existing(organization, credential_id)
        return JsonAnswer(shown(credentials.replace(record, _plain(request))))

    @router.patch(
        "/v1/credentials/{credential_id}",
        response_model=vault_documents.CredentialResponse,
        responses=_ONE,
        summary="Rename a credential",
    )
    async def rename_credential(
        organization: Organization, credential_id: str, request: RenameCredentialRequest
    ) -> Response:
        record = existing(organization, credential_id)
        return JsonAnswer(shown(credentials.replace(record, {"name": request.name})))

    @router.post(
        "/v1/credentials/{credential_id}/delete",
        status_code=204,
        response_class=Response,
        responses=_ONE,
        summary="Forget a credential",
    )
    async def delete_credential(organization: Organization, credential_id: str) -> Response:
        credentials.delete(existing(organization, credential_id))
        return Response(status_code=204)


def _plain(request: CreateCredentialRequest) -> dict[str, Any]:
    if request.vault_type not in (None, VaultType.SKYVERN):
        raise refuse(
            400,
            f"The vault {request.vault_type.value} is not configured on this server. "
            "Leave vault_type out: credentials are kept by the server itself.",
        )
    return request.model_dump(mode="json")
