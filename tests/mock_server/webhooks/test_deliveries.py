"""A delivery is made, tried as often as it should be, and neither lost nor sent for somebody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mock_server.dialect import dialect_named
from mock_server.ids import IdFactory, organization_for
from mock_server.store.errors import StoreError
from mock_server.store.records import RunRecord
from mock_server.store.store import Store
from mock_server.webhooks import deliveries
from mock_server.webhooks.deliveries import MAX_KEPT_OF_RUN, MAX_PENDING_OF_RUN, Webhooks
from mock_server.webhooks.payload import Told
from mock_server.webhooks.policy import Outcome
from mock_server.webhooks.signature import sign

NOON = datetime.fromisoformat("2026-11-21T12:00:00")
OK = Outcome(200, 5, response_body="thanks")
DOWN = Outcome(503, 5, response_body="later")
GONE = Outcome(404, 5, response_body="no such hook")


@dataclass
class Owner:
    organization_id: str
    clock: Any
    ids: IdFactory
    api_key: str | None = None


class Owners:
    """Owners whose keys become known when the test says so."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.ids = IdFactory(clock)
        self.known: dict[str, Owner] = {}
        self.listeners: list[Callable[[Any], None]] = []

    def of(self, organization_id: str) -> Owner:
        return self.known.setdefault(organization_id, Owner(organization_id, self.clock, self.ids))

    def on_key(self, listener: Callable[[Any], None]) -> None:
        self.listeners.append(listener)

    def use(self, key: str) -> None:
        owner = self.of(organization_for(key))
        owner.api_key = key
        for listener in self.listeners:
            listener(owner)


@dataclass
class Post:
    url: str
    headers: dict[str, str]
    body: bytes
    seconds: float


@dataclass
class Poster:
    """Takes attempts down and answers with the next of ``outcomes``, the last of them for ever."""

    outcomes: list[Outcome] = field(default_factory=lambda: [OK])
    posts: list[Post] = field(default_factory=list)
    gate: asyncio.Event | None = None
    under_way: int = 0
    most_under_way: int = 0

    async def check(self, url: str) -> None:
        pass

    async def post(self, url: str, headers: Any, body: bytes, seconds: float) -> Outcome:
        self.posts.append(Post(url, dict(headers), body, seconds))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await (self.gate.wait() if self.gate else asyncio.sleep(0))
        finally:
            self.under_way -= 1
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]


class Desk:
    """Webhooks on a store of their own that can be closed, or left as a crash leaves it, and opened again."""

    def __init__(self, path: Path, clock: Any) -> None:
        self.path = path
        self.clock = clock
        self.poster = Poster()
        self.dialect = "cloud"
        self.number = 0

    def open(self) -> None:
        self.store = Store(self.path)
        self.owners = Owners(self.clock)
        self.webhooks = Webhooks(
            store=self.store,
            owners=self.owners,
            dialect=dialect_named(self.dialect),  # type: ignore[arg-type]
            describe=self.describe,
            make_sender=lambda: self.poster,
            jitter=lambda: 0.5,
        )

    def describe(self, run: RunRecord) -> Told:
        answer = {"run_id": run.run_id, "screenshot_urls": None, "recording_url": None, "downloaded_files": []}
        return Told(answer={**answer, "run_request": {"prompt": "x"}}, max_steps=10)

    def run(self, key: str = "key", status: str = "completed", url: str | None = "http://h/", **more: Any) -> RunRecord:
        """Return a run that was just stored, of a planner unless it says otherwise."""
        self.number += 1
        run = RunRecord(
            run_id=f"tsk_v2_{self.number}", organization_id=organization_for(key), list_id=f"tr_{self.number}",
            workflow_run_id=f"wr_{self.number}", task_id="tsk_1", engine="skyvern-2.0", run_type="task_v2",
            status=status, request={"prompt": "x", "webhook_url": url}, created_at=NOON, modified_at=NOON,
            finished_at=NOON,
        )  # fmt: skip
        for name, value in more.items():
            setattr(run, name, value)
        self.store.insert_run(run)
        return run

    def end(self, key: str = "key", **details: Any) -> RunRecord:
        run = self.run(key, **details)
        self.webhooks.run_ended(run)
        return run

    def on_disk(self, text: str) -> bool:
        return any(text.encode() in file.read_bytes() for file in self.path.parent.iterdir())

    def states(self, key: str = "key") -> list[str]:
        return [found.state for found in self.webhooks.deliveries(organization_for(key))]

    async def idle(self) -> None:
        await asyncio.wait_for(self.webhooks.idle(), 5)

    async def reopen(self) -> None:
        """Go away as after SIGKILL, and come back without any key."""
        await self.webhooks.close()
        self.store.close()
        self.open()
        await self.webhooks.start()


