"""Claims about the journal of a run."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.core.facts import Outage
from skyvern_tui.core.journal import ArtifactsSeen, EventKind, Journal, OutageSeen, RunSeen, TimelineSeen
from tests.skyvern_tui.builders import START, a_block, a_run, a_thought, an_action, an_artifact, at
from tests.skyvern_tui.core.snapshots import snapshots


def history(taken):
    """Return all that a journal tells after the snapshots."""
    journal = Journal()
    for snapshot in taken:
        journal.apply(snapshot)
    return list(journal.events), journal.run, journal.artifacts


@given(snapshots, st.data())
def test_history_depends_on_what_was_seen_and_not_on_when(taken, data):
    """Any order of the same snapshots, with any of them repeated, gives the same history."""
    again = data.draw(
        st.permutations(taken + data.draw(st.lists(st.sampled_from(taken), max_size=4) if taken else st.just([])))
    )
    assert history(again) == history(taken)


@given(snapshots)
def test_events_are_ordered_unique_and_announced(taken):
    """Events are sorted, have unique keys, and following the announced changes gives the same set."""
    journal, followed = Journal(), {}
    for snapshot in taken:
        changes = journal.apply(snapshot)
        assert not {e.key for e in changes.added} & followed.keys()
        assert {e.key for e in changes.changed} <= followed.keys() | {e.key for e in changes.added}
        followed.update({e.key: e for e in (*changes.added, *changes.changed)})
        assert not journal.apply(snapshot)
    assert list(journal.events) == sorted(followed.values(), key=lambda e: e.sort_key)


def test_a_finished_run_seen_once_tells_its_whole_life():
    """Times in the last answer give the statuses that no poll has seen."""
    run = a_run(status="completed", modified=9, output={"title": "Hello"})
    events, _, _ = history([RunSeen(run)])
    assert [(e.kind, e.subject) for e in events] == [
        (EventKind.status, "created"),
        (EventKind.status, "queued"),
        (EventKind.status, "running"),
        (EventKind.output_ready, {"title": "Hello"}),
        (EventKind.ended, "completed"),
    ]


def test_the_time_a_run_ended_is_the_servers_whichever_answer_comes_first():
    """Once a server said when a run ended, an answer that only says when it changed moves nothing."""
    told = a_run(status="completed", modified=9, finished_at=at(8))
    untold = a_run(status="completed", modified=12, finished_at=None)
    for answers in ((told, untold), (untold, told)):
        events, _, _ = history([RunSeen(run) for run in answers])
        (end,) = [e for e in events if e.kind is EventKind.ended]
        assert end.at == told.finished_at


def test_a_status_without_a_time_of_its_own_is_dated_by_the_change():
    """A paused or unknown status is an event at the time the run was modified."""
    events, _, _ = history([RunSeen(a_run(status="paused", modified=4)), RunSeen(a_run(status="novel", modified=6))])
    assert [(e.subject, (e.at - START).total_seconds()) for e in events[-2:]] == [("paused", 4), ("novel", 6)]


def test_a_run_that_ended_never_comes_back():
    """A stale answer, even one modified later, does not undo the end."""
    journal = Journal()
    journal.apply(RunSeen(a_run(status="completed", modified=5)))
    journal.apply(RunSeen(a_run(status="running", modified=8)))
    assert journal.is_final
    assert journal.run.status == "completed"


def test_a_block_opens_gains_actions_and_closes():
    """Polling a growing block adds its actions once and closes it once, under the block."""
    journal = Journal()
    first = journal.apply(
        TimelineSeen([a_block(1, when=1, status="running", actions=[an_action(0, when=1.2, status="pending")])])
    )
    assert [e.kind for e in first.added] == [EventKind.block_opened, EventKind.action]
    second = journal.apply(
        TimelineSeen([a_block(1, when=1, modified=3, actions=[an_action(1, when=2), an_action(0, when=1.2)])])
    )
    assert [(e.kind, e.parent) for e in second.added] == [(EventKind.block_closed, ""), (EventKind.action, "wrb_1")]
    assert [e.key for e in second.changed] == ["block/wrb_1", "action/act_0"]
    assert [e.key for e in journal.events] == ["block/wrb_1", "action/act_0", "action/act_1", "block/wrb_1/closed"]


def test_nested_blocks_know_their_parent():
    """A block among the children of a loop hangs under the loop, and so do its actions under it."""
    inner = a_block(2, when=2, actions=[an_action(0, when=2.5)]).model_dump(mode="json")
    events, _, _ = history([TimelineSeen([a_block(1, when=1, block_type="for_loop", children=[inner])])])
    assert {e.key: e.parent for e in events} == {
        "block/wrb_1": "",
        "block/wrb_1/closed": "",
        "block/wrb_2": "wrb_1",
        "block/wrb_2/closed": "wrb_1",
        "action/act_0": "wrb_2",
    }


def test_an_action_without_an_id_is_one_action():
    """Actions are recognised by block and place when the server gives them no id."""
    bare = an_action(0, when=1) | {"action_id": None}
    journal = Journal()
    for _ in range(2):
        journal.apply(TimelineSeen([a_block(1, when=1, actions=[bare])]))
    assert sum(e.kind is EventKind.action for e in journal.events) == 1


def test_fresh_signatures_are_no_news():
    """A new signed URL of a known artifact changes nothing in the history, but is the one to fetch by."""
    journal = Journal()
    journal.apply(ArtifactsSeen([an_artifact(1, signed_url="http://h/z?sig=old")]))
    assert not journal.apply(ArtifactsSeen([an_artifact(1, signed_url="http://h/a?sig=new")]))
    assert journal.latest_artifacts["a_1"].signed_url == "http://h/a?sig=new"


def test_failures_are_marked():
    """Failed actions, closed blocks and ends are what a reader can jump to; completed and canceled are not."""
    events, _, _ = history(
        [
            RunSeen(a_run(status="failed", modified=9)),
            TimelineSeen(
                [
                    a_block(
                        1,
                        when=1,
                        status="failed",
                        actions=[an_action(0, when=1), an_action(1, when=2, status="failed")],
                    )
                ]
            ),
        ]
    )
    assert [e.key for e in events if e.failed] == ["action/act_1", "block/wrb_1/closed", "status/failed"]
    assert not any(e.failed for e in history([RunSeen(a_run(status="canceled"))])[0])


def test_an_outage_has_a_beginning_and_an_end():
    """Each further failed call updates the outage; its end is an event of its own."""
    journal = Journal()
    began = START
    journal.apply(OutageSeen(Outage(began, "refused", 1)))
    journal.apply(OutageSeen(Outage(began, "refused", 2)))
    changes = journal.apply(OutageSeen(Outage(began, "refused", 2, began + timedelta(seconds=7))))
    assert [e.kind for e in changes.added] == [EventKind.outage_ended]
    assert [e.kind for e in journal.events] == [EventKind.outage_began, EventKind.outage_ended]


@given(st.integers(1, 6), st.data())
def test_a_reader_who_was_away_misses_nothing(length, data):
    """Whichever polls of a growing run failed, after the last one the history is the same as if none had."""
    whole = []
    for moment in range(length + 1):
        over = moment == length
        blocks = [
            a_block(
                number,
                when=number,
                status="completed" if over or moment > number + 1 else "running",
                modified=moment,
                actions=[an_action(number * 10 + a, when=number + a / 10) for a in range(moment - number)],
            )
            for number in range(moment)
        ]
        thoughts = [a_thought(number, when=number) for number in range(moment)]
        status = "completed" if over else "running"
        whole += [
            RunSeen(a_run(status=status, modified=moment + 2, output={"n": moment} if over else None)),
            TimelineSeen([*blocks, *thoughts]),
            ArtifactsSeen([an_artifact(number, when=number) for number in range(moment)]),
        ]
    last = whole[-3:]
    met = [snapshot for snapshot in whole[:-3] if data.draw(st.booleans())]
    assert history([*met, *last]) == history(whole)
