"""The demo sites, served to a browser and to plain HTTP clients.

Owns: a server thread on a free port, and a page that fails its test when something on it went wrong unseen.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from playwright.sync_api import ConsoleMessage, Page, Request
from starlette.applications import Starlette
from starlette.routing import Mount

from mock_server.sites import create_index, create_sites


def mounted(prefix: str = "/sites") -> Starlette:
    """Return the sites the way the server mounts them, with nobody's state in them."""
    routes = [Mount(f"{prefix}/{name}", app) for name, app in create_sites()]
    return Starlette(routes=[*routes, Mount(prefix or "/", create_index())])


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve ``app`` on a free port of this machine; yield its origin."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        # The listener queues connections from the start: there is nothing to wait for.
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """Origin of the sites, which are below ``/sites``."""
    with served(mounted()) as address:
        yield address


@pytest.fixture(scope="session")
def sites(origin: str) -> str:
    return f"{origin}/sites"


@pytest.fixture
def watched(page: Page, origin: str) -> Iterator[Page]:
    """A page; after the test nothing may have left the origin, no script failed, nothing been reported as an error."""
    strays: list[str] = []
    problems: list[str] = []

    def on_request(request: Request) -> None:
        if not request.url.startswith((f"{origin}/", "data:")):
            strays.append(request.url)

    def on_console(message: ConsoleMessage) -> None:
        # That a document came with a 4xx status is what some tests are about, and the browser reports it.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            problems.append(message.text)

    page.set_default_timeout(10_000)
    page.on("request", on_request)
    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("requestfailed", lambda request: problems.append(f"{request.url}: {request.failure}"))
    yield page
    assert strays == []
    assert [problem for problem in problems if "net::ERR_ABORTED" not in problem] == []


@pytest.fixture
async def visitor() -> AsyncIterator[Callable[..., httpx.AsyncClient]]:
    """Return a function that makes a new visitor of one fresh set of sites, without a browser."""
    app = mounted()
    clients: list[httpx.AsyncClient] = []

    def make() -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1/sites/", follow_redirects=True
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()
