"""Both faces of the client, so that every claim is made of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.skyvern_tui.client.playground import Face
from tests.skyvern_tui.client.server import scripted_mock


@pytest.fixture(params=["sync", "async"])
def face(request: pytest.FixtureRequest) -> Callable[..., Face]:
    """Make a face of the kind under test on a server that gives the answers handed in."""
    return partial(Face, request.param)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key or address of the person who runs the tests is used."""
    monkeypatch.delenv("SKYVERN_API_KEY", raising=False)
    monkeypatch.delenv("SKYVERN_BASE_URL", raising=False)


@pytest.fixture(scope="session")
def mock_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a mock server whose runs all follow scripts; a test takes a key of its own."""
    with scripted_mock(tmp_path_factory.mktemp("mock")) as url:
        yield url
