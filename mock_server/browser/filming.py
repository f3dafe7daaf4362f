"""Filming a page: from screencast frames to a recording.

Owns: starting and stopping the screencast of one page, and slowing a page that changes
without pause. Must not: encode; :mod:`mock_server.artifacts.recording` does.

Frames come with each change of the page. A page that animates sends sixty a second, and
that takes a core and a half of a machine away from the agent. Chromium keeps at most five
frames in flight, so holding back acknowledgements slows it down to about ten a second.
But what it cannot send it drops, and if the page then stands still the film would show
an earlier state for as long as it does. So when frames stop coming after some were held,
the screencast is begun again, which makes Chromium send what the page looks like now.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path
from typing import Final

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, ScreencastFrame

from mock_server.artifacts.recording import Recorder
from mock_server.browser.tasks import Tasks
from mock_server.clock import Clock

FREE_FRAMES: Final = 20
"""Frames a second that are acknowledged at once: loading, typing and clicking stay below."""

HOLD_SECONDS: Final = 0.5
"""How long an acknowledgement is held back beyond that; five in flight make ten a second."""

_JPEG_QUALITY: Final = 70

_FIRST_FRAME_SECONDS: Final = 3.0


class Filming:
    """The film of one page; the film's zero is its first frame."""

    def __init__(self, page: Page, path: Path, size: tuple[int, int], clock: Clock, tasks: Tasks) -> None:
        self._page = page
        self._size = size
        self._clock = clock
        self._tasks = tasks
        self._recorder = Recorder(path, size)
        self._arrivals: deque[float] = deque(maxlen=FREE_FRAMES)
        self._frames = 0
        self._watching: asyncio.Task[None] | None = None
        self._last_ms = 0.0
        self._last_seen = 0.0
        self._seen = asyncio.Event()
        self._stopped = False

    async def start(self) -> None:
        """Begin to film."""
        width, height = self._size
        await self._page.screencast.start(
            on_frame=self._on_frame, size={"width": width, "height": height}, quality=_JPEG_QUALITY
        )

    async def wait_for_a_frame(self) -> None:
        """Wait for the first frame, as long as there may be one: on a busy machine it can come after a short run."""
        if self._page.is_closed():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_FRAME_SECONDS):
                await self._seen.wait()

    async def stop(self) -> Path | None:
        """End the film now and return it, None if there was no frame; also works when the page is gone.

        Raises:
            RecordingError: It could not be encoded or written.
        """
        self._stopped = True
        # The end on the clock of the frames: the last frame's time and what has passed since.
        end_ms = self._last_ms + (self._clock.monotonic() - self._last_seen) * 1000
        return await asyncio.to_thread(self._recorder.finish, end_ms)

    async def release(self) -> None:
        """Stop filming a page that stays open; whoever closes it after the film need not."""
        self._stopped = True
        with suppress(PlaywrightError):
            await self._page.screencast.stop()

    async def discard(self) -> None:
        """End the film and leave no file."""
        self._stopped = True
        await asyncio.to_thread(self._recorder.discard)

    def _on_frame(self, frame: ScreencastFrame) -> Awaitable[None] | None:
        if self._stopped:
            return None
        now = self._clock.monotonic()
        self._frames += 1
        self._seen.set()
        self._last_ms, self._last_seen = frame["timestamp"], now
        self._recorder.add(frame["data"], frame["timestamp"])
        dense = len(self._arrivals) == FREE_FRAMES and now - self._arrivals[0] < 1
        self._arrivals.append(now)
        if not dense:
            return None
        if self._watching is None or self._watching.done():
            self._watching = self._tasks.start(self._watch())
        # Playwright acknowledges a frame when what is returned here is done.
        return self._tasks.start(self._clock.sleep(HOLD_SECONDS))

    async def _watch(self) -> None:
        """Wait until no more frames come, then ask for one."""
        seen = 0
        while seen != self._frames:
            seen = self._frames
            await self._clock.sleep(HOLD_SECONDS)
        if self._stopped:
            return
        with suppress(PlaywrightError):  # The page may be gone; the film then ends with what there is.
            await self._page.screencast.stop()
            await self.start()
