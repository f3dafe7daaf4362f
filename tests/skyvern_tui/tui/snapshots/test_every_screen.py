"""Claims about how every tab of a run and the screens around it look: small, usual and large, dark and light."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from skyvern_tui.config.preferences import Preferences
from skyvern_tui.tui.screens.exporting import ExportScreen
from skyvern_tui.tui.screens.run import RunScreen
from tests.skyvern_tui.tui.fakes import app_on, screen_text, settle, until
from tests.skyvern_tui.tui.showcase import OUTPUT, one_run
from tests.skyvern_tui.tui.test_compare_screen import comparing, two_runs

pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")  # textual-image's half-blocks
LOOKS = pytest.mark.parametrize(
    ("theme", "size"),
    [("dark", (80, 24)), ("dark", (120, 40)), ("dark", (200, 60)), ("light", (120, 40))],
    ids=["dark-80x24", "dark-120x40", "dark-200x60", "light-120x40"],
)
TABS = {
    "timeline": (("1",), "fits the goal"),
    "output": (("2",), "counts sheep"),
    "artifacts": (("3",), "recording"),
    "request": (("4",), "prompt"),
    "webhook": (("5",), "5 Webhook"),
    "answers": (("6",), "6 Answers"),
    "find": (("1", "slash", "p", "o", "s", "t"), "1 of "),
}
"""Keys on the run's screen, and what they show."""


def liking(theme):
    """Return the preference for a theme."""
    return Preferences(theme=f"skyvern-{theme}")


async def still(pilot):
    """Wait until pictures and what else comes later is there: nothing changes for a while."""
    before = ""
    for _ in range(200):
        await settle(pilot, 10)
        now = screen_text(pilot.app)
        if now == before and "loading" not in now:
            break
        before = now
    for line in pilot.app.screen.query(Input):
        line.cursor_blink = False  # in real time
    await settle(pilot)


@LOOKS
@pytest.mark.parametrize("tab", TABS)
def test_a_run(snap_compare, tab, theme, size):
    """Each tab of a run that is over, and the timeline while something is looked for."""
    keys, shows = TABS[tab]

    async def drive(pilot):
        app = pilot.app
        await until(pilot, lambda: app.sites and app.focused)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and "✓ completed" in screen_text(app))
        for key in keys:
            await pilot.press(key)
            await settle(pilot, 3)
        await until(pilot, lambda: shows.lower() in screen_text(app).lower(), shows)
        await still(pilot)

    app = app_on(one_run("completed", output=OUTPUT), preferences=liking(theme))
    assert snap_compare(app, terminal_size=size, run_before=drive)


@LOOKS
def test_two_runs(snap_compare, theme, size):
    """Two runs side by side: what they were asked, gave and did."""

    async def drive(pilot):
        await comparing(pilot.app, pilot)
        await still(pilot)

    gateway = two_runs(status="failed", failure_reason="The shop was closed.", output={"title": "Ä", "points": 4})
    assert snap_compare(app_on(gateway, preferences=liking(theme)), terminal_size=size, run_before=drive)


@LOOKS
def test_export(snap_compare, theme, size):
    """The forms a run can be taken out in."""

    async def drive(pilot):
        app = pilot.app
        await until(pilot, lambda: app.sites and "completed" in screen_text(app))
        await pilot.press("X")
        await until(pilot, lambda: isinstance(app.screen, ExportScreen) and "curl" in screen_text(app))
        await still(pilot)

    app = app_on(one_run("completed", output=OUTPUT), preferences=liking(theme))
    assert snap_compare(app, terminal_size=size, run_before=drive)
