"""Claims about comparing, saving and opening runs on the real mock server: nothing but its runs is scripted."""

from __future__ import annotations

import pytest

from skyvern_tui.core.skyrun import open_run
from skyvern_tui.embedded import COMMAND, EmbeddedMock
from skyvern_tui.tui.app import SkyvernApp
from skyvern_tui.tui.screens.compare import CompareScreen
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.exporting import ExportScreen
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.screens.saved import SavedScreen
from tests.skyvern_tui.tui.fakes import patiently, screen_text


async def submitted(app, pilot, prompt, count):
    """Submit a task and wait until so many runs are over."""
    await pilot.press("n")
    await patiently(pilot, lambda: isinstance(app.screen, ComposeScreen) and app.focused)
    await pilot.press(*prompt, "ctrl+g")
    await patiently(pilot, lambda: [t for t in app._notifications if t.message.startswith("Submitted")])
    await pilot.press("ctrl+r")
    await patiently(pilot, lambda: not isinstance(app.screen, ComposeScreen))
    await pilot.press("y")
    await patiently(pilot, lambda: isinstance(app.screen, ComposeScreen) and not app.draft)
    await pilot.press("escape")
    await patiently(pilot, lambda: isinstance(app.screen, RunsScreen) and ended(app) == count)
    app._notifications.clear()


def ended(app):
    """Return how many runs in the list are over and known in full."""
    return sum(row.is_final and bool(row.prompt) for row in app.screen.listing.rows)


@pytest.fixture
def mock(tmp_path):
    """Return a mock whose runs are over after two polls."""
    return EmbeddedMock(tmp_path / "mock", command=(*COMMAND, "--progression", "polls=2"))


async def test_two_runs_are_compared_and_one_is_kept_and_opened_without_the_server(mock, tmp_path):
    """From two submitted tasks to their differences, to a file, to that file in an app that has no server at all."""
    app = SkyvernApp(mock, home=tmp_path / "home", downloads=tmp_path / "out")
    async with app.run_test(size=(120, 40)) as pilot:
        await patiently(pilot, lambda: "No runs yet" in screen_text(app))
        await submitted(app, pilot, "Buy tea", 1)
        await submitted(app, pilot, "Buy coffee", 2)
        await pilot.press("g", "space", "space", "d")
        await patiently(pilot, lambda: isinstance(app.screen, CompareScreen) and app.screen.comparison is not None)
        changed = [row for row in app.screen.listing.rows if row.name == "prompt" and row.differs]
        assert [(row.left, row.right) for row in changed] == [("Buy tea", "Buy coffee")]
        await pilot.press("escape")
        await patiently(pilot, lambda: isinstance(app.screen, RunsScreen))
        await pilot.press("escape", "G", "X")
        await patiently(pilot, lambda: isinstance(app.screen, ExportScreen) and "Buy tea" in screen_text(app))
        await pilot.press("G")
        await patiently(pilot, lambda: "artifacts " in screen_text(app) and app.screen._material.timeline is not None)
        await pilot.press("s")
        await patiently(pilot, lambda: app.screen._path is not None)
        path, files = app.screen._path, len(app.screen._material.artifacts)
    saved = open_run(path)
    assert str(saved.run.status) == "completed"
    assert saved.request["prompt"] == "Buy tea"
    assert len([one for one in saved.artifacts if not one.missing]) == files
    offline = SkyvernApp(None, saved=[path], home=tmp_path / "other")
    async with offline.run_test(size=(120, 40)) as pilot:
        await patiently(pilot, lambda: isinstance(offline.screen, SavedScreen) and "completed" in screen_text(offline))
        assert offline.server is None
        assert "of 127.0.0.1" in screen_text(offline)
        moments = len(offline.screen._replay.moments)
        await pilot.press("left_curly_bracket")
        assert not offline.screen.journal.is_final
        await pilot.press(*["full_stop"] * moments)
        assert offline.screen.journal.is_final
