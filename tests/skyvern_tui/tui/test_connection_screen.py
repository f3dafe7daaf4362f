"""Claims about servers: switching, read-only profiles, the mock that comes with the app."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from skyvern_tui.client import ConnectError
from skyvern_tui.config import ConfigError, Connection
from skyvern_tui.config.profiles import ProfileFacts
from skyvern_tui.tui.app import SkyvernApp
from skyvern_tui.tui.screens.ask import AskScreen
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.screens.connection import ConnectionScreen
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.server import Troubled
from skyvern_tui.tui.switching import Doors
from tests.skyvern_tui.builders import a_run
from tests.skyvern_tui.tui.fakes import MOCK, FakeGateway, ManualClock, passing, screen_text, settle, until

WORK = Connection("http://work.example", "key-w", "work")
PROD = Connection("http://prod.example", "key-p", "prod", read_only=True)


class TestDoors(Doors):
    """Three profiles, and a mock that only notes that it runs."""

    __test__ = False

    def __init__(self):
        self.events = []

    def profiles(self):
        return [
            ProfileFacts("work", "http://work.example", "keyring"),
            ProfileFacts("prod", "http://prod.example", "$P", read_only=True),
            ProfileFacts("mock", "a mock on this machine", "its own", embedded=True, built_in=True),
        ]

    def connection(self, profile):
        known = {"work": WORK, "prod": PROD, "mock": Connection("", name="mock", embedded=True)}
        if profile not in known:
            raise ConfigError("There is no such profile.", "Add it.")
        return known[profile]

    @asynccontextmanager
    async def mock(self):
        self.events.append("up")
        yield MOCK
        self.events.append("down")


@pytest.fixture
def servers():
    """A gateway per address."""
    return {
        WORK.base_url: FakeGateway(a_run("w1", "running")),
        PROD.base_url: FakeGateway(a_run("p1", "running")),
        MOCK.base_url: FakeGateway(),
    }


@pytest.fixture
def doors():
    return TestDoors()


@pytest.fixture
def app(servers, doors):
    """The app on the profile ``work``."""
    return SkyvernApp(WORK, open_gateway=lambda c: servers[c.base_url], clock=ManualClock(), doors=doors)


async def test_the_servers_are_listed_and_switched(app, servers):
    """The list marks the server in use; choosing another shows its runs, closes the old one and keeps the draft."""
    async with app.run_test(size=(110, 30)) as pilot:
        await until(pilot, lambda: "Runs  1" in screen_text(app))
        app.compose_task({"prompt": "keep me"})
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen) and app.focused)
        await pilot.press("f2")
        await until(pilot, lambda: "prod" in screen_text(app) and "keyring" in screen_text(app))
        lines = screen_text(app).splitlines()
        profiles = {name: line for line in lines for name in ("work", "prod") if f" {name}  " in line}
        assert "● work" in profiles["work"]
        assert "●" not in profiles["prod"]
        assert "read-only" in profiles["prod"]
        await pilot.press("j", "enter")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and "prod" in screen_text(app).splitlines()[0])
        await until(pilot, lambda: "get_run p1" in servers[PROD.base_url].calls)
        assert servers[WORK.base_url].closed
        assert app.draft == {"prompt": "keep me"}


async def test_a_read_only_profile_changes_nothing(app, servers):
    """Cancel, rerun and submit say why they don't; the keys are not offered; a call that slips by is refused too."""
    app._source = PROD
    async with app.run_test(size=(110, 30)) as pilot:
        await until(pilot, lambda: "Runs  1" in screen_text(app) and "read-only" in screen_text(app))
        assert "cancel" not in screen_text(app).splitlines()[-1]
        for key in ("c", "R"):
            await pilot.press(key)
            await settle(pilot)
            assert not isinstance(app.screen, ConfirmScreen)
        app.compose_task({"prompt": "p"})
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen) and app.focused)
        await pilot.press("ctrl+s")
        await settle(pilot)
        told = {toast.message for toast in app._notifications}
        assert told == {"The profile prod is read-only. Another server: f2."}
        with pytest.raises(Troubled, match="read-only"):
            await app.server.call(lambda gateway: gateway.run_task("p"))
        assert app.status.is_well
        assert servers[PROD.base_url].submitted == servers[PROD.base_url].canceled == []


