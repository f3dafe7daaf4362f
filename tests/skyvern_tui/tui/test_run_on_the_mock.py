"""Claims about the screen of a run on the real mock: request, webhook and answers are what went over the wire."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from skyvern_tui.embedded import COMMAND, EmbeddedMock
from skyvern_tui.tui.app import SkyvernApp
from skyvern_tui.tui.screens.ask import AskScreen
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.widgets.answers_pane import AnswerList
from skyvern_tui.tui.widgets.request_pane import ParameterList
from skyvern_tui.tui.widgets.timeline_list import TimelineList
from skyvern_tui.tui.widgets.webhook_pane import DeliveryList
from tests.skyvern_tui.tui.fakes import screen_text
from tests.skyvern_tui.tui.test_on_the_mock import patiently


@asynccontextmanager
async def receiver(status):
    """Serve an address that takes webhooks and answers them with a status; yields it and the bodies it was sent."""
    bodies = []

    async def answer(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line[15:]) for line in head.decode().lower().split("\r\n") if line.startswith("content-length")
        )
        bodies.append(await reader.readexactly(length))
        writer.write(f"HTTP/1.1 {status} Said\r\nContent-Length: 5\r\nConnection: close\r\n\r\nheard".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", bodies


@pytest.fixture
def mock(tmp_path):
    """Return a mock whose runs are over at once."""
    return EmbeddedMock(tmp_path / "mock", command=(*COMMAND, "--progression", "immediate"))


async def watched(app, pilot, **fields):
    """Submit a task and watch it to its end."""
    await patiently(pilot, lambda: app.server is not None)
    run = await app.server.gateway.run_task(**fields)
    app.submitted(run, fields)
    app.open_run(run.run_id, run)
    await patiently(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.is_live)
    await patiently(pilot, lambda: app.screen.journal.is_final and app.screen.query_one(TimelineList).rows)


async def test_request_answers_and_rerun_are_what_the_server_saw(mock, tmp_path):
    """The request as sent stands beside the server's, every call was answered with 200, and ``R`` runs it again."""
    app = SkyvernApp(mock, home=tmp_path / "home")
    async with app.run_test(size=(140, 40)) as pilot:
        await watched(app, pilot, prompt="Buy tea", url="https://example.com", max_steps=4)
        await pilot.press("4")
        rows = {row.path: row for row in app.screen.query_one(ParameterList).rows}
        assert rows["prompt"].left == rows["prompt"].right == "Buy tea"
        await pilot.press("6")
        await patiently(pilot, lambda: "run_id:" in screen_text(app))
        told = {answer.name: (answer.status, answer.took) for answer in app.screen.query_one(AnswerList).rows}
        assert set(told) == {"get_run", "get_run_timeline", "get_run_artifacts"}
        assert all(status == 200 and took is not None for status, took in told.values())
        first = app.screen.run_id
        await pilot.press("R")
        await patiently(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await patiently(pilot, lambda: getattr(app.screen, "run_id", first) != first and app.screen.journal.is_final)
        assert app.screen.journal.run.run_request["max_steps"] == 4


async def test_a_webhook_is_shown_and_sent_again(mock):
    """A mock tells of the delivery with its attempts and payload; sent again, the receiver gets it once more."""
    app = SkyvernApp(mock)
    async with receiver(204) as (address, bodies), app.run_test(size=(140, 40)) as pilot:
        await watched(app, pilot, prompt="Buy tea", url="https://example.com", webhook_url=address)
        await patiently(pilot, lambda: len(bodies) == 1)
        await pilot.press("5")

        def states():
            return [row.state for row in app.screen.query_one(DeliveryList).rows]

        await patiently(pilot, lambda: states() == ["delivered"] or app.screen.action_refresh())
        await pilot.press("R")
        await patiently(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("enter")
        await patiently(pilot, lambda: isinstance(app.screen, RunScreen) and states() == ["delivered", "delivered"])
        assert len(bodies) == 2
        assert "sent again" in screen_text(app)
