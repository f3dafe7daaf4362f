"""Budgets of the terminal app on a run larger than any seen: what a key takes, and memory over many polls.

Owns: the keys that are pressed, and proving that each did what its name says. Must not: count what a test harness
does: keys go in where a terminal's do, and what is counted is CPU until the app has nothing left to do.
"""

from __future__ import annotations

import asyncio
import gc
import io
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, cast

import psutil
from measure import Row, repository
from PIL import Image
from textual.app import App
from textual.driver import Driver
from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from tui import ACTIONS, EVENTS, items

sys.path.insert(0, str(repository()))

from skyvern_tui.client.models import TimelineItem
from skyvern_tui.core.clock import RealClock
from skyvern_tui.core.shelf import Group
from skyvern_tui.core.skyrun.saved import SavedArtifact, SavedRun
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.screens.saved import SavedScreen
from skyvern_tui.tui.widgets.find_bar import FindBar
from skyvern_tui.tui.widgets.split import Split
from tests.skyvern_tui.builders import a_run, an_artifact
from tests.skyvern_tui.tui.fakes import FakeGateway, ManualClock, app_on, until

FILES: Final = 5_000
MOST_MS: Final = 100.0
MOST_OPENING_MS: Final = 500.0
SIZE: Final = (160, 48)
KINDS: Final = ("screenshot_action", "llm_prompt", "har", "html_scrape", "browser_console_log")
FRAME: Final = 0.02
"""Seconds; longer than the app waits before it draws."""


def _picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (1280, 720), "teal").save(buffer, "PNG")
    return buffer.getvalue()


CONTENTS: Final = {"screenshot_action": _picture(), "har": b'{"log": {"entries": []}}', "html_scrape": b"<p>Tea</p>"}


def a_server(events: int, files: int) -> FakeGateway:
    """Return a server with one run that goes on, of so many events and files."""
    gateway = FakeGateway(a_run("r1", "running"))
    gateway.timelines["r1"] = items(events)
    gateway.artifacts["r1"] = [an_artifact(n, KINDS[n % len(KINDS)], when=2 + n / 10) for n in range(files)]
    kinds = {one.artifact_id: one.artifact_type for one in gateway.artifacts["r1"]}
    gateway.contents = {name: CONTENTS.get(kind, b"a line\n" * 20) for name, kind in kinds.items()}
    return gateway


SMALL: Final = (ACTIONS + 1, len(KINDS))
"""Events and files of the run that a large one is compared with: a block, and a file of each kind."""


async def quiet(frames: int = 3) -> None:
    """Let the app do all that it has to do now: what is ready, and what waits for the next frame."""
    loop = cast("Any", asyncio.get_running_loop())  # the loop's own list of what is ready: there is no other way to ask
    for _ in range(frames):
        await asyncio.sleep(FRAME)
        while loop._ready:  # noqa: ASYNC110 - no event tells that nothing is ready any more
            await asyncio.sleep(0)


async def typed(app: App[Any], key: str) -> None:
    """Press a key as the terminal's driver does, and let the app come to rest."""
    name, character = (_character_to_key(key), key) if len(key) == 1 else (key, None)
    event = Key(name, character)
    event.set_sender(app)
    cast("Driver", app._driver).send_message(event)
    await quiet()


@asynccontextmanager
async def on_run(gateway: FakeGateway, clock: ManualClock) -> AsyncIterator[Pilot[Any]]:
    """Yield the app's pilot with the run on screen."""
    app = app_on(gateway, clock)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.sites and app.focused)
        await typed(app, "enter")
        await until(pilot, lambda: _is_whole(app, gateway))
        await quiet()
        yield pilot


def _run(app: App[Any]) -> RunScreen:
    assert isinstance(app.screen, RunScreen)
    return app.screen


def _is_whole(app: App[Any], gateway: FakeGateway) -> bool:
    screen = app.screen
    if not isinstance(screen, RunScreen) or not screen.is_live:
        return False
    events = sum(1 + len(item.block.actions) for item in gateway.timelines["r1"] if item.block is not None)
    shown = len(screen._events.listing.rows)
    return shown >= events and len(screen.files._artifacts) == len(gateway.artifacts["r1"])


@dataclass(frozen=True)
class Press:
    """A key that is measured: what is pressed before it, and what holds afterwards if it did what it is named for."""

    name: str
    before: Sequence[str]
    key: str
    holds: Callable[[App[Any]], object]
    limit: float = 2.0
    """How many times what it takes in the small run."""


