"""Claims about what the tabs of a run show and do."""

from __future__ import annotations

import json

import pytest

from skyvern_tui.client.errors import BadRequestError
from skyvern_tui.client.resources import WebhookReplay
from skyvern_tui.config import Connection
from skyvern_tui.core.answers import Answer
from skyvern_tui.tui.screens.ask import AskScreen
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.widgets.artifact_list import ArtifactList
from skyvern_tui.tui.widgets.request_pane import ParameterList
from skyvern_tui.tui.widgets.split import Split
from skyvern_tui.tui.widgets.tab_bar import TabBar
from skyvern_tui.tui.widgets.timeline_list import TimelineList
from skyvern_tui.tui.widgets.webhook_pane import DeliveryList
from tests.skyvern_tui.builders import START, a_block, a_run, a_thought, an_action, an_artifact, at
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, passing, screen_text, settle, until
from tests.skyvern_tui.tui.test_run_screen import RUN, finish, following, heads, image

HOOK = "https://hooks.example/skyvern"
ASKED = {"prompt": "Get the title", "url": "http://127.0.0.1:8000/news/", "engine": "skyvern-2.0", "max_steps": 10}

pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")  # textual-image's half-blocks


@pytest.fixture
def gateway():
    """A server with one run that has begun."""
    gateway = FakeGateway(a_run(RUN))
    gateway.timelines[RUN] = [
        a_block(1, when=2, status="running", actions=[an_action(0, when=2.5)]),
        a_thought(1, when=1.5),
    ]
    return gateway


def state_of(app):
    """Return what is said below the tabs."""
    return app.screen.query_one(TabBar).border_subtitle or ""


async def on_tab(app, pilot, key):
    """Show the run on one of its tabs."""
    screen = await following(app, pilot)
    await pilot.press(key)
    await settle(pilot)
    return screen


# --- timeline ---------------------------------------------------------------------------------------------------


async def test_a_pause_truly_pauses(gateway, clock):
    """Paused, no row comes and the view does not move; how many wait is said; going on shows them and follows."""
    gateway.timelines[RUN] = [a_thought(n, when=2 + n) for n in range(40)]
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await following(app, pilot)
        listing = app.screen.query_one(TimelineList)
        await pilot.press("p")
        before = (listing.index, listing.scroll_offset, len(listing.rows))
        assert state_of(app) == "paused"
        gateway.timelines[RUN] = [a_thought(n, when=2 + n) for n in range(43)]
        await passing(pilot, clock, 5)
        await until(pilot, lambda: state_of(app) == "paused, 3 new")
        assert (listing.index, listing.scroll_offset, len(listing.rows)) == before
        await pilot.press("p")
        await settle(pilot)
        assert (state_of(app), len(listing.rows), listing.index) == ("", before[2] + 3, before[2] + 2)
        assert "Thought 42" in screen_text(app)


