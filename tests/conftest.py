"""What tests of several rooms share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest


@pytest.fixture
async def open_mock(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Return a function that makes a mock server's parts, not started: nothing is executed, runs stay as they are put.

    It takes the fields of ``Settings``, and a ``clock`` if need be, and returns a ``Composition``; all are closed
    after the test.
    """
    from mock_server.app import Composition  # noqa: PLC0415  # the tests of the client and its screens need no server
    from mock_server.settings import Settings  # noqa: PLC0415  # as above

    made = []

    def make(*, clock: Any = None, **settings: Any) -> Composition:
        composition = Composition(Settings(**{"data_dir": tmp_path / f"mock{len(made)}", **settings}), clock=clock)
        made.append(composition)
        return composition

    yield make
    for composition in made:
        await composition.close()


@pytest.fixture
async def open_client() -> AsyncIterator[Callable[..., httpx.AsyncClient]]:
    """Return a function that makes an HTTP client of an ASGI application; it sends the key ``test-key``."""
    clients = []

    def make(app: Any, **options: Any) -> httpx.AsyncClient:
        options.setdefault("headers", {"x-api-key": "test-key"})
        options.setdefault("base_url", "http://127.0.0.1:8000")
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()
