"""The same, written in a hurry: each member of ``BUGS`` is one mistake; without any it is right."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any

import httpx
from fetching import FINAL, GaveUpError, Result

BUGS = (
    "knows_two_endings",
    "has_no_deadline",
    "dies_on_502",
    "dies_on_reset",
    "ignores_retry_after",
    "submits_again",
    "takes_new_status_for_the_end",
    "waits_on_after_a_new_ending",
    "signs_what_it_parsed",
    "polls_on_after_the_end",
    "forgets_the_run_it_gave_up",
    "keeps_half_a_file",
)


class NaiveFetcher:
    """A fetcher with one bug, or none."""

    def __init__(self, http: httpx.AsyncClient, bug: str = "") -> None:
        self._http = http
        self._bug = bug

    async def fetch(self, prompt: str, seconds: float, webhook_url: str | None = None) -> Result:
        run_id = await self._submit({"prompt": prompt, "webhook_url": webhook_url})
        until = time.monotonic() + seconds
        while True:
            run, pause = await self._look(run_id)
            if run is not None:
                return Result(run_id, run["status"], run["output"])
            if time.monotonic() + pause > until and self._bug != "has_no_deadline":
                raise GaveUpError("" if self._bug == "forgets_the_run_it_gave_up" else run_id)
            if time.monotonic() > until + 3600:
                raise AssertionError("hours after its deadline it still waits")
            await asyncio.sleep(pause)

    async def _look(self, run_id: str) -> tuple[dict[str, Any] | None, float]:
        """Return the run, if it is over, and how long to wait before looking again."""
        pause = 5.0
        try:
            answer = await self._http.get(f"/v1/runs/{run_id}")
        except httpx.TransportError:
            if self._bug == "dies_on_reset":
                raise
            return None, pause
        if answer.status_code == 502 and self._bug == "dies_on_502":
            answer.raise_for_status()
        if answer.is_success and self._is_over(run := answer.json()):
            if self._bug == "polls_on_after_the_end":
                await self._http.get(f"/v1/runs/{run_id}")
            return run, pause
        if self._bug != "ignores_retry_after":
            pause = max(pause, float(answer.headers.get("retry-after", 0)))
        return None, pause

    async def _submit(self, task: dict[str, Any]) -> str:
        answer = await self._http.post("/v1/run/tasks", json=task)
        if answer.is_server_error and self._bug == "submits_again":
            answer = await self._http.post("/v1/run/tasks", json=task)
        return str(answer.raise_for_status().json()["run_id"])

    def _is_over(self, run: dict[str, Any]) -> bool:
        if self._bug == "knows_two_endings":
            return run["status"] in {"completed", "failed"}
        if self._bug == "takes_new_status_for_the_end":
            return run["status"] not in {"created", "queued", "running", "paused"}
        if self._bug == "waits_on_after_a_new_ending":
            return run["status"] in FINAL
        return run["status"] in FINAL or run["finished_at"] is not None

    async def save(self, url: str) -> bytes:
        if self._bug != "keeps_half_a_file":
            return (await self._http.get(url)).raise_for_status().content
        got = b""
        try:
            async with self._http.stream("GET", url) as answer:
                async for part in answer.aiter_raw():
                    got += part
        except httpx.TransportError:
            pass
        return got

    def is_genuine(self, body: bytes, headers: dict[str, str], key: str) -> bool:
        if self._bug == "signs_what_it_parsed":
            body = json.dumps(json.loads(body), separators=(",", ":")).encode()
        expected = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, headers.get("x-skyvern-signature", ""))
