"""Claims about watching a run: every change once, in order, through outages and interruptions, on both faces."""

from __future__ import annotations

import asyncio
from itertools import islice, pairwise

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyvern_tui.client import AsyncSkyvern, ConnectionLostError, ForbiddenError, PollPolicy, RunTimeoutError, Skyvern
from skyvern_tui.client.changes import (
    ArtifactAdded,
    Finished,
    Look,
    OutageBegan,
    OutageEnded,
    Position,
    StatusChanged,
    TimelineChange,
    TimelineItemAdded,
    TimelineItemChanged,
    difference,
)
from skyvern_tui.client.models import RUN
from tests.skyvern_tui.client.playground import BASE, KEY, RUN_ID, VirtualTime, run_body

AT = "2026-01-20T11:53:46"


def thought(name, answer="", **over):
    return {
        "type": "thought",
        "created_at": AT,
        "modified_at": AT,
        "thought": {"thought_id": name, "created_at": AT, "modified_at": AT, "answer": answer},
        **over,
    }


def block(name, status="running", children=(), **over):
    return {
        "type": "block",
        "created_at": AT,
        "modified_at": AT,
        "children": list(children),
        "block": {
            "workflow_run_block_id": name,
            "block_type": "task",
            "status": status,
            "created_at": AT,
            "modified_at": AT,
            **over,
        },
    }


def artifact(name):
    return {
        "artifact_id": name,
        "artifact_type": "screenshot",
        "uri": f"s3://b/{name}.png",
        "organization_id": "o_1",
        "created_at": AT,
        "modified_at": AT,
        "signed_url": f"https://b.example/{name}?sig=1",
    }


class Server:
    """Answers from one frame (status, timeline, artifacts) after the other; each good answer about the run is the next.

    ``faults`` maps the number of a request to what it is answered with instead: a status or an exception.
    """

    def __init__(self, *frames, faults=None, run_over=None):
        self.frames, self.faults, self.run_over = frames, dict(faults or {}), run_over or {}
        self.at, self.requests = -1, []

    def __call__(self, request):
        self.requests.append(request.url.path)
        fault = self.faults.get(len(self.requests))
        if isinstance(fault, int):
            return httpx.Response(fault, json={"detail": "fault"}, headers={"retry-after": "7"} if fault == 429 else {})
        if fault is not None:
            raise fault("broken", request=request)
        if request.url.path.endswith("/timeline"):
            return httpx.Response(200, json=self.frames[self.at][1])
        if request.url.path.endswith("/artifacts"):
            return httpx.Response(200, json=self.frames[self.at][2])
        self.at = min(self.at + 1, len(self.frames) - 1)
        return httpx.Response(200, json=run_body(self.frames[self.at][0], **self.run_over))


class Watcher:
    """Watches on either face, up to ``most`` changes; keeps time, changes and the handle's position."""

    def __init__(self, kind, server, **options):
        self.kind, self.server, self.time = kind, server, VirtualTime()
        self.options = {"api_key": KEY, "base_url": BASE, "random": lambda: 0.0, "clock": self.time.clock, **options}
        self.position = ""
        self.changes = []

    def go(self, most=10_000, **watch):
        transport = httpx.MockTransport(self.server)
        position = self.position or None
        if self.kind == "sync":
            with Skyvern(transport=transport, sleep=self.time.sleep, **self.options) as client:
                handle = client.run(RUN_ID, position=position)
                changes = handle.watch(**watch)
                try:
                    self.changes.extend(islice(changes, most))
                finally:
                    changes.close()
                    self.position = str(handle.position)
            return self.changes

        async def main():
            async with AsyncSkyvern(transport=transport, sleep=self.time.asleep, **self.options) as client:
                handle = client.run(RUN_ID, position=position)
                changes = handle.watch(**watch)
                left = most
                try:
                    while left:
                        self.changes.append(await anext(changes))
                        left -= 1
                except StopAsyncIteration:
                    pass
                finally:
                    await changes.aclose()
                    self.position = str(handle.position)

        asyncio.run(main())
        return self.changes


@pytest.fixture(params=["sync", "async"])
def watching(request):
    return lambda server, **options: Watcher(request.param, server, **options)


