"""Claims about the list of runs."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from skyvern_tui.client.errors import AuthenticationError, ConnectError, NotFoundError
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.screens.help import HelpScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.widgets.bars import Banner
from skyvern_tui.tui.widgets.run_list import RunList
from tests.skyvern_tui.builders import a_run, an_item, at
from tests.skyvern_tui.tui.fakes import MOCK, FakeGateway, ManualClock, app_on, passing, screen_text, settle, until

REFUSED = ConnectError("127.0.0.1:8000 refused the connection.", hint="Start it.")


def three_runs():
    """Return a server with a running, a completed and a failed run, newest first."""
    return FakeGateway(
        a_run("r3", "running", created_at=at(30), started_at=at(31)),
        a_run("r2", "completed", modified=13, output={"title": "Hello"}),
        a_run(
            "r1",
            "failed",
            created_at=at(-500),
            started_at=at(-499),
            finished_at=at(-480),
            failure_reason="It broke.",
            run_request={"prompt": "Buy a mug", "engine": "openai-cua"},
        ),
    )


def shown(app):
    """Return the ids in the list, top to bottom."""
    return [row.id for row in app.screen.query_one(RunList).rows]


async def test_runs_are_listed_with_what_matters(clock):
    """Each run shows glyph and word of its status, prompt, engine, steps, duration and age."""
    app = app_on(three_runs(), clock)
    async with app.run_test(size=(120, 20)) as pilot:
        await until(pilot, lambda: shown(app) == ["r3", "r2", "r1"])
        lines = screen_text(app).splitlines()
        assert lines[0].split()[:3] == ["Skyvern", "Runs", "3"]
        assert "◐ running" in lines[2]
        assert "29 s" in lines[2]
        assert lines[3].split()[:5] == ["✓", "completed", "Get", "the", "title"]
        for word in ("skyvern-2.0", "12 s", "1 m"):
            assert word in lines[3]
        assert "✗ failed" in lines[4]
        assert "openai-cua" in lines[4]


async def test_the_list_stays_up_to_date(clock):
    """Runs that are created or change on the server appear by themselves, and the cursor stays on its run."""
    gateway = three_runs()
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 20)) as pilot:
        await until(pilot, lambda: len(shown(app)) == 3)
        await pilot.press("j")
        gateway.runs["r4"] = a_run("r4", "queued", created_at=at(40))
        gateway.runs["r3"] = a_run("r3", "completed", created_at=at(30), started_at=at(31), modified=45)
        for _ in range(6):
            await passing(pilot, clock, 5)
        assert shown(app) == ["r4", "r3", "r2", "r1"]
        assert app.screen.query_one(RunList).row.id == "r2"
        assert screen_text(app).count("completed") == 2


async def test_finished_runs_are_fetched_once(clock):
    """Details of runs that are over are not asked for again; those of live ones are."""
    gateway = three_runs()
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(shown(app)) == 3)
        for _ in range(4):
            await passing(pilot, clock, 5)
        assert gateway.calls.count("get_run r2") == 1
        assert gateway.calls.count("get_run r3") > 2


async def test_polling_rests_while_another_screen_is_shown(clock):
    """The list is not polled under another screen, and is at once on coming back."""
    gateway = three_runs()
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(shown(app)) == 3)
        await pilot.press("n")
        await settle(pilot)
        before = gateway.calls.count("get_runs 1 100")
        for _ in range(3):
            await passing(pilot, clock, 5)
        assert gateway.calls.count("get_runs 1 100") == before
        await pilot.press("escape")
        await settle(pilot)
        assert gateway.calls.count("get_runs 1 100") == before + 1


async def test_a_run_one_comes_back_from_is_in_the_list_at_once(clock):
    """The list knows what the run's screen knew, before the server's list does: it never says there are no runs."""
    gateway = FakeGateway(a_run("r9", "completed"))
    gateway.items = []
    app = app_on(gateway, clock)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        app.open_run("r9")
        await until(pilot, lambda: "✓ completed" in screen_text(app))
        gateway.fault = REFUSED
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, RunScreen))
        await settle(pilot)
        assert shown(app) == ["r9"]
        assert "No runs yet" not in screen_text(app)


async def test_the_cursor_stands_on_the_run_one_comes_back_from(clock):
    """A run that was sent or opened elsewhere is the one the next key means, wherever the cursor was before."""
    gateway = three_runs()
    app = app_on(gateway, clock)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: len(shown(app)) == 3)
        others = shown(app)[1:]
        for run_id in others:
            app.open_run(run_id)
            await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.journal.run is not None)
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, RunScreen))
            await settle(pilot)
            assert app.screen.listing.row.id == run_id


async def test_filter_shows_runs_with_all_words(clock):
    """Slash asks for words; enter keeps the filter and gives the list the keys; escape shows all runs again."""
    app = app_on(three_runs(), clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(shown(app)) == 3)
        await pilot.press("slash", *"mug", "enter")
        assert shown(app) == ["r1"]
        assert "Runs  1 of 3" in screen_text(app)
        await pilot.press("slash", *"zz")
        await settle(pilot)
        assert "No run has mugzz" in screen_text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert len(shown(app)) == 3


async def test_a_filter_finds_runs_the_list_tells_little_of(clock):
    """Prompts are not in the server's list: those of runs that are far down are asked for once words are sought."""
    gateway = FakeGateway(*(a_run(f"r{number}", "completed", created_at=at(-number)) for number in range(60)))
    gateway.runs["r55"] = a_run("r55", "completed", created_at=at(-55), run_request={"prompt": "Buy a mug"})
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 12)) as pilot:
        await until(pilot, lambda: len(shown(app)) == 60)
        await pilot.press("slash", *"mug", "enter")
        for _ in range(2):  # forty are asked for at a time
            await passing(pilot, clock, 10)
        await until(pilot, lambda: shown(app) == ["r55"])


