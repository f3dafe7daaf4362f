"""A run the agent does, in a real browser, gets done while its key's time stands still."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

Stage = Any

PAGE = b"<!doctype html><title>Frozen</title><h1>The title of the page</h1>"


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(PAGE)
    writer.write(head + PAGE)
    await writer.drain()
    writer.close()


@pytest.mark.browser
@pytest.mark.parametrize("stage", [{"parallel_runs": 1, "seed": 3}], indirect=True)
async def test_an_agent_works_on_a_frozen_clock(stage: Stage):
    """The run completes though no time passes; its times, timeline and files all show the frozen moment."""
    await stage.freeze()
    site = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = site.sockets[0].getsockname()[1]
    async with site:
        run_id = await stage.submit(prompt="Get the heading of the page", url=f"http://127.0.0.1:{port}/")
        await asyncio.wait_for(stage.composition.services.engine.wait_idle(), 90)
    run = await stage.run(run_id)
    assert run["status"] == "completed", run["failure_reason"]
    assert {run[name] for name in ("created_at", "started_at", "finished_at")} == {"2026-03-01T12:00:00"}
    items = await stage.ok("GET", f"/v1/runs/{run_id}/timeline")
    files = await stage.ok("GET", f"/v1/runs/{run_id}/artifacts")
    assert {item["created_at"] for item in [*items, *files]} == {"2026-03-01T12:00:00"}
    assert run["recording_url"]