def _tab(name: str) -> Callable[[App[Any]], object]:
    return lambda app: _run(app).tab == name


def _rows(app: App[Any]) -> tuple[int, int]:
    """Return the place in the timeline, and the last one."""
    listing = _run(app)._events.listing
    return listing.index, len(listing.rows) - 1


def _files(app: App[Any]) -> tuple[int, int]:
    listing = _run(app).files.listing
    return listing.index, len(listing.rows) - 1


def _bar(app: App[Any]) -> FindBar:
    return app.screen.query_one(FindBar)


PRESSES: Final = (
    Press("down in the timeline", ("1", "home"), "down", lambda app: _rows(app)[0] == 1),
    Press("page down in the timeline", ("1", "home"), "pagedown", lambda app: _rows(app)[0] > 1),
    Press("end of the timeline", ("1", "home"), "end", lambda app: _rows(app)[0] == _rows(app)[1] > 0),
    Press("home in the timeline", ("1", "end"), "home", lambda app: _rows(app)[0] == 0),
    Press("to the output", ("1",), "2", _tab("output")),
    Press("to the artifacts", ("1",), "3", _tab("artifacts")),
    Press("back to the timeline", ("3",), "1", _tab("timeline")),
    Press("next tab", ("1",), "l", _tab("output")),
    Press("down in the artifacts", ("3", "home"), "down", lambda app: _files(app)[0] == 1),
    Press("end of the artifacts", ("3", "home"), "end", lambda app: _files(app)[0] == _files(app)[1] > 0),
    Press(
        "open an artifact",
        ("3", "end"),
        "enter",
        lambda app: (shown := _run(app).files.preview.shown) is not None and shown.fact is _run(app).files.selected,
    ),
    Press("group artifacts by step", ("escape", "3"), "t", lambda app: _run(app).files._by_step),
    Press("group artifacts by type", (), "t", lambda app: not _run(app).files._by_step, 3),
    Press("tell less of the timeline", ("1",), "v", lambda app: "no thoughts" in _run(app)._events.state, 3),
    Press("tell everything", ("v",), "v", lambda app: not _run(app)._events.state, 3),
    Press("find", ("1", "home"), "slash", lambda app: _bar(app).has_class("-open")),
    Press("find, first letter", (), "p", lambda app: _run(app)._events.listing.found.total > 1, 4),
    Press("find, next letter", (), "a", lambda app: _run(app)._events.listing.found.total > 1, 4),
    Press("next place", ("enter",), "n", lambda app: _run(app)._events.listing.found.place > 1),
    Press("forget what was found", (), "escape", lambda app: not _bar(app).has_class("-open")),
    Press("filter", ("home",), "ampersand", lambda app: _bar(app).filtering, 4),
    Press("filter, letter", ("g",), "e", lambda app: _run(app)._events.listing.found.total > 0, 4),
    Press("zoom", ("escape", "1"), "z", lambda app: _run(app).query_one("#timeline-split", Split).alone),
    Press("unzoom", (), "z", lambda app: not _run(app).query_one("#timeline-split", Split).alone),
)
OPENING: Final = "open the run, until all of it is shown"
BACK: Final = "one moment back in a replay"
ON: Final = "one moment on in a replay"


async def key_times(rounds: int, size: tuple[int, int]) -> dict[str, float]:
    """Return milliseconds of CPU from each key until the app has come to rest, median by key."""
    found: dict[str, list[float]] = {}
    gateway = a_server(*size)

    async def timed(app: App[Any], press: Press) -> None:
        for key in press.before:
            await typed(app, key)
        began = time.process_time()
        await typed(app, press.key)
        for _ in range(100):
            if press.holds(app):
                break
            await quiet()
        else:
            raise AssertionError(f"{press.name}: {press.key} did not do that")
        found.setdefault(press.name, []).append((time.process_time() - began) * 1e3)

    async with on_run(gateway, ManualClock()) as pilot:
        app = pilot.app
        for _ in range(rounds):
            await _unfold(app)
            for press in PRESSES:
                await timed(app, press)
        for _ in range(rounds):
            await typed(app, "escape")
            await until(pilot, lambda: not isinstance(app.screen, RunScreen))
            began = time.process_time()
            await typed(app, "enter")
            for _ in range(500):
                if _is_whole(app, gateway):
                    break
                await quiet(1)
            await quiet()
            found.setdefault(OPENING, []).append((time.process_time() - began) * 1e3)
            assert _is_whole(app, gateway)
    return {name: statistics.median(times) for name, times in found.items()}