def told(changes):
    """Each change as (class, what it is about)."""
    about = {
        StatusChanged: lambda c: c.status,
        TimelineItemAdded: lambda c: c.key,
        TimelineItemChanged: lambda c: c.key,
        ArtifactAdded: lambda c: c.artifact.artifact_id,
        OutageBegan: lambda c: type(c.error).__name__,
        OutageEnded: lambda c: c.failures,
        Finished: lambda c: c.complete,
    }
    return [(type(change).__name__, about[type(change)](change)) for change in changes]


def test_a_run_is_told_from_beginning_to_end(watching):
    """Status, timeline oldest first with parents before children, changed items, artifacts, and the end at the end."""
    server = Server(
        ("queued", [], []),
        ("running", [thought("ot_1")], [artifact("a_1")]),
        ("running", [block("wrb_1", children=[thought("ot_2")]), thought("ot_1", "done")], [artifact("a_1")]),
        (
            "completed",
            [block("wrb_1", "completed", [thought("ot_2")]), thought("ot_1", "done")],
            [artifact("a_1"), artifact("a_2")],
        ),
    )
    changes = watching(server).go()
    assert told(changes) == [
        ("StatusChanged", "queued"),
        ("StatusChanged", "running"),
        ("TimelineItemAdded", "ot_1"),
        ("ArtifactAdded", "a_1"),
        ("TimelineItemChanged", "ot_1"),
        ("TimelineItemAdded", "wrb_1"),
        ("TimelineItemAdded", "ot_2"),
        ("StatusChanged", "completed"),
        ("TimelineItemChanged", "wrb_1"),
        ("ArtifactAdded", "a_2"),
        ("Finished", True),
    ]
    assert [change.before for change in changes if isinstance(change, StatusChanged)] == [None, "queued", "running"]
    assert [change.parent for change in changes if isinstance(change, TimelineChange)] == ["", "", "", "wrb_1", ""]
    assert {change.run_id for change in changes} == {RUN_ID}
    # Who matches on one kind does not get the other.
    assert not [
        change
        for change in changes
        if isinstance(change, TimelineItemAdded) and isinstance(change, TimelineItemChanged)
    ]


def test_the_intervals_are_those_of_waiting(watching):
    """The same machine drives both: quick at first, longer later, never longer than the ceiling."""
    it = watching(Server(*[("running", [], [])] * 12, ("completed", [], [])))
    it.go()
    assert it.time.sleeps[:3] == [0.5, 0.75, 1.125]
    assert it.time.sleeps[-1] == 10.0


def test_an_outage_is_told_and_survived(watching):
    """One change when it begins, one when it ends with its length, and nothing in between; nothing is lost over it."""
    faults = {4: httpx.ReadError, 5: 503, 6: httpx.ConnectError, 7: 429}
    it = watching(Server(("running", [], []), ("completed", [thought("ot_1")], []), faults=faults))
    changes = it.go()
    assert told(changes) == [
        ("StatusChanged", "running"),
        ("OutageBegan", "ConnectionLostError"),
        ("OutageEnded", 4),
        ("StatusChanged", "completed"),
        ("TimelineItemAdded", "ot_1"),
        ("Finished", True),
    ]
    assert changes[2].seconds == sum(it.time.sleeps[1:])
    assert it.time.sleeps[-1] == 7.0


def test_a_timeline_that_fails_at_the_end_is_asked_for_again(watching):
    """The run is over, but not told so before the last of its timeline and artifacts is here."""
    server = Server(("completed", [thought("ot_1")], [artifact("a_1")]), faults={2: 500, 4: httpx.ReadTimeout})
    assert told(watching(server).go()) == [
        ("OutageBegan", "ServerError"),
        ("OutageEnded", 2),
        ("StatusChanged", "completed"),
        ("TimelineItemAdded", "ot_1"),
        ("ArtifactAdded", "a_1"),
        ("Finished", True),
    ]


def test_an_end_whose_rest_cannot_be_had_is_still_told(watching):
    """After too many failures the watch ends, and says that something is missing."""
    server = Server(("completed", [], []), faults=dict.fromkeys(range(2, 100, 2), 500))
    changes = watching(server, poll_policy=PollPolicy(max_failures=3)).go()
    assert told(changes) == [("OutageBegan", "ServerError"), ("Finished", False)]


