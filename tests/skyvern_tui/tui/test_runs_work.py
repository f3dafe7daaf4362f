"""Claims about working with many runs: filters, order, marks, reruns, history."""

from __future__ import annotations

import pytest
from textual.command import CommandPalette

from skyvern_tui.client.errors import ConnectError, NotFoundError
from skyvern_tui.tui.screens.ask import AskScreen
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.widgets.run_list import RunList
from tests.skyvern_tui.builders import a_run, an_item, at
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, passing, screen_text, settle, until


def some_runs():
    """Return a server with five runs, the newest first: two live, three over."""
    ends = {"completed": 20, "failed": 200}
    return FakeGateway(
        *(
            a_run(
                f"r{number}",
                status,
                created_at=at(-100 * (5 - number)),
                started_at=at(-100 * (5 - number)) if status != "queued" else None,
                finished_at=at(-100 * (5 - number) + ends[status]) if status in ends else None,
                run_request={"prompt": prompt, "max_steps": 5},
            )
            for number, status, prompt in (
                (5, "queued", "Alpha"),
                (4, "running", "beta"),
                (3, "completed", "Gamma"),
                (2, "failed", "delta"),
                (1, "completed", "Epsilon"),
            )
        )
    )


def shown(app):
    """Return the ids in the list, top to bottom."""
    return [row.id for row in app.screen.query_one(RunList).rows]


async def listed(app, pilot, count=5):
    """Wait until the runs are there with their details."""
    await until(
        pilot, lambda: len(shown(app)) == count and all(row.prompt for row in app.screen.query_one(RunList).rows)
    )


async def test_conditions_and_the_usual_filters(clock):
    """Conditions narrow the list as they are typed, a fault in one is said, ``w`` goes through the usual ones."""
    app = app_on(some_runs(), clock)
    async with app.run_test(size=(100, 20)) as pilot:
        await listed(app, pilot)
        await pilot.press("slash", *"status:bad", "enter")
        await settle(pilot)
        assert shown(app) == ["r2"]
        await pilot.press("slash", *" age:2", "enter")
        await settle(pilot)
        assert "write age:<2h" in screen_text(app)
        await pilot.press("escape")
        seen = []
        for _ in range(4):
            await pilot.press("w")
            await settle(pilot)
            seen.append(shown(app))
        assert seen == [["r5", "r4"], ["r2"], ["r3", "r1"], ["r5", "r4", "r3", "r2", "r1"]]


async def test_sorting_by_key_and_by_mouse(clock):
    """``s`` goes through the columns, ``S`` turns the order round, a click on a title sorts by it; the cursor stays."""
    app = app_on(some_runs(), clock)
    async with app.run_test(size=(100, 20)) as pilot:
        await listed(app, pilot)
        await pilot.press("j", "j")
        await pilot.press("s")
        await settle(pilot)
        assert shown(app)[:2] == ["r2", "r4"]
        assert "TOOK↓" in screen_text(app)
        assert app.screen.query_one(RunList).row.id == "r3"
        await pilot.press("S")
        await settle(pilot)
        assert shown(app)[-2:] == ["r4", "r2"]
        await pilot.click(RunList, offset=(20, 0))
        await settle(pilot)
        assert shown(app) == ["r5", "r4", "r2", "r1", "r3"]


async def test_marked_runs_are_canceled_together(clock):
    """Marks, a range of marks and all; cancelling asks once, names them, and cancels those that are not over."""
    gateway = some_runs()
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 20)) as pilot:
        await listed(app, pilot)
        await pilot.press("space", "j", "v")
        await settle(pilot)
        assert app.screen.query_one(RunList).marked == {"r5", "r4", "r3"}
        assert "3 marked" in screen_text(app)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        assert "Cancel 2 runs?" in screen_text(app)
        await pilot.press("y")
        await until(pilot, lambda: sorted(gateway.canceled) == ["r4", "r5"])
        await until(pilot, lambda: "2 runs asked to stop." in [toast.message for toast in app._notifications])
        assert app.screen.query_one(RunList).marked == set()
        await pilot.press("asterisk")
        assert len(app.screen.query_one(RunList).marked) == 5
        await pilot.press("asterisk", "space", "escape")
        assert app.screen.query_one(RunList).marked == set()


