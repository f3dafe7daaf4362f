"""Where a run works.

Owns: reading off a run's request which browser context it needs - a fresh one, that of a
session, somebody's own browser - and what a person should know about that. Must not: open
anything itself; sessions and the browser room do.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mock_server.agent.events import Event, Log, SecretKnown, Thought
from mock_server.browser.spec import LeaseSpec, Proxy, Remote
from mock_server.engine.profiles import Profiles, ProfileUnknown
from mock_server.engine.proxies import Proxies, Route
from mock_server.engine.session_rules import SessionRefused
from mock_server.engine.sessions import Sessions
from mock_server.engine.states import State, States
from mock_server.store.records import RunRecord


class NoWorkplace(Exception):  # noqa: N818  # named for what happened
    """The run cannot have the browser it asks for; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What to lease, and what to tell about it beforehand."""

    spec: LeaseSpec
    notes: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Workplaces:
    """Finds the workplaces of runs; without sessions and profiles every run works in a fresh context."""

    record: bool = True
    """Whether runs are filmed."""
    proxies: Proxies = field(default_factory=Proxies)
    sessions: Sessions | None = None
    profiles: Profiles | None = None
    states: States | None = None

    @asynccontextmanager
    async def of(self, run: RunRecord, work_dir: Path) -> AsyncIterator[Workplace]:
        """Have a workplace for the run while the block is; a session is occupied for as long.

        Raises:
            NoWorkplace: It cannot be had.
        """
        request = run.request
        async with AsyncExitStack() as stack:
            if (session_id := request.get("browser_session_id")) and self.sessions is not None:
                try:
                    await stack.enter_async_context(self.sessions.stay(run, session_id))
                except SessionRefused as error:
                    raise NoWorkplace(str(error)) from error
                place = self._in_session(session_id, request, work_dir)
            elif address := request.get("browser_address"):
                place = self._elsewhere(address, request, work_dir)
            else:
                place = self._fresh(run, work_dir)
            yield place

    def keep_state(self, run: RunRecord, state: State | None) -> None:
        """Remember the cookies and storage a run ended with, for a profile that may be made of them."""
        if state is not None and self.states is not None:
            self.states.remember(run.run_id, state)

    # -- the three kinds ----------------------------------------------------------------

    def _in_session(self, session_id: str, request: Mapping[str, Any], work_dir: Path) -> Workplace:
        spec = LeaseSpec(
            work_dir, _headers(request), record=self.record, kept=session_id, keep_state=self.states is not None
        )
        return Workplace(spec, _ignored(request, f"the browser session {session_id}", "user_agent", "browser_address"))

    def _elsewhere(self, address: str, request: Mapping[str, Any], work_dir: Path) -> Workplace:
        remote = Remote(address, request.get("cdp_connect_headers") or {})
        spec = LeaseSpec(work_dir, _headers(request), record=self.record, remote=remote)
        return Workplace(spec, _ignored(request, f"the browser at {remote.shown}", "user_agent", "browser_profile_id"))

    def _fresh(self, run: RunRecord, work_dir: Path) -> Workplace:
        request = run.request
        route = self.proxies.route(request.get("proxy_location"))
        state_file = None
        if (profile_id := request.get("browser_profile_id")) and self.profiles is not None and self.states is not None:
            try:
                self.profiles.get(run.organization_id, profile_id)
            except ProfileUnknown as error:
                raise NoWorkplace(f"{error}. It was deleted before the run began; choose another one.") from error
            state_file = self.states.path(profile_id)
        spec = LeaseSpec(
            work_dir,
            _headers(request),
            user_agent=request.get("user_agent") or None,
            record=self.record,
            proxy=route.proxy,
            storage_state=state_file,
            keep_state=self.states is not None,
        )
        return Workplace(spec, _about_route(route))


def _headers(request: Mapping[str, Any]) -> Mapping[str, str]:
    return request.get("extra_http_headers") or {}


def _about_route(route: Route) -> tuple[Event, ...]:
    if route.proxy is not None:
        told = Log("info", f"The browser goes through the proxy {route.proxy.server} for {route.place}.")
        return (*_secrets(route.proxy), told)
    if not route.missing:
        return (Log("debug", f"The browser connects directly ({route.place})."),)
    text = f"No proxy is set up for proxy_location {route.place}, so the browser connects directly from this machine."
    advice = f"Start the server with --proxy {route.place}=http://user:password@host:port to use one."
    return _told(text, advice)


def _secrets(proxy: Proxy) -> tuple[Event, ...]:
    """Return what the proxy is told, which no capture may hold."""
    if proxy.password is None:
        return ()
    basic = base64.b64encode(f"{proxy.username or ''}:{proxy.password}".encode()).decode()
    return (SecretKnown(proxy.password), SecretKnown(basic))


def _ignored(request: Mapping[str, Any], where: str, *names: str) -> tuple[Event, ...]:
    """Tell which options of the request have no effect, because the browser is there already."""
    given = [name for name in names if request.get(name)]
    if not given:
        return ()
    verb = "has" if len(given) == 1 else "have"
    return _told(
        f"{' and '.join(given)} {verb} no effect: the run works in {where}, which was there before.",
        "Leave them out, or start the task without that browser.",
    )


def _told(text: str, advice: str) -> tuple[Event, ...]:
    """Tell a person: in the timeline and in the log."""
    return (Thought("plan", "browser_setup", text, text, advice), Log("warning", f"{text} {advice}"))