def test_a_kind_of_run_without_a_timeline_is_watched_without(watching):
    """A server that has none for this run is not asked for it again."""
    server = Server(("running", [], []), ("completed", [], [artifact("a_1")]), faults={2: 400})
    assert told(watching(server).go())[1:] == [
        ("StatusChanged", "completed"),
        ("ArtifactAdded", "a_1"),
        ("Finished", True),
    ]
    assert len([path for path in server.requests if path.endswith("timeline")]) == 1


def test_only_what_is_asked_for_is_looked_at(watching):
    """Without timeline and artifacts a look costs one request."""
    server = Server(("running", [thought("ot_1")], []), ("failed", [], [artifact("a_1")]))
    changes = watching(server).go(timeline=False, artifacts=False)
    assert told(changes) == [("StatusChanged", "running"), ("StatusChanged", "failed"), ("Finished", True)]
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", ["completed", "failed", "terminated", "timed_out", "canceled"])
def test_every_end_ends_the_watch(watching, status):
    """Whichever way a run ended, that is the last change."""
    assert told(watching(Server((status, [], []))).go()) == [("StatusChanged", status), ("Finished", True)]


def test_paused_and_unknown_are_not_the_end(watching):
    """They are told as they came, and watched on from; an unknown one with an end time is the end."""
    server = Server(("paused", [], []), ("dreaming", [], []), ("completed", [], []))
    assert [about for _, about in told(watching(server).go())] == ["paused", "dreaming", "completed", True]
    server = Server(("archived", [], []), run_over={"finished_at": AT})
    assert told(watching(server).go()) == [("StatusChanged", "archived"), ("Finished", True)]


def test_links_signed_anew_are_no_change(watching):
    """What is only a fresh signature in a block's output is not told."""
    frames = [
        ("running", [block("wrb_1", output={"shots": [f"https://b.example/1.png?expiry={n}&sig=S{n}"]})], [])
        for n in range(3)
    ]
    changes = watching(Server(*frames, ("completed", frames[0][1], []))).go()
    assert [kind for kind, _ in told(changes)] == ["StatusChanged", "TimelineItemAdded", "StatusChanged", "Finished"]


def test_the_deadline_is_told_as_an_error_with_the_run(watching):
    """The run goes on; the error has it as last seen, and the next watch goes on without repeating."""
    server = Server(("running", [thought("ot_1")], []))
    it = watching(server)
    with pytest.raises(RunTimeoutError, match=r"watched for 60\.0 s") as caught:
        it.go(timeout=60)
    assert (caught.value.run_id, caught.value.run.status) == (RUN_ID, "running")
    server.frames = (("completed", [thought("ot_1")], []),)
    server.at = -1
    assert told(it.go())[2:] == [("StatusChanged", "completed"), ("Finished", True)]


def test_a_refusal_ends_the_watch(watching):
    """A key that is refused is not an outage."""
    it = watching(Server(("running", [], []), faults={4: 403}))
    with pytest.raises(ForbiddenError):
        it.go()
    assert told(it.changes) == [("StatusChanged", "running")]


def test_an_outage_that_does_not_end_is_an_error_that_can_be_watched_on_from(watching):
    """After the policy's failures in a row the last error is raised; the next watch tells that the outage is over."""
    server = Server(("running", [], []), ("completed", [], []), faults=dict.fromkeys(range(4, 7), httpx.ReadError))
    it = watching(server, poll_policy=PollPolicy(max_failures=3))
    with pytest.raises(ConnectionLostError, match="goes on from here"):
        it.go()
    assert [kind for kind, _ in told(it.go())] == [
        *("StatusChanged", "OutageBegan", "OutageEnded"),
        *("StatusChanged", "Finished"),
    ]


def test_a_finished_run_is_told_to_be_finished_once(watching):
    """A second watch tells what came late and ends; a run that ended anew is told so."""
    server = Server(("canceled", [], []))
    it = watching(server)
    it.go()
    server.frames = (("canceled", [], [artifact("a_late")]), ("completed", [], [artifact("a_late")]))
    server.at = -1
    assert told(it.go())[2:] == [("ArtifactAdded", "a_late")]
    assert told(it.go())[3:] == [("StatusChanged", "completed"), ("Finished", True)]


