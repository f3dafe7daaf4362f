"""The main job, once, with nothing faked: terminal app, real server, real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from skyvern_tui.config import Connection
from skyvern_tui.core.journal import EventKind
from skyvern_tui.tui.app import SkyvernApp
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.widgets.artifact_list import ArtifactList
from skyvern_tui.tui.widgets.picture import PictureView
from tests.skyvern_tui.tui.fakes import screen_text

# The wait leaves a slow terminal time to be seen reading an unfinished timeline; without it a run can end first.
PROMPT = "Wait 3 seconds, then get the title of the top post"


async def until(pilot, condition: Callable[[], object], seconds: float = 60) -> None:
    """Let the app work until something is so; the server and the browser take real time."""
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        await pilot.pause(0.05)
    raise AssertionError(f"not within {seconds:.0f} s on {pilot.app.screen}")


@pytest.mark.browser
async def test_compose_tail_preview(mock, tmp_path: Path):
    """A newcomer types the docs' first task, watches the timeline grow, and looks at the output and a screenshot."""
    site = mock.site("news")
    truth = httpx.get(f"{site}data.json").json()
    app = SkyvernApp(Connection(mock.url, mock.api_key, "mock", embedded=True), downloads=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and app.server is not None)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen) and app.focused)
        await pilot.press(*PROMPT, "tab", *site, "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        screen = app.screen
        assert isinstance(screen, RunScreen)

        grown: set[int] = set()

        def over() -> bool:
            grown.add(len(screen.journal.events))
            return screen.journal.is_final

        await until(pilot, over)
        assert screen.journal.run is not None
        assert screen.journal.run.status == "completed", screen.journal.run.failure_reason
        assert len(grown) > 2, "the timeline came all at once"
        kinds = [event.kind for event in screen.journal.events]
        assert {EventKind.thought, EventKind.block_opened, EventKind.action, EventKind.output_ready} <= set(kinds)

        await pilot.press("2")
        expected = {"top_post_title": truth["posts"][0]["title"]}
        assert screen.journal.run.output == expected
        await until(pilot, lambda: expected["top_post_title"] in screen_text(app))

        await pilot.press("3")
        await until(pilot, lambda: any(fact.type == "screenshot_final" for fact in screen.journal.artifacts))
        shelf = screen.query_one(ArtifactList)
        await until(pilot, lambda: shelf.rows)
        await pilot.press("g")
        for _ in range(len(shelf.rows)):
            if "screenshot_final" in repr(shelf.row):
                break
            await pilot.press("down")
        await pilot.press("enter")
        pictures = screen.query_one("#artifacts").query(PictureView)
        await until(pilot, lambda: any(view.display and view.children for view in pictures))
        await pilot.press("s")
        await until(pilot, lambda: list(tmp_path.rglob("*.png")))
    saved = next(tmp_path.rglob("*.png")).read_bytes()
    assert saved.startswith(b"\x89PNG")
    listed = httpx.get(f"{mock.url}/v1/runs", headers={"x-api-key": mock.api_key}).json()
    assert [(run["status"], run["title"]) for run in listed] == [("completed", PROMPT)]
