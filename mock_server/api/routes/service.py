"""What the server says about itself, all but the list of models without a key.

Owns: version, heartbeat, health, models and the list of bundled sites. Must not: look at runs.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from mock_server.api import documents
from mock_server.api.auth import Organization
from mock_server.api.wire import JsonAnswer
from mock_server.services import Services

MIMICKED_VERSION: Final = "1.0.56"
"""The release of the real server whose wire format this one has."""


MODELS: Final = {"rules": "The rules of this server; there is no language model behind it"}
"""Every name is taken in a task, and all are done by these."""


def own_version() -> str:
    """Return the release of this package."""
    try:
        return version("skyvern-tui")
    except PackageNotFoundError:
        return "0+unknown"


def add(router: APIRouter, services: Services) -> None:
    """Add the routes."""
    health = {"status": "ok", "server": "skyvern-mock", "version": own_version(), "dialect": services.dialect.name}
    sites = [{"name": name, "url": f"{services.base_url}/sites/{name}/"} for name in services.sites]

    @router.get("/v1/version", response_model=dict[str, str], summary="The release whose API this is")
    @router.get("/api/v1/version", include_in_schema=False)
    async def api_version() -> Response:
        return JsonAnswer({"version": MIMICKED_VERSION})

    @router.get("/api/v1/heartbeat", response_class=Response, summary="A sign of life, as text")
    async def heartbeat() -> Response:
        return Response("Server is running.", headers={"x-skyvern-api-version": MIMICKED_VERSION})

    @router.get(
        "/api/v1/models",
        response_model=dict[str, dict[str, str]],
        responses=documents.NO_KEY,
        summary="The names a task's model may have, with their labels",
    )
    async def models(organization: Organization) -> Response:
        del organization
        return JsonAnswer({"models": MODELS})

    @router.get("/health", response_model=dict[str, Any], summary="Which server this is and that it is well")
    async def healthy() -> Response:
        return JsonAnswer(health)

    @router.get("/_mock/sites", response_model=list[documents.BundledSite], summary="The sites served beside the API")
    async def bundled_sites() -> Response:
        return JsonAnswer(sites)