async def test_what_goes_wrong_with_some_is_said_and_the_rest_done(clock):
    """A refusal of one run does not stop the others, and is told with its reason."""
    gateway = some_runs()
    cancel = gateway.cancel_run

    async def but_one(run_id):
        if run_id == "r4":
            raise NotFoundError("Run not found r4", status_code=404)
        await cancel(run_id)

    gateway.cancel_run = but_one
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 20)) as pilot:
        await listed(app, pilot)
        await pilot.press("space", "space", "c")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: len(app._notifications) == 2)
        assert [toast.message for toast in app._notifications] == [
            "1 run asked to stop.",
            "1 run not: Run not found r4",
        ]
        assert gateway.canceled == ["r5"]


async def test_runs_are_run_again_as_they_were(clock):
    """Rerun asks, then submits what was asked for; so for all marked runs."""
    gateway = some_runs()
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 20)) as pilot:
        await listed(app, pilot)
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("n")
        await settle(pilot)
        assert gateway.submitted == []
        await pilot.press("j", "j", "space", "space", "R")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: len(gateway.submitted) == 2)
        assert gateway.submitted == [{"prompt": "Gamma", "max_steps": 5}, {"prompt": "delta", "max_steps": 5}]


async def test_a_run_is_edited_and_run_again(clock):
    """``e`` opens the form with what was asked for, also when that was not fetched before."""
    gateway = some_runs()
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 20)) as pilot:
        await listed(app, pilot)
        await pilot.press("j", "e")
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen))
        assert app.draft == {"prompt": "beta", "max_steps": "5"}


async def test_a_run_is_found_by_a_few_letters(clock):
    """Letters in order, not side by side, find a run and open it."""
    app = app_on(some_runs(), clock)
    async with app.run_test(size=(100, 24)) as pilot:
        await listed(app, pilot)
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"epln")
        await until(pilot, lambda: "task_v2  r1" in screen_text(app) and "task_v2  r3" not in screen_text(app))
        await pilot.pause(0.3)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        assert app.screen.run_id == "r1"


async def test_history_is_paged_through_on_the_server(clock):
    """At the end of the list the next page is fetched, by ``m`` at once; after the last there is no more to fetch."""
    gateway = FakeGateway()
    items = [an_item(f"r{n:03}", "completed", created=-n) for n in range(250)]

    async def page(*, page, page_size):
        gateway.calls.append(f"page {page}")
        return items[(page - 1) * page_size : page * page_size]

    gateway.get_runs = page
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 20)) as pilot:
        await until(pilot, lambda: "Runs  100 newest" in screen_text(app))
        await pilot.press("m")
        await until(pilot, lambda: "Runs  200 newest" in screen_text(app))
        await pilot.press("G")
        await until(pilot, lambda: "Runs  250" in screen_text(app) and "newest" not in screen_text(app))
        await passing(pilot, clock, 5)
        await settle(pilot)
        assert "Runs  250" in screen_text(app)
        assert shown(app)[-1] == "r249"
        assert "page 4" not in gateway.calls


async def test_details_are_fetched_for_what_is_in_sight(clock):
    """Of a long list, runs are asked for where one looks; those that are never looked at are not."""
    gateway = FakeGateway()
    runs = {f"r{n:03}": a_run(f"r{n:03}", "completed", created_at=at(-n), modified=9) for n in range(90)}
    gateway.items = [an_item(name, "completed", created=-n) for n, name in enumerate(runs)]
    gateway.runs = runs
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 20)) as pilot:
        await until(pilot, lambda: "get_run r000" in gateway.calls)
        assert "get_run r089" not in gateway.calls
        await pilot.press("G")
        await until(pilot, lambda: "get_run r089" in gateway.calls)
        assert "get_run r045" not in gateway.calls


@pytest.mark.parametrize("count", [5_000])
async def test_a_list_of_thousands_stays_quick(clock, count):
    """Keys and filters on thousands of runs draw what is in sight: far fewer lines than there are runs."""
    gateway = FakeGateway()
    gateway.items = [an_item(f"r{n:05}", "completed", created=-n, title=f"Task {n}") for n in range(count)]
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: len(shown(app)) == count)
        listing = app.screen.query_one(RunList)
        drawn = []
        spans = listing.spans
        listing.spans = lambda row, width: drawn.append(row.id) or spans(row, width)
        await pilot.press("j", "k", "pagedown", "G", "g")
        await settle(pilot)
        assert len(set(drawn)) < 100
        await pilot.press("slash", *"4999", "enter")
        await settle(pilot)
        assert shown(app) == ["r04999"]


