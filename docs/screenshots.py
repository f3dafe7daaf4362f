"""The screenshots of the README, taken from the app on a real embedded mock."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from skyvern_tui.embedded import EmbeddedMock
from skyvern_tui.tui.app import SkyvernApp
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.widgets.artifact_list import ArtifactList

SIZE = (132, 38)
SECONDS = 60


async def _until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    for _ in range(SECONDS * 20):
        if condition():
            await pilot.pause(0.2)
            return
        await pilot.pause(0.05)
    raise TimeoutError("The app did not get there.")


async def _take(folder: Path, data_dir: Path) -> None:
    app = SkyvernApp(EmbeddedMock(data_dir))
    async with app.run_test(size=SIZE) as pilot:

        def save(name: str) -> None:
            (folder / f"{name}.svg").write_text(app.export_screenshot(title="skyvern-tui"), encoding="utf-8")

        await _until(pilot, lambda: app.sites)
        base = app.sites[0].url.split("/sites/")[0]

        async def compose(prompt: str, site: str) -> None:
            await pilot.press("n")
            await _until(pilot, lambda: isinstance(app.screen, ComposeScreen))
            await pilot.press(*prompt, "tab", *f"{base}/sites/{site}")
            await pilot.pause()

        async def submit() -> RunScreen:
            await pilot.press("ctrl+s")
            await _until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.journal.is_final)
            await pilot.pause(1)
            assert isinstance(app.screen, RunScreen)
            return app.screen

        await compose("Fill out the contact form", "contact/contact")
        await submit()
        save("run")
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
        await pilot.pause(1)
        save("runs")


def take(folder: Path) -> None:
    """Write the screenshots as SVG."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as data_dir:
        asyncio.run(_take(folder, Path(data_dir)))
