"""A server that does what the test says, and a clock that stands still until told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from textual.app import App

from skyvern_tui.client.errors import NotFoundError, SkyvernError
from skyvern_tui.client.models import Artifact, Run, RunListItem, TimelineItem
from skyvern_tui.client.resources import WebhookReplay
from skyvern_tui.config import Connection
from skyvern_tui.core.answers import Answer
from skyvern_tui.core.gateway import Gateway, Site
from skyvern_tui.tui.app import SkyvernApp
from tests.skyvern_tui.builders import START, a_run, an_item

MOCK = Connection("http://127.0.0.1:8000", "key-1", name="mock", embedded=True)
NEWS = Site("news", "http://127.0.0.1:8000/_sites/news/")


class ManualClock:
    """Time that moves by ``advance`` only; the zone of its person is UTC."""

    def __init__(self, start: datetime = START + timedelta(minutes=1)) -> None:
        self.elapsed = 0.0
        self._start = start
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.elapsed)

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(UTC)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.elapsed + seconds, future))
        await future

    @property
    def waits(self) -> list[float]:
        """Seconds each sleeper still has to go."""
        return sorted(due - self.elapsed for due, future in self._sleepers if not future.done())

    def advance(self, seconds: float) -> None:
        """Let time pass and wake those whose time has come."""
        self.elapsed += seconds
        for due, future in self._sleepers:
            if due <= self.elapsed + 1e-9 and not future.done():
                future.set_result(None)
        self._sleepers = [s for s in self._sleepers if not s[1].done()]


class FakeGateway:
    """Answers from its attributes; set ``fault`` to have every call fail."""

    def __init__(self, *runs: Run) -> None:
        self.runs = {run.run_id: run for run in runs}
        self.items: list[RunListItem] | None = None
        self.timelines: dict[str, list[TimelineItem] | SkyvernError] = {}
        self.artifacts: dict[str, list[Artifact]] = {}
        self.contents: dict[str, bytes] = {}
        self.sites: list[Site] = [NEWS, Site("shop", "http://127.0.0.1:8000/_sites/shop/")]
        self.deliveries: dict[str, list[dict[str, Any]]] = {}
        self.replays: list[WebhookReplay] = []
        """What came of the webhooks that will be sent again, in order."""
        self.told: dict[str, list[Answer]] = {}
        """Raw answers by run."""
        self.fault: SkyvernError | None = None
        self.refusal: SkyvernError | None = None
        """Raised by calls that change something only."""
        self.calls: list[str] = []
        self.submitted: list[dict[str, Any]] = []
        self.canceled: list[str] = []
        self.closed = False

    def _called(self, what: str) -> None:
        self.calls.append(what)
        if self.fault is not None:
            raise self.fault

    async def run_task(self, prompt: str, **fields: Any) -> Run:
        self._called("run_task")
        if self.refusal is not None:
            raise self.refusal
        self.submitted.append({"prompt": prompt, **fields})
        run = a_run(f"tsk_v2_new{len(self.submitted)}", "queued", run_request={"prompt": prompt, **fields})
        self.runs[run.run_id] = run
        return run

    async def get_run(self, run_id: str) -> Run:
        self._called(f"get_run {run_id}")
        if run_id not in self.runs:
            raise NotFoundError(f"Task run not found {run_id}", status_code=404)
        return self.runs[run_id]

    async def get_runs(self, *, page: int, page_size: int) -> Sequence[RunListItem]:
        self._called(f"get_runs {page} {page_size}")
        if self.items is not None:
            return self.items
        return [
            an_item(
                run.run_id,
                run.status,
                created_at=run.created_at,
                started_at=run.started_at,
                finished_at=run.finished_at,
            )
            for run in self.runs.values()
        ]

    async def cancel_run(self, run_id: str) -> None:
        self._called(f"cancel_run {run_id}")
        if self.refusal is not None:
            raise self.refusal
        self.canceled.append(run_id)
        self.runs[run_id] = a_run(run_id, "canceled", modified=20)

    async def get_run_timeline(self, run_id: str) -> Sequence[TimelineItem]:
        self._called(f"timeline {run_id}")
        answer = self.timelines.get(run_id, [])
        if isinstance(answer, SkyvernError):
            raise answer
        return list(answer)

    async def get_run_artifacts(self, run_id: str) -> Sequence[Artifact]:
        self._called(f"artifacts {run_id}")
        return list(self.artifacts.get(run_id, []))

    async def get_artifact_content(self, artifact: Artifact) -> bytes:
        self._called(f"content {artifact.artifact_id}")
        if artifact.artifact_id not in self.contents:
            raise NotFoundError(f"Artifact not found {artifact.artifact_id}", status_code=404)
        return self.contents[artifact.artifact_id]

    async def retry_run_webhook(self, run_id: str, *, webhook_url: str | None = None) -> WebhookReplay:
        self._called(f"retry_run_webhook {run_id} {webhook_url}")
        if self.refusal is not None:
            raise self.refusal
        return self.replays.pop(0)

    async def get_deliveries(self, run_id: str) -> Sequence[Mapping[str, Any]]:
        self._called(f"deliveries {run_id}")
        return self.deliveries.get(run_id, [])

    def answers(self, run_id: str) -> Sequence[Answer]:
        return self.told.get(run_id, [])

    async def get_sites(self) -> Sequence[Site]:
        return self.sites

    async def aclose(self) -> None:
        self.closed = True


def app_on(gateway: FakeGateway, clock: ManualClock | None = None, **over: Any) -> SkyvernApp:
    """Return the app wired to a fake."""
    answering: Gateway = gateway
    source = over.pop("source", MOCK)
    return SkyvernApp(source, open_gateway=lambda _: answering, clock=clock or ManualClock(), **over)


async def settle(pilot: Any, rounds: int = 4) -> None:
    """Let workers and messages come to rest."""
    for _ in range(rounds):
        await pilot.pause()


async def until(pilot: Any, condition: Callable[[], object], what: str = "what was waited for") -> None:
    """Let the app go on until something holds; fail if it never does."""
    for _ in range(2000):
        if condition():
            await pilot.pause()
            return
        await pilot.pause()
        await asyncio.sleep(0.01)
    raise AssertionError(f"{what} did not come about:\n{screen_text(pilot.app)}")


async def patiently(pilot: Any, condition: Callable[[], object], what: str = "what was waited for") -> None:
    """Wait as ``until`` does, but for a server that is a process of its own on a busy machine."""
    for _ in range(20):
        try:
            await until(pilot, condition, what)
        except AssertionError:
            continue
        return
    await until(pilot, condition, what)


def screen_text(app: App[Any]) -> str:
    """Return what is on the screen, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def passing(pilot: Any, clock: ManualClock, seconds: float) -> None:
    """Let time pass, and let what waited for it happen; a poll that is under way is first let come to its rest."""
    for _ in range(40):
        if clock.waits:
            break
        await pilot.pause()
        await asyncio.sleep(0.005)
    clock.advance(seconds)
    await settle(pilot)
