"""Budgets of the terminal app: start to first paint, and a long tail."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from measure import Row, median_pair, python_cpu
from textual.app import App, ComposeResult
from textual.widgets import Log

from skyvern_tui.client.models import TIMELINE, TimelineItem
from skyvern_tui.core.clock import RealClock
from skyvern_tui.core.journal import Journal, TimelineSeen
from skyvern_tui.core.timeline import Timeline
from skyvern_tui.tui.themes import THEMES
from skyvern_tui.tui.widgets.timeline_list import TimelineList

HELLO = """
from textual.app import App
from textual.widgets import Label
class Hello(App[None]):
    def compose(self):
        yield Label("Hello, world")
    def on_ready(self):
        self.exit()
Hello().run(headless=True)
"""
OURS = """
import asyncio
from skyvern_tui.tui.app import SkyvernApp
class First(SkyvernApp):
    def on_ready(self):
        self.exit()
First(lambda: asyncio.sleep(3600)).run(headless=True)
"""


EVENTS = 10_000
BATCH = 500
ACTIONS = 9


def start() -> list[Row]:
    """CPU of a process from start to the first paint and out again."""
    value, baseline = median_pair(lambda: python_cpu(OURS), lambda: python_cpu(HELLO), 7)
    how = "fresh processes in turn, seven rounds"
    return [Row("terminal app, start to first paint, CPU", value * 1e3, baseline * 1e3, "ms", 2, how)]


def items(events: int = EVENTS) -> list[TimelineItem]:
    """Blocks of nine actions each, so many events in all, as the server sends them: newest first."""
    began = RealClock().now()
    blocks = []
    for number in range(events // (ACTIONS + 1)):
        at = (began + timedelta(seconds=number)).replace(tzinfo=None).isoformat()
        actions = [
            {
                "action_type": "click",
                "status": "completed",
                "action_id": f"act_{number}_{order}",
                "action_order": order,
                "reasoning": f"'Next page' fits 'go on' best, for the {order}th time.",
                "created_at": at,
                "modified_at": at,
            }
            for order in reversed(range(ACTIONS))
        ]
        block = {
            "workflow_run_block_id": f"wrb_{number}",
            "block_type": "navigation",
            "status": "running",
            "navigation_goal": "Go through all pages",
            "created_at": at,
            "modified_at": at,
            "actions": actions,
        }
        blocks.append({"type": "block", "block": block, "created_at": at, "modified_at": at})
    return TIMELINE.validate_python(blocks[::-1])


class TailApp(App[None]):
    """The two widgets that are compared."""

    def compose(self) -> ComposeResult:
        yield Log()
        yield TimelineList(RealClock())

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name


def tail() -> list[Row]:
    """CPU of showing events as they arrive in batches, painted after each, against ``Log`` given the same lines."""
    everything = items()
    blocks = BATCH // (ACTIONS + 1)
    batches = [everything[-end:] for end in range(blocks, len(everything) + 1, blocks)]

    async def both() -> tuple[float, float]:
        app = TailApp()
        async with app.run_test(size=(120, 40)) as pilot:
            view, log = app.query_one(TimelineList), app.query_one(Log)
            journal = Journal()
            timeline = Timeline(journal)
            texts: list[list[str]] = []
            shown = 0
            began = time.process_time()
            for batch in batches:
                journal.apply(TimelineSeen(tuple(batch[:blocks])))
                rows = timeline.rows()
                view.set_rows(rows)
                await pilot.pause()
                texts.append([f"{row.at:%H:%M:%S}  {row.head}  {row.text}" for row in rows[shown:]])
                shown = len(rows)
            ours = time.process_time() - began
            assert shown == EVENTS
            began = time.process_time()
            for lines in texts:
                log.write_lines(lines)
                await pilot.pause()
            return ours, time.process_time() - began

    rounds = [asyncio.run(both()) for _ in range(3)]
    value, baseline = sorted(rounds)[1]
    how = f"{EVENTS:,} events through journal and timeline, painted after each {BATCH}; Log gets the lines only"
    return [Row("tail of 10,000 events, CPU", value * 1e3, baseline * 1e3, "ms", 3, how)]
