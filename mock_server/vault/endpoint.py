"""Asking a task's own service (``totp_url``) for the code.

Owns: the signed request, how often a dead connection is tried again, and what counts as
an answer. Must not: decide how long to go on asking.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import httpx
import orjson

from mock_server.clock import Clock
from mock_server.store.records import RunRecord
from mock_server.vault.fetching import Fetcher
from mock_server.vault.reading import code_in
from mock_server.webhooks import signature
from mock_server.webhooks.destinations import BlockedHost, UnknownHost

ATTEMPTS: Final = 3
GAP_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 30.0
MAX_ANSWER_BYTES: Final = 64 * 1024
_LONGEST_CODE: Final = 10
_OK: Final = 200


class EndpointError(Exception):
    """The service could not be asked, or what it says is no answer; the message says which."""


class CodeEndpoint:
    """The service behind one task's ``totp_url``."""

    def __init__(
        self, url: str, run: RunRecord, fetcher: Fetcher, clock: Clock, api_key: Callable[[], str | None]
    ) -> None:
        self._url = url
        self._fetcher = fetcher
        self._clock = clock
        self._api_key = api_key
        self._body = orjson.dumps(request_body(run))

    async def ask(self) -> str:
        """Return the code, or nothing if the service has none yet.

        Raises:
            EndpointError: See there.
        """
        key = self._api_key()
        if key is None:
            raise EndpointError(
                "The server was restarted and does not know the API key to sign with; any request with it will do."
            )
        response, data = await self._post(key)
        if response.status_code != _OK:
            return ""
        kind = response.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if not (kind == "application/json" or kind.endswith("+json")):
            raise EndpointError(f"totp_url answers with {kind}; it has to be JSON with a verification_code.")
        return _code_of(data)

    async def _post(self, key: str) -> tuple[httpx.Response, bytes]:
        for attempt in range(1, ATTEMPTS + 1):
            headers = signature.headers(key, self._body, self._clock.now())
            try:
                return await self._fetcher.post(
                    self._url, headers, self._body, seconds=ANSWER_SECONDS, limit=MAX_ANSWER_BYTES
                )
            except (BlockedHost, httpx.InvalidURL) as error:
                raise EndpointError("totp_url cannot be asked: its host is blocked here.") from error
            except (httpx.HTTPError, UnknownHost, TimeoutError) as error:
                if attempt == ATTEMPTS:
                    said = str(error) or type(error).__name__
                    raise EndpointError(f"totp_url cannot be reached ({said}).") from error
            await self._clock.sleep(GAP_SECONDS)
        raise AssertionError("the last attempt returns or raises")


def request_body(run: RunRecord) -> dict[str, str]:
    """Return what the service is told about the run it is asked for."""
    if run.workflow_run_id is None:
        return {"task_id": run.run_id}
    body = {"workflow_run_id": run.workflow_run_id}
    if run.run_id != run.workflow_run_id:
        body = {"task_id": run.run_id, **body}
    if run.workflow_permanent_id is not None:
        body["workflow_permanent_id"] = run.workflow_permanent_id
    return body


def _code_of(data: bytes) -> str:
    """Return the code an answer brings: as it is, or out of the message it came in."""
    try:
        answer = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise EndpointError("totp_url answers with text that is not JSON.") from error
    value = answer.get("verification_code") if isinstance(answer, dict) else None
    if value is None:
        return ""
    text = str(value).strip()
    return text if len(text) <= _LONGEST_CODE else code_in(text)
