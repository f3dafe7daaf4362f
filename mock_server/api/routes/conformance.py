"""``/_mock/conformance``: what the self-check found for the caller's key.

Owns: these routes. Must not: check anything.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from mock_server.api import documents
from mock_server.api.auth import Organization
from mock_server.api.wire import JsonAnswer
from mock_server.conformance.findings import BLAMES, Blame
from mock_server.services import Services


class ConformanceFinding(BaseModel):
    """One kind of thing that is not as published, and how often it was met."""

    blame: Blame
    operation: str
    status: int
    part: str = Field(description="request, query, status or answer.")
    where: str = Field(description="JSON pointer into that part, indexes as *.")
    message: str
    reason: str | None
    count: int


class Conformance(BaseModel):
    """What the self-check found."""

    on: bool = Field(description="Whether the server was started with --self-check.")
    checked: int = Field(description="Exchanges looked at.")
    counts: dict[Blame, int]
    findings: list[ConformanceFinding]
    beyond: int = Field(description="Findings of kinds that there was no room for.")


def add(router: APIRouter, services: Services) -> None:
    """Add the routes."""
    ledgers = services.conformance
    nothing = {"checked": 0, "counts": dict.fromkeys(BLAMES, 0), "findings": [], "beyond": 0}

    @router.get(
        "/_mock/conformance",
        response_model=Conformance,
        responses=documents.NO_KEY,
        summary="What the self-check found",
    )
    async def conformance(
        organization: Organization,
        blame: Annotated[Blame | None, Query(description="Findings of this party only.")] = None,
    ) -> Response:
        found = nothing if ledgers is None else ledgers.of(organization).summary(blame)
        return JsonAnswer({"on": ledgers is not None, **found})

    @router.delete(
        "/_mock/conformance",
        status_code=204,
        response_class=Response,
        responses=documents.NO_KEY,
        summary="Forget what the self-check found",
    )
    async def forget(organization: Organization) -> Response:
        if ledgers is not None:
            ledgers.clear(organization)
        return Response(status_code=204)
