"""Artifacts of a run, one by one, and links to them.

Owns: these routes. Must not: serve content; that is ``content``.
"""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Query
from starlette.responses import Response

from mock_server.api import artifact_view, documents
from mock_server.api.auth import Organization
from mock_server.api.links import Links
from mock_server.api.refusals import refuse
from mock_server.api.run_view import PLANNER_RUN
from mock_server.api.wire import JsonAnswer
from mock_server.services import Services
from mock_server.store.records import ArtifactRecord

LINK_SECONDS: Final = 300
"""How long a link is good for that was asked for by itself."""


def add(router: APIRouter, services: Services, links: Links) -> None:
    """Add the routes."""
    store, dialect, urls = services.store, services.dialect, services.urls

    def found(organization: str, artifact_id: str) -> ArtifactRecord:
        record = store.artifact(organization, artifact_id)
        if record is None:
            raise refuse(404, f"Artifact not found {artifact_id}")
        return record

    @router.get(
        "/v1/runs/{run_id}/artifacts",
        response_model=list[documents.Artifact],
        responses=documents.NO_KEY,
        summary="What a run left, oldest first",
    )
    async def run_artifacts(
        organization: Organization,
        run_id: str,
        artifact_type: Annotated[list[documents.ArtifactType] | None, Query(description="Repeat for several.")] = None,
    ) -> Response:
        run = store.run(organization, run_id)
        by_planner_id = run is not None and run.run_type == PLANNER_RUN and run.run_id == run_id
        if run is None or (by_planner_id and not dialect.artifacts_by_planner_id):
            return JsonAnswer([])
        types = [kind.value for kind in artifact_type or ()]
        records = store.artifacts(organization, run.run_id, types)
        return JsonAnswer([artifact_view.artifact(record, links) for record in records])

    @router.get(
        "/v1/artifacts/{artifact_id}",
        response_model=documents.Artifact,
        responses=documents.NO_KEY | documents.NOT_FOUND,
        summary="One artifact",
    )
    async def one_artifact(organization: Organization, artifact_id: str) -> Response:
        return JsonAnswer(artifact_view.artifact(found(organization, artifact_id), links))

    @router.get(
        "/v1/artifacts/{artifact_id}/signed-url",
        response_model=documents.ArtifactLink,
        responses=documents.NO_KEY | documents.NOT_FOUND,
        summary="A link to an artifact's content, for five minutes",
    )
    async def artifact_link(organization: Organization, artifact_id: str) -> Response:
        record = found(organization, artifact_id)
        if dialect.artifact_links == "file":
            link, expires_at = links.uri(record), None
        else:
            clock = services.tenants.of(organization).clock
            link = urls.signed_url(record.artifact_id, record.artifact_type, seconds=LINK_SECONDS, clock=clock)
            expires_at = int(parse_qs(urlsplit(link).query)["expiry"][0])
        return JsonAnswer({"artifact_id": record.artifact_id, "signed_url": link, "expires_at": expires_at})
