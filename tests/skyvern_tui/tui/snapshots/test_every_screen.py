"""Claims about how every tab of a run and the screens around it look: small, usual and large, dark and light."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual.widgets import Input

from skyvern_tui.config.preferences import Preferences
from skyvern_tui.core.skyrun import RunWriter
from skyvern_tui.tui.screens.exporting import ExportScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.screens.saved import SavedScreen
from tests.skyvern_tui.builders import START
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, screen_text, settle, until
from tests.skyvern_tui.tui.showcase import OUTPUT, RUN, one_run
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


def saved(path):
    """Write the run of the other pictures to a file, and return where."""
    gateway = one_run("completed", output=OUTPUT)
    run, artifacts = gateway.runs[RUN], gateway.artifacts[RUN]
    with RunWriter(path, saved_at=START + timedelta(days=1)) as writer:
        for artifact in artifacts:
            writer.add(artifact, gateway.contents.get(artifact.artifact_id), missing="not kept")
        writer.finish(run, gateway.timelines[RUN], server="https://sky.example.com")
    return path


@LOOKS
def test_a_saved_run(snap_compare, tmp_path, theme, size):
    """A run out of a file in the middle of its replay: what was known by then, and how far it is."""

    async def drive(pilot):
        app = pilot.app
        await until(pilot, lambda: app.sites)
        app.open_saved(saved(tmp_path / "sheep.skyrun"))
        await until(pilot, lambda: isinstance(app.screen, SavedScreen) and "✓ completed" in screen_text(app))
        for _ in range(4):
            await pilot.press("comma")
            await settle(pilot, 3)
        await still(pilot)

    assert snap_compare(app_on(FakeGateway(), preferences=liking(theme)), terminal_size=size, run_before=drive)


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
