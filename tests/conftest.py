"""What tests of several rooms share."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import warnings
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest

from tests.parsed_once import forget_servers, read_routes_once, trust_once

# How long an example takes says something of the machine, nothing of a promise.
hypothesis.settings.register_profile("suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marks of this file."""
    config.addinivalue_line("markers", "wrong_on_purpose: the mock is made to answer what no service would")
    read_routes_once()
    trust_once()
    # Hundreds of tests start a program of ours; with this set, each would compile all of it anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def pytest_collection_finish() -> None:
    """Let the garbage collector look at what the tests make, and less often.

    A million objects live from the collection to the end. Going through them again and again took a quarter of the
    time of every test that makes a screen or a server. What is left behind unclosed is still found, a few tests later.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(25_000, 10, 10)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Return one worker more than there are processors: each waits for timers and other processes part of its time."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # then xdist answers
    return min((os.cpu_count() or 1) + 1, 8)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that use pytest-playwright's fixtures last.

    Those are synchronous and keep an event loop running in the main thread until the
    session ends, and no asynchronous test can run beside it. A worker of pytest-xdist
    gets its share in the same order, so this holds there too.
    """
    items.sort(key=lambda item: "playwright" in getattr(item, "fixturenames", ()))
    for item in items:
        drives_a_screen = item.path.parent.parts[-2:] in {("skyvern_tui", "tui"), ("tests", "terminal")}
        is_browsing = "playwright" in getattr(item, "fixturenames", ()) or item.get_closest_marker("browser")
        if is_browsing or drives_a_screen:
            # A browser or a terminal app that is starved on a busy machine may miss any deadline, so such a test gets
            # one more chance; the summary counts those that took it. All other tests pass at the first try.
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a worker of pytest-xdist end without noise.

    It does not run the clean-up pytest-playwright leaves for the end, so that a temporary directory is removed, with
    a warning, only when the interpreter exits: after everything a test could have done about it.
    """
    if hasattr(session.config, "workerinput"):
        atexit.register(warnings.simplefilter, "ignore", ResourceWarning)


@pytest.fixture(scope="session")
def browser_path() -> Path | None:
    """Return the executable of the browser found on this machine; None for Playwright's own."""
    from mock_server.browser.discovery import find_browser  # noqa: PLC0415  # most tests need no browser

    return find_browser().path


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], browser_path: Path | None) -> dict[str, Any]:
    """Let pytest-playwright's ``page`` use that browser."""
    from mock_server.browser.hardening import LAUNCH_ARGS  # noqa: PLC0415  # as above

    return {**browser_type_launch_args, "executable_path": browser_path, "args": list(LAUNCH_ARGS)}


@pytest.fixture
async def open_mock(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Callable[..., Any]]:
    """Return a function that makes a mock server's parts, not started: nothing is executed, runs stay as they are put.

    It takes the fields of ``Settings``, and a ``clock`` if need be, and returns a ``Composition``; all are closed
    after the test. An answer that is not as published fails the test then, unless it is marked ``wrong_on_purpose``.
    """
    from mock_server.app import Composition  # noqa: PLC0415  # the tests of the client and its screens need no server
    from mock_server.settings import Settings  # noqa: PLC0415  # as above

    made = []
    is_checked = request.node.get_closest_marker("wrong_on_purpose") is None

    def make(*, clock: Any = None, **settings: Any) -> Composition:
        chosen = {"data_dir": tmp_path / f"mock{len(made)}", "self_check": is_checked, **settings}
        composition = Composition(Settings(**chosen), clock=clock)
        made.append(composition)
        return composition

    yield make
    for composition in made:
        await composition.close()
    forget_servers()
    wrong = [
        str(found) for made_by in made if (all_of := made_by.services.conformance) for found in all_of.blamed("mock")
    ]
    assert not is_checked or not wrong, "answers that are not as published:\n" + "\n".join(wrong)


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