async def _unfold(app: App[Any]) -> None:
    """Open every group of artifacts, so that the list is as long as it can be."""
    await typed(app, "3")
    listing = _run(app).files.listing
    for kind in KINDS:
        heads = [
            place
            for place, row in enumerate(listing.rows)
            if isinstance(row, Group) and row.type == kind and not row.is_open
        ]
        if heads:
            listing.move_to(heads[0])
            await typed(app, "enter")
    assert _files(app)[1] + 1 >= len(_run(app).files._artifacts)


async def replay_times(rounds: int, size: tuple[int, int]) -> dict[str, float]:
    """As :func:`key_times`, for going through a saved run moment by moment."""
    gateway = a_server(*size)
    saved = SavedRun(
        run=a_run("r1", "completed", modified=9),
        saved_at=RealClock().now(),
        content=lambda _: b"",
        timeline=tuple(gateway.timelines["r1"]),
        artifacts=tuple(SavedArtifact(one) for one in gateway.artifacts["r1"]),
    )
    found: dict[str, list[float]] = {BACK: [], ON: []}
    app = app_on(gateway, ManualClock())
    async with app.run_test(size=SIZE) as pilot:
        screen = SavedScreen(saved)
        await app.push_screen(screen)
        await until(pilot, lambda: screen.is_live and screen._events.listing.rows)
        await quiet()
        await typed(app, "comma")  # the end is more than a moment: the file says more of it
        for _ in range(rounds):
            for name, key in ((BACK, "comma"), (ON, "full_stop")):
                before = screen.player.at
                began = time.process_time()
                await typed(app, key)
                found[name].append((time.process_time() - began) * 1e3)
                assert screen.player.at < before if name == BACK else screen.player.at > before
            await typed(app, "comma")
    return {name: statistics.median(times) for name, times in found.items()}


def keys(quick: bool) -> list[Row]:
    """What every key costs with 10,000 items and 5,000 artifacts, beside a run that has next to none."""
    rounds = 3 if quick else 9
    full = asyncio.run(key_times(rounds, (EVENTS, FILES))) | asyncio.run(replay_times(rounds, (EVENTS, FILES)))
    small = asyncio.run(key_times(rounds, SMALL)) | asyncio.run(replay_times(rounds, SMALL))
    limits = {press.name: press.limit for press in PRESSES}
    how = (
        f"CPU from the key to rest, {EVENTS:,} timeline items and {FILES:,} artifacts (all groups open) against "
        f"one block and a file of each kind, {SIZE[0]}x{SIZE[1]}"
    )
    return [
        Row(
            f"key: {name}, CPU",
            full[name],
            small[name],
            "ms",
            limits.get(name, 4),
            how,
            most=MOST_OPENING_MS if name == OPENING else MOST_MS,
        )
        for name in full
    ]


def memory(quick: bool) -> list[Row]:
    """Memory of the app after many polls of a large run that goes on, against what it was after a few."""
    return asyncio.run(_memory(100 if quick else 1_000))


async def _memory(polls: int) -> list[Row]:
    clock = ManualClock()
    gateway = a_server(EVENTS, FILES)
    changes = 0
    async with on_run(gateway, clock) as pilot:

        async def poll(times: int) -> None:
            nonlocal changes
            for _ in range(times):
                gateway.calls.clear()
                changes += 1
                gateway.timelines["r1"][0] = _changed(gateway.timelines["r1"][0], changes)
                for _ in range(1000):
                    clock.advance(10)
                    await quiet(1)
                    if "artifacts r1" in gateway.calls:
                        break
                else:
                    raise AssertionError("the app no longer polls")

        await poll(max(10, polls // 10))
        before = _resident()
        await poll(polls)
        after = _resident()
        newest = _run(pilot.app).journal.event(f"block/{gateway.timelines['r1'][0].block.workflow_run_block_id}")
        assert newest is not None
        assert newest.subject.goal == f"Change {changes}"
    how = f"resident memory after {polls:,} more polls with news of a run with {EVENTS:,} items and {FILES:,} files"
    return [Row("memory of the app over polls", after / 2**20, before / 2**20, "MiB", 1.1, how)]


def _changed(item: TimelineItem, number: int) -> TimelineItem:
    """Return the newest block as it is after a change."""
    block = item.block
    assert block is not None
    later = block.modified_at + timedelta(seconds=1)
    return item.model_copy(
        update={"block": block.model_copy(update={"navigation_goal": f"Change {number}", "modified_at": later})}
    )


def _resident() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)
