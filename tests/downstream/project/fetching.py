"""What this project does: it lets Skyvern fetch an invoice and waits for it. Written with care, on the official SDK."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

FINAL = {"completed", "failed", "terminated", "timed_out", "canceled"}
INTERVAL = 5.0


@dataclass
class Result:
    """What became of a run."""

    run_id: str
    status: str
    output: Any


class GaveUpError(Exception):
    """The run was not over in time; it may still go on."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"{run_id} is not over")
        self.run_id = run_id


class Fetcher(Protocol):
    """Fetches."""

    async def fetch(self, prompt: str, seconds: float, webhook_url: str | None = None) -> Result:
        """Run a task and wait for its end, whatever that is."""

    async def save(self, url: str) -> bytes:
        """Download a file; raises rather than return a part of one."""

    def is_genuine(self, body: bytes, headers: dict[str, str], key: str) -> bool:
        """Tell whether a webhook comes from Skyvern."""


class SdkFetcher:
    """A fetcher on ``skyvern.Skyvern``, whose own waiting gives up at the first bad poll."""

    def __init__(self, client: Any, http: httpx.AsyncClient) -> None:
        self._client = client
        self._http = http

    async def fetch(self, prompt: str, seconds: float, webhook_url: str | None = None) -> Result:
        run = await self._client.run_task(prompt=prompt, webhook_url=webhook_url)
        until = time.monotonic() + seconds
        while True:
            found, pause = await self._look(run.run_id)
            if found is not None:
                return found
            if time.monotonic() + pause > until:
                raise GaveUpError(run.run_id)
            await asyncio.sleep(pause)

    async def _look(self, run_id: str) -> tuple[Result | None, float]:
        """Return the result, if there is one, and how long to wait before looking again."""
        raw = self._client.with_raw_response
        try:
            # The SDK's models know no status but those of their day.
            run = (await raw.get_run(run_id)).data
        except ValueError:
            return await self._look_closer(run_id), INTERVAL
        except httpx.TransportError:
            return None, INTERVAL
        except Exception as error:
            headers = getattr(error, "headers", None) or {}
            if getattr(error, "status_code", 0) not in {200, 408, 425, 429, 500, 502, 503, 504}:
                raise
            return None, max(INTERVAL, float(headers.get("retry-after", 0)))
        status = str(getattr(run.status, "value", run.status))
        over = status in FINAL or run.finished_at is not None
        return (Result(run_id, status, run.output) if over else None), INTERVAL

    async def _look_closer(self, run_id: str) -> Result | None:
        run = (await self._http.get(f"/v1/runs/{run_id}")).json()
        over = run["status"] in FINAL or run["finished_at"] is not None
        return Result(run_id, run["status"], run["output"]) if over else None

    async def save(self, url: str) -> bytes:
        answer = await self._http.get(url)
        return answer.raise_for_status().content

    def is_genuine(self, body: bytes, headers: dict[str, str], key: str) -> bool:
        expected = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, headers.get("x-skyvern-signature", ""))
