"""Browser sessions: when they begin and end, and who is in them; the browser is a stand-in, time the test's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.browser.kept import NotKept
from mock_server.browser.lease import BrowserUnavailable
from mock_server.dialect import dialect_named
from mock_server.engine.profiles import Profiles, ProfileUnknown
from mock_server.engine.proxies import Proxies, parse_proxy
from mock_server.engine.session_browsers import OPENED_AT_ONCE
from mock_server.engine.session_record import SESSION, SessionRecord, session_of
from mock_server.engine.session_rules import (
    SERVER_DIED,
    SERVER_STOPPED,
    SessionOccupied,
    SessionOver,
    SessionRefused,
    SessionUnknown,
)
from mock_server.engine.sessions import Sessions
from mock_server.engine.states import BLANK, States
from mock_server.ids import IdFactory
from mock_server.store.records import RunRecord
from mock_server.store.store import Store
from mock_server.tenancy import OneForAll

ORG, OTHER = "o_2", "o_4"
STATE = {"cookies": [{"name": "login", "value": "yes"}], "origins": []}


class Browser:
    """Keeps contexts that are nothing but names."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.lost: dict[str, Callable[[], None]] = {}
        self.fault: Exception | None = None
        self.opening: asyncio.Event | None = None

    async def keep(self, name: str, spec: Any, *, url: str | None, lost: Callable[[], None]) -> None:
        if self.opening is not None:
            await self.opening.wait()
        if self.fault is not None:
            raise self.fault
        self.kept[name], self.lost[name] = (spec, url), lost

    async def state(self, name: str) -> dict[str, Any]:
        if name not in self.kept:
            raise NotKept(name)
        return STATE

    async def discard(self, name: str) -> None:
        self.kept.pop(name, None)

    def crash(self) -> None:
        for name in list(self.kept):
            del self.kept[name]
            self.lost[name]()


class World:
    """Sessions on a store, with a browser and a clock."""

    def __init__(self, directory: Path, clock: Any, dialect: str = "cloud") -> None:
        self.directory, self.clock = directory, clock
        self.dialect = dialect_named(dialect)  # type: ignore[arg-type]
        self.browser = Browser()
        self.ids = IdFactory(clock)
        self.store = Store(directory / "store.sqlite3")
        self.open()

    def open(self) -> None:
        owners = OneForAll(self.clock, self.ids)
        self.states = States(self.directory / "profiles")
        self.profiles = Profiles(self.store, owners, self.states)

        async def browsers() -> Any:
            return self.browser

        self.sessions = Sessions(
            store=self.store,
            owners=owners,
            dialect=self.dialect,
            profiles=self.profiles,
            proxies=Proxies([parse_proxy("RESIDENTIAL_DE=http://u:p@127.0.0.1:1")]),
            states=self.states,
            browsers=browsers,
        )
        self.sessions.start(opens_at_once=True)

    async def make(self, **request: Any) -> SessionRecord:
        session = self.sessions.create(ORG, request)
        await settle()
        return session

    def run(self, status: str = "running", planner: bool = False) -> RunRecord:
        now, run_id = self.clock.now(), self.ids.new("tsk")
        run = RunRecord(
            run_id, ORG, self.ids.new("tr"), self.ids.new("wr") if planner else None, run_id, "skyvern-1.0", "task_v1",
            status, {}, now, now,
        )  # fmt: skip
        self.store.insert_run(run)
        return run

    def stored(self, session: SessionRecord) -> SessionRecord:
        found = self.store.resource(ORG, SESSION, session.session_id)
        assert found is not None
        return session_of(found)


