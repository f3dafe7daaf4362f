"""Claims about the app on the real mock server: nothing between keys and HTTP is a fake. Its runs are scripted."""

from __future__ import annotations

import pytest

from skyvern_tui.embedded import COMMAND, EmbeddedMock
from skyvern_tui.tui.app import SkyvernApp
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.screens.variants import VariantsScreen
from skyvern_tui.tui.widgets.run_list import RunList
from tests.skyvern_tui.tui.fakes import patiently, screen_text


def statuses(app):
    """Return the statuses in the list, top to bottom."""
    return [row.status for row in app.screen.query_one(RunList).rows]


async def composed(app, pilot, prompt):
    """Open the form and type a prompt."""
    await pilot.press("n")
    await patiently(pilot, lambda: isinstance(app.screen, ComposeScreen) and app.focused)
    await pilot.press(*prompt)


@pytest.fixture
def mock(tmp_path):
    """Return what makes a mock whose runs go as said."""
    return lambda progression: EmbeddedMock(tmp_path / "mock", command=(*COMMAND, "--progression", progression))


async def test_a_task_is_written_sent_and_watched_to_its_end(mock, tmp_path):
    """From an empty list to a finished run and back, by keys alone."""
    app = SkyvernApp(mock("polls=3"), home=tmp_path / "home")
    async with app.run_test(size=(120, 36)) as pilot:
        await patiently(pilot, lambda: "No runs yet" in screen_text(app))
        await composed(app, pilot, "Buy tea")
        await pilot.press("tab", *"https://example.com", "ctrl+s")
        await patiently(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.journal.is_final)
        await pilot.press("escape")
        await patiently(pilot, lambda: isinstance(app.screen, RunsScreen) and statuses(app) == ["completed"])
        assert app.draft == {}


async def test_many_runs_are_submitted_marked_canceled_and_run_again(mock):
    """Variants make a run each; those marked are canceled together, and one is run again as it was."""
    app = SkyvernApp(mock("manual"))
    async with app.run_test(size=(120, 36)) as pilot:
        await patiently(pilot, lambda: "No runs yet" in screen_text(app))
        await composed(app, pilot, "Buy tea")
        await pilot.press("ctrl+n")
        await patiently(pilot, lambda: isinstance(app.screen, VariantsScreen) and app.focused)
        await pilot.press(*"https://a.example", "enter", *"https://b.example", "enter", *"https://c.example")
        await patiently(pilot, lambda: "3 runs:" in screen_text(app))
        await pilot.press("ctrl+s")
        await patiently(pilot, lambda: isinstance(app.screen, RunsScreen) and len(statuses(app)) == 3)
        await pilot.press("asterisk", "c")
        await patiently(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await patiently(pilot, lambda: isinstance(app.screen, RunsScreen) and statuses(app) == ["canceled"] * 3)
        await patiently(pilot, lambda: all(row.url for row in app.screen.query_one(RunList).rows))
        await pilot.press("g", "R")
        await patiently(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await patiently(pilot, lambda: isinstance(app.screen, RunsScreen) and len(statuses(app)) == 4)
        await patiently(pilot, lambda: all(row.url for row in app.screen.query_one(RunList).rows))
        urls = sorted(row.url for row in app.screen.query_one(RunList).rows)
        assert len(urls) == 4
        assert len(set(urls)) == 3
