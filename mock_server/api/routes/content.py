"""``GET /v1/artifacts/{artifact_id}/content``: the bytes of an artifact.

Owns: who may read them (by key or by link), and the headers that make them safe to show and
possible to seek in. Must not: know where files lie beyond what the writer says.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from email.utils import format_datetime
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mock_server.api import byte_range, documents
from mock_server.api.auth import Doorman
from mock_server.api.byte_range import Span, UnsatisfiableError
from mock_server.api.refusals import refuse
from mock_server.artifacts.kinds import HTML, KINDS, Kind
from mock_server.services import Services
from mock_server.store.records import ArtifactRecord

_CHUNK_BYTES: Final = 256 * 1024
_INERT: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""A page that was scraped must not run in the origin of this server."""
_VIDEO_BY_SUFFIX: Final = {".mp4": "video/mp4", ".webm": "video/webm"}
_UNKNOWN_KIND: Final = KINDS["unknown"]


class _FileAnswer(Response):
    """A file or a part of it, read while it is sent."""

    def __init__(self, path: Path, span: Span | None, status: int, headers: dict[str, str]) -> None:
        super().__init__(status_code=status, headers=headers)
        self._path = path
        self._span = span

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        # Opened first: a file that is gone is a 404, not half an answer.
        chunks = _chunks(self._path, self._span)
        chunk = next(chunks, b"")
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for following in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            chunk = following
        await send({"type": "http.response.body", "body": chunk})


def _chunks(path: Path, span: Span | None) -> Iterator[bytes]:
    if span is None:
        return
    with path.open("rb") as file:
        file.seek(span.first)
        left = span.length
        while left and (chunk := file.read(min(left, _CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk


def add(router: APIRouter, services: Services, doorman: Doorman) -> None:
    """Add the route."""
    store, writer, urls, dialect = services.store, services.artifacts, services.urls, services.dialect

    def readable(request: Request, artifact_id: str, link: tuple[str | None, ...]) -> tuple[ArtifactRecord, str]:
        """Return the artifact and how long its content may be kept, if the key or the link is good."""
        organization, keeping = None, "private, no-cache"
        if any(link):
            if dialect.artifact_links == "file":
                raise refuse(503, "Artifact URL signing is not configured on this server")
            expiry, kid, sig = (part or "" for part in link)
            linked = store.artifact(None, artifact_id)
            clock = services.tenants.of(linked.organization_id).clock if linked else services.clock
            remaining = urls.verify(artifact_id, expiry=expiry, kid=kid, sig=sig, clock=clock)
            if remaining is None:
                raise refuse(403, "Invalid or expired artifact URL")
            keeping = f"private, max-age={remaining}"
        else:
            organization = doorman.organization(request.scope)
        record = store.artifact(organization, artifact_id)
        if record is None:
            raise refuse(404, f"Artifact not found {artifact_id}")
        return record, keeping

    @router.get(
        "/v1/artifacts/{artifact_id}/content",
        response_class=Response,
        summary="The content of an artifact",
        responses={
            200: {"description": "All of it.", "content": {"application/octet-stream": {}}},
            206: {"description": "The bytes that were asked for."},
            304: {"description": "It is still what the client has."},
            403: {"model": documents.Refused},
            404: {"model": documents.Refused},
            416: {"description": "The range lies outside the content."},
            503: {"model": documents.Refused, "description": "There are no links here (dialect oss)."},
        },
    )
    async def artifact_content(
        *,
        request: Request,
        artifact_id: str,
        expiry: Annotated[str | None, Query(description="With kid and sig: a link instead of a key.")] = None,
        kid: Annotated[str | None, Query()] = None,
        sig: Annotated[str | None, Query()] = None,
        x_api_key: Annotated[str | None, Header()] = None,
    ) -> Response:
        del x_api_key
        record, keeping = readable(request, artifact_id, (expiry, kid, sig))
        kind = KINDS.get(record.artifact_type, _UNKNOWN_KIND)
        path = writer.path(record)
        try:
            size = path.stat().st_size
        except OSError:
            raise refuse(404, "Artifact content not available") from None
        content_type = _content_type(record, kind, typed=dialect.typed_artifact_content)
        headers = {
            "content-disposition": _disposition(record, kind),
            "cache-control": keeping,
            "x-content-type-options": "nosniff",
            "accept-ranges": "bytes",
            "etag": f'"{record.checksum or record.artifact_id}"',
            "last-modified": format_datetime(record.modified_at.replace(tzinfo=UTC), usegmt=True),
        }
        if content_type == HTML:
            headers["content-security-policy"] = _INERT
        return _answer(request, path, size, content_type, headers)


def _answer(request: Request, path: Path, size: int, content_type: str, headers: dict[str, str]) -> Response:
    """Return all of a file, the part that is asked for, or word that the client has it already."""
    etag, changed = headers["etag"], headers["last-modified"]
    if _is_current(request, etag, changed):
        return Response(status_code=304, headers=headers)
    header = request.headers.get("range")
    if request.headers.get("if-range", etag) not in (etag, changed):
        header = None
    try:
        span = byte_range.parse(header, size)
    except UnsatisfiableError:
        headers |= {"content-range": f"bytes */{size}", "content-length": "0"}
        return Response(status_code=416, headers=headers)
    status = 200
    if span is not None:
        status = 206
        headers["content-range"] = f"bytes {span.first}-{span.last}/{size}"
    elif size:
        span = Span(0, size - 1)
    headers["content-length"] = str(span.length if span else 0)
    headers["content-type"] = content_type
    return _FileAnswer(path, span, status, headers)


def _content_type(record: ArtifactRecord, kind: Kind, *, typed: bool) -> str:
    if record.artifact_type == "recording":
        return _VIDEO_BY_SUFFIX.get(Path(record.path).suffix, kind.content_type)
    return kind.served_as(typed=typed)


def _is_current(request: Request, etag: str, changed: str) -> bool:
    """Tell whether the client has this very content; only a matching ETag counts if it names one."""
    wanted = request.headers.get("if-none-match")
    if wanted is not None:
        return wanted.strip() == "*" or etag in (part.strip().removeprefix("W/") for part in wanted.split(","))
    return request.headers.get("if-modified-since") == changed


def _disposition(record: ArtifactRecord, kind: Kind) -> str:
    if not kind.attachment:
        return "inline"
    name = record.filename or Path(record.path).name
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\/' else "_" for letter in name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