async def settle() -> None:
    """Let what was started go on until it waits for time or for the test."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
async def world(tmp_path: Path, harness: Any) -> AsyncIterator[World]:
    directory = tmp_path / "sessions"
    directory.mkdir()
    world = World(directory, harness.clock)
    yield world
    await world.sessions.close_all()
    world.store.close()


async def test_a_session_is_opened_soon_and_runs(world: World):
    """It is created when it is answered and running, with the time, when its browser is open."""
    session = world.sessions.create(ORG, {"url": "http://site.test/", "timezone_id": "Europe/Berlin"})
    assert (session.status, session.started_at, session.timeout) == ("created", None, 60)
    await settle()
    spec, url = world.browser.kept[session.session_id]
    assert (url, spec.timezone, spec.proxy) == ("http://site.test/", "Europe/Berlin", None)
    assert session.status == "running"
    assert session.started_at is not None
    assert world.stored(session).status == "running"


async def test_a_self_hosted_session_stays_created(world: World):
    """In the dialect of a self-hosted server the status does not change until it ends."""
    world.dialect = dialect_named("oss")
    world.open()
    session = await world.make()
    assert session.session_id in world.browser.kept
    assert (session.status, session.started_at) == ("created", None)
    await world.sessions.close(ORG, session.session_id)
    assert session.status == "completed"


async def test_only_a_few_are_opened_before_they_are_used(world: World):
    """Beyond the first few a session is opened when a run comes, and it can then be used like any other."""
    sessions = [await world.make() for _ in range(OPENED_AT_ONCE + 1)]
    assert len(world.browser.kept) == OPENED_AT_ONCE
    late = sessions[-1]
    assert late.status == "created"
    async with world.sessions.stay(world.run(), late.session_id):
        assert late.session_id in world.browser.kept
        assert late.status == "running"


async def test_a_profile_and_a_proxy_are_what_the_browser_begins_with(world: World):
    """The file of the profile and the proxy of the place reach the browser; an unknown profile makes no session."""
    profile = world.profiles.create(ORG, {"name": "logged in"}, STATE)
    session = await world.make(browser_profile_id=profile.profile_id, proxy_location="RESIDENTIAL_DE")
    spec, _ = world.browser.kept[session.session_id]
    assert spec.storage_state == world.states.path(profile.profile_id)
    assert (spec.proxy.server, spec.proxy.username, spec.proxy.password) == ("http://127.0.0.1:1", "u", "p")
    with pytest.raises(ProfileUnknown):
        await world.make(browser_profile_id="bp_1")


async def test_a_timeout_beyond_the_most_is_capped_with_a_warning(world: World):
    """More than four hours become four, and the session says so; four hours are four hours."""
    assert (await world.make(timeout=240)).warning is None
    capped = await world.make(timeout=100_000)
    assert capped.timeout == 240
    assert capped.warning.startswith("Requested timeout of 100000 minutes exceeds the maximum of 240 minutes")


async def test_its_time_is_up(world: World):
    """A minute before the end it is open, at the end it is over and its browser closed: by the owner's clock."""
    session = await world.make(timeout=5)
    world.clock.advance(4 * 60)
    await settle()
    assert session.status == "running"
    world.clock.advance(60)
    await settle()
    assert session.status == world.stored(session).status == "timeout"
    assert session.completed_at is not None
    assert session.session_id not in world.browser.kept
    with pytest.raises(SessionOver, match="no longer usable \\(status: timeout\\)"):
        world.sessions.usable(ORG, session.session_id)


async def test_a_look_finds_the_time_is_up_before_the_alarm_is_heard(world: World):
    """Whoever asks after the end is told of it, although nothing ran in between."""
    session = await world.make(timeout=5)
    world.clock.advance(301)
    assert world.sessions.open_ones(ORG) == []
    assert world.sessions.get(ORG, session.session_id).status == "timeout"


async def test_a_run_in_it_keeps_it_open_up_to_the_most(world: World):
    """While a run is in it a session outlives its time, and ends when the run has left it or at four hours."""
    session, other = await world.make(timeout=5), await world.make(timeout=5)
    async with world.sessions.stay(world.run(), other.session_id):
        async with world.sessions.stay(world.run(), session.session_id):
            world.clock.advance(6 * 60)
            await settle()
            assert session.status == "running"
        await settle()
        assert session.status == "timeout"
        world.clock.advance(235 * 60)
        await settle()
        assert other.status == "timeout"
        assert other.session_id not in world.browser.kept


@pytest.mark.parametrize("planner", [True, False])
async def test_one_run_at_a_time(world: World, planner: bool):
    """A session names the run in it, refuses a second one by name, and is free when the first has left."""
    session, run = await world.make(), world.run(planner=planner)
    async with world.sessions.stay(run, session.session_id):
        name = run.workflow_run_id if planner else run.run_id
        assert (session.runnable_type, session.runnable_id) == ("workflow_run" if planner else "task", name)
        assert run.browser_session_id == session.session_id
        with pytest.raises(SessionOccupied, match=f"already occupied by {name}"):
            async with world.sessions.stay(world.run(), session.session_id):
                raise AssertionError
    assert (session.runnable_type, session.runnable_id) == (None, None)
    async with world.sessions.stay(world.run(), session.session_id):
        pass
    assert len(session.run_ids) == 2


async def test_a_run_waits_for_a_canceled_one_to_leave(world: World):
    """The run after a canceled one gets in, although the canceled one's work takes a moment to stop."""
    session, canceled = await world.make(), world.run()
    leaving, entered = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with world.sessions.stay(canceled, session.session_id):
            await leaving.wait()

    async def second() -> None:
        async with world.sessions.stay(world.run(), session.session_id):
            entered.set()

    one = asyncio.ensure_future(first())
    await settle()
    canceled.status = "canceled"
    two = asyncio.ensure_future(second())
    await settle()
    assert not entered.is_set()
    leaving.set()
    await asyncio.gather(one, two)
    assert entered.is_set()


