"""The one warm browser, and leases of it.

Owns: Playwright's driver, one Chromium, the context kept ready for the next lease, and
bringing all of it down. Must not: know runs; whoever leases says what it wants.

Chromium hangs on pipes of the driver, and the driver on pipes of this process, so neither
outlives a server that is killed. When the browser dies, its leases are lost, and the next
one starts another.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from mock_server.browser import capture
from mock_server.browser.capture import Capture, Captured
from mock_server.browser.discovery import BrowserNotFoundError, find_browser
from mock_server.browser.hardening import LAUNCH_ARGS, forbid_files
from mock_server.browser.lease import (
    BROWSER_GONE,
    DEFAULT_VIEWPORT,
    PROVIDER_CLOSED,
    BrowserLost,
    BrowserUnavailable,
    Lease,
    LeaseSpec,
    tells_of_death,
)
from mock_server.browser.tasks import Tasks
from mock_server.clock import Clock

__all__ = ["BrowserLost", "BrowserProvider", "BrowserUnavailable", "Captured", "Lease", "LeaseSpec"]

_logger: Final = logging.getLogger(__name__)

_LAUNCH_MS: Final = 30_000
_CLOSE_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A context that only waits to be told for whom it is."""

    context: BrowserContext
    page: Page
    tasks: Tasks

    @property
    def usable(self) -> bool:
        browser = self.context.browser
        return browser is not None and browser.is_connected() and not self.page.is_closed()


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
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._spare: asyncio.Task[_Prepared] | None = None
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
        async with self._lock:
            await self._drop_spare()
            await self._stop_browser()
            await self._stop_driver()

    @asynccontextmanager
    async def lease(self, spec: LeaseSpec) -> AsyncIterator[Lease]:
        """Lease a context with one page until the block is left; leaving closes it, finished or not.

        Raises:
            BrowserUnavailable: No browser can be started, now or with a second try.
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
            self._refill()

    # -- leasing ------------------------------------------------------------------------

    async def _open(self, spec: LeaseSpec) -> Lease:
        for attempt in (1, 2):
            prepared: _Prepared | None = None
            try:
                prepared = await self._prepared(spec)
                return await self._begin(prepared, spec)
            except BaseException as error:
                if prepared is not None:
                    await _drop(prepared)
                if not isinstance(error, PlaywrightError):
                    raise
                # A browser that died unnoticed since the last lease deserves one more try.
                if tells_of_death(error):
                    await self._give_up_on_driver()
                if attempt == 2 and not self._closed:  # noqa: PLR2004  # the last of those above
                    raise BrowserUnavailable(_no_context(error)) from error
        raise BrowserUnavailable(PROVIDER_CLOSED)

    async def _begin(self, prepared: _Prepared, spec: LeaseSpec) -> Lease:
        if spec.extra_http_headers:
            await prepared.context.set_extra_http_headers(dict(spec.extra_http_headers))
        recording = Capture(
            prepared.context,
            prepared.page,
            work_dir=spec.work_dir,
            size=spec.viewport,
            headers=spec.extra_http_headers,
            record=spec.record,
            clock=self._clock,
            tasks=prepared.tasks,
        )
        await recording.start()
        lease = Lease(prepared.context, prepared.page, recording, prepared.tasks)
        if not prepared.usable:
            lease.declare_lost(BROWSER_GONE)
        self._leases.add(lease)
        return lease

    async def _prepared(self, spec: LeaseSpec) -> _Prepared:
        """Take the context in reserve if it fits, else make one."""
        spare = self._spare
        if spare is not None and spec.viewport == DEFAULT_VIEWPORT and spec.user_agent is None:
            self._spare = None
            try:
                prepared = await asyncio.shield(spare)
            except asyncio.CancelledError:
                self._spare = spare  # It was our caller who was cancelled; the next one can have it.
                raise
            except (PlaywrightError, BrowserUnavailable):
                pass
            else:
                if prepared.usable:
                    return prepared
        return await self._prepare(spec.viewport, spec.user_agent)

    async def _prepare(self, viewport: tuple[int, int] = DEFAULT_VIEWPORT, user_agent: str | None = None) -> _Prepared:
        browser = await self._running()
        width, height = viewport
        context = await browser.new_context(viewport={"width": width, "height": height}, user_agent=user_agent)
        try:
            page = await context.new_page()
            tasks = Tasks()
            await asyncio.gather(forbid_files(context, page, tasks), capture.prepare(context))
        except BaseException:
            with suppress(PlaywrightError):
                await context.close()
            raise

        def guard(popup: Page) -> None:
            tasks.start(_guard(context, popup, tasks))

        context.on("page", guard)
        return _Prepared(context, page, tasks)

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
            await _drop(spare.result())

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
                await self._stop_driver()
                try:
                    self._browser = await self._launch()
                except PlaywrightError as error:
                    raise BrowserUnavailable(_no_start(error)) from error
            self._browser.on("disconnected", self._on_disconnected)
            return self._browser

    async def _launch(self) -> Browser:
        executable = self._executable if self._executable is not None else self._locate()
        if self._playwright is None:
            manager = async_playwright()
            self._playwright = await manager.start()
            _watch_driver(manager, self._on_driver_gone)
        return await self._playwright.chromium.launch(
            executable_path=executable, headless=self._headless, args=list(LAUNCH_ARGS), timeout=_LAUNCH_MS
        )

    def _on_disconnected(self, browser: Browser) -> None:
        if browser is not self._browser:
            return
        self._browser = None
        for lease in self._leases:
            lease.declare_lost(BROWSER_GONE)

    def _on_driver_gone(self) -> None:
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
                await self._stop_driver()

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

    async def _stop_driver(self) -> None:
        playwright, self._playwright = self._playwright, None
        if playwright is not None:
            await playwright.stop()


def _watch_driver(manager: object, gone: Callable[[], None]) -> None:
    """Call ``gone`` when the driver dies by itself.

    Playwright has no event for it, only an error it keeps to itself, and which asyncio
    complains of on Ctrl+C (the driver gets that too) unless somebody looks at it. Where a
    version keeps none, the death is found out when the next call fails.
    """
    transport = getattr(getattr(manager, "_client", None), "_transport", None)
    error = getattr(transport, "on_error_future", None)
    if not isinstance(error, asyncio.Future):
        return

    def on_error(future: asyncio.Future[object]) -> None:
        if not future.cancelled() and future.exception() is not None:
            gone()

    error.add_done_callback(on_error)


async def _guard(context: BrowserContext, popup: Page, tasks: Tasks) -> None:
    with suppress(PlaywrightError):  # A tab that was closed at once needs no guard.
        await forbid_files(context, popup, tasks)


async def _drop(prepared: _Prepared) -> None:
    await prepared.tasks.cancel()
    with suppress(PlaywrightError):
        await prepared.context.close()


def _alive(browser: Browser | None) -> bool:
    return browser is not None and browser.is_connected()


def _note_failure(spare: asyncio.Task[_Prepared]) -> None:
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
