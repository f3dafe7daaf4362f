"""Budgets of the terminal app on a run larger than any seen: what a key takes, and memory over many polls."""

from __future__ import annotations

import asyncio
import gc
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psutil
from measure import Row, repository
from textual.pilot import Pilot
from tui import EVENTS, items

sys.path.insert(0, str(repository()))

from skyvern_tui.tui.screens.run import RunScreen
from tests.skyvern_tui.builders import a_run, an_artifact
from tests.skyvern_tui.tui.fakes import FakeGateway, ManualClock, app_on, settle, until

FILES = 5_000
MOST_MS = 100.0
SIZE = (160, 48)
OPENING = "open the run"
KEYS = {
    "down in the timeline": ("1", "down"),
    "page down in the timeline": ("1", "pagedown"),
    "end of the timeline": ("1", "end"),
    "home in the timeline": ("1", "home"),
    "to the artifacts": ("1", "3"),
    "back to the timeline": ("3", "1"),
    "down in the artifacts": ("3", "down"),
    "end of the artifacts": ("3", "end"),
    "open an artifact": ("3", "enter"),
    "next tab": ("1", "l"),
    OPENING: ("escape", "enter"),
    "zoom": ("1", "z"),
}
"""What is measured: the key that leads there, and the key itself."""
FINDING = {"find, per letter": ("1", "slash", "page"), "filter, per letter": ("1", "ampersand", "page")}


def big_server(*, full: bool) -> FakeGateway:
    """Return a server with one run that goes on: with everything, or with nothing."""
    gateway = FakeGateway(a_run("r1", "running"))
    if full:
        gateway.timelines["r1"] = items()
        kinds = ("screenshot_action", "llm_prompt", "har", "html_scrape", "browser_console_log")
        gateway.artifacts["r1"] = [an_artifact(n, kinds[n % 5], when=2 + n / 10) for n in range(FILES)]
    return gateway


@asynccontextmanager
async def on_run(gateway: FakeGateway, clock: ManualClock) -> AsyncIterator[Pilot[Any]]:
    """Yield the app's pilot with the run on screen."""
    app = app_on(gateway, clock)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.sites and app.focused)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and "artifacts r1" in gateway.calls)
        await settle(pilot, 20)
        yield pilot


async def key_times(rounds: int, *, full: bool) -> dict[str, float]:
    """Return milliseconds of CPU from a key to the screen it leads to, median by kind of key."""
    found: dict[str, list[float]] = {name: [] for name in (*KEYS, *FINDING)}

    async def timed(pilot: Pilot[Any], key: str) -> float:
        began = time.process_time()
        await pilot.press(key)
        await pilot.pause()
        return (time.process_time() - began) * 1e3

    async def on_screen(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        if not isinstance(pilot.app.screen, RunScreen):
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(pilot.app.screen, RunScreen))
        await settle(pilot, 20)

    async with on_run(big_server(full=full), ManualClock()) as pilot:
        for _ in range(rounds):
            for name, (first, key) in KEYS.items():
                await pilot.press(first)
                await settle(pilot)
                found[name].append(await timed(pilot, key))
                await settle(pilot)
                if name == "zoom":
                    await pilot.press("z")
                await on_screen(pilot)
            for name, (first, key, letters) in FINDING.items():
                await pilot.press(first, key)
                await settle(pilot)
                found[name] += [await timed(pilot, letter) for letter in letters]
                await pilot.press("escape")
                await on_screen(pilot)
    return {name: statistics.median(times) for name, times in found.items()}


def keys(quick: bool) -> list[Row]:
    """What every key costs with 10,000 items and 5,000 artifacts, beside a run that has none."""
    rounds = 3 if quick else 9
    full = asyncio.run(key_times(rounds, full=True))
    empty = asyncio.run(key_times(rounds, full=False))
    how = f"{EVENTS:,} timeline items and {FILES:,} artifacts against none, {SIZE[0]}x{SIZE[1]}, key to screen"
    return [Row(f"key: {name}, CPU", full[name], empty[name], "ms", float("inf"), how, most=MOST_MS) for name in full]


def memory(quick: bool) -> list[Row]:
    """Memory of the app after many polls of a large run that goes on, against what it was after a few."""
    polls = 100 if quick else 1_000

    return asyncio.run(_memory(polls))


async def _memory(polls: int) -> list[Row]:
    clock = ManualClock()
    gateway = big_server(full=True)
    async with on_run(gateway, clock) as pilot:

        async def poll(times: int) -> None:
            for _ in range(times):
                for _ in range(200):
                    clock.advance(10)
                    await settle(pilot, 1)
                    if gateway.calls:
                        break
                gateway.calls.clear()

        await poll(max(5, polls // 10))
        before = _resident()
        await poll(polls)
        after = _resident()
    how = f"resident memory after {polls:,} more polls of a run with {EVENTS:,} items"
    return [Row("memory of the app over polls", after / 2**20, before / 2**20, "MiB", 1.1, how)]


def _resident() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)
