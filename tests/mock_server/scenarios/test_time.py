"""A tenant's clock stands, moves and skips, and whoever waits on it wakes at the right time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.clock import RealClock
from mock_server.scenarios.time import LONGEST_SECONDS, TenantClock

NOON = datetime.fromisoformat("2026-03-01T12:00:00")


def frozen() -> TenantClock:
    clock = TenantClock(RealClock())
    clock.freeze(NOON)
    return clock


async def test_frozen_time_stands_until_it_is_advanced():
    """A frozen clock shows one time, whatever the machine's does, and moves by exactly what it is told."""
    clock = frozen()
    before = clock.monotonic()
    await asyncio.sleep(0.01)
    assert clock.now() == NOON
    await clock.advance(90.5)
    assert clock.now() == NOON + timedelta(seconds=90.5)
    assert clock.monotonic() - before == pytest.approx(90.5)
    assert clock.mode == "frozen"


async def test_sleepers_wake_in_order_and_at_their_times():
    """Those who sleep wake in the order of their times, each seeing its own, and may sleep again within one advance."""
    clock = frozen()
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, *naps: float) -> None:
        for nap in naps:
            await clock.sleep(nap)
            woken.append((name, (clock.now() - NOON).total_seconds()))

    tasks = [asyncio.create_task(sleeper("late", 30)), asyncio.create_task(sleeper("twice", 10, 15))]
    await asyncio.sleep(0)
    await clock.advance(29)
    assert woken == [("twice", 10), ("twice", 25)]
    await clock.advance(1)
    assert woken[-1] == ("late", 30)
    await asyncio.gather(*tasks)


async def test_timers_of_one_advance_fire_between_the_sleepers():
    """What a woken sleeper arranges within the time that passes happens at its time, before what comes later."""
    clock = frozen()
    seen: list[str] = []

    async def arranging() -> None:
        await clock.sleep(5)
        clock.call_at(clock.monotonic() + 1, lambda when: seen.append(f"arranged {when:%S}"))

    clock.call_at(clock.monotonic() + 20, lambda when: seen.append(f"late {when:%S}"))
    task = asyncio.create_task(arranging())
    await asyncio.sleep(0)
    await clock.advance(60)
    assert seen == ["arranged 06", "late 20"]
    await task


async def test_real_time_passes_and_can_be_moved():
    """In real mode sleepers wake by themselves, and an advance wakes those whose time it passes at once."""
    clock = TenantClock(RealClock())
    await asyncio.wait_for(clock.sleep(0.01), 5)
    long_sleep = asyncio.create_task(clock.sleep(3600))
    await asyncio.sleep(0)
    await clock.advance(3600)
    await asyncio.wait_for(long_sleep, 5)
    assert clock.now() - RealClock().now() > timedelta(seconds=3599)
    clock.close()


async def test_an_earlier_timer_is_not_kept_waiting_by_a_later_one():
    """Whoever waits shortest wakes first, even if somebody waits longer already."""
    clock = TenantClock(RealClock())
    long_sleep = asyncio.create_task(clock.sleep(3600))
    await asyncio.sleep(0)
    await asyncio.wait_for(clock.sleep(0.01), 5)
    long_sleep.cancel()
    clock.close()


async def test_time_goes_on_from_where_it_was_frozen():
    """Let go, a clock goes on from the time it showed; its monotonic time has never gone back."""
    clock = frozen()
    await clock.advance(60)
    marks = [clock.monotonic()]
    clock.flow()
    marks.append(clock.monotonic())
    assert NOON + timedelta(seconds=60) <= clock.now() < NOON + timedelta(seconds=70)
    clock.flow(at=NOON - timedelta(days=365))
    marks.append(clock.monotonic())
    clock.freeze()
    marks.append(clock.monotonic())
    assert marks == sorted(marks)
    assert clock.now() < NOON - timedelta(days=364)


async def test_freezing_keeps_sleepers_asleep():
    """A sleeper of real time does not wake while time stands, and wakes when it goes on."""
    clock = TenantClock(RealClock())
    sleeper = asyncio.create_task(clock.sleep(0.02))
    await asyncio.sleep(0)
    clock.freeze()
    await asyncio.sleep(0.05)
    assert not sleeper.done()
    clock.flow()
    await asyncio.wait_for(sleeper, 5)
    clock.close()


async def test_an_advance_waits_for_real_work():
    """Work that is marked busy, such as a request, ends before the advance that began it answers."""
    clock = frozen()
    done = []

    async def request() -> None:
        with clock.busy():
            await asyncio.sleep(0.05)
            done.append(clock.now())

    def begin(when: datetime) -> None:
        tasks.append(asyncio.get_running_loop().create_task(request()))

    tasks: list[asyncio.Task[None]] = []
    clock.call_at(clock.monotonic() + 1, begin)
    await clock.advance(5)
    assert done == [NOON + timedelta(seconds=1)]
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("seconds", [-1, float("nan"), LONGEST_SECONDS + 1])
async def test_time_does_not_go_back(seconds: float):
    """An advance by less than nothing, or beyond all calendars, is refused and moves nothing."""
    clock = frozen()
    with pytest.raises(ValueError, match="forward"):
        await clock.advance(seconds)
    assert clock.now() == NOON


@pytest.mark.parametrize("mode", ["real", "moved", "frozen", "auto", "stepping"])
async def test_a_clock_is_restored(mode: str):
    """A clock made from the state of another shows the same time and goes on in the same mode."""
    clock = TenantClock(RealClock())
    if mode == "moved":
        await clock.advance(3600)
    elif mode == "frozen":
        clock.freeze(NOON)
    elif mode in ("auto", "stepping"):
        clock.flow(auto=True, step=10 if mode == "stepping" else None)
    state = clock.state()
    again = TenantClock(RealClock())
    if state is None:
        assert mode == "real"
    else:
        again.restore(state)
    assert (again.mode, again.step) == (clock.mode, clock.step)
    assert abs((again.now() - clock.now()).total_seconds()) < 5
    clock.close()
    again.close()


# In whole milliseconds: the clock tells microseconds, and what is closer together than that is at the same time.
MILLISECONDS = st.integers(1, 1_000_000).map(lambda count: count / 1000)


@given(st.lists(MILLISECONDS, min_size=1, max_size=20), st.lists(st.floats(0, 500), min_size=1, max_size=8))
@settings(max_examples=60)
async def test_every_timer_fires_once_in_order_at_its_time(timers: list[float], advances: list[float]):
    """However time is moved, a timer fires exactly when its time has come, not before, once, and in order."""
    clock = frozen()
    begin = clock.monotonic()
    fired: list[tuple[float, float]] = []
    for due in timers:
        clock.call_at(
            begin + due,
            lambda when, due=due: fired.append((due, (when - NOON).total_seconds())),  # type: ignore[misc]
        )
    for seconds in advances:
        await clock.advance(seconds)
    passed = sum(advances)
    assert [due for due, _ in fired] == sorted(due for due in timers if due <= passed + 1e-6)[: len(fired)]
    assert len(fired) in range(
        sum(due < passed - 1e-3 for due in timers), sum(due < passed + 1e-3 for due in timers) + 1
    )
    assert all(abs(due - when) < 0.001 for due, when in fired)