async def test_less_is_shown_on_request(gateway, clock):
    """``v`` leaves out the thoughts, then all but blocks and errors, then nothing; which it is is said."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await following(app, pilot)
        seen = []
        for _ in range(3):
            await pilot.press("v")
            seen.append((state_of(app), heads(app)[3:]))
        assert seen == [
            ("no thoughts", ["navigation", "click"]),
            ("blocks and errors", ["navigation"]),
            ("", ["plan", "navigation", "click"]),
        ]


async def test_blocks_fold_with_enter_and_all_at_once(gateway, clock):
    """Enter on a block folds it and says how much it hides; ``F`` opens all; ``x`` opens the block that failed."""
    finish(gateway, "failed")
    gateway.timelines[RUN][1].block.actions[0].status = "failed"
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await following(app, pilot)
        await pilot.press("g", "j", "j", "j", "j", "enter")
        await settle(pilot)
        assert heads(app)[3:6] == ["plan", "navigation", "plan"]
        assert "▸✓ navigation" in screen_text(app)
        assert "+2" in screen_text(app)
        await pilot.press("x")
        await settle(pilot)
        assert app.screen.query_one(TimelineList).row.head == "click"
        await pilot.press("F")
        assert len(heads(app)) == 7
        await pilot.press("F")
        assert len(heads(app)) == 9


async def test_the_timeline_is_searched(gateway, clock):
    """``/`` finds in the rows, ``n`` goes on."""
    finish(gateway)
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await following(app, pilot)
        await pilot.press("slash", *"reason 1", "enter")
        await settle(pilot)
        assert app.screen.query_one(TimelineList).row.text == "Reason 1."


async def test_while_followed_the_latest_screenshot_is_shown(gateway, clock):
    """On a wide screen what the browser looks like now stands beside the rows, though no row tells of it yet."""
    gateway.artifacts[RUN] = [an_artifact(1, when=2.6)]
    gateway.contents |= {"a_1": image(), "a_2": image()}
    app = app_on(gateway, clock)
    async with app.run_test(size=(140, 40)) as pilot:
        await following(app, pilot)
        await until(pilot, lambda: "content a_1" in gateway.calls)
        gateway.artifacts[RUN].append(an_artifact(2, when=30))
        await passing(pilot, clock, 5)
        await until(pilot, lambda: "content a_2" in gateway.calls)


async def test_any_row_leads_to_what_the_browser_looked_like(gateway, clock):
    """Enter on a thought shows the last screenshot taken until then, on a narrow screen, too."""
    finish(gateway)
    gateway.artifacts[RUN] = [an_artifact(1, when=3), an_artifact(2, when=12)]
    gateway.contents |= {"a_1": image(), "a_2": image()}
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await following(app, pilot)
        listing = screen.query_one(TimelineList)
        listing.move_to(next(place for place, row in enumerate(listing.rows) if row.text == "Thought 2"))
        await pilot.press("enter")
        await until(pilot, lambda: screen.tab == "artifacts" and "▀▀▀▀" in screen_text(app))
        assert screen.query_one(ArtifactList).row.fact.id == "a_1"
        await pilot.press("escape")
        await settle(pilot)
        assert screen.tab == "timeline"
        assert listing.row.text == "Thought 2"


async def test_the_panes_of_the_timeline_are_resized_and_zoomed(gateway, clock):
    """``<`` makes the details wider and leaves the other tabs' panes; ``z`` gives them all the room, narrow or wide."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await following(app, pilot)
        facts, width = screen.query_one("#facts"), screen.query_one("#detail").size.width
        await pilot.press("less_than_sign", "less_than_sign")
        await settle(pilot)
        assert screen.query_one("#detail").size.width > width
        assert screen.query_one("#asked", Split).share == 45
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert (facts.size.height, screen.query_one(TimelineList).size.width) == (5, 80)
        await pilot.press("z")
        await settle(pilot)
        assert screen.query_one("#detail").size.height > 12


# --- header -----------------------------------------------------------------------------------------------------


def past(number, took):
    """Return a run of the same prompt that took so many seconds."""
    return a_run(f"tsk_v2_p{number}", "completed", created_at=at(-900), started_at=at(-800), finished_at=at(took - 800))


async def test_the_time_left_is_judged_by_runs_alike(gateway, clock):
    """What runs of this prompt took says how long it will be, and that it is late once it is."""
    gateway.runs |= {run.run_id: run for run in (past(1, 80), past(2, 90), past(3, 100))}
    app = app_on(gateway, clock)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: app.screen.query("RunList") and len(list(app.screen.listed())) == 4)
        await until(pilot, lambda: all(line.prompt for line in app.screen.listed()))
        await following(app, pilot)
        await until(pilot, lambda: "about 31 s left · 3 runs of this prompt" in screen_text(app))
        clock.advance(60)
        app.screen.tick()
        await settle(pilot)
        assert "late: 3 runs of this prompt took 1 m 25 s to 1 m 35 s" in screen_text(app)


async def test_the_end_of_a_watched_run_is_told_once(gateway, clock, monkeypatch):
    """A run that ends while it is watched is told of, by name and status; one that was over already is not."""
    told = []
    app = app_on(gateway, clock)
    monkeypatch.setattr(app, "run_ended", lambda *words: told.append(words))
    async with app.run_test(size=(80, 24)) as pilot:
        await following(app, pilot)
        finish(gateway, output=1)
        await passing(pilot, clock, 5)
        await until(pilot, lambda: "completed" in heads(app))
        await passing(pilot, clock, 5)
        assert told == [("Get the title of the top post", "completed")]
        await following(app, pilot)
        await passing(pilot, clock, 5)
        assert len(told) == 1