async def test_keys_move_and_open(clock):
    """Arrow and vi keys move the cursor within the list; enter opens the run under it."""
    app = app_on(three_runs(), clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(shown(app)) == 3)
        listing = app.screen.query_one(RunList)
        places = []
        for key in ("j", "down", "j", "k", "up", "G", "g", "end", "home", "pagedown", "pageup"):
            await pilot.press(key)
            places.append(listing.index)
        assert places == [1, 2, 2, 1, 0, 2, 0, 2, 0, 2, 0]
        await pilot.press("j", "enter")
        await settle(pilot)
        assert isinstance(app.screen, RunScreen)
        assert app.screen.run_id == "r2"


async def test_the_mouse_chooses_and_opens(clock):
    """A click puts the cursor on a run, a double click opens it, a click on a key does what the key does."""
    app = app_on(three_runs(), clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(shown(app)) == 3)
        await pilot.click(RunList, offset=(5, 3))
        assert app.screen.query_one(RunList).row.id == "r1"
        await pilot.click(RunList, offset=(5, 2), times=2)
        await settle(pilot)
        assert app.screen.run_id == "r2"
        await pilot.click("KeyBar", offset=(2, 0))
        await settle(pilot)
        assert shown(app)


async def test_cancel_asks_first(clock):
    """Cancelling asks; no leaves the run alone, yes cancels it; a run that is over can't be canceled."""
    gateway = three_runs()
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(shown(app)) == 3)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("n")
        await settle(pilot)
        assert gateway.canceled == []
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: gateway.canceled == ["r3"])
        await until(pilot, lambda: "canceled" in screen_text(app))
        await pilot.press("j", "c")
        await settle(pilot)
        assert not isinstance(app.screen, ConfirmScreen)


async def test_a_refused_cancel_says_why(clock):
    """The server's reason and the client's hint are shown as a toast."""
    gateway = three_runs()
    gateway.refusal = NotFoundError("Run not found r3", status_code=404, hint="It may have been deleted.")
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(shown(app)) == 3)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: len(app._notifications) == 1)
        (toast,) = app._notifications
        assert toast.message == "Run not found r3\nIt may have been deleted."


