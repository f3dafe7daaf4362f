"""A server for the reports of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_server.testing import LocalServer


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Return the address of a mock server in a thread."""
    with LocalServer(self_check=False) as server:
        yield server.base_url
