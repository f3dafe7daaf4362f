"""Claims about replaying a saved run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.core.clock import RealClock
from skyvern_tui.core.facts import Outage
from skyvern_tui.core.journal import EventKind, Journal
from skyvern_tui.core.replay import SPEEDS, Player, Replay
from skyvern_tui.core.skyrun.saved import SavedArtifact, SavedRun, StatusSeen
from skyvern_tui.core.timeline import Timeline
from tests.skyvern_tui.builders import START, a_block, a_run, a_thought, an_action, an_artifact, at


def a_saved_run(**over):
    """Return a run of twenty seconds with a thought, two blocks one in the other, an outage and a pause."""
    inner = a_block(2, when=8, modified=12, actions=[an_action(2, when=9)]).model_dump(mode="json")
    parts = {
        "run": a_run(status="completed", modified=20, output={"title": "Ä"}, step_count=2),
        "saved_at": START + timedelta(hours=1),
        "content": lambda _: b"",
        "timeline": (
            a_thought(1, when=2),
            a_block(1, when=4, modified=15, actions=[an_action(1, when=5)], children=[inner]),
        ),
        "artifacts": (
            SavedArtifact(an_artifact(1, when=6, step_id="stp_1")),
            SavedArtifact(an_artifact(2, when=10, step_id="stp_2")),
        ),
        "outages": (Outage(START + timedelta(seconds=7), "refused", 3, START + timedelta(seconds=9)),),
        "statuses": (StatusSeen("paused", START + timedelta(seconds=13)),),
    }
    return SavedRun(**parts | over)


def known(replay, seconds):
    """Return the journal of somebody who watched for so many seconds."""
    journal = Journal()
    for snapshot in replay.between(None, START + timedelta(seconds=seconds)):
        journal.apply(snapshot)
    return journal


def test_at_its_end_a_replay_knows_what_the_file_knows():
    """Played to the end, in one go or moment by moment, it is the history the saved run itself has."""
    saved = a_saved_run()
    replay = Replay(saved)
    whole = Journal()
    for snapshot in saved.snapshots():
        whole.apply(snapshot)
    at_once = known(replay, 20)
    stepwise, before = Journal(), None
    for moment in replay.moments:
        for snapshot in replay.between(before, moment):
            stepwise.apply(snapshot)
        before = moment
    assert list(at_once.events) == list(whole.events)
    assert list(stepwise.events) == list(whole.events)
    assert at_once.run == saved.run


@pytest.mark.parametrize("whole", [True, False])
def test_going_back_it_knows_what_was_known_then(whole):
    """Taken back by one moment or by many, from the end or from between, journal and rows are as if just watched."""
    replay = Replay(a_saved_run())
    moments = [moment for moment in replay.moments if moment >= replay.begin]
    backs = 0
    for last, now in enumerate(moments):
        for until in moments[:last]:
            journal = Journal()
            for snapshot in replay.between(None, now if not whole else replay.end):
                journal.apply(snapshot)
            timeline = Timeline(journal)
            timeline.rows()
            before, known = list(journal.events), Journal()
            taken = replay.take_back(journal, now if not whole else replay.end, until)
            backs += taken
            for snapshot in replay.between(None, until):
                known.apply(snapshot)
            assert list(journal.events) == (list(known.events) if taken else before)
            if taken:
                assert (journal.run, journal.artifacts) == (known.run, known.artifacts)
                assert [row.key for row in timeline.rows()] == [row.key for row in Timeline(known).rows()]
                for snapshot in replay.between(until, replay.end):
                    journal.apply(snapshot)
                assert list(journal.events) == list(known_at_the_end(replay).events)
                assert [row.key for row in timeline.rows()] == [row.key for row in Timeline(journal).rows()]
    assert backs > 5


def known_at_the_end(replay):
    """Return the journal of somebody who watched all of it."""
    journal = Journal()
    for snapshot in replay.between(None, replay.end):
        journal.apply(snapshot)
    return journal


@pytest.mark.parametrize(
    "over",
    [
        {"artifacts": tuple(SavedArtifact(an_artifact(1, created_at=at(second))) for second in (6, 8))},
        {"timeline": (a_block(1, when=4), a_block(1, when=6))},
        {"timeline": (a_block(1, when=4, children=[a_block(2, when=2).model_dump(mode="json")]),)},
        {"timeline": (a_block(1, when=4, actions=[an_action(1, when=4)]),
                      a_block(2, when=6, actions=[an_action(1, when=6)]))},
    ],
)  # fmt: skip
def test_what_stands_in_a_file_twice_is_not_taken_back(over):
    """What a file tells of twice, or as being there before what it is in, is not undone piece by piece."""
    replay = Replay(a_saved_run(**over))
    journal = known_at_the_end(replay)
    events = list(journal.events)
    assert not replay.take_back(journal, replay.end, replay.previous(replay.end))
    assert list(journal.events) == events


def test_nothing_is_known_before_it_happened():
    """At every moment all events lie behind, and the run has neither output nor end before its end."""
    replay = Replay(a_saved_run())
    for seconds in range(20):
        journal = known(replay, seconds)
        assert all(event.at <= START + timedelta(seconds=seconds) for event in journal.events)
        assert journal.run.output is None
        assert journal.run.finished_at is None
        assert not journal.is_final


@pytest.mark.parametrize(
    ("seconds", "status", "steps"),
    [(0, "created", None), (0.5, "queued", None), (5, "running", None), (7, "running", 1),
     (12, "running", 2), (14, "paused", 2), (20, "completed", 2)],
)  # fmt: skip
def test_statuses_and_steps_come_when_they_came(seconds, status, steps):
    """The run stands as it stood: created, queued, running, paused in passing, over; steps count up."""
    run = known(Replay(a_saved_run()), seconds).run
    assert (str(run.status), run.step_count) == (status, steps)


def test_blocks_are_open_until_they_were_closed():
    """A block runs until it was closed, actions appear in it one by one, and blocks within it hang below it."""
    replay = Replay(a_saved_run())

    def blocks(seconds):
        return {
            event.subject.id: (event.subject.status, event.parent)
            for event in known(replay, seconds).events
            if event.kind is EventKind.block_opened
        }

    assert blocks(3) == {}
    assert blocks(4.5) == {"wrb_1": ("running", "")}
    assert blocks(11) == {"wrb_1": ("running", ""), "wrb_2": ("running", "wrb_1")}
    assert blocks(16) == {"wrb_1": ("completed", ""), "wrb_2": ("completed", "wrb_1")}
    actions = [sum(e.kind is EventKind.action for e in known(replay, seconds).events) for seconds in (4.5, 6, 11)]
    assert actions == [0, 1, 2]


def test_an_outage_begins_and_ends_when_it_did():
    """While it lasts its end is not known."""
    kinds = [event.kind for event in known(Replay(a_saved_run()), 8).events]
    assert EventKind.outage_began in kinds
    assert EventKind.outage_ended not in kinds
    assert EventKind.outage_ended in [event.kind for event in known(Replay(a_saved_run()), 9).events]


def test_a_player_goes_on_with_time_and_stops_at_the_end():
    """Time counts with the speed; pausing stops it; at the end it stops, and playing begins again."""
    replay = Replay(a_saved_run())
    player = Player(replay, replay.end)
    assert player.is_over
    assert player.passed(5) is player
    player = player.toggled()
    assert (player.at, player.is_playing, player.share) == (replay.begin, True, 0.0)
    player = player.faster(1).passed(3)
    assert player.at == replay.begin + timedelta(seconds=6)
    paused = player.toggled()
    assert paused.passed(100).at == player.at
    over = player.passed(100)
    assert (over.at, over.is_playing, over.share) == (replay.end, False, 1.0)


def test_speeds_have_two_ends():
    """Faster than the fastest and slower than the slowest there is nothing."""
    replay = Replay(a_saved_run())
    player = Player(replay, replay.begin)
    for _ in range(20):
        player = player.faster(1)
    assert player.speed == SPEEDS[-1]
    for _ in range(20):
        player = player.faster(-1)
    assert player.speed == SPEEDS[0]


def test_stepping_goes_through_all_moments_and_no_further():
    """Next and previous visit every moment once and stay at the ends."""
    replay = Replay(a_saved_run())
    forth = [replay.begin]
    while replay.next(forth[-1]) != forth[-1]:
        forth.append(replay.next(forth[-1]))
    back = [replay.end]
    while replay.previous(back[-1]) != back[-1]:
        back.append(replay.previous(back[-1]))
    assert forth == list(replay.moments) == back[::-1]
    assert Player(replay, replay.begin).gone_to_share(2).at == replay.end


def test_a_run_saved_while_it_went_ends_where_it_stood():
    """Without a timeline and not over, it is as it was when it was saved."""
    saved = a_saved_run(run=a_run(status="running", modified=6, step_count=1), timeline=None, statuses=(), outages=())
    replay = Replay(saved)
    assert known(replay, 30).run == saved.run
    assert known(replay, 0.5).run.started_at is None


FAR = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
MOMENTS = st.one_of(st.datetimes(timezones=st.just(UTC)), st.sampled_from([FAR, START]))


@given(times=st.lists(MOMENTS, min_size=8, max_size=8), status=st.sampled_from(["completed", "running", "odd"]))
def test_whatever_times_a_file_claims_it_is_played_to_its_end(times, status):
    """Times in any order, at the ends of the calendar too: the end is what the file says, and time never breaks it."""
    words = [moment.replace(tzinfo=None).isoformat() for moment in times]
    run = a_run(
        status=status, created_at=words[0], queued_at=words[1], started_at=words[2], finished_at=words[3],
        modified_at=words[4],
    )  # fmt: skip
    block = a_block(1, when=4, actions=[an_action(1, when=5, started_at=words[5], created_at=words[6])])
    artifact = SavedArtifact(an_artifact(1, created_at=words[7]))
    saved = a_saved_run(run=run, timeline=(block,), artifacts=(artifact,))
    replay = Replay(saved)
    whole, played = Journal(), Journal()
    for snapshot in saved.snapshots():
        whole.apply(snapshot)
    player = replace(Player(replay, replay.begin), is_playing=True, speed=60)
    for snapshot in replay.between(None, player.at):
        played.apply(snapshot)
    while not player.is_over:
        before, player = player.at, player.passed(10**12)
        for snapshot in replay.between(before, player.at):
            played.apply(snapshot)
    assert played.run == whole.run
    assert {event.key for event in whole.events} <= {event.key for event in played.events}
    assert RealClock().local(replay.begin)
    assert RealClock().local(replay.end)