# --- output -----------------------------------------------------------------------------------------------------


async def test_an_output_that_breaks_its_schema_says_where(gateway, clock):
    """The verdict stands above the output with path and reason of each fault; ``Y`` copies them."""
    schema = {"type": "object", "properties": {"items": {"type": "array", "items": {"type": "integer"}}}}
    finish(gateway, output={"items": [1, "two"]}, run_request=ASKED | {"data_extraction_schema": schema})
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await on_tab(app, pilot, "2")
        assert "✗ does not follow the schema" in screen_text(app)
        assert 'items[1]  "two" is not of type "integer"' in screen_text(app)
        await pilot.press("m", "Y")
        await until(pilot, lambda: app.clipboard == 'items[1]: "two" is not of type "integer"')


async def test_an_output_is_tree_table_and_text(gateway, clock, tmp_path):
    """``m`` turns a list of objects into a table, which is copied by row and saved as CSV, and into text."""
    finish(gateway, output=[{"name": "tea", "price": 3}, {"name": "cup", "price": 9}])
    app = app_on(gateway, clock, downloads=tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await on_tab(app, pilot, "2")
        await pilot.press("j", "y", "Y")
        await until(pilot, lambda: app.clipboard == "[0].name")
        await pilot.press("m")
        await settle(pilot)
        assert "  name      price" in screen_text(app)
        await pilot.press("j", "y")
        await until(pilot, lambda: json.loads(app.clipboard) == {"name": "cup", "price": 9})
        await pilot.press("s")
        await until(pilot, (tmp_path / RUN / "output.csv").exists)
        assert (tmp_path / RUN / "output.csv").read_bytes() == b"name,price\r\ntea,3\r\ncup,9\r\n"
        await pilot.press("m")
        await settle(pilot)
        assert '"name": "tea",' in screen_text(app)


async def test_a_large_output_says_that_there_is_more_than_its_text(gateway, clock):
    """Text is laid out within bounds and says so at its end; the tree has all of it, and saving writes all of it."""
    finish(gateway, output=list(range(20_000)))
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await on_tab(app, pilot, "2")
        assert len(screen.query_one("#output-tree").rows) == 20_000
        await pilot.press("m", "G")
        await until(pilot, lambda: "there is more: the tree shows all of it" in screen_text(app))


async def test_a_long_failure_can_be_read_to_its_end(gateway, clock):
    """Why a run failed is shown in full: what has no room is scrolled to."""
    reason = "\n".join(f"line {n}" for n in range(60))
    finish(gateway, "failed", failure_reason=reason)
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_tab(app, pilot, "2")
        assert "line 59" not in screen_text(app)
        await pilot.press("G")
        await until(pilot, lambda: "line 59" in screen_text(app))


# --- request ----------------------------------------------------------------------------------------------------


async def test_the_request_as_sent_stands_beside_what_the_server_repeats(gateway, clock):
    """Parameters are marked where the two differ, and secrets are variables on both sides."""
    finish(gateway, run_request=ASKED | {"max_steps": 7, "proxy_location": "NONE"})
    sent = ASKED | {"title": "News", "extra_http_headers": {"Authorization": "Bearer abcdefghijkl"}}
    app = app_on(gateway, clock)
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: app.server is not None)
        app.submitted(gateway.runs[RUN], sent)
        await on_tab(app, pilot, "4")
        changes = {row.path: row.change.value for row in app.screen.query_one(ParameterList).rows}
        assert {name: change for name, change in changes.items() if change != "same"} == {
            "title": "only in the first",
            "extra_http_headers": "only in the first",
            "proxy_location": "only in the second",
            "max_steps": "changed",
        }
        text = screen_text(app)
        assert "≠ max_steps" in text
        assert '"title": "News"' in text
        assert "abcdefghijkl" not in text
        await pilot.press("m")
        await settle(pilot)
        assert "curl --fail-with-body" in screen_text(app)


