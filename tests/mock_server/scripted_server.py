"""A real server process with an agent that waits: ``python scripted_server.py DATA_DIR [--browser]``.

The agent of a run is done when the file ``DATA_DIR/go`` exists, unless its prompt is "at
once". Without ``--browser`` there is no browser behind it.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mock_server import serving
from mock_server.agent.events import BlockOpened, Event, Finished, StepOpened, Task
from mock_server.app import Composition
from mock_server.clock import Clock
from mock_server.settings import Settings


class NoBrowser:
    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass

    @asynccontextmanager
    async def lease(self, spec: Any) -> AsyncIterator[Any]:
        yield SimpleNamespace(page=SimpleNamespace(url=""), lost=never, finish=nothing)


async def never() -> None:
    await serving.asyncio.Event().wait()


async def nothing() -> Any:
    return SimpleNamespace(recording=None, har=None, trace=None, console_log="", state=None)


def main(data_dir: Path, *, browser: bool) -> None:
    async def agent(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        yield BlockOpened("navigation", "navigation_1", "wait")
        yield StepOpened(0)
        while task.prompt != "at once" and not (data_dir / "go").exists():
            await clock.sleep(0.01)
        yield Finished("completed", {"prompt": task.prompt})

    settings = Settings(data_dir=data_dir, port=0)
    provider = None if browser else NoBrowser()
    serving.serve(settings, compose=lambda known: Composition(known, provider=provider, perform=agent))


if __name__ == "__main__":
    main(Path(sys.argv[1]), browser="--browser" in sys.argv)
