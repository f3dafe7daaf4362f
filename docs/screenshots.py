"""The screenshots of the README, taken from the app on a real embedded mock."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.async_api import ViewportSize, async_playwright
from textual.pilot import Pilot

from mock_server.browser.discovery import find_browser
from skyvern_tui.embedded import EmbeddedMock
from skyvern_tui.tui.app import SkyvernApp
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.widgets.artifact_list import ArtifactList

SIZE = (132, 38)
PAGE_SIZE: ViewportSize = {"width": 1280, "height": 860}
SECONDS = 60


async def _until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    for _ in range(SECONDS * 20):
        if condition():
            await pilot.pause(0.2)
            return
        await pilot.pause(0.05)
    raise TimeoutError("The app did not get there.")


async def _picture(base: str, run_id: str, target: Path) -> None:
    """Take the run's page in the viewer as PNG, its recording in the middle."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser().path)
        page = await browser.new_page(viewport=PAGE_SIZE, color_scheme="light")
        await page.goto(f"{base}/runs/{run_id}")
        await page.click("#default-key")
        video = page.locator("video")
        loaded = "video => new Promise(r => video.readyState >= 1 ? r() : video.addEventListener('loadedmetadata', r))"
        await video.evaluate(loaded)
        sought = "video => new Promise(r => { video.onseeked = r; video.currentTime = video.duration / 2; })"
        await video.evaluate(sought)
        await page.wait_for_timeout(1000)  # the player takes its wheel away
        await page.screenshot(path=target)
        await browser.close()


async def _take_of_runs(app: SkyvernApp, pilot: Pilot[None], save: Callable[[str], None]) -> None:
    """Take the list of the runs that are over, two of them marked."""
    await _until(pilot, lambda: isinstance(app.screen, RunsScreen))
    await pilot.pause(1)
    await pilot.press("space", "j", "space", "g")
    await pilot.pause(0.5)
    save("runs")


async def _take(folder: Path, data_dir: Path) -> None:
    app = SkyvernApp(EmbeddedMock(data_dir))
    async with app.run_test(size=SIZE) as pilot:

        def save(name: str) -> None:
            (folder / f"{name}.svg").write_text(app.export_screenshot(title="skyvern-tui"), encoding="utf-8")

        await _until(pilot, lambda: app.sites)
        base = app.sites[0].url.split("/sites/")[0]

        async def compose(prompt: str, site: str) -> None:
            await pilot.press("n")
            await _until(pilot, lambda: isinstance(app.screen, ComposeScreen) and app.focused)
            await pilot.press(*prompt, "tab", *f"{base}/sites/{site}")
            await pilot.pause()

        async def submit() -> RunScreen:
            await pilot.press("ctrl+s")
            await _until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.journal.is_final)
            await pilot.pause(1)
            assert isinstance(app.screen, RunScreen)
            return app.screen

        await compose("Fill out the contact form", "contact/contact")
        screen = await submit()
        save("run")
        assert screen.journal.run is not None
        await _picture(base, screen.journal.run.run_id, folder / "viewer.png")
        await pilot.press("escape")

        await compose("Extract the name, price, and rating of the top 3 products", "shop/products")
        save("compose")
        await submit()
        await pilot.press("2")
        await pilot.pause(0.5)
        save("output")
        await pilot.press("escape")

        await compose("Get the title of the top post", "news/")
        screen = await submit()
        await pilot.press("3")
        await _until(pilot, lambda: len(screen.query_one(ArtifactList).rows) > 5)
        await pilot.press("g", "down")
        await pilot.pause(2)
        save("artifact")
        await pilot.press("escape")
        await _take_of_runs(app, pilot, save)


def take(folder: Path) -> None:
    """Write the screenshots, as SVG; that of the viewer as PNG."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as data_dir:
        asyncio.run(_take(folder, Path(data_dir)))
