"""The one warm browser, and leases of it.

Owns: Playwright's driver, one Chromium, the context kept ready for the next lease, which
context a lease is in (a fresh one, a kept one, somebody else's browser), and bringing all
of it down. Must not: know runs; whoever leases says what it wants.

Chromium hangs on pipes of the driver, and the driver on pipes of this process, so neither
outlives a server that is killed. When the browser dies, its leases are lost, and the next
one starts another.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Playwright
from playwright.async_api import Error as PlaywrightError

from mock_server.browser import remote
from mock_server.browser.capture import Capture, Captured
from mock_server.browser.contexts import StateUnreadable, Workspace, drop, make
from mock_server.browser.discovery import BrowserNotFoundError, find_browser
from mock_server.browser.downloading import LOOK_SECONDS, Downloads
from mock_server.browser.driver import Driver
from mock_server.browser.hardening import LAUNCH_ARGS, UNWANTED_ARGS
from mock_server.browser.heartbeat import ANSWER_SECONDS, BEAT_SECONDS, PROBE_SECONDS, Heartbeat
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

_LAUNCH_MS: Final = 30_000
_CLOSE_SECONDS: Final = 10.0
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
        self._executable = executable
        self._headless = headless
        self._clock = clock
        self._keep_ready = keep_ready
        self._locate = locate or _locate
        self._lock = asyncio.Lock()
        self._driver = Driver(self._on_driver_gone)
        self._browser: Browser | None = None
        self._heartbeat: Heartbeat | None = None
        self._downloads: Downloads | None = None
        self._listening: asyncio.Task[None] | None = None
        """Asks the browser whether it is well, as long as anybody uses it."""
        self._spare: asyncio.Task[Workspace] | None = None
        self._kept = KeptContexts()
        self._leases: set[Lease] = set()
        self._closed = False

    async def start(self) -> None:
        """Start the browser if it does not run; whoever asks meanwhile waits for the same start.

        Raises:
            BrowserUnavailable: There is none, it does not start, or the provider was closed.
        """
        await self._running()
        self._refill()

    async def close(self) -> None:
        """End the browser and the driver; open leases are lost. Closed once, closed for good."""
        self._closed = True
        for lease in self._leases:
            lease.declare_lost(PROVIDER_CLOSED)
        await asyncio.gather(*(lease.close() for lease in tuple(self._leases)))
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait({self._listening})
        async with self._lock:
            await self._drop_spare()
            await self._stop_browser()
            await self._driver.stop()
            if self._downloads is not None:
                self._downloads.discard()

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
                await self._end_if_stuck(ANSWER_SECONDS if self._leases else PROBE_SECONDS)
            self._refill()

    # -- contexts that are kept ---------------------------------------------------------

    async def keep(self, name: str, spec: ContextSpec, *, url: str | None, lost: Lost) -> None:
        """Open a context that stays until :meth:`discard`, on ``url`` if given; leases with ``kept=name`` are in it.

        ``lost`` is called when it ends by anything else.

        Raises:
            BrowserUnavailable: There is no browser, or it gives no context.
        """
        try:
            await self._kept.open(name, await self._running(), spec, url=url, lost=lost)
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
                if attempt == 2 and not self._closed:  # noqa: PLR2004  # the last of those above
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
            return await remote.connect(await self._started_driver(), spec.remote, spec.viewport)
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
        browser = await self._running()
        async with self._prompt():
            return await make(browser, spec)

    def _refill(self) -> None:
        """Have a context in reserve again, made while nobody waits for it."""
        if self._keep_ready and not self._closed and self._spare is None and _alive(self._browser):
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
            await self._end_stuck()
            raise PlaywrightError(f"{BROWSER_STUCK} (It has been closed.)") from error

    async def _listen(self) -> None:
        """Ask the browser now and then, and see to what it downloads, until nobody uses it."""
        asked = self._clock.monotonic()
        while self._leases and not self._closed:
            await self._clock.sleep(LOOK_SECONDS)
            if self._downloads is not None and self._heartbeat is not None:
                await self._downloads.bound(self._heartbeat.session)
            if self._clock.monotonic() - asked >= BEAT_SECONDS:
                await self._end_if_stuck(ANSWER_SECONDS)
                asked = self._clock.monotonic()

    async def _end_if_stuck(self, seconds: float) -> None:
        heartbeat = self._heartbeat
        if heartbeat is not None and heartbeat.browser is self._browser and not await heartbeat.answers(seconds):
            await self._end_stuck(heartbeat)

    async def _end_stuck(self, heartbeat: Heartbeat | None = None) -> None:
        """End browser and driver by force; whoever uses them loses them, and the next one starts others."""
        async with self._lock:
            if heartbeat is not None and heartbeat is not self._heartbeat:
                return  # Somebody else has seen to it.
            heartbeat, self._heartbeat, self._browser = self._heartbeat, None, None
            if heartbeat is None:
                return
            for lease in self._leases:
                lease.declare_lost(BROWSER_STUCK)
            self._kept.lose_all()
            heartbeat.kill()
            self._driver.kill()
            await self._driver.stop()

    # -- the browser --------------------------------------------------------------------

    async def _running(self) -> Browser:
        async with self._lock:
            if self._closed:
                raise BrowserUnavailable(PROVIDER_CLOSED)
            if self._browser is not None and self._browser.is_connected():
                return self._browser
            self._browser = None
            try:
                self._browser = await self._launch()
            except PlaywrightError:
                # The driver may be what died. One that failed to launch is not worth keeping either.
                await self._driver.stop()
                try:
                    self._browser = await self._launch()
                except PlaywrightError as error:
                    raise BrowserUnavailable(_no_start(error)) from error
            self._browser.on("disconnected", self._on_disconnected)
            self._heartbeat = await Heartbeat.of(self._browser)
            return self._browser

    async def _launch(self) -> Browser:
        executable = self._executable if self._executable is not None else self._locate()
        playwright = await self._driver.start()
        self._downloads = self._downloads or Downloads()
        return await playwright.chromium.launch(
            executable_path=executable,
            headless=self._headless,
            args=list(LAUNCH_ARGS),
            ignore_default_args=list(UNWANTED_ARGS),
            timeout=_LAUNCH_MS,
            downloads_path=self._downloads.folder,
            env=self._downloads.environment,
        )

    async def _started_driver(self) -> Playwright:
        """Return the driver, without a browser of our own."""
        async with self._lock:
            if self._closed:
                raise BrowserUnavailable(PROVIDER_CLOSED)
            return await self._driver.start()

    def _on_disconnected(self, browser: Browser) -> None:
        if browser is not self._browser:
            return
        self._browser = None
        for lease in self._leases:
            if lease.context.browser is browser:
                lease.declare_lost(BROWSER_GONE)
        self._kept.lose_all()

    def _on_driver_gone(self) -> None:
        for lease in self._leases:
            lease.declare_lost(BROWSER_GONE)
        if self._browser is not None:
            self._on_disconnected(self._browser)

    async def _give_up_on_driver(self) -> None:
        """Forget a browser whose driver died, which nothing tells us but that no call gets through."""
        async with self._lock:
            browser = self._browser
            if browser is None or not browser.is_connected():
                return
            try:
                await (await browser.new_context()).close()
            except PlaywrightError:
                self._on_disconnected(browser)
                await self._drop_spare()
                await self._driver.stop()

    async def _stop_browser(self) -> None:
        browser, self._browser = self._browser, None
        if not _alive(browser):
            return
        assert browser is not None
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await browser.close()
        except (PlaywrightError, TimeoutError) as error:
            _logger.warning("The browser did not close (%s); it ends with its driver.", error or "it hangs")


def _alive(browser: Browser | None) -> bool:
    return browser is not None and browser.is_connected()


def _note_failure(spare: asyncio.Task[Workspace]) -> None:
    if not spare.cancelled() and (error := spare.exception()) is not None:
        _logger.debug("No context in reserve: %s", error)


def _locate() -> Path | None:
    try:
        return find_browser().path
    except BrowserNotFoundError as error:
        raise BrowserUnavailable(str(error)) from error


def _no_start(error: PlaywrightError) -> str:
    reason = str(error).partition("\n")[0]
    return f"The browser does not start: {reason} Run `skyvern-mock doctor` to see what was found and why it fails."


def _no_context(error: PlaywrightError) -> str:
    reason = str(error).partition("\n")[0]
    return f"The browser gives no context: {reason} Run `skyvern-mock doctor` to see whether it works."
