"""The artifacts of a run, each as a page, a preview and a file.

Owns: with which content type and policy a file is given to a browser. Must not: let
anything a page brought run in the origin of this server.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from mock_server.services import Services
from mock_server.store.records import ArtifactRecord
from mock_server.viewer import previews, shelf
from mock_server.viewer.previews import Preview
from mock_server.viewer.rendering import PAGE_HEADERS, Pages
from mock_server.viewer.signin import Visitor

_LOOKED_INTO: Final = frozenset({"text", "json", "har", "zip"})

HTML_POLICY: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'"
)
"""A page that was scraped is shown without scripts, forms, the network, and the origin of this server."""
FILE_POLICY: Final = (
    "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)


class FilePage:
    """Shows artifacts and gives them out."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services = services
        self._pages = pages

    async def page(self, request: Request, visitor: Visitor) -> Response:
        """Return the page of one artifact."""
        record = self._found(request, visitor)
        run = self._services.store.run(visitor.organization_id, record.run_id)
        return self._pages.page(
            "artifact.html",
            visitor=visitor,
            record=record,
            run_title=(run.title if run else None) or record.run_id,
            item=shelf.item(record),
            preview=await self._preview(record),
            html_bytes=previews.HTML_BYTES,
        )

    async def look(self, request: Request, visitor: Visitor) -> Response:
        """Return the preview alone, to be put into the page of the run."""
        record = self._found(request, visitor)
        return self._pages.page(
            "look.html", item=shelf.item(record), preview=await self._preview(record), html_bytes=previews.HTML_BYTES
        )

    async def content(self, request: Request, visitor: Visitor) -> Response:
        """Return the file itself; ranges of it can be had, so that films can be sought through."""
        record = self._found(request, visitor)
        path = self._path(record)
        media_type = shelf.media_type(record)
        save = media_type is None or "download" in request.query_params
        is_html = media_type is not None and media_type.startswith("text/html")
        headers = {
            **PAGE_HEADERS,
            "content-security-policy": HTML_POLICY if is_html else FILE_POLICY,
            "x-frame-options": "SAMEORIGIN",
            # An artifact never changes; whoever signs in with another key has another cookie.
            "cache-control": "private, max-age=3600",
            "vary": "cookie",
        }
        return FileResponse(
            path,
            headers=headers,
            media_type=media_type or "application/octet-stream",
            filename=shelf.item(record).name if save else None,
            stat_result=await asyncio.to_thread(path.stat),
        )

    # -- inside -------------------------------------------------------------------------

    def _found(self, request: Request, visitor: Visitor) -> ArtifactRecord:
        record = self._services.store.artifact(visitor.organization_id, request.path_params["artifact_id"])
        if record is None:
            raise HTTPException(404)
        return record

    def _path(self, record: ArtifactRecord) -> Path:
        path = self._services.artifacts.path(record)
        if not path.is_file():
            raise HTTPException(404)
        return path

    async def _preview(self, record: ArtifactRecord) -> Preview | None:
        kind = shelf.preview_kind(record)
        if kind not in _LOOKED_INTO:
            return None
        # A large HAR takes a while to read, and the server has others to answer.
        return await asyncio.to_thread(previews.look_into, kind, self._path(record))
