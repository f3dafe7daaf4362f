"""Whole runs: a real browser, pages that react, and what the agent tells about them."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, async_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from mock_server.agent import perform
from mock_server.agent.events import (
    ActionFinished,
    ActionStarted,
    ArtifactMade,
    BlockOpened,
    Event,
    Finished,
    StepOpened,
    Task,
)
from mock_server.browser.hardening import LAUNCH_ARGS
from mock_server.clock import RealClock
from mock_server.sites import create_sites

PAGES = Path(__file__).parents[1] / "pages_acting"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Told:
    """What a run told, and what the page was like at its end."""

    events: list[Event]
    state: Any = None
    finished: Finished = field(init=False)

    def __post_init__(self) -> None:
        last = self.events[-1]
        assert isinstance(last, Finished)
        self.finished = last

    @property
    def actions(self) -> list[str]:
        return [event.action.action_type for event in self.events if isinstance(event, ActionStarted)]

    @property
    def responses(self) -> list[str]:
        return [event.response for event in self.events if isinstance(event, ActionFinished)]

    @property
    def blocks(self) -> list[str]:
        return [event.block_type for event in self.events if isinstance(event, BlockOpened)]

    @property
    def steps(self) -> int:
        return sum(isinstance(event, StepOpened) for event in self.events)

    def artifacts(self, kind: str = "") -> list[ArtifactMade]:
        return [event for event in self.events if isinstance(event, ArtifactMade) and kind in ("", event.artifact_type)]


async def _slow(_: Request) -> Response:
    await asyncio.sleep(0.3)
    return JSONResponse({"text": "Data of the server"})


async def _hang(_: Request) -> Response:
    await asyncio.sleep(30)
    return Response("late")


def _file(request: Request) -> Response:
    name = request.path_params["name"]
    kind = "application/pdf" if name.endswith(".pdf") else "text/csv"
    place = request.url.path.split("/")[1]
    disposition = "attachment" if place == "file" else "inline"
    return Response(
        PDF if kind.endswith("pdf") else "a,b\n1,2\n",
        media_type=kind,
        headers={"content-disposition": f'{disposition}; filename="{name}"'},
    )


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """Serve the reacting pages and the demo sites on a free port; yield the origin."""
    app = Starlette(
        routes=[
            Mount("/pages", StaticFiles(directory=PAGES)),
            Route("/slow.json", _slow),
            Route("/hang", _hang),
            Route("/file/{name}", _file),
            Route("/inline/{name}", _file),
            *(Mount(f"/sites/{name}", site) for name, site in create_sites()),
        ]
    )
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium(browser_path: Path | None) -> AsyncIterator[Browser]:
    """One browser for the tests of a module."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=browser_path, args=LAUNCH_ARGS)
        yield browser
        await browser.close()


Do = Callable[..., Awaitable[Told]]


@pytest_asyncio.fixture(loop_scope="module")
async def do(chromium: Browser, origin: str) -> AsyncIterator[Do]:
    """Return a function that does a task in a fresh context; ``state`` is a script whose value at the end is kept."""

    async def do(prompt: str, address: str | None = None, *, state: str = "", **task: Any) -> Told:
        context = await chromium.new_context(viewport={"width": 1280, "height": 720})
        try:
            page = await context.new_page()
            url = f"{origin}{address}" if address is not None and address.startswith("/") else address
            events = [event async for event in perform(Task(prompt, url, **task), page, RealClock())]
            value = await context.pages[-1].evaluate(state) if state else None
            return Told(events, value)
        finally:
            await context.close()

    yield do
