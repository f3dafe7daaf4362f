"""What a browser context leaves behind: film, HAR, trace and console log.

Owns: switching the four on and off together, and that a failure of one costs neither the
others nor the run. Must not: decide when a run is over, or capture what is not the run's:
of a context with other people's tabs only the page is filmed and listened to.

The HAR embeds bodies, so that it is one file and opens in any browser's devtools; bodies
beyond a bound are left out. The trace opens in Playwright's viewer. It has a DOM snapshot
of each action but no film strip: on an animated page the strip alone takes a core and 4 MB
a second, and the film shows the same. The film follows the first page; the console log and
the others cover every tab of the context.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, WebError
from playwright.async_api import Error as PlaywrightError

from mock_server.artifacts.recording import RecordingError
from mock_server.browser import har
from mock_server.browser.console import ConsoleLog, shown_url
from mock_server.browser.filming import Filming
from mock_server.browser.listening import Listeners
from mock_server.browser.redaction import redact_har, redact_trace, secrets_in
from mock_server.browser.tasks import Tasks
from mock_server.clock import Clock

_logger: Final = logging.getLogger(__name__)

STOP_SECONDS: Final = 10.0
"""How long one capture may take to stop before it is given up."""


@dataclass(frozen=True, slots=True)
class Captured:
    """The captures of one context; None for one that was not asked for, has nothing or failed.

    The files lie in the lease's work directory. ``console_log`` has a line for each failure.
    """

    recording: Path | None
    har: Path | None
    trace: Path | None
    console_log: str
    state: dict[str, Any] | None = field(default=None, repr=False)
    """Cookies and storage at the end, if they were asked for."""


async def prepare(context: BrowserContext) -> None:
    """Do what can be done before it is known for whom the context is.

    Installing the recorder of DOM snapshots takes 25 ms; a chunk of an installed one begins in 3.
    """
    await context.tracing.start(snapshots=True)
    await context.tracing.stop_chunk()


class Capture:
    """The running captures of a context that went through :func:`prepare`, or of a page in a shared one.

    ``closes`` says whether the context is closed after them; if not, they leave nothing
    behind in it. ``shared`` contexts have neither HAR nor trace: these would hold what the
    other tabs do.
    """

    def __init__(
        self,
        context: BrowserContext,
        page: Page,
        *,
        work_dir: Path,
        size: tuple[int, int],
        headers: Mapping[str, str],
        record: bool,
        clock: Clock,
        tasks: Tasks,
        closes: bool = True,
        shared: bool = False,
        keep_state: bool = False,
    ) -> None:
        self._context = context
        self._page = page
        self._closes = closes
        self._shared = shared
        self._keep_state = keep_state
        self._listeners = Listeners()
        self._clock = clock
        self._har_path = work_dir / "har.har"
        self._trace_path = work_dir / "trace.zip"
        self._secrets = list(secrets_in(headers))
        self._film = Filming(page, work_dir / "recording.webm", size, clock, tasks) if record else None
        self._console = ConsoleLog()
        self.hung = False
        """Whether a capture did not stop in time."""

    async def start(self) -> None:
        """Start them all.

        Raises:
            playwright.async_api.Error: The browser refused.
        """
        heard = self._page if self._shared else self._context
        self._listeners.add(heard, "console", self._on_console)
        if self._shared:
            self._listeners.add(heard, "pageerror", self._on_page_error)
        else:
            self._listeners.add(heard, "weberror", self._on_error)
        self._listeners.add(heard, "requestfailed", self._on_request_failed)
        if self._film is not None:
            await self._film.start()
        if self._shared:
            return
        await asyncio.gather(
            self._context.tracing.start_har(self._har_path, content="embed", mode="full"),
            self._context.tracing.start_chunk(),
        )

    def conceal(self, secret: str) -> None:
        """Leave this value out of HAR and trace."""
        self._secrets.append(secret)

    async def stop(self, close: Callable[[], Awaitable[None]]) -> Captured:
        """Stop them all and return what they captured; ``close`` is called when the context may be closed."""
        if self._film is not None:
            await self._film.wait_for_a_frame()
        ending_film = asyncio.ensure_future(self._stop_film())  # needs no browser: ends beside the rest
        har_path, trace_path, state = await asyncio.gather(self._stop_har(), self._stop_trace(), self._read_state())
        await self._let_go()
        await close()
        return Captured(await ending_film, har_path, trace_path, self._console.text(), state)

    async def salvage(self) -> Captured:
        """Return what can be had without the browser: it is gone."""
        self._listeners.remove()
        return Captured(await self._stop_film(), None, None, self._console.text())

    async def discard(self, close: Callable[[], Awaitable[None]]) -> None:
        """Stop without keeping anything; ``close`` closes the context."""
        if self._film is not None:
            await self._film.discard()
        await self._let_go()
        if not self._closes and not self._shared:
            with suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await self._context.tracing.stop_har()
                    await self._context.tracing.stop_chunk()
        await close()
        with suppress(OSError):  # Closing a context writes its HAR, asked or not.
            self._har_path.unlink(missing_ok=True)

    # -- stopping one -------------------------------------------------------------------

    async def _let_go(self) -> None:
        """Leave a page and a context that stay open as they were found."""
        self._listeners.remove()
        if not self._closes and self._film is not None:
            await self._film.release()

    async def _read_state(self) -> dict[str, Any] | None:
        if not self._keep_state:
            return None
        try:
            async with asyncio.timeout(STOP_SECONDS):
                return dict(await self._context.storage_state())
        except (PlaywrightError, TimeoutError):
            return None

    async def _stop_film(self) -> Path | None:
        return await self._kept("recording", self._film.stop) if self._film is not None else None

    async def _stop_har(self) -> Path | None:
        if self._shared:
            return None

        async def stop() -> Path:
            await self._context.tracing.stop_har()
            await asyncio.to_thread(self._clean_har)
            return self._har_path

        return await self._kept("HAR", stop)

    async def _stop_trace(self) -> Path | None:
        if self._shared:
            return None

        async def stop() -> Path:
            if self._closes:
                await self._context.tracing.stop(path=self._trace_path)
            else:
                await self._context.tracing.stop_chunk(path=self._trace_path)
            await asyncio.to_thread(redact_trace, self._trace_path, self._secrets)
            return self._trace_path

        return await self._kept("trace", stop)

    def _clean_har(self) -> None:
        redact_har(self._har_path, self._secrets)
        har.bound(self._har_path)

    async def _kept(self, name: str, stop: Callable[[], Awaitable[Path | None]]) -> Path | None:
        """Return what ``stop`` returns; when it fails say so in the log, and the run goes on."""
        try:
            async with asyncio.timeout(STOP_SECONDS):
                return await stop()
        except TimeoutError:
            self.hung = True
            problem = f"it did not stop within {STOP_SECONDS:.0f} seconds"
        except (PlaywrightError, RecordingError, OSError, ValueError, KeyError) as error:
            problem = str(error).partition("\n")[0]
        _logger.warning("The %s could not be saved: %s.", name, problem)
        self._console.add(self._clock.now(), "capture", f"The {name} could not be saved: {problem}.")
        return None

    # -- the console --------------------------------------------------------------------

    def _on_console(self, message: ConsoleMessage) -> None:
        self._console.add(self._clock.now(), message.type, message.text, _place(message.location))

    def _on_error(self, error: WebError) -> None:
        page = error.page
        text = error.error.stack or error.error.message
        self._console.add(self._clock.now(), "pageerror", text, shown_url(page.url) if page else "")

    def _on_page_error(self, error: PlaywrightError) -> None:
        self._console.add(self._clock.now(), "pageerror", error.stack or error.message, shown_url(self._page.url))

    def _on_request_failed(self, request: Request) -> None:
        text = f"{request.method} {request.failure or 'failed'}"
        self._console.add(self._clock.now(), "requestfailed", text, shown_url(request.url))


def _place(location: Mapping[str, object]) -> str:
    url = str(location.get("url") or "")
    if not url:
        return ""
    # DevTools counts from zero, people and editors from one.
    line, column = (int(str(location.get(name) or 0)) + 1 for name in ("lineNumber", "columnNumber"))
    return f"{shown_url(url)}:{line}:{column}"