async def test_on_a_narrow_screen_the_forms_come_one_after_the_other(gateway, clock):
    """``m`` goes from the parameters through the forms and back to them; escape goes back at once."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_tab(app, pilot, "4")
        assert "AS THE SERVER REPEATS IT" in screen_text(app)
        seen = []
        for _ in range(8):
            await pilot.press("m")
            await settle(pilot)
            seen.append(next(line for line in screen_text(app).splitlines()[6:] if line.strip()).strip())
        assert seen[0] == "{"
        assert seen[1].startswith("curl ")
        assert seen[7].startswith("prompt ")
        await pilot.press("m", "escape")
        await settle(pilot)
        assert "AS THE SERVER REPEATS IT" in screen_text(app)


# --- webhook ----------------------------------------------------------------------------------------------------


DELIVERY = {
    "delivery_id": "wd_1",
    "trigger": "original",
    "url": HOOK,
    "state": "failed",
    "attempts": [
        {"at": at(15), "status_code": 502, "latency_ms": 120, "error": None, "response_body": "Bad gateway"},
    ],
    "webhook_failure_reason": "It answered 502.",
    "headers": {"x-skyvern-signature": "0f0f"},
    "payload": json.dumps({"status": "completed", "output": {"title": "Hello"}}),
    "created_at": at(14),
}


def a_replay(status, **over):
    """Return what came of a webhook sent again."""
    body = {"run_id": RUN, "run_type": "task_v2", "payload": '{"again": 1}', "headers": {}, "status_code": status}
    return WebhookReplay.model_validate(body | over)


async def test_deliveries_are_shown_with_attempts_and_payload(gateway, clock):
    """The tab says where the webhook goes, how each delivery went, and what was sent."""
    finish(gateway, run_request=ASKED | {"webhook_url": HOOK}, webhook_failure_reason="It answered 502.")
    gateway.deliveries[RUN] = [DELIVERY]
    app = app_on(gateway, clock)
    async with app.run_test(size=(140, 40)) as pilot:
        await on_tab(app, pilot, "5")
        await until(pilot, lambda: "502  after 0.1 s  Bad gateway" in screen_text(app))
        for words in (f"to  {HOOK}", "✗ It answered 502.", "✗ failed", "x-skyvern-signature", 'title: "Hello"'):
            assert words in screen_text(app), words


async def test_a_webhook_is_sent_again_to_its_receiver_or_another(gateway, clock):
    """``R`` asks where to; what the receiver answered is shown and told."""
    finish(gateway, run_request=ASKED | {"webhook_url": HOOK})
    gateway.replays = [a_replay(204, target_webhook_url=HOOK), a_replay(None, error="no such host")]
    app = app_on(gateway, clock)
    async with app.run_test(size=(140, 40)) as pilot:
        await on_tab(app, pilot, "5")
        assert "This server does not tell how it went." in screen_text(app)
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("enter")
        await until(pilot, lambda: len(app._notifications) == 1)
        await until(pilot, lambda: "✓ delivered" in screen_text(app))
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("end", *"/2", "enter")
        await until(pilot, lambda: len(app._notifications) == 2)
        await until(pilot, lambda: "✗ failed" in screen_text(app))
        assert [toast.message for toast in app._notifications] == [
            "Sent again: answered 204",
            "Sent again: no answer: no such host",
        ]
        asked = [call for call in gateway.calls if call.startswith("retry_run_webhook")]
        assert asked == [f"retry_run_webhook {RUN} None", f"retry_run_webhook {RUN} {HOOK}/2"]
        assert len(app.screen.query_one(DeliveryList).rows) == 2


async def test_a_refusal_to_send_again_is_told(gateway, clock):
    """What the server says against it is shown."""
    finish(gateway, run_request=ASKED | {"webhook_url": HOOK})
    gateway.refusal = BadRequestError("The run is not over.", status_code=400)
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_tab(app, pilot, "5")
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("enter")
        await until(pilot, lambda: any("not over" in toast.message for toast in app._notifications))


async def test_a_read_only_profile_changes_nothing(gateway, clock):
    """Neither webhook nor rerun go out of a profile that is read-only; it says so without asking first."""
    finish(gateway, run_request=ASKED | {"webhook_url": HOOK})
    profile = Connection("http://127.0.0.1:8000", "key-1", name="prod", read_only=True)
    app = app_on(gateway, clock, source=profile)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_tab(app, pilot, "5")
        for key, tab in (("R", "1"), ("R", "5")):
            await pilot.press(key)
            await settle(pilot)
            assert isinstance(app.screen, RunScreen)
            await pilot.press(tab)
        assert len([toast for toast in app._notifications if "read-only" in toast.message]) >= 1
        assert not any(call.startswith(("run_task", "retry")) for call in gateway.calls)


# --- answers ----------------------------------------------------------------------------------------------------


async def test_answers_are_shown_as_they_came(gateway, clock):
    """Method, path, status and time of each, and its body without secrets, as a tree that can be searched."""
    body = {"run_id": RUN, "note": "key-1", "recording_url": "https://h/x?sig=0123456789abcdef"}
    gateway.told[RUN] = [
        Answer("get_run", "GET", f"/v1/runs/{RUN}", 200, START, 0.012, json.dumps(body).encode()),
        Answer("get_run_timeline", "GET", f"/v1/runs/{RUN}/timeline", 400, START, 1.5, b"<html>"),
    ]
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await on_tab(app, pilot, "6")
        await until(pilot, lambda: "note:" in screen_text(app))
        text = screen_text(app)
        assert "200    12 ms" in text
        assert f"GET /v1/runs/{RUN}/timeline" in text
        assert "400" in text
        assert 'note: "${SKYVERN_API_KEY}"' in text
        assert "0123456789abcdef" not in text
        await pilot.press("j")
        await until(pilot, lambda: '"<html>"' in screen_text(app))
        await pilot.press("Y")
        await until(pilot, lambda: app.clipboard == f"/v1/runs/{RUN}/timeline")


# --- the run as a whole -----------------------------------------------------------------------------------------


async def test_a_run_is_run_again_as_it_was_and_watched(gateway, clock):
    """``R`` asks once, submits what was sent (secrets and all, where they are known) and shows the new run."""
    finish(gateway)
    sent = ASKED | {"extra_http_headers": {"Authorization": "Bearer abcdefghijkl"}}
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.server is not None)
        app.submitted(gateway.runs[RUN], sent)
        await following(app, pilot)
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: getattr(app.screen, "run_id", "") == "tsk_v2_new1")
        assert gateway.submitted == [sent]
        assert len(app.screen_stack) == 2


HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J\x9b31m",
    "\u202eevil\u2066\u200b\ufeff",
    "[bold]x[/nope] [@click=app.quit]y[/]",
    "a\tb\rc\nd\x00\x7f",
    "x" * 1_000_000,
    "名" * 5_000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=["escapes", "bidi", "markup", "controls", "a megabyte", "wide"])
async def test_no_text_breaks_a_tab_or_leaks_an_escape(gateway, clock, text):
    """Whatever stands in title, thoughts, reasons, output, request, webhook and answers is shown as inert text."""
    error = {"error_code": text, "reasoning": text}
    asked = {"prompt": text, "title": text, "url": text, "webhook_url": text, text[:50]: text}
    finish(gateway, "failed", failure_reason=text, output={text: [text]}, errors=[error], run_request=asked)
    thought = {"thought": text, "observation": text, "answer": text}
    action = an_action(0, when=2, reasoning=text, text=text, skyvern_element_data={"name": text}, action_type=text)
    gateway.timelines[RUN] = [
        a_block(1, when=1, navigation_goal=text, actions=[action]),
        a_thought(1, when=3, **thought),
    ]
    gateway.deliveries[RUN] = [DELIVERY | {"url": text, "payload": text, "webhook_failure_reason": text}]
    gateway.told[RUN] = [Answer("get_run", "GET", text, 200, START, 0.1, json.dumps({text: text}).encode())]
    app = app_on(gateway, clock)
    async with app.run_test(size=(120, 30)) as pilot:
        await following(app, pilot)
        for keys in ("kkkk", "2mm", "4mm", "5", "6", "1vF"):
            for key in keys:
                await pilot.press(key)
            await settle(pilot)
            shown = screen_text(app)
            assert all(line.isprintable() for line in shown.split("\n"))
            assert "\u202e" not in shown
