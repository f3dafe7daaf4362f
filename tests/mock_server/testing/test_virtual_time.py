"""Time in the test's process: skipped, frozen, and left alone."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from mock_server.testing import machine_time
from mock_server.testing.virtual_time import TIME


class Followed:
    """A follower that notes how it was moved."""

    def __init__(self):
        self.moves = []

    def move(self, seconds):
        self.moves.append(seconds)

    def held(self):
        return None

    def due(self):
        return None

    def busy(self):
        return False


def test_a_sleep_takes_no_time_and_moves_time():
    """time.sleep returns at once, and every clock of the module time has moved by exactly so much."""
    began = machine_time.monotonic()
    with TIME.entered("skip"):
        before = time.monotonic(), time.time(), time.perf_counter(), time.monotonic_ns(), time.time_ns()
        time.sleep(86_400)
        assert time.monotonic() - before[0] == pytest.approx(86_400)
        assert time.time() - before[1] == pytest.approx(86_400)
        assert time.perf_counter() - before[2] == pytest.approx(86_400)
        assert time.monotonic_ns() - before[3] == pytest.approx(86_400e9)
        assert time.time_ns() - before[4] == pytest.approx(86_400e9, rel=1e-6)
    assert machine_time.monotonic() - began < 60


def test_everything_is_as_before_afterwards():
    """When the block is left, the module time and asyncio are what they were."""
    names = ("sleep", "time", "monotonic", "perf_counter")
    before = [getattr(time, name) for name in names]
    loop_before = asyncio.BaseEventLoop.run_forever, asyncio.BaseEventLoop.time
    with TIME.entered("skip"):
        assert time.sleep is not before[0]
        assert asyncio.BaseEventLoop.run_forever is not loop_before[0]
    assert [getattr(time, name) for name in names] == before
    assert (asyncio.BaseEventLoop.run_forever, asyncio.BaseEventLoop.time) == loop_before


async def test_async_sleeps_overlap():
    """Two tasks that sleep at once take as long as the longer sleep, and wake in the order of time."""
    woke = []

    async def sleep(seconds):
        await asyncio.sleep(seconds)
        woke.append((seconds, loop.time() - began))

    with TIME.entered("skip"):
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(sleep(600), sleep(20), sleep(3600))
    assert woke == [(20, pytest.approx(20)), (600, pytest.approx(600)), (3600, pytest.approx(3600))]


async def test_timeouts_are_in_virtual_time():
    """asyncio.timeout ends a wait that would never end, after its seconds and no later."""
    with TIME.entered("skip"):
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1800):
                await asyncio.Event().wait()
        assert time.monotonic() - began == pytest.approx(1800)


def test_a_loop_that_begins_in_the_block_is_in_virtual_time():
    """asyncio.run within a sync test skips as well, so a program's own main can be called."""

    async def main():
        await asyncio.sleep(3600)
        return "done"

    with TIME.entered("skip"):
        began = time.monotonic()
        assert asyncio.run(main()) == "done"
        assert time.monotonic() - began == pytest.approx(3600)


async def test_work_in_threads_is_waited_for():
    """A function in a thread gets the time it takes: a timeout of a virtual minute does not end it."""
    with TIME.entered("skip"):
        async with asyncio.timeout(60):
            assert await asyncio.to_thread(lambda: machine_time.sleep(0.05) or "real work") == "real work"


async def test_followers_move_along():
    """Whoever follows is moved by every step, of sleeps and of event loops."""
    follower = Followed()
    with TIME.entered("skip", follower):
        await asyncio.sleep(10)
        time.sleep(5)  # noqa: ASYNC251  # it takes no time
    assert sum(follower.moves) == pytest.approx(15)


async def test_frozen_time_stands_until_it_is_advanced():
    """Nothing wakes by itself; an advance wakes what is due within it, in order, and nothing else."""
    woke = []

    async def sleep(seconds):
        await asyncio.sleep(seconds)
        woke.append(seconds)

    with TIME.entered("frozen"):
        tasks = [asyncio.create_task(sleep(seconds)) for seconds in (90, 30, 60)]
        for _ in range(20):
            await asyncio.sleep(0)
        assert woke == []
        await TIME.advance(60)
        assert woke == [30, 60]
        await TIME.advance(30)
        assert woke == [30, 60, 90]
        await asyncio.gather(*tasks)


async def test_sleeps_that_follow_one_another_fit_into_one_advance():
    """What is woken by an advance and sleeps again is woken again, if that is due as well."""
    seen = []

    async def poll():
        while len(seen) < 100:
            seen.append(time.monotonic())
            await asyncio.sleep(10)

    with TIME.entered("frozen"):
        task = asyncio.create_task(poll())
        await TIME.advance(95)
        assert len(seen) == 10
        task.cancel()


def test_threads_sleep_in_frozen_time():
    """A thread that polls is woken at each of its times by one advance, in a sync test."""
    polls = []
    over = threading.Event()

    def poll():
        while not over.is_set():
            polls.append(time.monotonic())
            time.sleep(10)

    with TIME.entered("frozen"):
        began = time.monotonic()
        thread = threading.Thread(target=poll)
        thread.start()
        until = machine_time.monotonic() + 30
        while not TIME._sleeping and machine_time.monotonic() < until:
            machine_time.sleep(0.001)
        TIME.advance(35)
        assert [poll - began for poll in polls] == [0, 10, 20, 30]
        over.set()
        TIME.advance(10)
        thread.join(30)
    assert not thread.is_alive()


async def test_a_frozen_clock_nobody_moves_is_told(monkeypatch):
    """If everything waits for a frozen clock, the loop ends with words that say what to do."""
    monkeypatch.setattr("mock_server.testing.virtual_time.STANDSTILL_SECONDS", 0.05)

    async def stuck():
        await asyncio.sleep(10)

    def run():
        with TIME.entered("frozen"):
            asyncio.run(stuck())

    from mock_server.testing import TimeStandsStillError  # noqa: PLC0415  # its public home

    with pytest.raises(TimeStandsStillError, match="advance"):
        await asyncio.to_thread(run)


def test_blocks_can_stand_within_one_another():
    """Frozen time within skipped time stands, and goes on being skipped afterwards."""
    with TIME.entered("skip"):
        time.sleep(10)
        now = time.monotonic()
        with TIME.entered("frozen"):
            assert TIME.mode == "frozen"
            TIME.advance(5)
        assert TIME.mode == "skip"
        time.sleep(1)
        assert time.monotonic() - now == pytest.approx(6)
    assert TIME.mode is None


def test_time_goes_forward():
    """A negative advance or sleep is an error, as with time.sleep itself."""
    with TIME.entered("skip"):
        with pytest.raises(ValueError, match="forward"):
            TIME.advance(-1)
        with pytest.raises(ValueError, match="non-negative"):
            time.sleep(-1)
