"""Claims about runs opened from files: looked at without a server, and played as they went."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from skyvern_tui.core.facts import Outage
from skyvern_tui.core.journal import ArtifactsSeen, Journal, OutageSeen, RunSeen, TimelineSeen
from skyvern_tui.core.skyrun import RunWriter, open_run
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.exporting import ExportScreen
from skyvern_tui.tui.screens.opening import OpenScreen
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.screens.saved import SavedScreen
from skyvern_tui.tui.widgets.replay_bar import ReplayBar
from tests.skyvern_tui.builders import START, a_block, a_run, a_thought, an_action, an_artifact
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, screen_text, settle, until

RUN = "tsk_v2_1"
NOW = datetime(2026, 1, 21, 8, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path):
    """Return a saved run of ten seconds, with an outage in it."""
    run = a_run(RUN, "completed", modified=10, started_at=(START + timedelta(seconds=1)).isoformat(), output={"n": 42})
    timeline = [a_thought(1, when=2), a_block(1, when=3, modified=9, actions=[an_action(1, when=4)])]
    journal = Journal()
    for snapshot in (
        RunSeen(run),
        OutageSeen(Outage(START + timedelta(seconds=5), "connection refused", 2, START + timedelta(seconds=6))),
        TimelineSeen(timeline),
        ArtifactsSeen([an_artifact(1, "browser_console_log")]),
    ):
        journal.apply(snapshot)
    path = tmp_path / "files" / "tea.skyrun"
    with RunWriter(path, saved_at=NOW) as writer:
        writer.add(an_artifact(1, "browser_console_log"), b"error: out of tea")
        more = {"request": {"prompt": "Buy tea"}, "server": "https://sky.example.com", "note": "mind the gap"}
        writer.finish(run, timeline, journal=journal, **more)
    return path


def messages(app):
    """Return the toasts."""
    return [toast.message for toast in app._notifications]


async def opened(app, pilot, path):
    """Open a file and wait until the run is there."""
    app.open_saved(path)
    await until(pilot, lambda: isinstance(app.screen, SavedScreen) and "Thought 1" in screen_text(app))
    return app.screen


async def test_a_file_is_found_among_the_downloads_and_opened(clock, file, tmp_path):
    """``O`` lists saved runs among the downloads; the run in it looks as it did, and says whose and of when it is."""
    gateway = FakeGateway()
    app = app_on(gateway, clock, downloads=tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        await pilot.press("O")
        await until(pilot, lambda: isinstance(app.screen, OpenScreen) and "tea.skyrun" in screen_text(app))
        await pilot.press(*"te", "enter")
        await until(pilot, lambda: isinstance(app.screen, SavedScreen) and "Thought 1" in screen_text(app))
        shown = screen_text(app)
        assert "saved 2026-01-21 08:00  of sky.example.com" in shown
        assert "completed" in shown
        assert "unreachable" in shown
        await pilot.press("2")
        await until(pilot, lambda: "42" in screen_text(app))
        assert [call for call in gateway.calls if RUN in call] == []
        assert "mind the gap" in messages(app)


async def test_a_path_can_be_typed(clock, file, tmp_path):
    """A path that is not among the downloads is taken as typed."""
    app = app_on(FakeGateway(), clock, downloads=tmp_path / "elsewhere")
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        await pilot.press("O")
        await until(pilot, lambda: isinstance(app.screen, OpenScreen) and app.focused)
        await until(pilot, lambda: "No saved runs in" in screen_text(app))
        app.focused.value = str(file)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SavedScreen))


async def test_what_needs_the_server_is_off_and_the_rest_is_not(clock, file, tmp_path):
    """A saved run can't be canceled; it can be exported again as it was sent, and edited for another run."""
    app = app_on(FakeGateway(), clock, downloads=tmp_path / "out")
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(app, pilot, file)
        assert screen.check_action("cancel_run", ()) is False
        assert screen.check_action("refresh", ()) is False
        app.export_run(RUN)
        await until(pilot, lambda: isinstance(app.screen, ExportScreen) and '"Buy tea"' in screen_text(app))
        await pilot.press("G")
        await until(pilot, lambda: "artifacts  1 file" in screen_text(app))
        await pilot.press("s")
        await until(pilot, lambda: [text for text in messages(app) if text.startswith("Saved to")])
        again = open_run(tmp_path / "out" / RUN / f"{RUN}.skyrun")
        assert (again.server, again.content("a_1")) == ("https://sky.example.com", b"error: out of tea")
        assert [outage.reason for outage in again.outages] == ["connection refused"]
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        screen.action_again()
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen))


async def test_a_run_is_played_as_it_went(clock, file):
    """From the beginning nothing is known but that it was created; with time its thought, action and end appear."""
    app = app_on(FakeGateway(), clock)
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(app, pilot, file)
        await pilot.press("space")
        await until(pilot, lambda: "Thought 1" not in screen_text(app))
        assert screen.player.is_playing
        assert not screen.journal.is_final
        clock.advance(3.5)
        await until(pilot, lambda: "Thought 1" in screen_text(app))
        assert "Reason 1." not in screen_text(app)
        await pilot.press("space")
        assert not screen.player.is_playing
        clock.advance(100)
        await settle(pilot)
        assert not screen.journal.is_final
        await pilot.press("plus", "space")
        assert screen.player.speed == 2
        clock.advance(2)
        await until(pilot, lambda: "Reason 1." in screen_text(app))
        clock.advance(2)
        await until(pilot, lambda: screen.journal.is_final and screen.player.is_over)
        assert not screen.player.is_playing