async def test_closing(world: World):
    """It is completed and its browser closed when close returns; again changes nothing, and it can be looked at."""
    session = await world.make()
    await world.sessions.close(ORG, session.session_id)
    assert session.session_id not in world.browser.kept
    ended = session.completed_at
    await world.sessions.close(ORG, session.session_id)
    assert (session.status, session.completed_at) == ("completed", ended)
    assert world.sessions.open_ones(ORG) == []
    assert world.sessions.get(ORG, session.session_id).status == "completed"


async def test_closing_while_it_is_opened(world: World):
    """A browser that opens after its session was closed is closed as well."""
    world.browser.opening = asyncio.Event()
    session = await world.make()
    closing = asyncio.ensure_future(world.sessions.close(ORG, session.session_id))
    await settle()
    world.browser.opening.set()
    await closing
    assert world.browser.kept == {}
    assert session.status == "completed"


async def test_a_browser_that_dies_fails_the_session(world: World):
    """The session is failed and says why; the next run is told that it is over."""
    session = await world.make()
    world.browser.crash()
    assert session.status == world.stored(session).status == "failed"
    assert "browser of this session ended" in session.warning
    with pytest.raises(SessionOver, match="status: failed"):
        async with world.sessions.stay(world.run(), session.session_id):
            raise AssertionError


async def test_a_browser_that_does_not_open_fails_the_session(world: World):
    """The run that came for it fails with the reason, and so does the session."""
    world.sessions.start(opens_at_once=False)
    session = await world.make()
    world.browser.fault = BrowserUnavailable("There is no browser. Install one.")
    with pytest.raises(SessionRefused, match="Install one"):
        async with world.sessions.stay(world.run(), session.session_id):
            raise AssertionError
    assert (session.status, session.warning) == ("failed", "There is no browser. Install one.")
    assert world.sessions.open_ones(ORG) == []


async def test_a_server_that_was_killed(world: World):
    """After a kill its open sessions are failed with the reason; those that had ended stay what they were."""
    left, closed = await world.make(), await world.make()
    await world.sessions.close(ORG, closed.session_id)
    killed = world.sessions
    world.open()
    found = world.sessions.get(ORG, left.session_id)
    assert (found.status, found.warning) == ("failed", SERVER_DIED)
    assert world.sessions.get(ORG, closed.session_id).status == "completed"
    await killed.close_all()


async def test_a_server_that_stops(world: World):
    """Stopping completes the open sessions with the reason, and keeps what was asked to be kept."""
    plain, kept = await world.make(), await world.make(generate_browser_profile=True)
    await world.sessions.close_all()
    for session in (plain, kept):
        assert (world.stored(session).status, session.warning) == ("completed", SERVER_STOPPED)
    assert States(world.directory / "profiles").find(kept.session_id) == STATE
    assert States(world.directory / "profiles").find(plain.session_id) is None


async def test_what_an_ended_session_leaves(world: World):
    """Its cookies are remembered for a profile; on disk only if asked, then for its owner's eyes only."""
    plain, kept = await world.make(), await world.make()
    world.sessions.update(ORG, kept.session_id, generate_browser_profile=True)
    for session in (plain, kept):
        assert await world.sessions.state(ORG, session.session_id) == STATE
        await world.sessions.close(ORG, session.session_id)
        assert await world.sessions.state(ORG, session.session_id) == STATE
    assert not world.states.path(plain.session_id).exists()
    assert world.states.path(kept.session_id).stat().st_mode & 0o777 == 0o600
    assert world.states.path(kept.session_id).parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(SessionOver):
        world.sessions.update(ORG, kept.session_id, generate_browser_profile=False)


async def test_sessions_of_others_do_not_exist(world: World):
    """Another organization finds, lists, closes and uses none of them."""
    session = await world.make()
    assert world.sessions.open_ones(OTHER) == world.sessions.history(OTHER, page=1, page_size=10) == []
    for ask in (world.sessions.get, world.sessions.usable):
        with pytest.raises(SessionUnknown):
            ask(OTHER, session.session_id)
    with pytest.raises(SessionUnknown):
        await world.sessions.close(OTHER, session.session_id)
    assert session.status == "running"


async def test_history_is_paged_newest_first(world: World):
    """It has ended sessions too, the newest on the first page."""
    made = [await world.make() for _ in range(3)]
    await world.sessions.close(ORG, made[1].session_id)
    pages = [world.sessions.history(ORG, page=page, page_size=2) for page in (1, 2, 3)]
    ids = [[session.session_id for session in page] for page in pages]
    assert ids == [[made[2].session_id, made[1].session_id], [made[0].session_id], []]


async def test_dropping_an_organization(world: World):
    """Everything of it is gone, browsers, rows and what ended sessions left; what is others' stays."""
    session, other = await world.make(), world.sessions.create(OTHER, {})
    await settle()
    world.states.write(session.session_id, BLANK)
    await world.sessions.drop(ORG)
    assert list(world.browser.kept) == [other.session_id]
    assert world.sessions.history(ORG, page=1, page_size=10) == []
    assert world.states.find(session.session_id) is None
    assert other.status == "running"
