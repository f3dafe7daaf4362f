"""Claims about two runs side by side."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from PIL import Image
from textual.command import CommandPalette

from skyvern_tui.client.errors import ConnectError
from skyvern_tui.config import Connection
from skyvern_tui.core.skyrun import RunWriter
from skyvern_tui.tui.screens.compare import CompareScreen
from skyvern_tui.tui.screens.opening import OpenScreen
from skyvern_tui.tui.screens.runs import RunsScreen
from tests.skyvern_tui.builders import a_block, a_run, an_action, an_artifact, at
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, screen_text, settle, until

NOW = datetime(2026, 1, 21, 8, 0, tzinfo=UTC)


def a_picture(colour):
    """Return the bytes of a small picture."""
    data = io.BytesIO()
    Image.new("RGB", (64, 40), colour).save(data, "PNG")
    return data.getvalue()


def two_runs(**right):
    """Return a server with an earlier run that worked and a later one; ``right`` is how the later one differs."""
    moments = range(1, 1 + right.pop("moments", 2))
    first = a_run("r_one", "completed", modified=9, created_at=at(0), output={"title": "Ä", "points": 3})
    over = {
        "created_at": at(60),
        "queued_at": at(60.2),
        "started_at": at(61),
        "finished_at": at(69),
        "output": {"title": "Ä", "points": 3},
    }
    second = a_run("r_two", right.pop("status", "completed"), modified=69, **over | right)
    gateway = FakeGateway(second, first)
    for run_id, start in (("r_one", 0), ("r_two", 60)):
        actions = [an_action(n, when=start + 2 + n, screenshot_artifact_id=f"a_{start + n}") for n in moments]
        gateway.timelines[run_id] = [a_block(1, when=start + 2, modified=start + 8, actions=actions)]
        gateway.artifacts[run_id] = [an_artifact(start + n, when=start + 2.5 + n) for n in moments]
    gateway.contents = {f"a_{start + n}": a_picture("red") for n in moments for start in (0, 60)}
    return gateway


async def comparing(app, pilot):
    """Mark both runs and compare them."""
    await until(pilot, lambda: "Runs  2" in screen_text(app) and all(row.prompt for row in app.screen.listing.rows))
    await pilot.press("space", "space", "d")
    await until(pilot, lambda: isinstance(app.screen, CompareScreen) and app.screen.comparison is not None)
    return app.screen


async def test_runs_that_are_the_same_say_so(clock):
    """Two marked runs are compared by ``d``; that they are the same is the first thing said."""
    app = app_on(two_runs(), clock)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await comparing(app, pilot)
        shown = screen_text(app)
        assert "The same: asked, ended and answered alike." in shown
        assert "output: the same" in shown
        assert shown.index("r_one") < shown.index("r_two")
        assert screen.check_action("difference", (1,)) is False
        assert screen.check_action("show_tab", ("differences",)) is False, "one is there"
        assert screen.check_action("show_tab", ("screenshots",)) is True
        await pilot.press("v")
        await settle(pilot)
        assert "max_steps" not in screen_text(app)


async def test_differences_are_gone_through_shown_in_full_and_alone(clock):
    """``]`` and ``[`` stop at each difference and go round; both values stand below; ``v`` leaves only them."""
    long = "a very long value that no column of such a screen has any room for whatever it does " * 3
    app = app_on(two_runs(output={"title": long, "points": 4}, status="failed", failure_reason="out of tea"), clock)
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await comparing(app, pilot)
        assert "They differ in how it ended and the output." in screen_text(app)
        stops = [screen.listing.row.name]
        while len(stops) < 20 and (len(stops) == 1 or stops[-1] != "status"):
            await pilot.press("right_square_bracket")
            stops.append(screen.listing.row.name)
        assert stops[:4] == ["status", "failed because", "title", "points"]
        assert stops[-1] == "status"
        assert {"completed", "failed"} <= set(stops)
        await pilot.press(*["right_square_bracket"] * 3, "left_square_bracket")
        await until(pilot, lambda: "room for whatever it does" in screen_text(app))
        assert "max_steps" in screen_text(app)
        await pilot.press("v")
        await settle(pilot)
        assert all(row.differs for row in screen.listing.rows if row.change is not None)
        assert "max_steps" not in screen_text(app)
        assert screen.listing.row.name == "title"


async def test_sides_are_swapped_and_the_comparison_copied(clock, monkeypatch):
    """The earlier run is on the left; ``w`` swaps; ``y`` copies what is listed as text."""
    copied = []

    async def put(_app, text):
        copied.append(text)
        return ""

    monkeypatch.setattr("skyvern_tui.tui.clipboard.put", put)
    app = app_on(two_runs(output={"title": "Ö", "points": 3}), clock)
    async with app.run_test(size=(100, 40)) as pilot:
        await comparing(app, pilot)
        await pilot.press("v", "y")
        await until(pilot, lambda: copied)
        assert "left:  r_one" in copied[0]
        assert "~ title: Ä -> Ö" in copied[0]
        await pilot.press("w")
        await until(pilot, lambda: app.screen._sides[0].line.id == "r_two")
        await pilot.press("y")
        await until(pilot, lambda: len(copied) == 2)
        assert "~ title: Ö -> Ä" in copied[1]


async def test_screenshots_stand_side_by_side_and_are_scrubbed(clock):
    """Pictures of one moment stand together; ``.`` and ``,`` go on and back; enter on an action shows its own."""
    gateway = two_runs(moments=3)
    del gateway.contents["a_62"]
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await comparing(app, pilot)
        await pilot.press("2")
        await until(pilot, lambda: "content a_61" in gateway.calls and "content a_1" in gateway.calls)
        assert f"1 of {len(screen.shots)}" in screen_text(app)
        await pilot.press("full_stop")
        await until(pilot, lambda: "Artifact not found a_62" in screen_text(app))
        assert "Reason 2." in screen_text(app)
        await pilot.press("comma")
        await until(pilot, lambda: f"1 of {len(screen.shots)}" in screen_text(app))
        await pilot.press("1", "G", "k", "k", "k")
        await until(pilot, lambda: screen.listing.row.name.strip() == "click")
        await pilot.press("enter")
        await until(pilot, lambda: screen.tab == "screenshots" and "Reason 2." in screen_text(app))


async def test_the_other_run_is_found_by_its_letters(clock):
    """Without marks the other run is asked for, and found by a few letters; the run itself is not offered."""
    app = app_on(two_runs(), clock)
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: "Runs  2" in screen_text(app) and all(r.prompt for r in app.screen.listing.rows))
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"rone")
        await until(pilot, lambda: "task_v2  r_one" in screen_text(app) or "r_one" in screen_text(app))
        await pilot.pause(0.3)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and app.screen.comparison is not None)
        assert {side.line.id for side in app.screen._sides} == {"r_one", "r_two"}


async def test_a_run_is_compared_with_one_in_a_file(clock, tmp_path):
    """The other side can come from a file; which server and when it is from stands beside it."""
    path = tmp_path / "old.skyrun"
    with RunWriter(path, saved_at=NOW) as writer:
        writer.finish(a_run("r_old", "failed", modified=9, failure_reason="x"), [], server="https://sky.example.com")
    app = app_on(two_runs(), clock, downloads=tmp_path)
    async with app.run_test(size=(110, 40)) as pilot:
        await until(pilot, lambda: "Runs  2" in screen_text(app) and all(r.prompt for r in app.screen.listing.rows))
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette) and "saved to a file" in screen_text(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, OpenScreen) and "old.skyrun" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and app.screen.comparison is not None)
        assert "saved, of sky.example.com" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))


@pytest.mark.parametrize("size", [(80, 24), (240, 70)])
async def test_it_has_room_from_small_to_large(clock, size):
    """Both sides, the verdict and the keys are there at the smallest size and at the largest."""
    app = app_on(two_runs(output={"title": "Ö", "points": 3}), clock)
    async with app.run_test(size=size) as pilot:
        await comparing(app, pilot)
        shown = screen_text(app)
        assert "They differ in the output." in shown
        assert "Ö" in shown
        assert max(map(len, shown.split("\n"))) <= size[0]
        assert "esc back" in shown


async def test_each_side_says_which_server_it_is_on(clock):
    """Above each run stands its server, by the profile's name and the host, whatever these end with."""
    app = app_on(two_runs(), clock, source=Connection("http://sky.rooms:8000", "key-1", name="teams"))
    async with app.run_test(size=(160, 40)) as pilot:
        await comparing(app, pilot)
        assert screen_text(app).count("teams sky.rooms:8000") == 2


async def test_a_server_that_is_away_is_said(clock):
    """When a run can't be had there is no comparison but the reason, and asking again compares."""
    gateway = two_runs()
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: "Runs  2" in screen_text(app) and all(r.prompt for r in app.screen.listing.rows))
        gateway.fault = ConnectError("127.0.0.1:8000 refused the connection.")
        await pilot.press("space", "space", "d")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and "Not to be compared" in screen_text(app))
        gateway.fault = None
        await pilot.press("r")
        await until(pilot, lambda: app.screen.comparison is not None and "The same" in screen_text(app))


async def test_what_servers_say_can_not_reach_the_terminal(clock):
    """Escapes, markup and control characters in prompts, outputs, names of fields and reasons are shown as signs."""
    evil = "\x1b]0;owned\x07[bold red]x[/]\x9b31m\u202e"
    gateway = two_runs(
        output={evil: evil, "title": evil}, status="failed", failure_reason=evil,
        run_request={"prompt": evil, evil: {evil: [evil]}},
    )  # fmt: skip
    first = gateway.runs["r_one"]
    gateway.runs["r_one"] = first.model_copy(update={"run_request": {"prompt": "p", evil: {evil: ["x"], "b": 1}}})
    app = app_on(gateway, clock)
    async with app.run_test(size=(120, 50)) as pilot:
        screen = await comparing(app, pilot)
        for _ in screen.listing.rows:
            await pilot.press("right_square_bracket")
        texts = [text for row in screen.listing.rows for text in (row.name, row.left, row.right)]
        shown = "".join([screen_text(app).replace("\n", ""), *texts])
        assert not [character for character in shown if character in "\x1b\x07\x9b\u202e"]
        assert "[bold red]" in screen_text(app)