def test_a_canceled_task_stops_watching_at_once():
    """The task ends as canceled in its wait, no request is made afterwards, and the watch can be taken up."""

    async def main():
        server = Server(("running", [thought("ot_1")], []))
        sleeping = asyncio.Event()

        async def forever(seconds):
            sleeping.set()
            await asyncio.Event().wait()

        transport = httpx.MockTransport(server)
        async with AsyncSkyvern(api_key=KEY, base_url=BASE, transport=transport, sleep=forever) as client:
            handle, seen = client.run(RUN_ID), []

            async def follow():
                async for change in handle.watch():
                    seen.append(change)  # noqa: PERF401 - those before the cancel count

            task = asyncio.create_task(follow())
            await sleeping.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert len(server.requests) == 3
            assert told(seen) == [("StatusChanged", "running"), ("TimelineItemAdded", "ot_1")]
            server.frames = (("completed", [thought("ot_1")], []),)
            server.at = -1
            assert told([change async for change in handle.watch()]) == [
                ("StatusChanged", "completed"),
                ("Finished", True),
            ]

    asyncio.run(main())


def test_a_position_is_text_and_only_a_position_is_one():
    """What was kept of a handle is the same position again; anything else is refused with what to give."""
    position = Position()
    look = Look(RUN.validate_python(run_body("running")), [], [])
    for change in difference(position, look):
        position.take(change)
    assert Position.parse(str(position)) == position
    for nonsense in ("", "{}", "[]", "null", '{"status":1}'):
        with pytest.raises(ValueError, match=r"str\(handle\.position\)"):
            Position.parse(nonsense)


ITEMS = st.lists(st.sampled_from([f"ot_{n}" for n in range(6)]), unique=True, max_size=6)


@st.composite
def histories(draw):
    """Frames of a run whose timeline and artifacts only grow and change, as those of a real one."""
    frames, seen, left, answers = [], [], [], {}
    for status in draw(st.lists(st.sampled_from(["queued", "running", "paused"]), min_size=1, max_size=6)):
        seen += [name for name in draw(ITEMS) if name not in seen]
        left += [name for name in draw(ITEMS) if name not in left]
        for name in draw(ITEMS):
            answers[name] = answers.get(name, 0) + 1
        timeline = [thought(name, str(answers.get(name, 0))) for name in reversed(seen)]
        frames.append((status, timeline, [artifact(name.replace("ot", "a")) for name in left]))
    return [*frames, ("completed", frames[-1][1], frames[-1][2])]


FAULTS = st.dictionaries(
    st.integers(1, 25), st.sampled_from([500, 429, httpx.ReadError, httpx.ConnectError]), max_size=6
)


@settings(deadline=None, max_examples=60)
@given(histories(), FAULTS, st.lists(st.integers(0, 5), max_size=6))
def test_nothing_is_told_twice_or_left_out_however_often_it_is_interrupted(frames, faults, breaks):
    """For any run, any faults and any breaks, with the position kept as text: each item and artifact is added once,
    each status differs from the one before, one end is told and it is the last; both faces tell the same."""
    traces = []
    for kind in ("sync", "async"):
        it = Watcher(kind, Server(*frames, faults=faults))
        for most in breaks:
            it.go(most)
        changes = told(it.go())
        added = [about for name, about in changes if name in ("TimelineItemAdded", "ArtifactAdded")]
        last = frames[-1]
        assert len(added) == len(set(added))
        assert set(added) == {i["thought"]["thought_id"] for i in last[1]} | {a["artifact_id"] for a in last[2]}
        statuses = [about for name, about in changes if name == "StatusChanged"]
        assert all(one != two for one, two in pairwise(statuses))
        assert [name for name, _ in changes].count("Finished") == 1
        outages = [name for name, _ in changes if name.startswith("Outage")]
        assert outages == ["OutageBegan", "OutageEnded"] * (len(outages) // 2)
        newest = {c.key: c.item.thought.answer for c in it.changes if isinstance(c, TimelineChange)}
        assert newest == {i["thought"]["thought_id"]: i["thought"]["answer"] for i in last[1]}
        traces.append((changes, it.time.sleeps, it.server.requests))
    assert traces[0] == traces[1]
