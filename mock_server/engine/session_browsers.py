"""The browsers of sessions.

Owns: opening each session's browser once, at most so many at a time, its cookies and storage, and
closing it. Must not: decide when a session begins or ends; it tells what became of a browser.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from mock_server.browser.spec import ContextSpec
from mock_server.engine.proxies import Proxies
from mock_server.engine.session_record import SessionRecord
from mock_server.engine.session_rules import BROWSER_DIED, SessionOver, SessionRefused
from mock_server.engine.states import State, States

if TYPE_CHECKING:
    from mock_server.engine.ports import Browsers

_logger: Final = logging.getLogger(__name__)

OPENED_AT_ONCE: Final = 4
"""Sessions open beyond this many wait for their first run: each takes about 70 MiB."""
MOST_OPEN: Final = 24
"""Sessions that can be open at a time."""
_STATE_SECONDS: Final = 12.0


class SessionBrowsers:
    """Browsers by the session they are of.

    ``browsers`` is awaited when the first one is opened. ``opened`` is told which session's is open,
    ``lost`` which session's is gone, or never came, and why.
    """

    def __init__(
        self,
        *,
        browsers: Callable[[], Awaitable[Browsers]],
        states: States,
        proxies: Proxies,
        opened: Callable[[SessionRecord], None],
        lost: Callable[[SessionRecord, str], None],
    ) -> None:
        self._get_browsers = browsers
        self._states = states
        self._proxies = proxies
        self._tell_opened = opened
        self._tell_lost = lost
        self._opening: dict[str, asyncio.Task[None]] = {}
        """By session id: those that are open or being opened."""

    def __contains__(self, session_id: str) -> bool:
        return session_id in self._opening

    def open_ahead(self, session: SessionRecord) -> None:
        """Open a session's browser before anybody needs it, as long as few are open."""
        if len(self._opening) < OPENED_AT_ONCE:
            self._open_soon(session)

    async def opened(self, session: SessionRecord) -> None:
        """Return when the session's browser is open, opening it if need be.

        Raises:
            SessionRefused: Too many are open, it does not open, or the session ended meanwhile.
        """
        task = self._opening.get(session.session_id)
        if task is None:
            if len(self._opening) >= MOST_OPEN:
                raise SessionRefused(
                    f"{MOST_OPEN} browser sessions are open already, which is as many as this server keeps. "
                    "Close one (POST /v1/browser_sessions/<id>/close) and start the run again."
                )
            task = self._open_soon(session)
        # One run's cancel must not stop what the next run will need.
        await asyncio.shield(task)
        if session.ended:
            raise SessionOver(session)

    async def state(self, session: SessionRecord) -> State | None:
        """Return the cookies and storage of a session; None without a browser that answers."""
        from mock_server.browser.kept import NotKept  # noqa: PLC0415  # brings in Playwright

        with suppress(NotKept, TimeoutError):
            async with asyncio.timeout(_STATE_SECONDS):
                return await (await self._get_browsers()).state(session.session_id)
        return None

    async def keep_state(self, session: SessionRecord) -> None:
        """Remember cookies and storage of a session that ends, on disk if that was asked for."""
        state = await self.state(session)
        if state is None:
            return
        self._states.remember(session.session_id, state)
        if session.generate_browser_profile:
            try:
                self._states.write(session.session_id, state)
            except OSError as error:
                _logger.warning("The browser profile of %s could not be written: %s", session.session_id, error)

    async def close(self, session: SessionRecord) -> None:
        """Close a session's browser, when it has opened; cookies and storage are kept first."""
        task = self._opening.pop(session.session_id, None)
        if task is None:
            return
        with suppress(SessionRefused):
            await asyncio.shield(task)
        await self.keep_state(session)
        await (await self._get_browsers()).discard(session.session_id)

    async def give_up(self) -> None:
        """Open nothing more; what is open is closed by whoever owns the browsers."""
        tasks = set(self._opening.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._opening.clear()

    def _open_soon(self, session: SessionRecord) -> asyncio.Task[None]:
        task = self._opening[session.session_id] = asyncio.ensure_future(self._open(session))
        task.add_done_callback(log_failure)
        return task

    async def _open(self, session: SessionRecord) -> None:
        from mock_server.browser.lease import BrowserUnavailable  # noqa: PLC0415  # brings in Playwright

        def lost() -> None:
            self._opening.pop(session.session_id, None)
            self._tell_lost(session, BROWSER_DIED)

        try:
            browsers = await self._get_browsers()
            await browsers.keep(session.session_id, self._context_of(session), url=session.url, lost=lost)
        except BrowserUnavailable as error:
            self._opening.pop(session.session_id, None)
            self._tell_lost(session, str(error))
            raise SessionRefused(str(error)) from error
        if session.ended:
            await browsers.discard(session.session_id)
        else:
            self._tell_opened(session)

    def _context_of(self, session: SessionRecord) -> ContextSpec:
        profile = session.browser_profile_id
        return ContextSpec(
            proxy=self._proxies.route(session.proxy_location).proxy,
            storage_state=None if profile is None else self._states.path(profile),
            timezone=session.timezone_id,
        )


def log_failure(task: asyncio.Task[None]) -> None:
    """Take note of how a task ended: nobody else may be there to."""
    if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, SessionRefused):
        _logger.error("A browser session could not be seen to.", exc_info=error)
