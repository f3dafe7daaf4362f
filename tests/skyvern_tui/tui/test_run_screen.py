"""Claims about following one run."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from PIL import Image
from textual.widgets import ContentSwitcher

from skyvern_tui.client.errors import BadRequestError, ConnectError
from skyvern_tui.core.shelf import Group
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.widgets.artifact_list import ArtifactList
from skyvern_tui.tui.widgets.facts import FactsPane
from skyvern_tui.tui.widgets.preview_pane import PreviewPane
from skyvern_tui.tui.widgets.timeline_list import TimelineList
from tests.skyvern_tui.builders import a_block, a_run, a_thought, an_action, an_artifact
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, passing, screen_text, settle, until

pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")  # textual-image's half-blocks

RUN = "tsk_v2_1"
REFUSED = ConnectError("127.0.0.1:8000 refused the connection.", hint="Start it.")


@pytest.fixture
def gateway():
    """A server with one run that has begun."""
    gateway = FakeGateway(a_run(RUN))
    gateway.timelines[RUN] = [
        a_block(1, when=2, status="running", actions=[an_action(0, when=2.5)]),
        a_thought(1, when=1.5),
    ]
    return gateway


def finish(gateway, status="completed", **over):
    """Let the run end."""
    gateway.runs[RUN] = a_run(RUN, status, modified=14, step_count=2, **over)
    gateway.timelines[RUN] = [
        a_thought(2, when=9),
        a_block(1, when=2, modified=8, actions=[an_action(1, when=5), an_action(0, when=2.5)]),
        a_thought(1, when=1.5),
    ]


async def following(app, pilot):
    """Show the run and wait until something is drawn."""
    await until(pilot, lambda: app.server is not None)
    app.open_run(RUN)
    await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.is_live)
    await until(pilot, lambda: app.screen.query_one(TimelineList).rows)
    return app.screen


def heads(app):
    """Return the first words of the timeline's rows."""
    return [row.head for row in app.screen.query_one(TimelineList).rows]


