"""A chat service for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mock_server.models.chat_stub import ChatStub


@pytest.fixture
def chat() -> Iterator[ChatStub]:
    """A chat service of the test's own."""
    stub = ChatStub()
    yield stub
    stub.close()