async def test_runs_and_notes_are_there_without_the_server(clock, tmp_path):
    """What was seen is remembered: the list, what was asked for, and notes, until the server answers."""
    gateway = some_runs()
    app = app_on(gateway, clock, home=tmp_path)
    async with app.run_test(size=(160, 24)) as pilot:
        await listed(app, pilot)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, AskScreen) and app.focused)
        await pilot.press(*"ask Jo", "enter")
        await until(pilot, lambda: "ask Jo" in screen_text(app))
    away = some_runs()
    away.fault = ConnectError("127.0.0.1:8000 refused the connection.")
    again = app_on(away, clock, home=tmp_path)
    async with again.run_test(size=(160, 24)) as pilot:
        await until(pilot, lambda: "Runs  5 remembered" in screen_text(again))
        assert "Epsilon" in screen_text(again)
        assert "ask Jo" in screen_text(again)
        assert "mock unreachable" in screen_text(again)
        await pilot.press("G", "e")
        await until(pilot, lambda: isinstance(again.screen, ComposeScreen))
        assert again.draft["prompt"] == "Epsilon"
        await pilot.press("escape")
        away.fault = None
        await passing(pilot, clock, 5)
        await until(pilot, lambda: "Runs  5 " in screen_text(again) and "remembered" not in screen_text(again))


async def test_without_any_server_the_last_one_is_remembered(clock, tmp_path):
    """Where no server comes up at all, the runs of the last one are shown, and why there is none."""
    app = app_on(some_runs(), clock, home=tmp_path)
    async with app.run_test(size=(100, 24)) as pilot:
        await listed(app, pilot)

    async def broken():
        raise OSError("no such program")

    again = app_on(FakeGateway(), clock, home=tmp_path, source=broken)
    async with again.run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: "Runs  5 remembered" in screen_text(again))
        assert "no server: no such program" in screen_text(again)


async def test_what_runs_cost_is_shown_only_where_it_is_known(clock):
    """A server that does not say what runs cost gets no column for it; of one that does runs can be sorted by it."""
    app = app_on(some_runs(), clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, pilot)
        assert "COST" not in screen_text(app)
        assert "cost" not in app.screen.listing.orders
    gateway = some_runs()
    for number, cost in ((3, 12), (1, 40)):
        run = gateway.runs[f"r{number}"]
        gateway.runs[f"r{number}"] = run.model_validate({**run.model_dump(), "credits_used": cost})
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, pilot)
        assert "COST" in screen_text(app)
        await pilot.press("s", "s", "s")
        await settle(pilot)
        assert "COST↓" in screen_text(app)
        assert shown(app)[:2] == ["r1", "r3"]
        await pilot.press("slash", *"cost:>20")
        await until(pilot, lambda: shown(app) == ["r1"])


async def test_a_note_marks_its_run_and_is_found(clock, tmp_path):
    """A run with a note has a sign in the list, and the filter finds it by words of the note."""
    app = app_on(some_runs(), clock, home=tmp_path)
    async with app.run_test(size=(100, 24)) as pilot:
        await listed(app, pilot)
        await pilot.press("j", "a")
        await until(pilot, lambda: isinstance(app.screen, AskScreen) and app.focused)
        await pilot.press(*"Ask Jo", "enter")
        await until(pilot, lambda: "\u270e beta" in screen_text(app))
        await pilot.press("slash", *"note:jo")
        await until(pilot, lambda: shown(app) == ["r4"])
        await pilot.press("escape", "slash", *"ask beta")
        await until(pilot, lambda: shown(app) == ["r4"])


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (240, 70)])
async def test_the_list_fits_from_small_to_large(clock, size):
    """Status, task, steps, duration and age are there at any size, and no line is wider than the screen."""
    app = app_on(some_runs(), clock)
    async with app.run_test(size=size) as pilot:
        await listed(app, pilot)
        shown_now = screen_text(app)
        assert all(title in shown_now for title in ("STATUS", "TASK", "STEPS", "TOOK", "AGE"))
        assert all(name in shown_now for name in ("Alpha", "beta", "Gamma", "delta", "Epsilon"))
        assert ("ENGINE" in shown_now) == (size[0] > 80)
        assert max(map(len, shown_now.split("\n"))) <= size[0]