def image(width=64, height=32):
    """Return the bytes of a picture, red above and blue below."""
    picture = Image.new("RGB", (width, height), "#ff0000")
    picture.paste("#0000ff", (0, height // 2, width, height))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


async def test_a_run_is_followed_to_its_end(gateway, clock):
    """Rows appear as the server tells of them; status, steps and time in the head follow; the output is shown."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await following(app, pilot)
        assert heads(app) == ["created", "queued", "running", "plan", "navigation", "click"]
        head = screen_text(app).splitlines()[1:3]
        assert head[0].split()[:4] == ["◐", "running", "Get", "the"]
        assert "0:59" in head[1]
        assert "step 1 of 10" in head[1]
        finish(gateway, output={"title": "Hello", "points": 3})
        await passing(pilot, clock, 1)
        assert heads(app)[3:] == ["plan", "navigation", "click", "click", "plan", "output", "completed"]
        assert "✓ completed" in screen_text(app)
        await pilot.press("2")
        await settle(pilot)
        assert 'title: "Hello"' in screen_text(app)
        await pilot.press("m")
        await settle(pilot)
        assert '"title": "Hello",' in screen_text(app)


async def test_the_end_is_followed_until_one_looks_back(gateway, clock):
    """The cursor goes along with new rows while it is on the last; moved up it stays; G follows again."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await following(app, pilot)
        listing = app.screen.query_one(TimelineList)

        def grow(count):
            gateway.timelines[RUN] = [a_thought(n, when=3 + n) for n in range(2, count)] + gateway.timelines[RUN][-2:]

        grow(40)
        await passing(pilot, clock, 5)
        assert listing.index == len(listing.rows) - 1
        assert "Thought 39" in screen_text(app)
        await pilot.press("k", "k")
        seen = listing.row
        grow(60)
        await passing(pilot, clock, 5)
        assert listing.row is seen
        assert "Thought 59" not in screen_text(app)
        await pilot.press("G")
        grow(61)
        await passing(pilot, clock, 5)
        assert "Thought 60" in screen_text(app)


async def test_following_survives_a_banner(gateway, clock):
    """A server that goes away and comes back takes a line of the list for a while and does not end the following."""
    gateway.timelines[RUN] = [a_thought(n, when=n) for n in range(40)]
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await following(app, pilot)
        gateway.fault = REFUSED
        await passing(pilot, clock, 5)
        assert "unreachable" in screen_text(app).splitlines()[1]
        assert heads(app)[-1] == "unreachable"
        gateway.fault = None
        finish(gateway)
        await passing(pilot, clock, 1)
        await settle(pilot)
        listing = app.screen.query_one(TimelineList)
        assert listing.index == len(listing.rows) - 1


async def test_an_outage_is_part_of_the_timeline_and_leaves_no_gap(gateway, clock):
    """What happened while the server was away is there afterwards, and so is the outage, with its length."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 40)) as pilot:
        await following(app, pilot)
        gateway.fault = REFUSED
        await passing(pilot, clock, 5)
        await passing(pilot, clock, 1)
        finish(gateway, output=1)
        gateway.fault = None
        await passing(pilot, clock, 2)
        await until(pilot, lambda: "completed" in heads(app))
        assert heads(app).count("click") == 2
        (outage,) = [row for row in app.screen.query_one(TimelineList).rows if row.head == "unreachable"]
        assert outage.duration == 3.0


async def test_failures_stand_out_and_can_be_jumped_to(gateway, clock):
    """``x`` goes from failure to failure; the output tab says why there is none."""
    finish(
        gateway,
        "failed",
        failure_reason="The page [never] loaded.",
        errors=[{"error_code": "E7", "reasoning": "No answer."}],
    )
    gateway.timelines[RUN][1].block.actions[0].status = "failed"
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await following(app, pilot)
        listing = app.screen.query_one(TimelineList)
        visited = []
        for _ in range(3):
            await pilot.press("x")
            visited.append(listing.row.head)
        assert visited == ["click", "failed", "click"]
        await pilot.press("2")
        await settle(pilot)
        for text in ("✗ failed", "The page [never] loaded.", "E7  No answer.", "ended without an output"):
            assert text in screen_text(app)


async def test_the_row_under_the_cursor_tells_all(gateway, clock):
    """Beside or below the timeline stands everything known about the row one is at."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await following(app, pilot)
        shown = str(app.screen.query_one("#facts", FactsPane).query_one("Static").render())
        assert "Reason 0." in shown
        assert "90%" in shown
        assert "act_0" in shown


async def test_a_wide_screen_shows_what_the_browser_saw(gateway, clock):
    """With room, the screenshot of the moment under the cursor is shown beside the timeline."""
    gateway.artifacts[RUN] = [an_artifact(1, when=2.6)]
    gateway.contents["a_1"] = image()
    app = app_on(gateway, clock)
    async with app.run_test(size=(160, 40)) as pilot:
        await following(app, pilot)
        await until(pilot, lambda: "▀▀▀▀" in screen_text(app))
        assert gateway.calls.count("content a_1") == 1
        await pilot.press("g")
        await pilot.pause(0.1)
        assert gateway.calls.count("content a_1") == 1


async def test_tabs_by_number_letter_and_mouse(gateway, clock):
    """1 to 6, h and l, and clicks show the tabs."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        screen = await following(app, pilot)
        seen = []
        for key in ("2", "3", "4", "5", "6", "1", "l", "h", "h", "4"):
            await pilot.press(key)
            seen.append(screen.tab)
        assert seen == [
            *("output", "artifacts", "request", "webhook", "answers"),
            *("timeline", "output", "timeline", "answers", "request"),
        ]
        assert "max_steps" in screen_text(app)
        await pilot.click("TabBar", offset=(18, 0))
        await settle(pilot)
        assert screen.tab == "output"
        assert "No output yet" in screen_text(app)


CONTENTS = {
    "screenshot_final": (image(), "▀▀▀▀▀▀▀▀▀▀"),
    "llm_response": (b'{"answer": [1, 2]}', "answer: [2]"),
    "html_scrape": (b"<!doctype html>\n<title>News</title><h1>Top stories</h1>", "# Top stories"),
    "browser_console_log": (b"[ERROR] it broke\n", "[ERROR] it broke"),
    "llm_prompt": (b"Do \x1b[31mthis", "Do ␛[31mthis"),
    "har": (
        json.dumps(
            {"log": {"entries": [{"request": {"method": "GET", "url": "http://h/a"}, "response": {"status": 404}}]}}
        ).encode(),
        "GET      404",
    ),
    "recording": (b"\x1aE\xdf\xa3rest", "not a recording that can be read"),
    "download": (b"\0\1\2", "binary data  (application/octet-stream), 3 B"),
    "trace": (b"", "trace"),
}


@pytest.mark.parametrize("kind", CONTENTS)
async def test_artifacts_are_shown_as_what_they_are(gateway, clock, kind):
    """Pictures, JSON, HTML, logs, text, HAR, archives and binary files each have their own view."""
    data, text = CONTENTS[kind]
    if kind == "trace":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("resources/page.jpeg", b"x" * 300)
        data, text = buffer.getvalue(), "300 B      300 B  resources/page.jpeg"
    gateway.artifacts[RUN] = [an_artifact(1, kind)]
    gateway.contents["a_1"] = data
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await following(app, pilot)
        await pilot.press("3", "enter")
        await until(pilot, lambda: text in screen_text(app), text)
        await pilot.press("escape")
        await settle(pilot)
        assert app.focused is app.screen.query_one(ArtifactList)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))


async def test_on_a_small_screen_the_tab_that_is_shown_has_its_name(gateway, clock):
    """Where not all names have room the others are numbers, and can still be clicked."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(50, 20)) as pilot:
        screen = await following(app, pilot)
        await pilot.press("6")
        await settle(pilot)
        assert screen_text(app).splitlines()[3].split() == ["1", "2", "3", "4", "5", "6", "Answers"]
        await pilot.click("TabBar", offset=(4, 0))
        await settle(pilot)
        assert screen.tab == "output"


async def test_a_run_without_artifacts_says_so(gateway, clock):
    """Before the first artifact, and after a run that left none, the tab says which it is."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await following(app, pilot)
        await pilot.press("3")
        await until(pilot, lambda: "No artifacts yet." in screen_text(app))
        finish(gateway)
        await passing(pilot, clock, 5)
        await until(pilot, lambda: "This run left no artifacts." in screen_text(app))


async def test_groups_fold(gateway, clock):
    """Artifacts of one type stand together; many are folded until opened with enter."""
    gateway.artifacts[RUN] = [an_artifact(n, "llm_prompt", when=n) for n in range(8)] + [an_artifact(9, "har")]
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await following(app, pilot)
        await pilot.press("3")
        listing = app.screen.query_one(ArtifactList)
        assert [getattr(row, "name", None) or row.fact.type for row in listing.rows] == ["har", "llm prompt"]
        await pilot.press("j", "enter")
        await settle(pilot)
        assert len(listing.rows) == 10
        assert isinstance(listing.row, Group)
        await pilot.press("enter")
        await settle(pilot)
        assert len(listing.rows) == 2


async def test_wide_screens_preview_the_artifact_under_the_cursor(gateway, clock):
    """With room, list and preview stand side by side, moving shows the next, enter gives the preview the keys."""
    gateway.artifacts[RUN] = [an_artifact(1, "har"), an_artifact(2, "llm_prompt")]
    gateway.contents |= {"a_1": b"{}", "a_2": b"the prompt itself"}
    app = app_on(gateway, clock)
    async with app.run_test(size=(160, 40)) as pilot:
        await following(app, pilot)
        await pilot.press("3")
        await until(pilot, lambda: "not a HAR file" in screen_text(app))
        await pilot.press("j")
        await until(pilot, lambda: "the prompt itself" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.focused is app.screen.query_one(PreviewPane).body)
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "not a HAR file" in screen_text(app))


async def test_an_action_leads_to_its_screenshot(gateway, clock):
    """Enter on an action shows the screenshot that was taken for it, even out of a folded group."""
    gateway.timelines[RUN] = [a_block(1, when=2, actions=[an_action(0, when=2.5, screenshot_artifact_id="a_5")])]
    gateway.artifacts[RUN] = [an_artifact(n, when=n) for n in range(9)]
    gateway.contents["a_5"] = image()
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        screen = await following(app, pilot)
        assert screen.query_one(TimelineList).row.head == "click"
        await pilot.press("enter")
        await until(pilot, lambda: "▀▀▀▀" in screen_text(app))
        assert screen.tab == "artifacts"
        assert screen.query_one(ArtifactList).row.fact.id == "a_5"


async def test_a_damaged_or_monstrous_picture_is_said(gateway, clock):
    """A picture that can't be decoded, or is too large to, shows the reason and can still be saved."""
    huge = image(2, 2).replace((2).to_bytes(4, "big") * 2, (60_000).to_bytes(4, "big") * 2, 1)
    gateway.artifacts[RUN] = [an_artifact(1, "screenshot_final"), an_artifact(2, "screenshot_action")]
    gateway.contents |= {"a_1": b"\x89PNG\r\n\x1a\nnonsense", "a_2": huge}
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await following(app, pilot)
        await pilot.press("3", "enter")
        await until(pilot, lambda: "the picture is damaged" in screen_text(app))
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "damaged" in screen_text(app) or "too large" in screen_text(app))
        assert app.screen.check_action("save", ()) is not False


async def test_an_artifact_that_cannot_be_fetched_says_why(gateway, clock):
    """A failing fetch shows the reason in place of the preview."""
    gateway.artifacts[RUN] = [an_artifact(1, "llm_prompt")]
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await following(app, pilot)
        await pilot.press("3")
        gateway.fault = REFUSED
        await pilot.press("enter")
        await until(pilot, lambda: "Start it." in screen_text(app))


async def test_artifacts_and_output_are_saved(gateway, clock, tmp_path):
    """``s`` writes the artifact, or the output, into the run's folder under a safe name, and says where."""
    finish(gateway, output={"a": "ü"})
    gateway.artifacts[RUN] = [an_artifact(1, "har")]
    gateway.contents["a_1"] = b"whole"
    app = app_on(gateway, clock, downloads=tmp_path)
    async with app.run_test() as pilot:
        await following(app, pilot)
        await pilot.press("s")
        await pilot.press("3", "s")
        await until(pilot, lambda: len(app._notifications) == 1)
        await pilot.press("2", "s")
        await until(pilot, lambda: len(app._notifications) == 2)
    saved = {path.name: path.read_bytes() for path in (tmp_path / RUN).iterdir()}
    assert saved == {"2026-01-20T11-53-42_a_1_har.har": b"whole", "output.json": '{\n  "a": "ü"\n}'.encode()}


async def test_saving_where_nothing_can_be_saved_says_so(gateway, clock, tmp_path):
    """The operating system's reason is shown."""
    finish(gateway, output=1)
    (tmp_path / "file").write_text("")
    app = app_on(gateway, clock, downloads=tmp_path / "file")
    async with app.run_test() as pilot:
        await following(app, pilot)
        await pilot.press("2", "s")
        await until(pilot, lambda: len(app._notifications) == 1)
        assert next(iter(app._notifications)).message.startswith("Not saved:")


async def test_the_output_is_copied_and_the_page_opened(gateway, clock, monkeypatch):
    """``y`` in the output puts it on the clipboard, ``o`` opens the run's page."""
    finish(gateway, output=["a"])
    app = app_on(gateway, clock)
    opened = []
    monkeypatch.setattr(app, "open_url", opened.append)
    async with app.run_test() as pilot:
        await following(app, pilot)
        await pilot.press("2", "m", "y", "o")
        await settle(pilot)
        assert app.clipboard == '[\n  "a"\n]'
        assert opened == [f"http://127.0.0.1:8000/runs/{RUN}"]


async def test_a_running_run_can_be_canceled(gateway, clock):
    """``c`` asks and cancels; the screen follows the run to its end; then there is nothing left to cancel."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await following(app, pilot)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: gateway.canceled == [RUN])
        await until(pilot, lambda: "canceled" in heads(app))
        assert app.screen.check_action("cancel_run", ()) is False


async def test_a_run_becomes_the_draft_of_the_next(gateway, clock):
    """``e`` opens the form with what this run was asked."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await following(app, pilot)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen))
        assert app.draft == {
            "prompt": "Get the title of the top post",
            "url": "http://127.0.0.1:8000/news/",
            "engine": "skyvern-2.0",
            "max_steps": "10",
        }


async def test_runs_without_a_timeline_show_their_evidence(gateway, clock):
    """A server that has no timeline for this type of run is asked once; screenshots and files stand in."""
    gateway.timelines[RUN] = BadRequestError("Timeline not available for run type task_v3", status_code=400)
    gateway.artifacts[RUN] = [an_artifact(1), an_artifact(2, "llm_prompt")]
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await following(app, pilot)
        await passing(pilot, clock, 5)
        await passing(pilot, clock, 5)
        assert heads(app) == ["created", "queued", "running", "screenshot action"]
        assert gateway.calls.count(f"timeline {RUN}") == 1


async def test_a_run_that_does_not_exist_is_said(gateway, clock):
    """An unknown id shows the server's words and is not asked for again."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.server is not None)
        app.open_run("tsk_gone")
        await until(pilot, lambda: any("tsk_gone" in toast.message for toast in app._notifications))
        await passing(pilot, clock, 30)
        assert gateway.calls.count("get_run tsk_gone") == 1


async def test_polling_ends_with_the_run(gateway, clock):
    """After the end a few more looks are taken for files that come late; then the server is left alone, until asked."""
    finish(gateway, output=1)
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await following(app, pilot)
        gateway.artifacts[RUN] = [an_artifact(1, "recording")]
        for _ in range(12):
            await passing(pilot, clock, 5)
        asked = gateway.calls.count(f"get_run {RUN}")
        assert asked < 9
        assert len(app.screen.journal.artifacts) == 1
        for _ in range(3):
            await passing(pilot, clock, 5)
        assert gateway.calls.count(f"get_run {RUN}") == asked
        gateway.artifacts[RUN].append(an_artifact(2, "har"))
        await pilot.press("r")
        await until(pilot, lambda: len(app.screen.journal.artifacts) == 2)


async def test_the_limit_known_at_the_start_is_kept(gateway, clock):
    """Where later answers don't repeat the limit of steps, the one of the first answer is shown."""
    app = app_on(gateway, clock)
    gateway.runs[RUN] = a_run(RUN, run_request={"prompt": "p", "max_steps": None})
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.server is not None)
        app.open_run(RUN, a_run(RUN, "queued", run_request={"prompt": "p", "max_steps": 4}))
        await until(pilot, lambda: "step 1 of 4" in screen_text(app))


async def test_a_downloaded_file_is_named_with_the_output(gateway, clock):
    """Files the run downloaded are listed with their sizes."""
    finish(gateway, output=1, downloaded_files=[{"url": "http://h/x", "filename": "invoice.pdf", "file_size": 2048}])
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await following(app, pilot)
        await pilot.press("2")
        await settle(pilot)
        assert "invoice.pdf  2.0 kB" in screen_text(app)


async def test_ten_thousand_rows_stay_quick(gateway, clock):
    """A very long timeline is drawn, followed and walked through without drawing more than is in sight."""
    gateway.timelines[RUN] = [
        a_block(b, when=b, actions=[an_action(b * 10 + n, when=b + n / 20) for n in range(9)]) for b in range(1000)
    ]
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await following(app, pilot)
        listing = app.screen.query_one(TimelineList)
        assert len(listing.rows) == 10_003
        for key in ("G", "g", "pagedown", "j", "k"):
            await pilot.press(key)
        assert len(listing._strips) < 200
        assert app.screen.query_one("#tabs", ContentSwitcher).current == "timeline"