async def test_a_newcomer_is_told_what_to_do(gateway, clock):
    """Without runs the screen offers to write a task and, on the mock, the docs' first task, address filled in."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "first one of the docs" in screen_text(app))
        assert "No runs yet" in screen_text(app)
        await pilot.press("t")
        await settle(pilot)
        assert isinstance(app.screen, ComposeScreen)
        assert app.draft == {
            "prompt": "Get the title of the top post",
            "url": "http://127.0.0.1:8000/_sites/news/",
        }


async def test_other_servers_offer_no_practice_sites(gateway, clock):
    """Where there are no sites, only writing a task is offered."""
    gateway.sites = []
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        assert "first" not in screen_text(app)
        await pilot.press("t")
        assert not isinstance(app.screen, ComposeScreen)


async def test_the_screen_is_there_before_the_server(gateway, clock):
    """A server that is being started doesn't hold up the first paint; what it began is ended with the app."""
    started, events = asyncio.Event(), []

    @asynccontextmanager
    async def starting():
        await started.wait()
        events.append("up")
        yield MOCK
        events.append("down")

    app = app_on(gateway, clock, source=starting, starting="starting the local server…")
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "starting the local server…" in screen_text(app)
        await pilot.press("n")
        assert isinstance(app.screen, ComposeScreen)
        await pilot.press("escape")
        started.set()
        await until(pilot, lambda: "No runs yet" in screen_text(app))
    assert events == ["up", "down"]
    assert gateway.closed


@pytest.mark.parametrize("kind", ["awaitable", "manager"])
async def test_a_server_can_be_handed_over_in_any_form(gateway, clock, kind):
    """A function that returns an awaitable, and an async context manager itself, are sources too."""

    @asynccontextmanager
    async def manager():
        yield MOCK

    async def awaitable():
        return MOCK

    app = app_on(gateway, clock, source=awaitable if kind == "awaitable" else manager())
    async with app.run_test() as pilot:
        await until(pilot, lambda: "No runs yet" in screen_text(app))


async def test_a_server_that_does_not_start_is_explained(gateway, clock):
    """The error of starting and its hint stand on the screen; the app goes on and can be quit."""

    class BrokenError(Exception):
        message = "The mock\x1b server could not be started."
        hint = "Install it."

    async def broken():
        raise BrokenError

    app = app_on(gateway, clock, source=broken)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "Install it." in screen_text(app))
        assert "The mock␛ server could not be started." in screen_text(app)
        assert "no server" in screen_text(app).splitlines()[0]
        await pilot.press("q")
    assert app.return_code == 0


async def test_an_empty_list_is_not_drawn_again_each_second(clock, monkeypatch):
    """What stands in the place of the list goes over the line once, until it says something else."""
    gateway = FakeGateway()
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 20)) as pilot:
        await until(pilot, lambda: "first one of the docs" in screen_text(app))
        drawn = []
        monkeypatch.setattr(app.screen.query_one("#empty Static"), "update", drawn.append)
        for _ in range(3):
            app.screen.tick()
            await settle(pilot)
        assert drawn == []
        app.sites = []
        app.screen.tick()
        assert ["docs" in str(words) for words in drawn] == [False]


async def test_server_loss_is_said_counted_down_and_got_over(clock):
    """A banner says since when the server is away and when it is tried again; its return is told, the list goes on."""
    gateway = three_runs()
    app = app_on(gateway, clock)
    async with app.run_test(size=(110, 20)) as pilot:
        await until(pilot, lambda: len(shown(app)) == 3)
        gateway.fault = REFUSED
        await passing(pilot, clock, 5)
        banner = "mock unreachable since 11:54:45, retrying in 1 s - the palette starts it again"
        assert banner in screen_text(app)
        assert len(shown(app)) == 3
        await passing(pilot, clock, 1)
        clock.advance(0.5)
        app.screen.tick()
        await settle(pilot)
        assert "retrying in 2 s" in screen_text(app)
        gateway.fault = None
        gateway.runs["r4"] = a_run("r4", "queued", created_at=at(50))
        await passing(pilot, clock, 1.5)
        await until(pilot, lambda: shown(app)[0] == "r4")
        assert not app.screen.query_one(Banner).has_class("-shown")
        assert [toast.message for toast in app._notifications] == ["The server is back after 3.0 s."]


