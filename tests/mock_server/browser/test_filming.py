"""Filming a page: how frames are taken, held back and asked for. No browser: the page is described."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from mock_server.browser.filming import FREE_FRAMES, HOLD_SECONDS, Filming
from mock_server.browser.tasks import Tasks


class SteppedClock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.time = 100.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.time + seconds, future))
        await future

    async def step(self, seconds: float) -> None:
        self.time += seconds
        for sleeper in [sleeper for sleeper in self._sleepers if sleeper[0] <= self.time + 1e-9]:
            self._sleepers.remove(sleeper)
            if not sleeper[1].done():
                sleeper[1].set_result(None)
        for _ in range(5):
            await asyncio.sleep(0)


class DescribedPage:
    """A page whose screencast is counted and fed by hand."""

    def __init__(self) -> None:
        self.screencast = self
        self.starts: list[dict[str, Any]] = []
        self.stops = 0
        self.closed = False
        self.on_frame: Callable[[Any], Awaitable[None] | None] = lambda _: None

    async def start(self, **options: Any) -> None:
        self.starts.append(options)
        self.on_frame = options["on_frame"]

    async def stop(self) -> None:
        self.stops += 1

    def is_closed(self) -> bool:
        return self.closed


def frame(at_ms: float) -> dict[str, Any]:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (int(at_ms) % 255, 0, 0)).save(file, "jpeg")
    return {"data": file.getvalue(), "timestamp": at_ms, "viewportWidth": 64, "viewportHeight": 64}


@pytest.fixture
async def studio(tmp_path: Path) -> Any:
    page, clock, tasks = DescribedPage(), SteppedClock(), Tasks()
    filming = Filming(page, tmp_path / "f.webm", (64, 64), clock, tasks)
    await filming.start()
    yield page, clock, filming
    await filming.discard()
    await tasks.cancel()


async def test_a_quiet_page_is_never_held_back(studio):
    """Frames that come now and then are acknowledged at once, and the screencast is started once."""
    page, clock, _ = studio
    for number in range(60):
        assert page.on_frame(frame(number * 100.0)) is None
        await clock.step(0.1)
    assert len(page.starts) == 1
    assert page.starts[0]["size"] == {"width": 64, "height": 64}


async def test_a_busy_page_is_held_back(studio):
    """Beyond what is free in a second, an acknowledgement takes half a second; then it comes."""
    page, clock, _ = studio
    held = []
    for number in range(FREE_FRAMES + 3):
        held.append(page.on_frame(frame(number * 16.0)))
        await clock.step(0.016)
    assert [answer is None for answer in held] == [True] * FREE_FRAMES + [False] * 3
    assert not held[-1].done()
    await clock.step(HOLD_SECONDS)
    assert held[-1].done()


async def test_when_a_busy_page_falls_silent_it_is_looked_at_again(studio):
    """Chromium may have dropped the last change: the screencast is begun anew, once, and not while frames come."""
    page, clock, _ = studio
    for number in range(FREE_FRAMES * 3):
        page.on_frame(frame(number * 16.0))
        await clock.step(0.016)
    assert len(page.starts) == 1
    for _ in range(4):
        await clock.step(HOLD_SECONDS)
    assert (page.stops, len(page.starts)) == (1, 2)


async def test_the_film_ends_when_it_is_stopped(studio, tmp_path):
    """Its length is the page's time from first to last frame, and our time from there to the stop."""
    page, clock, filming = studio
    page.on_frame(frame(1_000_000.0))
    await clock.step(2.0)
    page.on_frame(frame(1_001_900.0))
    await clock.step(3.0)
    assert await filming.stop() == tmp_path / "f.webm"
    with av.open(str(tmp_path / "f.webm")) as film:
        assert film.duration / 1e6 == pytest.approx(4.9, abs=0.01)


async def test_a_run_that_is_over_before_its_first_frame(studio, tmp_path):
    """On a busy machine the first frame can come late; it is waited for, so that a short run has a film as well."""
    page, _, filming = studio
    waiting = asyncio.create_task(filming.wait_for_a_frame())
    await asyncio.sleep(0)
    assert not waiting.done()
    page.on_frame(frame(0.0))
    await waiting
    assert await filming.stop() == tmp_path / "f.webm"


async def test_a_closed_page_is_not_waited_for(studio):
    """A page that was closed sends no frame any more."""
    page, _, filming = studio
    page.closed = True
    await asyncio.wait_for(filming.wait_for_a_frame(), 1)


async def test_frames_after_the_end_are_ignored(studio, tmp_path):
    """A frame that was under way when the film ended changes nothing and is acknowledged."""
    page, _, filming = studio
    page.on_frame(frame(0.0))
    await filming.stop()
    size = (tmp_path / "f.webm").stat().st_size
    assert page.on_frame(frame(5000.0)) is None
    assert (tmp_path / "f.webm").stat().st_size == size


async def test_a_page_without_a_frame_has_no_film(studio, tmp_path):
    """Nothing was seen, so there is no file."""
    _, _, filming = studio
    assert await filming.stop() is None
    assert list(tmp_path.iterdir()) == []
