"""``POST /v1/runs/{run_id}/retry_webhook``.

Owns: the order in which a replay is checked, and its answer. Must not: send.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from mock_server.api import documents
from mock_server.api.addresses import normalised
from mock_server.api.auth import Organization
from mock_server.api.documents_webhooks import RetryRunWebhookRequest, RunWebhookReplayResponse
from mock_server.api.refusals import refuse
from mock_server.api.wire import JsonAnswer
from mock_server.engine.lifecycle import FINAL
from mock_server.services import Services
from mock_server.webhooks.destinations import BlockedHost, UnknownHost

_UNRESOLVABLE: Final = (
    "Invalid url: unresolvable host. It is either blocked by SSRF protection or could not be resolved. "
    "Add the host to ALLOWED_HOSTS to test internal endpoints or use an external receiver such as webhook.site "
    "or requestbin.com."
)


def add(router: APIRouter, services: Services) -> None:
    """Add the route."""
    store, webhooks = services.store, services.webhooks

    @router.post(
        "/v1/runs/{run_id}/retry_webhook",
        response_model=RunWebhookReplayResponse,
        responses=documents.BAD_REQUEST | documents.NO_KEY | documents.NOT_FOUND,
        summary="Send a run's webhook again",
    )
    async def retry_run_webhook(
        organization: Organization, run_id: str, request: RetryRunWebhookRequest | None = None
    ) -> Response:
        run = store.run(organization, run_id)
        if run is None:
            raise refuse(404, f"Run {run_id} not found")
        if run.status not in FINAL:
            raise refuse(400, f"Run {run_id} has not reached a terminal state (status={run.status}).")
        # The hidden workflow run of a planner run has no webhook of its own.
        default = run.request.get("webhook_url") if run.run_id == run_id else None
        target = await _target(services, (request and request.webhook_url) or default)
        delivery, outcome = await webhooks.replay(run, target)
        return JsonAnswer(
            {
                "run_id": run.run_id,
                "run_type": run.run_type,
                "default_webhook_url": default,
                "target_webhook_url": target,
                "payload": delivery.payload,
                "headers": delivery.headers,
                "status_code": outcome.status_code,
                "latency_ms": outcome.latency_ms,
                "response_body": outcome.response_body,
                "error": None if outcome.error is None else f"Could not reach URL: {outcome.error}",
            }
        )


async def _target(services: Services, url: str | None) -> str:
    """Return the address a replay goes to, checked and normalised."""
    target = normalised("url", url, block_private=services.settings.block_private_hosts, advise=False)
    if target is None:
        raise refuse(400, "No webhook URL configured for the run.")
    try:
        await services.webhooks.check(target)
    except BlockedHost:
        raise refuse(400, "Invalid url: blocked host.") from None
    except UnknownHost:
        raise refuse(400, _UNRESOLVABLE) from None
    return target
