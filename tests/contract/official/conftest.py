"""What the official SDK is tried against: any server, told by the environment.

``SKYVERN_BASE_URL`` and ``SKYVERN_API_KEY`` name the server. ``SKYVERN_MOCK`` is the mock's dialect if it is one;
without it only the tests run that cost at most one short task. ``SKYVERN_TASK_URL`` is the page of that task.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator

import pytest
from skyvern import Skyvern

BASE_URL = os.environ["SKYVERN_BASE_URL"].rstrip("/")
DIALECT = os.environ.get("SKYVERN_MOCK")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only a mock can do, unless there is one."""
    if DIALECT:
        return
    left_out = [item for item in items if item.get_closest_marker("mock")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def base_url() -> str:
    """Address of the server."""
    return BASE_URL


@pytest.fixture(scope="session")
def dialect() -> str | None:
    """Dialect of the mock; None for a real server."""
    return DIALECT


@pytest.fixture(scope="session")
def api_key() -> str:
    """The key the suite works with. On the mock it is a new tenant, so that nothing of an earlier run is met."""
    return f"official-{uuid.uuid4().hex}" if DIALECT else os.environ["SKYVERN_API_KEY"]


@pytest.fixture(scope="session")
async def client(api_key: str) -> AsyncIterator[Skyvern]:
    """The SDK's client as its documentation makes it."""
    client = Skyvern(api_key=api_key, base_url=BASE_URL)
    yield client
    await client.aclose()
