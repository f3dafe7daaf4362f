"""A vault over a store of its own, on a clock whose sleeps take no time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mock_server.dialect import dialect_named
from mock_server.engine.admission import admit, admit_workflow_run
from mock_server.ids import IdFactory
from mock_server.store.records import RunRecord
from mock_server.store.store import Store
from mock_server.tenancy import OneForAll
from mock_server.vault.vault import Vault, open_vault

ORGANIZATION = "o_2"


class SkippingClock:
    """Sleeping moves it. ``at`` does something when a time is reached: seconds after the start -> what."""

    def __init__(self) -> None:
        self._start = self._now = datetime.fromisoformat("2026-11-21T12:00:00")
        self._plans: list[tuple[datetime, Callable[[], Any]]] = []
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.slept.append(seconds)
        self.move(seconds)

    def move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        for plan in [plan for plan in self._plans if plan[0] <= self._now]:
            self._plans.remove(plan)
            plan[1]()

    def at(self, seconds: float, what: Callable[[], Any]) -> None:
        self._plans.append((self._start + timedelta(seconds=seconds), what))


@pytest.fixture
def clock() -> SkippingClock:
    return SkippingClock()


@pytest.fixture
def owners(clock: SkippingClock) -> OneForAll:
    return OneForAll(clock, IdFactory(clock))


@pytest.fixture
def vault(tmp_path: Path, owners: OneForAll) -> Iterator[Vault]:
    store = Store(tmp_path / "store.sqlite3")
    dialect = dialect_named("cloud")
    yield open_vault(store, owners, dialect, directory=tmp_path / "uploads", base_url="http://mock.test", secret=b"s")
    store.close()


@pytest.fixture
def push(vault: Vault) -> Callable[..., None]:
    """Return a function that pushes a code."""

    def push(content: str, identifier: str = "a@b.c", **more: Any) -> None:
        vault.codes.push(ORGANIZATION, {"totp_identifier": identifier, "content": content, **more})

    return push


@pytest.fixture
def run(owners: OneForAll) -> RunRecord:
    """A task of the planner's."""
    return admit(ORGANIZATION, {"prompt": "x", "url": None}, owners.ids, owners.clock, "skyvern-2.0")


@pytest.fixture
def step_run(owners: OneForAll) -> RunRecord:
    """A task of a step engine's."""
    return admit(ORGANIZATION, {"prompt": "x", "url": None}, owners.ids, owners.clock, "skyvern-1.0")


@pytest.fixture
def workflow_run(owners: OneForAll) -> RunRecord:
    """The run of a workflow."""
    made = admit_workflow_run(ORGANIZATION, {"prompt": "x", "title": "t"}, owners.ids, owners.clock)
    return replace(made)
