"""Budget of a run: the agent against a hand-written Playwright script that leaves the same artifacts."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from measure import Row, median_pair, served
from playwright.async_api import Browser, async_playwright

from mock_server.artifacts.recording import FilmWriter
from mock_server.browser.discovery import find_browser
from skyvern_tui.client import Skyvern

PROMPT = "Get the title of the top post"
SIZE = (1280, 720)
AT_A_TIME = (1, 2, 4)
"""Contexts whose throughput is compared."""


async def script(browser: Browser, url: str, shots: int, pages: int, folder: Path) -> str:
    """What somebody would write by hand for this one page, with every capture switched on; returns the title."""
    frames: list[tuple[float, bytes]] = []
    context = await browser.new_context(
        viewport={"width": SIZE[0], "height": SIZE[1]}, record_har_path=folder / "har.har", record_har_content="embed"
    )
    await context.tracing.start(screenshots=False, snapshots=True)
    page = await context.new_page()
    width, height = SIZE
    await page.screencast.start(
        on_frame=lambda frame: frames.append((frame["timestamp"], frame["data"])),
        size={"width": width, "height": height},
    )
    await page.goto(url)
    title = await page.locator(".title a, .titleline a, td a[href^=http]").first.inner_text()
    for number in range(pages):
        (folder / f"{number}.html").write_text(await page.content())
    for number in range(shots - 1):
        (folder / f"{number}.png").write_bytes(await page.screenshot())
    (folder / "final.png").write_bytes(await page.screenshot(full_page=True))
    await page.screencast.stop()
    await context.tracing.stop(path=folder / "trace.zip")
    await context.close()
    film = FilmWriter(folder / "recording.webm", SIZE)
    for at, jpeg in frames:
        film.write(jpeg, at)
    film.close(frames[-1][0] + 1 if frames else 1)
    return title


def runs(quick: bool) -> list[Row]:
    """Wall time from POST to completed on a warm browser, in turn with the script."""
    rounds = 3 if quick else 9
    with tempfile.TemporaryDirectory() as data_dir:
        command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--data-dir", data_dir]
        with (
            served(command) as server,
            Skyvern(api_key="bench", base_url=server.url) as sky,
            asyncio.Runner() as runner,
        ):
            news = next(site.url for site in sky.get_mock_sites() if site.name == "news")

            def ours() -> float:
                began = time.perf_counter()
                run = sky.run_task(PROMPT, url=news)
                while not (run := sky.get_run(run.run_id)).is_final:
                    time.sleep(0.005)
                assert run.status == "completed", run.failure_reason
                return time.perf_counter() - began

            ours()
            newest = sky.get_runs(page_size=1)[0].run_id
            # Only what differs: nobody would take the same picture twice by hand.
            distinct = {(artifact.artifact_type[:5], artifact.checksum) for artifact in sky.get_run_artifacts(newest)}
            shots = sum(kind == "scree" for kind, _ in distinct)
            pages = sum(kind == "html_" for kind, _ in distinct)

            async def launch() -> tuple[object, Browser]:
                driver = await async_playwright().start()
                found = find_browser()
                return driver, await driver.chromium.launch(executable_path=found.path)

            driver, browser = runner.run(launch())

            def theirs() -> float:
                with tempfile.TemporaryDirectory() as folder:
                    began = time.perf_counter()
                    runner.run(script(browser, news, shots, pages, Path(folder)))
                    return time.perf_counter() - began

            theirs()
            value, baseline = median_pair(ours, theirs, rounds)
            runner.run(browser.close())
            runner.run(driver.stop())  # type: ignore[attr-defined]
    left = f"{shots} different screenshots, {pages} HTML, HAR, trace, recording"
    how = f"wall time, warm browser, {rounds} rounds in turn; {left}"
    return [Row(f'agent run "{PROMPT}"', value * 1e3, baseline * 1e3, "ms", 1.5, how)]


def throughput(quick: bool) -> list[Row]:
    """Wall time per run when several are wanted at once, by the number of contexts they share."""
    batch, rounds = (4, 1) if quick else (12, 3)
    samples: dict[int, list[float]] = {count: [] for count in AT_A_TIME}
    with ExitStack() as stack:
        clients: dict[int, tuple[Skyvern, str]] = {}
        for count in AT_A_TIME:
            data_dir = stack.enter_context(tempfile.TemporaryDirectory())
            options = ["--port", "0", "--data-dir", data_dir, "--parallel", str(count)]
            server = stack.enter_context(served([sys.executable, "-m", "mock_server", "serve", *options]))
            sky = stack.enter_context(Skyvern(api_key="bench", base_url=server.url))
            news = next(site.url for site in sky.get_mock_sites() if site.name == "news")
            clients[count] = sky, news
            _batch(sky, news, count)  # warm: the browser is up, the pages are in its cache
        for _ in range(rounds):
            for count, (sky, news) in clients.items():
                samples[count].append(_batch(sky, news, batch) / batch)
    seconds = {count: statistics.median(found) for count, found in samples.items()}
    how = f"wall time per run, {batch} wanted at once, median of {rounds} rounds in turn"
    return [
        Row(f"agent, {count} contexts, per run", seconds[count] * 1e3, seconds[1] * 1e3, "ms", 1.1, how)
        for count in AT_A_TIME
    ]


def _batch(sky: Skyvern, url: str, runs: int) -> float:
    """Seconds from the first submission until the last of ``runs`` is over."""
    began = time.perf_counter()
    waiting = [sky.run_task(PROMPT, url=url).run_id for _ in range(runs)]
    while waiting:
        run = sky.get_run(waiting[0])
        if run.is_final:
            assert run.status == "completed", run.failure_reason
            del waiting[0]
        else:
            time.sleep(0.01)
    return time.perf_counter() - began
