"""The pictures of the README and the guides, taken from the app on a real embedded mock.

Three tasks are sent as a user sends them, and done by the agent in a browser; nothing on the pictures is made up. What
differs from one time to the next without meaning anything (ids, times, durations, the port) does not make a new
picture: a file is only replaced if it shows something else (``sameness``).
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.async_api import ViewportSize, async_playwright
from sameness import lasting, said
from textual import events
from textual.pilot import Pilot

from mock_server.browser.discovery import find_browser
from skyvern_tui.embedded import WARM_COMMAND, EmbeddedMock
from skyvern_tui.tui.app import SkyvernApp
from skyvern_tui.tui.screens.compare import CompareScreen
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.exporting import ExportScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.widgets.artifact_list import ArtifactList
from skyvern_tui.tui.widgets.run_list import RunList

SIZE: Final = (132, 38)
PAGE_SIZE: Final[ViewportSize] = {"width": 1280, "height": 860}
SECONDS: Final = 180
PORT: Final = "18000"
"""Shown for whichever port the mock got; as wide as those are."""
_DIGEST: Final = b"Shown"
"""Name of the note in a PNG that says what the page said."""


class Studio:
    """The app, somebody who uses it, and where the pictures go."""

    def __init__(self, app: SkyvernApp, pilot: Pilot[None], folder: Path) -> None:
        self.app = app
        self.pilot = pilot
        self.folder = folder
        self.base = ""

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for something, and then until nothing moves."""
        for _ in range(SECONDS * 20):
            if condition():
                return await self.still()
            await self.pilot.pause(0.05)
        raise TimeoutError(f"The app did not get there: {what}.")

    async def still(self) -> None:
        """Wait until two looks at the screen, some time apart, show the same (but for times that go on)."""
        before = ""
        for _ in range(SECONDS):
            await self.pilot.pause(0.4)
            now = said(self.app.export_screenshot())
            if now == before:
                return
            before = now

    async def on(self, screen: type, what: Callable[[], object] = lambda: True) -> None:
        """Wait for a screen and what it is to show."""
        await self.until(lambda: isinstance(self.app.screen, screen) and what(), screen.__name__)

    async def paste(self, text: str) -> None:
        """Put text where the cursor is, at once."""
        self.app.post_message(events.Paste(text))
        await self.pilot.pause()

    def save(self, name: str) -> None:
        """Write what is on the screen, if it is not what the file shows."""
        target = self.folder / f"{name}.svg"
        drawn = self.app.export_screenshot(title="skyvern-tui")
        drawn = re.sub(r"127\.0\.0\.1:\d{5}", f"127.0.0.1:{PORT}", drawn)
        if not target.exists() or said(target.read_text(encoding="utf-8")) != said(drawn):
            target.write_text(drawn, encoding="utf-8")

    @property
    def run(self) -> RunScreen:
        """The screen of a run, which has to be the one shown."""
        assert isinstance(self.app.screen, RunScreen)
        return self.app.screen


async def _page(base: str, run_id: str, target: Path) -> None:
    """Take the run's page in the viewer as PNG, its recording in the middle; unless the file shows the same."""
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
        styles = await page.evaluate(
            "[...document.styleSheets].flatMap(s => [...s.cssRules].map(r => r.cssText)).join()"
        )
        shown = lasting(await page.inner_text("body")) + styles
        digest = hashlib.sha256(shown.encode()).hexdigest().encode()
        if not _has_note(target, digest):
            await page.wait_for_timeout(1000)  # the player takes its wheel away
            _write(target, await page.screenshot(), digest)
        await browser.close()


def _has_note(png: Path, digest: bytes) -> bool:
    return png.exists() and digest in png.read_bytes()


def _write(target: Path, png: bytes, digest: bytes) -> None:
    """Write a PNG with a note in it, before its last chunk."""
    body = b"tEXt" + _DIGEST + b"\0" + digest
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    target.write_bytes(png[:-12] + chunk + png[-12:])


async def _compose(studio: Studio, prompt: str, site: str) -> None:
    await studio.pilot.press("n")
    await studio.on(ComposeScreen, lambda: studio.app.focused)
    await studio.paste(prompt)
    await studio.pilot.press("tab")
    await studio.paste(f"{studio.base}/sites/{site}")
    await studio.still()


async def _submit(studio: Studio) -> None:
    await studio.pilot.press("ctrl+s")
    await studio.on(RunScreen, lambda: studio.run.journal.is_final)


async def _back(studio: Studio, runs: int) -> None:
    await studio.pilot.press("escape")
    await studio.on(RunsScreen, lambda: len(studio.app.screen.query_one(RunList).rows) == runs)


async def _take(folder: Path, data_dir: Path) -> None:
    app = SkyvernApp(EmbeddedMock(data_dir, command=WARM_COMMAND), home=data_dir / "home")
    async with app.run_test(size=SIZE) as pilot:
        studio = Studio(app, pilot, folder)
        press, save = pilot.press, studio.save
        await studio.until(lambda: app.sites, "a server")
        studio.base = app.sites[0].url.split("/sites/")[0]

        await _compose(studio, "Fill out the contact form", "contact/contact")
        await _submit(studio)
        save("run")
        assert studio.run.journal.run is not None
        await _page(studio.base, studio.run.journal.run.run_id, folder / "viewer.png")
        await _back(studio, 1)

        await _compose(studio, "Extract the name, price, and rating of the top 3 products", "shop/products")
        save("compose")
        await _submit(studio)
        await press("2")
        await studio.still()
        save("output")
        await press("X")
        await studio.on(ExportScreen)
        await press("j", "j", "j")
        await studio.still()
        save("export")
        await press("escape")
        await studio.on(RunScreen)
        await press("3")
        await studio.until(lambda: len(studio.run.query_one(ArtifactList).rows) > 5, "artifacts")
        await press("g", "down")
        await studio.still()
        save("artifact")
        await _back(studio, 2)

        await _compose(studio, "Extract the name and price of the top 5 products", "shop/products")
        await _submit(studio)
        await _back(studio, 3)
        await press("g", "space", "space", "g")
        await studio.still()
        save("runs")
        await press("d")
        await studio.on(CompareScreen, lambda: isinstance(app.screen, CompareScreen) and app.screen.comparison)
        await press("g", *["j"] * 10)  # to the prompt, whether or not they took the same time
        await studio.still()
        save("compare")


def take(folder: Path) -> None:
    """Write the screenshots, as SVG; that of the viewer as PNG."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data_dir:
        asyncio.run(_take(folder, Path(data_dir)))
