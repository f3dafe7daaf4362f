"""Budgets of the client core: its import, one call, half an hour of polling."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

import httpx
from measure import Row, median_pair, own_cpu, python_cpu, served

from skyvern_tui.client import AsyncSkyvern, RunTimeoutError, Skyvern

BASELINES = str(Path(__file__).with_name("baselines.py"))
RUN = (
    b'{"run_id":"tsk_v2_1","status":"running","output":null,"downloaded_files":[],"recording_url":null,'
    b'"recording_archived":false,"screenshot_urls":null,"failure_reason":null,"created_at":"2026-01-20T11:52:29.276851",'
    b'"modified_at":"2026-01-20T11:52:29.484284","queued_at":"2026-01-20T11:52:29.483922","started_at":null,'
    b'"finished_at":null,"app_url":"http://localhost/runs/wr_1","browser_session_id":null,"browser_profile_id":null,'
    b'"max_screenshot_scrolls":null,"script_run":null,"errors":[],"step_count":2,"run_type":"task_v2","run_request":'
    b'{"prompt":"Get the title of the top post","url":"https://news.example/","engine":"skyvern-2.0"}}'
)
HALF_AN_HOUR = 1800.0


def imports() -> list[Row]:
    """CPU of importing the client, against importing what it is made of."""
    value, baseline = median_pair(
        lambda: python_cpu("from skyvern_tui.client import Skyvern, AsyncSkyvern"),
        lambda: python_cpu("import httpx, pydantic"),
        9,
    )
    how = "fresh interpreters in turn, nine rounds; with both faces, since the package alone loads nothing"
    return [Row("import skyvern_tui.client, CPU", value * 1e3, baseline * 1e3, "ms", 1.25, how)]


def calls(quick: bool) -> list[Row]:
    """CPU of this process per get_run, against ``httpx.get(...).json()`` on the same server."""
    count = 200 if quick else 800
    how = f"{count} calls to a local server, five rounds in turn"
    with tempfile.NamedTemporaryFile(suffix=".json") as body:
        Path(body.name).write_bytes(RUN)
        with served([sys.executable, BASELINES, "starlette", body.name]) as server:
            url, headers = f"{server.url}/v1/runs/tsk_v2_1", {"x-api-key": "k"}
            with Skyvern(api_key="k", base_url=server.url) as sky, httpx.Client(headers=headers) as bare:
                value, baseline = median_pair(
                    lambda: own_cpu(lambda: [sky.get_run("tsk_v2_1") for _ in range(count)]),
                    lambda: own_cpu(lambda: [bare.get(url).json() for _ in range(count)]),
                    5,
                )
            rows = [
                Row("client get_run, sync, CPU per call", value / count * 1e6, baseline / count * 1e6, "µs", 1.25, how)
            ]

            async def ours() -> None:
                async with AsyncSkyvern(api_key="k", base_url=server.url) as sky:
                    for _ in range(count):
                        await sky.get_run("tsk_v2_1")

            async def theirs() -> None:
                async with httpx.AsyncClient(headers=headers) as bare:
                    for _ in range(count):
                        (await bare.get(url)).json()

            value, baseline = median_pair(
                lambda: own_cpu(lambda: asyncio.run(ours())), lambda: own_cpu(lambda: asyncio.run(theirs())), 5
            )
            rows.append(
                Row("client get_run, async, CPU per call", value / count * 1e6, baseline / count * 1e6, "µs", 1.25, how)
            )
    return rows


def polling() -> list[Row]:
    """CPU of waiting half an hour of virtual time, against as many bare requests on the same transport."""
    polls = 0

    def answer(_: httpx.Request) -> httpx.Response:
        nonlocal polls
        polls += 1
        return httpx.Response(200, content=RUN, headers={"content-type": "application/json"})

    def wait() -> None:
        now = 0.0

        def sleep(seconds: float) -> None:
            nonlocal now
            now += seconds

        transport = httpx.MockTransport(answer)
        with Skyvern(api_key="k", base_url="http://mock", transport=transport, clock=lambda: now, sleep=sleep) as sky:
            try:
                sky.wait_for_run("tsk_v2_1", timeout=HALF_AN_HOUR)
            except RunTimeoutError:
                return
        raise AssertionError("the wait should have run into its deadline")

    wait()
    count, polls = polls, 0

    def bare() -> None:
        with httpx.Client(transport=httpx.MockTransport(answer)) as client:
            for _ in range(count):
                client.get("http://mock/v1/runs/tsk_v2_1").json()

    value, baseline = median_pair(lambda: own_cpu(wait), lambda: own_cpu(bare), 9)
    how = f"{count} polls on httpx.MockTransport, nine rounds"
    return [Row("30 virtual minutes of polling, CPU", value * 1e3, baseline * 1e3, "ms", 1.5, how)]