@pytest.fixture
async def desk(tmp_path: Path, clock: Any, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """Started webhooks; parametrize indirectly with a dialect name for another than cloud."""
    desk = Desk(tmp_path / "store.sqlite3", clock)
    desk.dialect = getattr(request, "param", "cloud")
    desk.open()
    desk.owners.use("key")
    await desk.webhooks.start()
    yield desk
    await desk.webhooks.close()
    desk.store.close()


async def test_an_end_is_told_once_signed_with_the_owners_key(desk: Desk):
    """One POST to the address with 30 seconds' time; what is kept of it says how it went."""
    run = desk.end()
    assert desk.states() == ["pending"]
    await desk.idle()
    (post,) = desk.poster.posts
    assert (post.url, post.seconds) == ("http://h/", 30.0)
    assert post.headers["x-skyvern-signature"] == sign("key", post.body)
    assert json.loads(post.body)["task_id"] == run.run_id
    (kept,) = desk.webhooks.deliveries(run.organization_id, run.run_id)
    assert (kept.state, kept.trigger, kept.webhook_failure_reason) == ("delivered", "original", "")
    assert kept.delivery_id.startswith("whd_")
    assert (kept.payload.encode(), kept.headers) == (post.body, post.headers)
    (attempt,) = kept.attempts
    assert {name: attempt[name] for name in ("status_code", "latency_ms", "error", "response_body")} == {
        "status_code": 200, "latency_ms": 5, "error": None, "response_body": "thanks",
    }  # fmt: skip


async def test_the_key_is_nowhere_on_disk(desk: Desk):
    """What is stored holds the signature, but no file holds the key."""
    desk.owners.use("a-key-nobody-else-has")
    desk.end("a-key-nobody-else-has")
    await desk.idle()
    assert desk.on_disk(desk.poster.posts[0].headers["x-skyvern-signature"])
    assert not desk.on_disk("a-key-nobody-else-has")


async def test_a_run_without_an_address_tells_nobody(desk: Desk):
    """No webhook_url, no delivery."""
    desk.end(url=None)
    assert (desk.states(), desk.poster.posts) == ([], [])


async def test_waits_are_the_policys_on_the_owners_clock_and_attempts_are_alike(desk: Desk, clock: Any):
    """Three attempts with the same body, timestamp and signature; 1.5 s and 2.5 s lie between them."""
    desk.poster.outcomes = [DOWN]
    run = desk.end()
    await desk.idle()
    assert clock.slept == [1.5, 2.5]
    assert len(desk.poster.posts) == 3
    assert len({(post.body, *post.headers.values()) for post in desk.poster.posts}) == 1
    (kept,) = desk.webhooks.deliveries(run.organization_id)
    assert (kept.state, len(kept.attempts)) == ("failed", 3)
    assert kept.webhook_failure_reason == "Webhook failed with status code 503, error message: later"
    moments = [datetime.fromisoformat(attempt["at"]) for attempt in kept.attempts]
    assert [round((b - a).total_seconds(), 1) for a, b in pairwise(moments)] == [1.5, 2.5]


async def test_a_receiver_that_recovers_gets_it_after_the_time_it_asked_for(desk: Desk, clock: Any):
    """Retry-After sets the wait, and a 2xx ends it."""
    desk.poster.outcomes = [Outcome(429, 5, retry_after="12"), OK]
    desk.end()
    await desk.idle()
    assert (clock.slept, desk.states()) == ([12.0], ["delivered"])


async def test_an_answer_that_is_the_last_word_is_not_asked_for_again(desk: Desk, clock: Any):
    """A 404 is one attempt."""
    desk.poster.outcomes = [GONE]
    desk.end()
    await desk.idle()
    assert (len(desk.poster.posts), clock.slept, desk.states()) == (1, [], ["failed"])


async def test_a_failure_never_changes_how_the_run_ended(desk: Desk):
    """Status and reason stay; only the time of the last change moves, as writing the failure down counts as one."""
    desk.poster.outcomes = [GONE]
    run = desk.end()
    await desk.idle()
    stored = desk.store.run(run.organization_id, run.run_id)
    assert stored is not None
    assert (stored.status, stored.failure_reason, stored.finished_at) == ("completed", None, NOON)
    assert stored.modified_at > NOON


@pytest.mark.parametrize(("outcome", "reason"), [(OK, ""), (GONE, "Webhook failed with status code 404")])
async def test_a_later_payload_says_what_became_of_the_first(desk: Desk, outcome: Outcome, reason: str):
    """webhook_failure_reason is null at first; a step run's replay has it empty after success, or the reason."""
    desk.poster.outcomes = [outcome]
    run = desk.end(run_type="task_v1", workflow_run_id=None)
    await desk.idle()
    replayed, _ = await desk.webhooks.replay(run, "http://other/")
    said = [json.loads(body)["webhook_failure_reason"] for body in (desk.poster.posts[0].body, replayed.payload)]
    assert said[0] is None
    assert said[1].startswith(reason)
    assert bool(said[1]) == bool(reason)


async def test_a_replay_does_not_change_what_became_of_the_original(desk: Desk):
    """After a replay that failed, the next still says that the original arrived."""
    run = desk.end(run_type="task_v1", workflow_run_id=None)
    await desk.idle()
    desk.poster.outcomes = [GONE]
    await desk.webhooks.replay(run, "http://other/")
    again, _ = await desk.webhooks.replay(run, "http://other/")
    assert json.loads(again.payload)["webhook_failure_reason"] == ""


async def test_a_replay_is_one_attempt_with_a_minutes_time_kept_beside_the_original(desk: Desk, clock: Any):
    """Nothing is tried again; a planner run's replay is its answer only, without the request."""
    run = desk.end()
    await desk.idle()
    desk.poster.outcomes = [DOWN]
    replayed, outcome = await desk.webhooks.replay(run, "http://other/")
    assert (outcome, clock.slept) == (DOWN, [])
    last = desk.poster.posts[-1]
    assert (last.url, last.seconds, json.loads(last.body)["run_id"]) == ("http://other/", 60.0, run.run_id)
    assert "task_id" not in json.loads(last.body)
    assert "run_request" not in json.loads(last.body)
    kept = desk.webhooks.deliveries(run.organization_id, run.run_id)
    assert [(found.trigger, found.state) for found in kept] == [("original", "delivered"), ("replay", "failed")]
    assert kept[1] == replayed


# -- crashes and keys -----------------------------------------------------------------------


async def test_a_pending_delivery_waits_for_the_key_after_a_restart_and_is_sent_then(desk: Desk):
    """Nothing can be signed before the key is used; with it the delivery goes out, for that owner only."""
    desk.owners.use("other")
    desk.poster.gate = asyncio.Event()
    desk.end()
    desk.end("other")
    await asyncio.sleep(0)
    desk.poster.posts.clear()
    await desk.reopen()
    desk.poster.gate = None
    await asyncio.sleep(0.01)
    assert (desk.poster.posts, desk.states()) == ([], ["pending"])
    desk.owners.use("key")
    await desk.idle()
    assert (desk.states(), desk.states("other")) == (["delivered"], ["pending"])
    (post,) = desk.poster.posts
    assert post.headers["x-skyvern-signature"] == sign("key", post.body)


async def test_attempts_made_before_a_restart_count(desk: Desk, clock: Any):
    """Two attempts, a crash, one more: no fourth, and it has the timestamp and signature of the first."""
    desk.poster.outcomes = [DOWN]
    waits: list[float] = []
    at_last = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            at_last.set()
            await asyncio.Event().wait()

    clock.sleep = sleep
    desk.end()
    await asyncio.wait_for(at_last.wait(), 5)
    await desk.reopen()
    desk.owners.use("key")
    await desk.idle()
    assert len(desk.poster.posts) == 3
    assert len({tuple(post.headers.items()) for post in desk.poster.posts}) == 1
    assert desk.states() == ["failed"]


async def test_an_end_that_is_not_stored_is_not_told(desk: Desk):
    """When the transaction it belongs to is taken back, nothing is sent."""
    run = desk.run()

    def broken() -> None:
        with desk.store.at_once():
            desk.webhooks.run_ended(run)
            raise StoreError("full")

    with pytest.raises(StoreError):
        broken()
    await desk.idle()
    assert (desk.poster.posts, desk.states()) == ([], [])


async def test_what_ends_before_the_start_is_told_after_it(desk: Desk):
    """A delivery stored while nothing is being sent is found by the next start."""
    await desk.webhooks.close()
    desk.end()
    await desk.idle()
    assert desk.poster.posts == []
    await desk.webhooks.start()
    await desk.idle()
    assert desk.states() == ["delivered"]


async def test_a_fault_in_the_payload_does_not_undo_the_end(desk: Desk, monkeypatch: Any, caplog: Any):
    """The run's end is stored, the fault is logged, nothing is raised."""
    monkeypatch.setattr(desk.webhooks, "_describe", lambda run: 1 / 0)
    run = desk.run(status="running")
    with desk.store.at_once():
        run.status = "completed"
        desk.store.save_run(run)
        desk.webhooks.run_ended(run)
    assert desk.states() == []
    assert "could not be written" in caplog.text
    await desk.reopen()
    stored = desk.store.run(run.organization_id, run.run_id)
    assert stored is not None
    assert stored.status == "completed"


# -- duplicates -----------------------------------------------------------------------------


@pytest.mark.parametrize(("desk", "told"), [("cloud", 1), ("oss", 2)], indirect=["desk"])
async def test_a_cancel_is_told_again_when_the_work_has_stopped_where_the_dialect_does(desk: Desk, told: int):
    """A self-hosted server sends one webhook for the cancel and one when its worker notices."""
    run = desk.end(status="canceled")
    desk.webhooks.cancel_noticed(run)
    await desk.idle()
    assert len(desk.poster.posts) == told


@pytest.mark.parametrize(
    ("desk", "kind", "told"),
    [("cloud", "task_v2", 1), ("oss", "task_v2", 2), ("oss", "workflow_run", 2), ("oss", "task_v1", 1)],
    indirect=["desk"],
)
async def test_cancelling_what_is_over_tells_it_again_where_the_dialect_does(desk: Desk, kind: str, told: int):
    """Of planner and workflow runs only: a step run's second cancel is refused."""
    run = desk.end(run_type=kind, workflow_run_id=None if kind == "task_v1" else "wr_9")
    await desk.idle()
    desk.webhooks.cancel_repeated(run)
    await desk.idle()
    assert len(desk.poster.posts) == told


# -- bounds ---------------------------------------------------------------------------------


@pytest.mark.parametrize("desk", ["oss"], indirect=True)
async def test_cancelling_in_a_loop_does_not_pile_up_deliveries(desk: Desk):
    """A run has no more than so many under way."""
    desk.poster.gate = asyncio.Event()
    run = desk.end()
    for _ in range(MAX_PENDING_OF_RUN * 2):
        desk.webhooks.cancel_repeated(run)
    assert len(desk.states()) == MAX_PENDING_OF_RUN


async def test_the_oldest_settled_deliveries_of_a_run_go(desk: Desk, monkeypatch: Any):
    """Of each trigger the newest are kept, so replays never push the original out."""
    monkeypatch.setattr(deliveries, "MAX_KEPT_OF_RUN", 3)
    assert MAX_KEPT_OF_RUN > 3
    run = desk.end()
    await desk.idle()
    made = [(await desk.webhooks.replay(run, f"http://other/{number}"))[0].delivery_id for number in range(5)]
    kept = desk.webhooks.deliveries(run.organization_id, run.run_id)
    assert [found.trigger for found in kept] == ["original", "replay", "replay", "replay"]
    assert [found.delivery_id for found in kept[1:]] == made[2:]


async def test_a_slow_receiver_of_one_owner_does_not_hold_up_another(desk: Desk, monkeypatch: Any):
    """An owner has so many attempts at a time; others have room of their own."""
    monkeypatch.setattr(deliveries, "AT_A_TIME", 2)
    desk.owners.use("other")
    desk.poster.gate = asyncio.Event()
    for _ in range(5):
        desk.end()
    await asyncio.sleep(0.01)
    assert desk.poster.most_under_way == 2
    desk.end("other")
    await asyncio.sleep(0.01)
    assert desk.poster.most_under_way == 3
    desk.poster.gate.set()
    await desk.idle()
    assert desk.states() == ["delivered"] * 5


async def test_dropping_an_owner_stops_what_is_sent_for_it_only(desk: Desk):
    """Its deliveries are not sent any more; another's go on."""
    desk.owners.use("other")
    desk.poster.gate = asyncio.Event()
    desk.end()
    desk.end("other")
    await asyncio.sleep(0.01)
    await desk.webhooks.drop(organization_for("key"))
    desk.poster.gate.set()
    await desk.idle()
    assert (desk.states(), desk.states("other")) == (["pending"], ["delivered"])
