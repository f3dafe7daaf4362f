"""The pytest plugin: fixtures, a mark, options, and what a failed test prints.

Owns: what pytest is told. Must not: import anything at its top but pytest: every pytest where this package is
installed loads it, most of them for nothing.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from mock_server.testing.mock import SkyvernMock
    from mock_server.testing.server import Server

MARK: Final = "skyvern_mock"
_MARK_HELP: Final = (
    "skyvern_mock(scenario=..., polls=..., seconds=..., output=..., time='skip'|'real', strict=True|False, seed=N, "
    "**script): what the mock does in this test, see docs/testing.md"
)
_PASSING: Final = ("skip", "real")
_MOCK: Final = pytest.StashKey["SkyvernMock"]()
_FAILED: Final = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, and the same for a configuration file."""
    group = parser.getgroup("skyvern-mock", "a mock of Skyvern")
    group.addoption(
        "--skyvern-mock",
        metavar="WHERE",
        help="thread: a server with an address (default); asgi: in memory only; or the URL of one that runs.",
    )
    group.addoption(
        "--skyvern-mock-strict",
        action="store_true",
        default=None,
        help="Fail tests that arrange what is not used, or send what is not as the published schema has it.",
    )
    group.addoption("--skyvern-mock-relaxed", action="store_true", help="Put up with that (default).")
    group.addoption("--skyvern-mock-seed", type=int, metavar="N", help="Make ids and times that repeat.")
    group.addoption(
        "--skyvern-mock-time",
        choices=("skip", "real"),
        help="skip: sleeps take no time in tests that use the mock (default); real: they do.",
    )
    group.addoption(
        "--skyvern-mock-block-network",
        action="store_true",
        default=None,
        help="Refuse connections of any test to anywhere but this machine.",
    )
    parser.addini("skyvern_mock", "As --skyvern-mock.", default="thread")
    parser.addini("skyvern_mock_strict", "As --skyvern-mock-strict.", type="bool", default=False)
    parser.addini("skyvern_mock_time", "As --skyvern-mock-time.", default="skip")
    parser.addini("skyvern_mock_block_network", "As --skyvern-mock-block-network.", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark; close the network if asked."""
    config.addinivalue_line("markers", _MARK_HELP)
    if _chosen(config, "block_network"):
        from mock_server.testing.network import blocked  # noqa: PLC0415  # for those who want it only

        blocking = ExitStack()
        blocking.enter_context(blocked())
        config.add_cleanup(blocking.close)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say where the mock is, if that is not as usual."""
    where = config.getoption("skyvern_mock")
    return f"skyvern mock: {where}" if where else None


@pytest.fixture(scope="session")
def skyvern_mock_config() -> dict[str, Any]:
    """Settings of the server, for a project to override: fields of ``mock_server.settings.Settings``."""
    return {}


@pytest.fixture(scope="session")
def skyvern_mock_server(request: pytest.FixtureRequest, skyvern_mock_config: dict[str, Any]) -> Iterator[Server]:
    """The server of this session (of this worker, under pytest-xdist)."""
    try:
        from mock_server.testing.opening import open_server  # noqa: PLC0415  # with the first test that needs it
    except ModuleNotFoundError as error:
        pytest.fail(f"The mock needs {error.name}: pip install 'skyvern-tui[mock]'.", pytrace=False)
    server = open_server(_chosen(request.config, ""), **skyvern_mock_config)
    yield server
    server.close()


@pytest.fixture
def skyvern_mock(request: pytest.FixtureRequest, skyvern_mock_server: Server) -> Iterator[SkyvernMock]:
    """A Skyvern of this test's own, which other tests cannot see. See docs/testing.md."""
    from mock_server.testing.mock import SkyvernMock  # noqa: PLC0415  # as above
    from mock_server.testing.server import LocalServer  # noqa: PLC0415  # as above

    words = _words(request.node)
    seed = words.pop("seed", request.config.getoption("skyvern_mock_seed"))
    passing = words.pop("time", None) or _chosen(request.config, "time")
    if passing not in _PASSING:
        raise pytest.UsageError(f"Time passes as {' or '.join(_PASSING)} in tests with the mock, not as {passing!r}.")
    strict = words.pop("strict", _chosen(request.config, "strict"))
    memory = isinstance(skyvern_mock_server, LocalServer) and not skyvern_mock_server.has_sockets
    key = None if seed is None else f"mock-{seed}-{_digest(request.node.nodeid)}"
    with SkyvernMock(skyvern_mock_server, api_key=key, memory=memory, seed=seed) as mock:
        if words:
            mock.scenario(words.pop("scenario", {}), **words)
        request.node.stash[_MOCK] = mock
        with (
            _closing_clients(request.node, mock, skips=passing == "skip"),
            mock.clock.skipping() if passing == "skip" else nullcontext(),
        ):
            yield mock
        if strict and not request.node.stash.get(_FAILED, False) and (complaints := mock.complaints()):
            pytest.fail(
                "\n".join(["A strict test leaves nothing unused and sends nothing wrong:", *complaints]), False
            )  # without a traceback


@pytest.fixture
def skyvern_client(skyvern_mock: SkyvernMock) -> Any:
    """A ``skyvern_tui.client.Skyvern`` that talks to this test's mock."""
    return skyvern_mock.client()


@pytest.fixture
def async_skyvern_client(skyvern_mock: SkyvernMock) -> Any:
    """A ``skyvern_tui.client.AsyncSkyvern`` that talks to this test's mock."""
    return skyvern_mock.async_client()


@pytest.fixture
def official_skyvern_client(skyvern_mock: SkyvernMock) -> Any:
    """An unmodified ``skyvern.Skyvern`` that talks to this test's mock; needs that SDK."""
    return skyvern_mock.official_client()


@pytest.fixture
def skyvern_vcr(request: pytest.FixtureRequest) -> Any:
    """A vcrpy that keeps secrets out of cassettes and lets polls repeat; they lie in ``cassettes/`` beside the test.

    ``skyvern_vcr.use_cassette("name.yaml")`` replays. The environment variable ``SKYVERN_VCR_RECORD`` is vcrpy's
    record mode: ``none`` if it is not set.
    """
    import os  # noqa: PLC0415  # for those who have cassettes only

    from mock_server.testing.cassettes import SkyvernVCR  # noqa: PLC0415  # as above

    folder = request.path.parent / "cassettes"
    return SkyvernVCR(folder, record_mode=os.environ.get("SKYVERN_VCR_RECORD", "none"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Print, with a failed test, what was said to its mock."""
    report = yield
    mock = item.stash.get(_MOCK, None)
    if mock is not None and call.when == "call" and call.excinfo is not None:
        item.stash[_FAILED] = report.failed
        if report.failed:
            report.sections.append(("skyvern mock: what was asked of it", _report(mock)))
    return report


def _report(mock: SkyvernMock) -> str:
    try:
        return mock.report()
    except Exception as error:  # noqa: BLE001  # the test's own failure is what counts
        return f"The mock could not tell: {error!r}"


def _chosen(config: pytest.Config, name: str) -> Any:
    """Return an option, else what the configuration file has."""
    full = f"skyvern_mock_{name}" if name else "skyvern_mock"
    if name == "strict" and config.getoption("skyvern_mock_relaxed"):
        return False
    given = config.getoption(full)
    return config.getini(full) if given is None else given


def _words(node: pytest.Item) -> dict[str, Any]:
    """Return what the marks say, the nearest last; a mark may be on a test, a class or a module."""
    found: dict[str, Any] = {}
    for mark in reversed(list(node.iter_markers(MARK))):
        if mark.args:
            raise pytest.UsageError(f"{node.nodeid}: the mark {MARK} takes words only, such as scenario='happy'.")
        found |= mark.kwargs
    return found


def _digest(text: str) -> str:
    from hashlib import sha256  # noqa: PLC0415  # for seeded tests only

    return sha256(text.encode()).hexdigest()[:16]


@contextmanager
def _closing_clients(node: Any, mock: SkyvernMock, *, skips: bool) -> Iterator[None]:
    """See to it that async clients are closed in the event loop of their test, whichever plugin runs it."""
    test: Callable[..., Any] = node.obj
    if not inspect.iscoroutinefunction(test):
        yield
        return

    @functools.wraps(test)
    async def closing(**arguments: Any) -> None:
        with mock.clock.skipping() if skips else nullcontext():
            try:
                await test(**arguments)
            finally:
                await mock.aclose_clients()

    node.obj = closing
    try:
        yield
    finally:
        node.obj = test  # A test that is run again gets another mock.