async def test_a_server_that_never_answered_is_said_with_its_remedy(gateway, clock):
    """Before the first answer the screen says what is wrong and what to do; the answer replaces it."""
    gateway.fault = REFUSED
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "starts the local mock again." in screen_text(app))
        gateway.fault = None
        await passing(pilot, clock, 1)
        await until(pilot, lambda: "No runs yet" in screen_text(app))


async def test_refresh_asks_at_once(clock):
    """``r`` cuts a wait short, also the one for a server that is away."""
    gateway = three_runs()
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(shown(app)) == 3)
        gateway.fault = REFUSED
        await passing(pilot, clock, 5)
        gateway.fault = None
        await pilot.press("r")
        await settle(pilot)
        assert app.status.is_well


async def test_a_refused_key_is_said_with_its_remedy(gateway, clock):
    """A refused key shows the server's words and the hint, and is not tried again soon."""
    gateway.fault = AuthenticationError("Invalid credentials", status_code=403, hint="Set SKYVERN_API_KEY.")
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "Invalid credentials Set SKYVERN_API_KEY." in screen_text(app))
        await passing(pilot, clock, 10)
        assert gateway.calls.count("get_runs 1 100") == 1


async def test_a_server_without_a_list_of_runs_is_said(gateway, clock):
    """A server that has no run list answers 404; the screen says so instead of waiting for ever."""
    app = app_on(gateway, clock)

    async def missing(*, page, page_size):
        raise NotFoundError("Not Found", status_code=404, hint="Is this a Skyvern server?")

    gateway.get_runs = missing
    async with app.run_test() as pilot:
        await until(pilot, lambda: "The runs can't be listed" in screen_text(app))
        assert "Is this a Skyvern server?" in screen_text(app)


async def test_help_and_palette_come_from_the_registry(clock):
    """Help lists the keys of the screen; the palette finds an action by its words and does it."""
    app = app_on(three_runs(), clock)
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: len(shown(app)) == 3)
        await pilot.press("question_mark")
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen)
        for words in ("Write a task", "Filter: words, status:failed", "To the last line", "Run it again as it was"):
            assert words in screen_text(app)
        await pilot.press("escape")
        await pilot.press("ctrl+p")
        await pilot.press(*"write")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen))


async def test_a_wide_screen_shows_the_run_under_the_cursor_beside_the_list(clock):
    """With room, prompt, address, failure and output of the run under the cursor are shown."""
    app = app_on(three_runs(), clock)
    async with app.run_test(size=(160, 30)) as pilot:
        await until(pilot, lambda: len(shown(app)) == 3)
        await pilot.press("j")
        await settle(pilot)
        assert '"title": "Hello"' in screen_text(app)
        await pilot.press("j")
        await settle(pilot)
        assert "It broke." in screen_text(app)


async def test_hostile_titles_change_nothing_but_their_cell(clock):
    """Escapes, markup and bidirectional controls in a prompt are shown as marks."""
    gateway = FakeGateway(a_run("r1", "running", run_request={"prompt": "\x1b[2J[red]x[/] \u202eevil"}))
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "␛[2J[red]x[/] ⟨RLO⟩evil" in screen_text(app))


async def test_a_full_page_of_runs_says_that_there_are_more(clock):
    """When the server gives as many runs as can be asked for, the title says that these are the newest."""
    gateway = FakeGateway()
    gateway.items = [an_item(f"r{n}", "completed", created=n) for n in range(100)]
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "Runs  100 newest" in screen_text(app))


async def test_no_color_is_survived(gateway, monkeypatch):
    """With NO_COLOR set the app starts and statuses are still told apart by glyph and word."""
    monkeypatch.setenv("NO_COLOR", "1")
    gateway.runs["r1"] = a_run("r1", "failed")
    app = app_on(gateway, ManualClock())
    async with app.run_test() as pilot:
        await until(pilot, lambda: "✗ failed" in screen_text(app))
        assert app.no_color
