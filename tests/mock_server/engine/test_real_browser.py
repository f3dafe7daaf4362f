"""The engine with the real browser: what is recorded, what a crash and a cancel do."""

from __future__ import annotations

import asyncio
import json
import time
import zipfile
from collections.abc import AsyncIterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error as PlaywrightError

from mock_server.agent.events import ArtifactMade, BlockClosed, BlockOpened, Event, Finished, StepOpened, Task
from mock_server.browser.provider import BrowserProvider
from mock_server.clock import Clock, RealClock

pytestmark = pytest.mark.browser

PATIENCE = 60.0


@pytest.fixture
async def real(harness, monkeypatch) -> Any:
    """The harness with a real browser in place of the fake; it is closed by the engine."""
    harness.browsers = BrowserProvider(clock=RealClock())
    return harness


async def idle(harness: Any) -> None:
    await asyncio.wait_for(harness.engine.wait_idle(), PATIENCE)


async def looks_at_a_page(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
    yield BlockOpened("navigation", "navigation_1", "look")
    yield StepOpened(0)
    await page.set_content("<h1>Hello</h1><script>console.log('the page speaks')</script>")
    yield ArtifactMade("screenshot_final", await page.screenshot(), 0)
    yield BlockClosed("completed")
    yield Finished("completed", {"title": await page.inner_text("h1")})


async def test_what_is_left_of_a_run(real):
    """A playable WebM, a HAR, a trace and the console are stored, and the work directory is gone."""
    real.agent = looks_at_a_page
    run = real.submit()
    await idle(real)
    assert (run.status, run.output) == ("completed", {"title": "Hello"})
    content = {record.artifact_type: real.writer.path(record).read_bytes() for record in real.artifacts(run)}
    assert content["recording"][:4] == b"\x1a\x45\xdf\xa3"
    assert content["screenshot_final"][:4] == b"\x89PNG"
    assert json.loads(content["har"])["log"]["version"] == "1.2"
    assert zipfile.ZipFile(BytesIO(content["trace"])).testzip() is None
    assert b"the page speaks" in content["browser_console_log"]
    assert not list((real.directory / "work").iterdir())


async def test_a_browser_killed_in_the_middle_of_a_run(real):
    """That run fails with a reason that says so; the server goes on and the next run gets a new browser."""

    async def crashes(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        yield BlockOpened("navigation", "navigation_1", "look")
        session = await page.context.browser.new_browser_cdp_session()
        with suppress(PlaywrightError):
            await session.send("Browser.crash")
        await page.inner_text("h1")
        yield Finished("completed")

    real.agent = crashes
    run = real.submit()
    await idle(real)
    assert run.status == "failed"
    assert "browser ended" in run.failure_reason
    assert [block["status"] for block in real.blocks(run)] == ["failed"]
    real.agent = looks_at_a_page
    after = real.submit()
    await idle(real)
    assert after.status == "completed"


async def test_a_cancel_while_a_page_does_not_load(real):
    """A run that waits for a server that never answers stops at once, and what was captured is kept."""
    loading = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loading.set()
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    async def goes_there(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        await page.goto(task.url, timeout=0)
        yield Finished("completed")

    real.agent = goes_there
    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        run = real.submit(url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        await asyncio.wait_for(loading.wait(), PATIENCE)
        began = time.monotonic()
        real.engine.cancel(run)
        await idle(real)
        waited = time.monotonic() - began
    assert run.status == "canceled"
    # Nothing was painted yet, so there may be no film; the rest is there.
    assert {"har", "trace", "browser_console_log", "skyvern_log"} <= {
        record.artifact_type for record in real.artifacts(run)
    }
    assert waited < 20


async def test_no_browser_at_all(real):
    """An executable that is none fails the run with what to do; the server goes on."""
    real.browsers = BrowserProvider(Path("/nonexistent/chromium"), clock=RealClock())
    run = real.submit()
    await idle(real)
    assert run.status == "failed"
    assert "skyvern-mock doctor" in run.failure_reason
