"""``POST /v1/upload_file``, ``DELETE /v1/files/{file_id}`` and the links to uploaded files.

Owns: these routes and who may read a file: whoever has a link that is good. Must not: know where files lie.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Query, UploadFile
from starlette.responses import FileResponse, Response

from mock_server.api import documents, vault_documents
from mock_server.api.auth import Organization
from mock_server.api.refusals import refuse, unexpected
from mock_server.api.wire import JsonAnswer
from mock_server.services import Services
from mock_server.vault.uploads import MAX_BYTES, safe_name

_TOO_LARGE = {413: {"model": documents.Refused, "description": "The file is larger than 10 MB."}}


def add(router: APIRouter, services: Services) -> None:
    """Add the routes."""
    _add_upload(router, services)
    _add_file(router, services)


def _add_upload(router: APIRouter, services: Services) -> None:
    uploads, possible = services.vault.uploads, services.dialect.uploads

    @router.post(
        "/v1/upload_file",
        response_model=vault_documents.UploadFileResponse,
        responses=documents.NO_KEY | _TOO_LARGE | documents.BROKEN,
        summary="Upload a file for a run",
    )
    async def upload_file(
        organization: Organization,
        file: Annotated[UploadFile, File()],
        retention_days: Annotated[int | None, Form(ge=1, le=365)] = None,
    ) -> Response:
        if not possible:
            raise unexpected(NotImplementedError())
        data = await file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise refuse(413, f"The file is larger than {MAX_BYTES:,} bytes, the most that is kept.")
        name = safe_name(file.filename or "")
        kind = file.content_type or "application/octet-stream"
        record = uploads.keep(organization, name, data, kind, retention_days)
        expires_at = record.body["expires_at"]
        return JsonAnswer(
            {
                "s3_uri": record.body["s3_uri"],
                "presigned_url": uploads.link(record),
                "file_id": record.resource_id,
                "expires_at": None if expires_at is None else datetime.fromisoformat(expires_at),
            }
        )


def _add_file(router: APIRouter, services: Services) -> None:
    uploads = services.vault.uploads

    @router.delete(
        "/v1/files/{file_id}",
        status_code=204,
        response_class=Response,
        responses=documents.NO_KEY | documents.NOT_FOUND,
        summary="Forget an uploaded file",
    )
    async def delete_file(organization: Organization, file_id: str) -> Response:
        record = uploads.get(organization, file_id)
        if record is None:
            raise refuse(404, f"File not found {file_id}")
        uploads.delete(record)
        return Response(status_code=204)

    @router.get(
        "/v1/files/{file_id}/content",
        response_class=Response,
        responses={
            200: {"description": "All of it.", "content": {"application/octet-stream": {}}},
            403: {"model": documents.Refused, "description": "The link is forged or too old."},
            404: {"model": documents.Refused},
        },
        summary="The content of an uploaded file, by its link",
    )
    async def file_content(
        file_id: str,
        org: Annotated[str, Query()] = "",
        expiry: Annotated[str, Query()] = "",
        sig: Annotated[str, Query()] = "",
    ) -> Response:
        record = uploads.linked(file_id, org=org, expiry=expiry, sig=sig)
        if record is None:
            raise refuse(403, "Invalid or expired file URL")
        path = uploads.path(record)
        if not await asyncio.to_thread(path.is_file):
            raise refuse(404, "File content not available")
        name = record.body["filename"]
        plain = "".join(letter if letter.isascii() and letter not in '"\\' else "_" for letter in name)
        headers = {
            # Whatever was uploaded, it is a file to save and never a page of this server.
            "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
            "x-content-type-options": "nosniff",
            "cache-control": "private, no-store",
        }
        return FileResponse(path, media_type=record.body["content_type"], headers=headers)