async def test_stepping_and_jumping(clock, file):
    """Moment by moment there and back, to the beginning and the end, and to a place on the track by mouse."""
    app = app_on(FakeGateway(), clock)
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(app, pilot, file)
        await pilot.press("left_curly_bracket")
        assert len(screen.journal.events) == 1
        for moment in screen._replay.moments[1:]:
            await pilot.press("full_stop")
            assert screen.player.at == moment
        assert screen.journal.is_final
        await pilot.press("comma")
        assert not screen.journal.is_final
        await pilot.press("right_curly_bracket")
        assert screen.journal.is_final
        bar = screen.query_one(ReplayBar)
        start, length = bar._track
        await pilot.click(ReplayBar, offset=(start + length // 2, 0))
        await until(pilot, lambda: 0.4 < screen.player.share < 0.6)
        assert "Thought 1" in screen_text(app)


async def test_files_that_are_no_runs_say_what_is_wrong(clock, file, tmp_path):
    """A text, a zip without a run, a file from a newer program, a path that leads nowhere: each has its reason."""
    text = tmp_path / "a.skyrun"
    text.write_text("[bold]not a zip")
    other = tmp_path / "b.skyrun"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("hello.txt", "hi")
    newer = tmp_path / "c.skyrun"
    with zipfile.ZipFile(newer, "w") as archive:
        archive.writestr("skyrun.json", '{"format": "skyrun", "version": 99}')
    damaged = tmp_path / "d.skyrun"
    damaged.write_bytes(file.read_bytes()[:-40])
    app = app_on(FakeGateway(), clock)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        wrong = {
            text: "no zip file", other: "no skyrun.json", newer: "newer version", damaged: "damaged",
            tmp_path / "nowhere.skyrun": "No such file",
        }  # fmt: skip
        for count, (path, words) in enumerate(wrong.items(), 1):
            app.open_saved(path)
            await until(pilot, lambda count=count: len(messages(app)) == count)
            assert path.name in messages(app)[-1]
            assert words in messages(app)[-1]
        assert isinstance(app.screen, RunsScreen)


async def test_a_part_that_is_damaged_is_left_out_and_said(clock, file, tmp_path):
    """With a timeline that can't be read, the run is shown without it and a warning says so."""
    hurt = tmp_path / "hurt.skyrun"
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(hurt, "w") as part:
        for name in whole.namelist():
            part.writestr(name, b"[{]" if name == "timeline.json" else whole.read(name))
    app = app_on(FakeGateway(), clock)
    async with app.run_test(size=(120, 30)) as pilot:
        app.open_saved(hurt)
        await until(pilot, lambda: isinstance(app.screen, SavedScreen) and "completed" in screen_text(app))
        assert [words for words in messages(app) if "timeline.json" in words]


async def test_the_app_opens_on_files_without_any_server(clock, file, tmp_path):
    """Given files and no server, the first file is shown, the next below it, and the list says there is no server."""
    other = tmp_path / "files" / "other.skyrun"
    with RunWriter(other, saved_at=NOW) as writer:
        writer.finish(a_run("r_other", "failed", modified=9, failure_reason="out of tea"), [])
    app = app_on(FakeGateway(), clock, source=None, saved=[file, other], home=tmp_path / "home")
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, SavedScreen) and app.screen.run_id == RUN)
        await until(pilot, lambda: "Thought 1" in screen_text(app))
        assert "no server" not in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, SavedScreen) and app.screen.run_id == "r_other")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and "Choose a server: f2" in screen_text(app))


async def test_what_a_file_says_can_not_reach_the_terminal(clock, tmp_path):
    """Escapes and markup in names, notes, servers, ids and texts of a file are shown as signs, in its list too."""
    evil = "\x1b]0;owned\x07[bold red]x[/]\x9b31m\u202e"
    path = tmp_path / "a\x1b[31m[bold]b.skyrun"
    request = {"prompt": evil, "title": evil}
    with RunWriter(path, saved_at=NOW) as writer:
        run = a_run(f"tsk_{evil}", "failed", modified=9, failure_reason=evil, output=evil, run_request=request)
        writer.finish(run, [a_thought(1, when=2, thought=evil)], request=request, server=f"http://{evil}/", note=evil)
    app = app_on(FakeGateway(), clock, downloads=tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        seen = []
        await pilot.press("O")
        await until(pilot, lambda: isinstance(app.screen, OpenScreen) and ".skyrun" in screen_text(app))
        seen.append(screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SavedScreen) and "plan" in screen_text(app))
        for key in ("1", "2", "4", "6", "comma", "X", "G"):
            await pilot.press(key)
            await settle(pilot)
            seen.append(screen_text(app))
        shown = "".join(seen).replace("\n", "")
        assert not [character for character in shown if character in "\x1b\x07\x9b\u202e"]
        assert "[bold red]" in shown


async def test_no_webhook_is_sent_from_a_file(clock, file):
    """Nobody is told of a key that would send the webhook: there is no server to do it."""
    app = app_on(FakeGateway(), clock)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        await opened(app, pilot, file)
        await pilot.press("5")
        await until(pilot, lambda: "no webhook: nobody is told" in screen_text(app))
        await pilot.press("R")
        await settle(pilot)
        assert isinstance(app.screen, SavedScreen), "no address is asked for"
        assert "send again" not in screen_text(app)
        assert "R sends" not in screen_text(app)


async def test_a_replay_has_one_pause(clock, file):
    """In the middle of a replay the run goes on, but only the replay's own key holds it."""
    app = app_on(FakeGateway(), clock)
    async with app.run_test(size=(62, 24)) as pilot:
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        await opened(app, pilot, file)
        await pilot.press("comma")
        await until(pilot, lambda: "running" in screen_text(app))
        first, *_, last = screen_text(app).split("\n")
        assert "p pause" not in last
        assert "space play" in last
        assert first.split("saved 2026")[0].endswith("  ◆ "), "where one is does not touch whose run it is"
