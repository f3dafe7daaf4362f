"""One server in memory for the tests of the kit."""

from __future__ import annotations

import pytest

from mock_server.testing import LocalServer, open_mock


@pytest.fixture(scope="module")
def server():
    """Return a started server without sockets."""
    with LocalServer(sockets=False) as started:
        yield started


@pytest.fixture(scope="module")
def listening_server():
    """Return a started server with an address."""
    with LocalServer() as started:
        yield started


@pytest.fixture
def mock(server):
    """Return a mock of the test's own, in skipped time."""
    with open_mock(server) as opened:
        yield opened
