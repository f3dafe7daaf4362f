"""Claims about how the screens look: each is compared with its accepted picture."""

from __future__ import annotations

import pytest

from skyvern_tui.client.errors import ConnectError
from skyvern_tui.tui.screens.compose import ComposeScreen
from tests.skyvern_tui.tui.fakes import FakeGateway, ManualClock, app_on, passing, screen_text, settle, until
from tests.skyvern_tui.tui.showcase import OUTPUT, RUN, morning, one_run

pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")  # textual-image's half-blocks

SMALL, LARGE = (80, 24), (160, 48)
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x48"])


async def ready(pilot):
    """Wait until the server answered and said what practice sites it has."""
    await until(pilot, lambda: pilot.app.sites)
    await settle(pilot, 8)


def after_keys(*keys, shows=""):
    """Return what brings the app where its picture is taken."""

    async def drive(pilot):
        await ready(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot, 2)
        await until(pilot, lambda: shows in screen_text(pilot.app), shows)
        await settle(pilot, 6)

    return drive


def on_run(*keys, shows=""):
    """Return what shows the one run there is, and goes on from there."""
    return after_keys("enter", *keys, shows=shows)


@SIZES
def test_runs(snap_compare, size):
    """Runs in every state, in aligned columns."""
    assert snap_compare(app_on(morning()), terminal_size=size, run_before=after_keys("j", "j", shows="1 m 38 s"))


def test_runs_empty(snap_compare):
    """A newcomer is told what to do next."""
    assert snap_compare(app_on(FakeGateway()), run_before=after_keys(shows="first one of the docs"))


def test_runs_light(snap_compare):
    """The light colours."""

    async def drive(pilot):
        await after_keys(shows="1 m 38 s")(pilot)
        pilot.app.theme = "skyvern-light"
        await settle(pilot, 8)

    assert snap_compare(app_on(morning()), run_before=drive)


def test_runs_server_away(snap_compare):
    """A banner says since when the server is away and when it is tried again."""
    gateway, clock = morning(), ManualClock()

    async def drive(pilot):
        await after_keys(shows="1 m 38 s")(pilot)
        gateway.fault = ConnectError("127.0.0.1:8000 refused the connection.")
        await passing(pilot, clock, 5)
        await until(pilot, lambda: "retrying in 1 s" in screen_text(pilot.app))
        pilot.app.screen.tick()
        await settle(pilot)

    assert snap_compare(app_on(gateway, clock), run_before=drive)


@SIZES
def test_compose(snap_compare, size):
    """The form, with a reason beside a field that can't be sent."""

    async def drive(pilot):
        await ready(pilot)
        pilot.app.compose_task({"prompt": "Get the title of the top post", "url": "ftp://x", "max_steps": "0"})
        await until(pilot, lambda: isinstance(pilot.app.screen, ComposeScreen) and pilot.app.screen.is_live)
        pilot.app.screen.query_one("#submit").focus()  # nothing blinks there
        await settle(pilot, 8)

    assert snap_compare(app_on(FakeGateway()), terminal_size=size, run_before=drive)


@SIZES
def test_run_timeline(snap_compare, size):
    """A run that goes on: thoughts, blocks and actions, and beside them what the browser saw."""
    shows = "▀▀▀▀" if size == LARGE else "Give the list"
    assert snap_compare(app_on(one_run("running")), terminal_size=size, run_before=on_run(shows=shows))


@SIZES
def test_run_failed(snap_compare, size):
    """A run that failed: what failed stands out."""
    gateway = one_run("failed", failure_reason="The list of posts never appeared.")
    shows = "▀▀▀▀" if size == LARGE else "never appeared"
    assert snap_compare(app_on(gateway), terminal_size=size, run_before=on_run("x", shows=shows))


@SIZES
def test_run_output(snap_compare, size):
    """The output as highlighted JSON."""
    gateway = one_run("completed", output=OUTPUT)
    assert snap_compare(app_on(gateway), terminal_size=size, run_before=on_run("2", shows="points: 412"))


def test_run_output_failed(snap_compare):
    """Why there is no output, before anything else."""
    why = {"error_code": "SITE_DOWN", "reasoning": "The site answered 503 to every request."}
    gateway = one_run("failed", failure_reason="The list of posts never appeared.", errors=[why])
    assert snap_compare(app_on(gateway), run_before=on_run("2", shows="SITE_DOWN"))


@SIZES
def test_run_artifacts(snap_compare, size):
    """Artifacts by type; with room, the one under the cursor beside them."""
    gateway = one_run("completed", output=OUTPUT)
    keys = ("3", "j") if size == LARGE else ("3",)
    shows = "▀▀▀▀" if size == LARGE else "llm prompt  9"
    assert snap_compare(app_on(gateway), terminal_size=size, run_before=on_run(*keys, shows=shows))


def test_run_picture(snap_compare):
    """A screenshot in half-blocks, as large as the pane allows."""
    gateway = one_run("completed", output=OUTPUT)
    assert snap_compare(app_on(gateway), run_before=on_run("3", "j", "enter", shows="▀▀▀▀"))


def test_run_har(snap_compare):
    """A HAR file as a table."""
    gateway = one_run("completed", output=OUTPUT)
    assert snap_compare(app_on(gateway), run_before=on_run("3", *"jjjjjjjjj", "enter", shows="vote"))


def test_help(snap_compare):
    """The keys of a run's screen."""
    assert snap_compare(
        app_on(one_run("running")), terminal_size=(100, 40), run_before=on_run("question_mark", shows="esc close")
    )


def test_cancel(snap_compare):
    """The question before a run is canceled."""
    assert snap_compare(app_on(one_run("running")), run_before=on_run("c", shows="let it run"))


def test_the_showcase_is_the_run_it_claims_to_be():
    """The run of the pictures is the one its artifacts belong to."""
    assert list(one_run("running").artifacts) == [RUN]
