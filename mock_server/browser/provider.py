"""Leases of the one warm browser.

Owns: which context a lease is in (a fresh one, a kept one, somebody else's browser), the
context kept ready for the next lease, and what becomes of leases when the browser dies: they
are lost, and the next one starts another. Must not: know runs; whoever leases says what it
wants.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

from mock_server.browser import remote
from mock_server.browser.capture import Capture, Captured
from mock_server.browser.chromium import Chromium
from mock_server.browser.contexts import StateUnreadable, Workspace, drop, make
from mock_server.browser.downloading import LOOK_SECONDS
from mock_server.browser.heartbeat import ANSWER_SECONDS, BEAT_SECONDS, PROBE_SECONDS
from mock_server.browser.kept import KeptContexts, Lost, NotKept, State
from mock_server.browser.lease import (
    BROWSER_GONE,
    BROWSER_STUCK,
    KEPT_CLOSED,
    PROVIDER_CLOSED,
    BrowserLost,
    BrowserUnavailable,
    Lease,
    tells_of_death,
)
from mock_server.browser.spec import ContextSpec, LeaseSpec
from mock_server.clock import Clock

__all__ = [
    "BrowserLost",
    "BrowserProvider",
    "BrowserUnavailable",
    "Captured",
    "ContextSpec",
    "Lease",
    "LeaseSpec",
    "NotKept",
]

_logger: Final = logging.getLogger(__name__)

OPEN_SECONDS: Final = 15.0
"""How long a context may take to be made, or its captures to start, before the browser counts as stuck."""


class BrowserProvider:
    """Leases contexts of one Chromium, which it starts when it is first needed.

    ``executable`` is the browser to start; None takes the one that discovery finds.
    ``keep_ready`` holds one context in reserve (about 70 MiB): a new context with a page
    costs 200 ms, which a run then does not wait for.
    """

    def __init__(
        self,
        executable: Path | None = None,
        headless: bool = True,  # noqa: FBT001, FBT002  # reads as a setting wherever it is given
        *,
        clock: Clock,
        keep_ready: bool = True,
        locate: Callable[[], Path | None] | None = None,
    ) -> None:
        self._clock = clock
        self._keep_ready = keep_ready
        self._chromium = Chromium(executable, headless=headless, locate=locate, lost=self._lose)
        self._listening: asyncio.Task[None] | None = None
        """Asks the browser whether it is well, as long as anybody uses it."""
        self._spare: asyncio.Task[Workspace] | None = None
        self._kept = KeptContexts()
        self._leases: set[Lease] = set()

    async def start(self) -> None:
        """Start the browser if it does not run; whoever asks meanwhile waits for the same start.

        Raises:
            BrowserUnavailable: There is none, it does not start, or the provider was closed.
        """
        await self._chromium.running()
        self._refill()

    async def close(self) -> None:
        """End the browser and the driver; open leases are lost. Closed once, closed for good."""
        self._chromium.is_closed = True
        for lease in self._leases:
            lease.declare_lost(PROVIDER_CLOSED)
        await asyncio.gather(*(lease.close() for lease in tuple(self._leases)))
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait({self._listening})
        async with self._chromium.lock:
            await self._drop_spare()
            await self._chromium.stop()

    @asynccontextmanager
    async def lease(self, spec: LeaseSpec) -> AsyncIterator[Lease]:
        """Lease a page until the block is left; leaving closes its context, finished or not, unless that is kept.

        Raises:
            BrowserUnavailable: No browser can be started, now or with a second try; or the remote one is not there.
            NotKept: The kept context it was to be in is gone.
            BrowserLost: Instead of Playwright's error, when that came of the browser's death.
        """
        lease = await self._open(spec)
        try:
            yield lease
        except PlaywrightError as error:
            death = await lease.explain(error)
            if death is None:
                raise
            raise death from error
        finally:
            await lease.close()
            self._leases.discard(lease)
            if lease.in_doubt:
                await self._chromium.end_if_stuck(ANSWER_SECONDS if self._leases else PROBE_SECONDS)
            self._refill()

    # -- contexts that are kept ---------------------------------------------------------

    async def keep(self, name: str, spec: ContextSpec, *, url: str | None, lost: Lost) -> None:
        """Open a context that stays until :meth:`discard`, on ``url`` if given; leases with ``kept=name`` are in it.

        ``lost`` is called when it ends by anything else.

        Raises:
            BrowserUnavailable: There is no browser, or it gives no context.
        """
        try:
            await self._kept.open(name, await self._chromium.running(), spec, url=url, lost=lost)
        except PlaywrightError as error:
            raise BrowserUnavailable(_no_context(error)) from error
        except StateUnreadable as error:
            raise BrowserUnavailable(str(error)) from error

    def keeps(self, name: str) -> bool:
        """Tell whether a context is kept under that name."""
        return name in self._kept

    async def state(self, name: str) -> State:
        """Return the cookies and storage of a kept context; raises as :meth:`KeptContexts.state` does."""
        return await self._kept.state(name)

    async def discard(self, name: str) -> None:
        """Close a kept context; a lease in it is lost. Nothing happens if there is none."""
        for lease in self._leases:
            if lease.kept == name:
                lease.declare_lost(KEPT_CLOSED)
        await self._kept.close(name)

    # -- leasing ------------------------------------------------------------------------

    async def _open(self, spec: LeaseSpec) -> Lease:
        for attempt in (1, 2):
            workspace: Workspace | None = None
            try:
                workspace = await self._workspace(spec)
                async with self._prompt():
                    return await self._begin(workspace, spec)
            except BaseException as error:
                if workspace is not None:
                    await drop(workspace)
                if isinstance(error, StateUnreadable):
                    raise BrowserUnavailable(str(error)) from error
                if not isinstance(error, PlaywrightError):
                    raise
                # A browser that died unnoticed since the last lease deserves one more try.
                if tells_of_death(error):
                    await self._give_up_on_driver()
                if attempt == 2 and not self._chromium.is_closed:  # noqa: PLR2004  # the last of those above
                    raise BrowserUnavailable(_no_context(error)) from error
        raise BrowserUnavailable(PROVIDER_CLOSED)

    async def _begin(self, workspace: Workspace, spec: LeaseSpec) -> Lease:
        if spec.extra_http_headers:
            # Of a browser that is not ours only our tab may send them.
            sender = workspace.page if workspace.shared else workspace.context
            await sender.set_extra_http_headers(dict(spec.extra_http_headers))
        recording = Capture(
            workspace.context,
            workspace.page,
            work_dir=spec.work_dir,
            size=spec.viewport,
            headers=spec.extra_http_headers,
            record=spec.record,
            clock=self._clock,
            tasks=workspace.tasks,
            closes=workspace.closes,
            shared=workspace.shared,
            keep_state=spec.keep_state,
        )
        await recording.start()
        lease = Lease(workspace, recording)
        if not workspace.usable:
            lease.declare_lost(BROWSER_GONE)
        self._leases.add(lease)
        if self._listening is None or self._listening.done():
            self._listening = asyncio.ensure_future(self._listen())
        return lease

    async def _workspace(self, spec: LeaseSpec) -> Workspace:
        """Return where a lease is to be: elsewhere, in a kept context, in the one in reserve, or in a new one."""
        if spec.remote is not None:
            return await remote.connect(await self._chromium.driver(), spec.remote, spec.viewport)
        if spec.kept is not None:
            return await self._kept.workspace(spec.kept)
        if spec.context.plain and (ready := await self._take_spare()) is not None:
            return ready
        return await self._prepare(spec.context)

    async def _take_spare(self) -> Workspace | None:
        spare, self._spare = self._spare, None
        if spare is None:
            return None
        try:
            ready = await asyncio.shield(spare)
        except asyncio.CancelledError:
            self._spare = spare  # It was our caller who was cancelled; the next one can have it.
            raise
        except (PlaywrightError, BrowserUnavailable):
            return None
        return ready if ready.usable else None

    async def _prepare(self, spec: ContextSpec = ContextSpec()) -> Workspace:  # noqa: B008  # it cannot be changed
        browser = await self._chromium.running()
        async with self._prompt():
            return await make(browser, spec)

    def _refill(self) -> None:
        """Have a context in reserve again, made while nobody waits for it."""
        wanted = self._keep_ready and not self._chromium.is_closed
        if wanted and self._spare is None and self._chromium.browser is not None:
            self._spare = asyncio.ensure_future(self._prepare())
            self._spare.add_done_callback(_note_failure)

    async def _drop_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is None:
            return
        spare.cancel()
        await asyncio.wait({spare})
        if not spare.cancelled() and spare.exception() is None:
            await drop(spare.result())

    # -- a browser that does not answer -------------------------------------------------

    @asynccontextmanager
    async def _prompt(self) -> AsyncIterator[None]:
        """Do what takes a moment; a browser that makes much more of it is ended.

        Raises:
            playwright.async_api.Error: It was.
        """
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                yield
        except TimeoutError as error:
            await self._chromium.end_stuck()
            raise PlaywrightError(f"{BROWSER_STUCK} (It has been closed.)") from error

    async def _listen(self) -> None:
        """Ask the browser now and then, and see to what it downloads, until nobody uses it."""
        asked = self._clock.monotonic()
        while self._leases and not self._chromium.is_closed:
            await self._clock.sleep(LOOK_SECONDS)
            await self._chromium.bound_downloads()
            if self._clock.monotonic() - asked >= BEAT_SECONDS:
                await self._chromium.end_if_stuck(ANSWER_SECONDS)
                asked = self._clock.monotonic()

    # -- a browser that died ------------------------------------------------------------

    def _lose(self, reason: str, browser: Browser | None) -> None:
        for lease in self._leases:
            if browser is None or lease.context.browser is browser:
                lease.declare_lost(reason)
        self._kept.lose_all()

    async def _give_up_on_driver(self) -> None:
        """Let go of a browser whose driver died, which nothing tells us but that no call gets through."""
        async with self._chromium.lock:
            if await self._chromium.is_cut_off():
                await self._drop_spare()
                await self._chromium.stop_driver()


def _note_failure(spare: asyncio.Task[Workspace]) -> None:
    if not spare.cancelled() and (error := spare.exception()) is not None:
        _logger.debug("No context in reserve: %s", error)


def _no_context(error: PlaywrightError) -> str:
    reason = str(error).partition("\n")[0]
    return f"The browser gives no context: {reason} Run `skyvern-mock doctor` to see whether it works."
