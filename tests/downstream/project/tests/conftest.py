"""Which fetcher is held to the contract: ``--fetcher official``, ``naive``, or a bug of ``naive.BUGS``; repeatable."""

from __future__ import annotations

import pytest
from fetching import Fetcher, SdkFetcher
from naive import BUGS, NaiveFetcher


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--fetcher", action="append", choices=["official", "naive", *BUGS])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that needs a fetcher with each that was asked for."""
    if "fetcher" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("fetcher") or ["official"]
        metafunc.parametrize("fetcher", chosen, indirect=True)


@pytest.fixture
def fetcher(request: pytest.FixtureRequest, skyvern_mock) -> Fetcher:
    """Return the fetcher; it talks to this test's mock."""
    http = skyvern_mock.async_http()
    if request.param == "official":
        return SdkFetcher(skyvern_mock.official_client(), http)
    return NaiveFetcher(http, request.param)
