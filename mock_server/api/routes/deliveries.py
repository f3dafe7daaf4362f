"""``GET /_mock/deliveries``: the webhooks of the caller's runs, with every attempt.

Owns: the route. Must not: show anybody else's.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from mock_server.api import documents
from mock_server.api.auth import Organization
from mock_server.api.documents_webhooks import WebhookDelivery
from mock_server.api.wire import JsonAnswer
from mock_server.services import Services

MAX_LISTED: Final = 1000


def add(router: APIRouter, services: Services) -> None:
    """Add the route."""

    @router.get(
        "/_mock/deliveries",
        response_model=list[WebhookDelivery],
        responses=documents.NO_KEY,
        summary="List webhook deliveries, newest first",
    )
    async def list_deliveries(
        organization: Organization,
        run_id: Annotated[str | None, Query(description="Only those of this run; its wr_ id does as well.")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 100,
    ) -> Response:
        if run_id is not None:
            run = services.store.run(organization, run_id)
            run_id = run_id if run is None else run.run_id
        found = services.webhooks.deliveries(organization, run_id)
        return JsonAnswer([delivery.shown() for delivery in reversed(found[-limit:])])