async def test_the_mock_is_started_and_stopped_from_the_palette(app, doors):
    """Starting switches to it, coming back finds it running, stopping ends it and says how to go on."""
    async with app.run_test(size=(110, 30)) as pilot:
        await until(pilot, lambda: "Runs  1" in screen_text(app))
        await pilot.press("ctrl+p", *"start the local")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        assert doors.events == ["up"]
        app.switch_to("work")
        await until(pilot, lambda: "Runs  1" in screen_text(app))
        app.action_start_mock()
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        assert doors.events == ["up"]
        app.action_stop_mock()
        await until(pilot, lambda: "The local mock was stopped." in screen_text(app))
        assert doors.events == ["up", "down"]
        app.switch_to("work")
        await until(pilot, lambda: "Runs  1" in screen_text(app))


async def test_a_mock_that_is_gone_is_started_again(app, servers, doors):
    """One that died, or was another program's that ended, is told of in the banner; starting it starts a new one."""
    async with app.run_test(size=(110, 30)) as pilot:
        await until(pilot, lambda: "Runs  1" in screen_text(app))
        servers[WORK.base_url].fault = ConnectError("work.example refused the connection.")
        await passing(pilot, app.clock, 5)
        await until(pilot, lambda: "server unreachable since" in screen_text(app))
        assert "work.example refused the connection." in screen_text(app)
        app.action_start_mock()
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        servers[MOCK.base_url].fault = ConnectError("127.0.0.1:8000 refused the connection.")
        await passing(pilot, app.clock, 5)
        await until(pilot, lambda: "the palette starts it again" in screen_text(app))
        servers[MOCK.base_url].fault = None
        app.action_start_mock()
        await until(pilot, lambda: doors.events == ["up", "down", "up"])
        await until(pilot, lambda: "No runs yet" in screen_text(app))


async def test_a_server_one_leaves_is_asked_nothing_more(app, servers, doors):
    """While the next server takes its time to start, nothing is asked of the one that was left: it is closed."""
    go_on, mock = asyncio.Event(), doors.mock

    @asynccontextmanager
    async def slow():
        await go_on.wait()
        async with mock() as connection:
            yield connection

    doors.mock = slow
    async with app.run_test(size=(110, 30)) as pilot:
        await until(pilot, lambda: "Runs  1" in screen_text(app))
        app.action_start_mock()
        await until(pilot, lambda: servers[WORK.base_url].closed and "starting the local mock" in screen_text(app))
        asked = len(servers[WORK.base_url].calls)
        for _ in range(5):
            await passing(pilot, app.clock, 10)
        assert len(servers[WORK.base_url].calls) == asked
        go_on.set()
        await until(pilot, lambda: "No runs yet" in screen_text(app))


async def test_a_profile_that_can_not_be_used_leaves_the_server_one_has(app):
    """The reason and the hint are told; the runs stay."""
    async with app.run_test(size=(110, 30)) as pilot:
        await until(pilot, lambda: "Runs  1" in screen_text(app))
        app.switch_to("nowhere")
        await until(pilot, lambda: app._notifications)
        assert next(iter(app._notifications)).message == "There is no such profile.\nAdd it."
        assert "work" in screen_text(app).splitlines()[0]


async def test_a_key_goes_into_the_keyring_and_nowhere_else(app, monkeypatch):
    """``K`` asks for the key without showing it and stores it under the profile's name."""
    stored = []
    monkeypatch.setattr("skyvern_tui.tui.screens.connection.store_key", lambda *what: stored.append(what))
    async with app.run_test(size=(110, 30)) as pilot:
        await until(pilot, lambda: "Runs  1" in screen_text(app))
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, ConnectionScreen) and "keyring" in screen_text(app))
        await pilot.press("K")
        await until(pilot, lambda: isinstance(app.screen, AskScreen) and app.focused)
        await pilot.press(*"s3cret")
        await settle(pilot)
        assert "s3cret" not in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: stored == [("work", "s3cret")])


async def test_a_profile_is_added(app, monkeypatch):
    """``a`` asks for name, address and variable, and writes them to the file."""
    added = []
    monkeypatch.setattr(
        "skyvern_tui.tui.screens.connection.add_profile", lambda *what, **more: added.append((*what, more))
    )
    async with app.run_test(size=(110, 30)) as pilot:
        await until(pilot, lambda: "Runs  1" in screen_text(app))
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, ConnectionScreen) and "keyring" in screen_text(app))
        await pilot.press("a")
        for title, text in (("Name of", "new"), ("Its address", "http://n"), ("Where its key", "N_KEY")):
            await until(pilot, lambda title=title: title in screen_text(app) and app.focused)
            await pilot.press(*text, "enter")
        await until(pilot, lambda: added == [("new", "http://n", {"api_key_env": "N_KEY", "keyring": False})])
