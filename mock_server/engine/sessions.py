"""Browser sessions: browsers that stay open from one run to the next.

Owns: which sessions there are, when one is opened and when it ends, and who is in it. Must
not: know HTTP, or how a browser is opened; ``session_browsers`` does.

A session is opened soon after it was made, as long as few are open, or else when the first
run comes. One run at a time is in it. It ends when it is closed, when its time (on its
owner's clock) is up, when its browser dies or the server stops; it then ended for good.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mock_server.dialect import Dialect
from mock_server.engine.lifecycle import FINAL
from mock_server.engine.profiles import Profiles
from mock_server.engine.proxies import Proxies
from mock_server.engine.session_browsers import SessionBrowsers, log_failure
from mock_server.engine.session_record import SESSION, SessionRecord, SessionStatus, session_of, to_resource
from mock_server.engine.session_rules import (
    CAPPED,
    LONGEST_MINUTES,
    SERVER_DIED,
    SERVER_STOPPED,
    SessionOccupied,
    SessionOver,
    SessionUnknown,
    runnable_of,
)
from mock_server.engine.states import State, States
from mock_server.store.records import RunRecord
from mock_server.store.store import Store
from mock_server.tenancy import Owners

if TYPE_CHECKING:
    from mock_server.engine.ports import Browsers


@dataclass(slots=True, eq=False)
class _Stay:
    """One run's time in a session."""

    run: RunRecord
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Sessions:
    """The sessions of every organization. ``browsers`` is awaited when the first one is opened."""

    def __init__(
        self,
        *,
        store: Store,
        owners: Owners,
        dialect: Dialect,
        profiles: Profiles,
        proxies: Proxies,
        states: States,
        browsers: Callable[[], Awaitable[Browsers]],
    ) -> None:
        self._store = store
        self._owners = owners
        self._dialect = dialect
        self._profiles = profiles
        self._states = states
        self._browsers = SessionBrowsers(
            browsers=browsers,
            states=states,
            proxies=proxies,
            opened=self._note_open,
            lost=lambda session, reason: self._note_end(session, "failed", reason),
        )
        self._live: dict[str, SessionRecord] = {}
        """Those that have not ended, for as long as this server runs."""
        self._stays: dict[str, _Stay] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = False
        self._opens_at_once = False

    # -- for the routes -----------------------------------------------------------------

    def create(self, organization_id: str, request: dict[str, Any]) -> SessionRecord:
        """Make a session from a validated request; it is stored, and opened in a moment.

        Raises:
            ProfileUnknown: It is to begin with a profile that does not exist.
            StoreError: It cannot be stored.
        """
        owner = self._owners.of(organization_id)
        if (profile_id := request.get("browser_profile_id")) is not None:
            self._profiles.get(organization_id, profile_id)
        asked = request.get("timeout") or 60
        now = owner.clock.now()
        session = SessionRecord(
            session_id=owner.ids.new("pbs"),
            organization_id=organization_id,
            status="created",
            timeout=min(asked, LONGEST_MINUTES),
            created_at=now,
            modified_at=now,
            generate_browser_profile=bool(request.get("generate_browser_profile")),
            warning=CAPPED.format(asked=asked, most=LONGEST_MINUTES) if asked > LONGEST_MINUTES else None,
            url=request.get("url"),
            proxy_location=request.get("proxy_location"),
            proxy_session_id=request.get("proxy_session_id"),
            extensions=request.get("extensions"),
            browser_type=request.get("browser_type"),
            browser_profile_id=profile_id,
            timezone_id=request.get("timezone_id"),
        )
        self._store.put_resource(to_resource(session))
        self._live[session.session_id] = session
        if self._started:
            self._spawn(self._expire_in_time(session))
            if self._opens_at_once:
                self._browsers.open_ahead(session)
        return session

    def get(self, organization_id: str, session_id: str) -> SessionRecord:
        """Return a session, ended or not.

        Raises:
            SessionUnknown: There is none.
        """
        session = self._live.get(session_id)
        if session is None or session.organization_id != organization_id:
            found = None if session else self._store.resource(organization_id, SESSION, session_id)
            if found is None:
                raise SessionUnknown(f"Browser session {session_id} not found")
            return session_of(found)
        self._expire_if_due(session)
        return session

    def usable(self, organization_id: str, session_id: str) -> SessionRecord:
        """Return a session a run can be in.

        Raises:
            SessionUnknown: There is none, in the words of a request that needs one.
            SessionOver: It has ended.
        """
        try:
            session = self.get(organization_id, session_id)
        except SessionUnknown:
            raise SessionUnknown(f"Browser session {session_id} does not exist or is not live.") from None
        if session.ended:
            raise SessionOver(session)
        return session

    def open_ones(self, organization_id: str) -> list[SessionRecord]:
        """Return the sessions that have not ended, newest first."""
        found = [session for session in self._live.values() if session.organization_id == organization_id]
        for session in found:
            self._expire_if_due(session)
        return [session for session in reversed(found) if not session.ended]

    def history(self, organization_id: str, *, page: int, page_size: int) -> list[SessionRecord]:
        """Return one page of all sessions, newest first; pages count from 1."""
        self.open_ones(organization_id)
        resources = self._store.resources(organization_id, SESSION)[::-1]
        return [session_of(resource) for resource in resources[(page - 1) * page_size : page * page_size]]

    def update(self, organization_id: str, session_id: str, *, generate_browser_profile: bool) -> SessionRecord:
        """Choose whether its cookies and storage are kept on disk when it ends.

        Raises:
            SessionUnknown: There is none.
            SessionOver: It has ended.
        """
        session = self.get(organization_id, session_id)
        if session.ended:
            raise SessionOver(session)
        session.generate_browser_profile = generate_browser_profile
        self._save(session)
        return session

    async def close(self, organization_id: str, session_id: str) -> None:
        """End a session and return when its browser is closed; one that has ended stays as it is. A run in it fails.

        Raises:
            SessionUnknown: There is none.
        """
        session = self.get(organization_id, session_id)
        if not session.ended:
            await asyncio.shield(self._end(session, "completed"))

    async def state(self, organization_id: str, session_id: str) -> State | None:
        """Return the cookies and storage of a session, also of one that has ended while they are remembered.

        Raises:
            SessionUnknown: There is none.
        """
        session = self.get(organization_id, session_id)
        return self._states.find(session_id) if session.ended else await self._browsers.state(session)

    # -- for runs -----------------------------------------------------------------------

    @asynccontextmanager
    async def stay(self, run: RunRecord, session_id: str) -> AsyncIterator[SessionRecord]:
        """Be the run that is in a session, which is open while the block is.

        Raises:
            SessionRefused: There is none, it has ended, another run is in it, or its browser does not open.
        """
        session = self.usable(run.organization_id, session_id)
        while (other := self._stays.get(session_id)) is not None:
            if other.run.status not in FINAL:
                raise SessionOccupied(
                    f"Browser session {session_id} is already occupied by {runnable_of(other.run)[1]}."
                )
            await other.over.wait()  # It was canceled and is about to leave.
            self.usable(run.organization_id, session_id)
        stay = self._stays[session_id] = _Stay(run)
        session.runnable_type, session.runnable_id = runnable_of(run)
        session.run_ids.append(run.run_id)
        self._save(session)
        run.browser_session_id = session_id
        self._store.save_run(run)
        try:
            await self._browsers.opened(session)
            yield session
        finally:
            del self._stays[session_id]
            stay.over.set()
            if not session.ended:
                session.runnable_type = session.runnable_id = None
                self._save(session)

    # -- for the server -----------------------------------------------------------------

    def start(self, *, opens_at_once: bool) -> None:
        """Take note of the sessions an earlier server left open: they are lost. From now on new ones are opened."""
        for resource in self._store.resources(None, SESSION):
            session = session_of(resource)
            if not session.ended:
                self._note_end(session, "failed", SERVER_DIED)
        self._started, self._opens_at_once = True, opens_at_once

    async def close_all(self) -> None:
        """End every session because the server stops; the browser is closed by whoever owns it."""
        self._started = False
        for session in list(self._live.values()):
            if session.generate_browser_profile and session.session_id in self._browsers:
                await self._browsers.keep_state(session)
            self._note_end(session, "completed", SERVER_STOPPED)
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._browsers.give_up()

    async def drop(self, organization_id: str) -> None:
        """End and remove every session of an organization."""
        for session in self.open_ones(organization_id):
            await self._end(session, "completed")
        for resource in self._store.resources(organization_id, SESSION):
            self._store.delete_resource(organization_id, SESSION, resource.resource_id)
            self._states.forget(resource.resource_id)

    # -- ending -------------------------------------------------------------------------

    async def _expire_in_time(self, session: SessionRecord) -> None:
        clock = self._owners.of(session.organization_id).clock
        while not session.ended:
            rest = (session.due - clock.now()).total_seconds()
            if rest > 0:
                await clock.sleep(rest)
            elif (stay := self._stays.get(session.session_id)) is not None and not self._at_the_limit(session):
                # A run in it keeps it open, for as long as a session can be.
                leaving = asyncio.ensure_future(stay.over.wait())
                alarm = asyncio.ensure_future(clock.sleep((self._limit(session) - clock.now()).total_seconds()))
                await _first_of(leaving, alarm)
            else:
                await self._end(session, "timeout")

    def _expire_if_due(self, session: SessionRecord) -> None:
        """End a session whose time is up, although the clock's alarm has not been heard yet."""
        if session.ended or self._now(session) < session.due:
            return
        if session.session_id not in self._stays or self._at_the_limit(session):
            self._end(session, "timeout")

    def _limit(self, session: SessionRecord) -> datetime:
        return (session.started_at or session.created_at) + timedelta(minutes=LONGEST_MINUTES)

    def _at_the_limit(self, session: SessionRecord) -> bool:
        return self._now(session) >= self._limit(session)

    def _note_open(self, session: SessionRecord) -> None:
        if self._dialect.session_runs_at_once:
            session.status, session.started_at = "running", self._now(session)
            self._save(session)

    def _end(self, session: SessionRecord, status: SessionStatus) -> asyncio.Task[None]:
        """End a session now, and close its browser in a moment; the task is that."""
        self._note_end(session, status)
        return self._spawn(self._browsers.close(session))

    def _note_end(self, session: SessionRecord, status: SessionStatus, reason: str | None = None) -> None:
        if session.ended:
            return
        session.status = status
        session.completed_at = self._now(session)
        session.warning = reason or session.warning
        if session.session_id not in self._stays:
            session.runnable_type = session.runnable_id = None
        self._live.pop(session.session_id, None)
        self._save(session)

    # -- small parts --------------------------------------------------------------------

    def _now(self, session: SessionRecord) -> datetime:
        return self._owners.of(session.organization_id).clock.now()

    def _save(self, session: SessionRecord) -> None:
        session.modified_at = max(session.modified_at, self._now(session))
        self._store.put_resource(to_resource(session))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(log_failure)
        return task


async def _first_of(*futures: asyncio.Future[Any]) -> None:
    try:
        await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for future in futures:
            future.cancel()
