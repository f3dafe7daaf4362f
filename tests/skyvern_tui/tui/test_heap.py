"""Claims about what the garbage collector is spared."""

from __future__ import annotations

import gc

import pytest

from skyvern_tui.tui import heap
from skyvern_tui.tui.screens.run import RunScreen
from tests.skyvern_tui.builders import a_run, an_artifact
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, settle, until


class Ring:
    """An object that only the collector can free."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def all_in_sight():
    """Begin with nothing set aside, and set aside again what the tests had."""
    before = gc.get_freeze_count()
    gc.unfreeze()
    yield
    heap.give_back()
    gc.unfreeze()
    if before:
        gc.freeze()


def rings():
    """Return how many rings there are, set aside or not; nothing is set aside afterwards."""
    heap.give_back()
    return sum(isinstance(one, Ring) for one in gc.get_objects())


def test_a_history_is_set_aside_when_it_has_grown_by_much():
    """Few facts change nothing; a thousand are set aside, and then not before there are a thousand more."""
    held = heap.Growing()
    held.has(heap.ENOUGH - 1)
    assert (held.is_large, gc.get_freeze_count()) == (False, 0)
    held.has(heap.ENOUGH)
    assert held.is_large
    assert gc.get_freeze_count() > 0
    heap.give_back()
    held.has(2 * heap.ENOUGH - 1)
    assert gc.get_freeze_count() == 0
    held.has(2 * heap.ENOUGH)
    assert gc.get_freeze_count() > 0


def test_what_was_set_aside_is_freed_when_all_is_renewed():
    """Garbage among what is set aside stays until then, and not longer."""
    Ring()
    heap.set_aside()
    gc.collect()
    assert rings() == 1
    heap.set_aside()
    heap.renew()
    assert gc.get_freeze_count() > 0
    assert rings() == 0


def test_what_others_set_aside_is_left_to_them():
    """Where the process had objects set aside before the app began, the app adds nothing and gives nothing back."""
    gc.freeze()
    theirs = gc.get_freeze_count()
    more = [Ring() for _ in range(10)]
    heap.set_aside()
    heap.renew()
    heap.give_back()
    assert 0 < gc.get_freeze_count() <= theirs
    assert len(more) == sum(isinstance(one, Ring) for one in gc.get_objects())


async def test_a_large_run_is_set_aside_until_it_is_left(clock, monkeypatch):
    """Leaving a run of a thousand files renews what is set aside, leaving a small one does not; the app's end gives
    all of it back."""
    renewed: list[str] = []
    monkeypatch.setattr(heap, "renew", lambda: renewed.append("renewed"))
    monkeypatch.setattr(heap, "REST", 0.001)
    gateway = FakeGateway(a_run("small", "completed"), a_run("large", "completed"))
    gateway.artifacts["large"] = [an_artifact(number) for number in range(heap.ENOUGH)]
    app = app_on(gateway, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: gateway.calls)
        for run_id, count, times in (("small", 0, 0), ("large", heap.ENOUGH, 1)):
            app.open_run(run_id)
            await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.is_live)
            screen = app.screen
            await until(pilot, lambda s=screen, n=count: len(s.journal.artifacts) == n and s.journal.run is not None)
            await settle(pilot)
            screen.dismiss()
            await until(pilot, lambda n=times: not isinstance(app.screen, RunScreen) and len(renewed) >= n)
            await settle(pilot)
            assert len(renewed) == times
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0
