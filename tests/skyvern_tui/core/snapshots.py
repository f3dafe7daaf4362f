"""Any snapshots of one run: stale, contradictory, repeated and in any order."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from skyvern_tui.core.facts import Outage
from skyvern_tui.core.journal import ArtifactsSeen, OutageSeen, RunSeen, TimelineSeen
from tests.skyvern_tui.builders import START, a_block, a_run, a_thought, an_action, an_artifact, at

seconds = st.integers(0, 5)
statuses = st.sampled_from(["running", "completed", "failed", None])


@st.composite
def runs(draw):
    """Any version of one run, stale and contradictory ones included."""
    status = draw(st.sampled_from(["created", "queued", "running", "paused", "completed", "failed", "novel"]))
    output = draw(st.sampled_from([None, {"a": 1, "b": 2}, {"b": 2, "a": 1}, [1]]))
    times = {
        name: draw(st.none() | seconds.map(at))
        for name in ("queued_at", "started_at", "finished_at")
        if draw(st.booleans())
    }
    over = {"failure_reason": draw(st.sampled_from([None, "Gone.", "Lost."])), "step_count": draw(st.integers(0, 2))}
    return RunSeen(a_run(status=status, modified=draw(seconds), output=output, **times, **over))


@st.composite
def timelines(draw):
    """Any version of a timeline of three blocks and three thoughts that share ids across versions."""
    items = []
    for number in draw(st.lists(st.integers(0, 2), unique=True)):
        actions = [
            an_action(a, when=draw(seconds), status=draw(statuses), reasoning=draw(st.sampled_from(["x", "y", None])))
            for a in draw(st.lists(st.integers(0, 3), max_size=3))
        ]
        child = a_block(draw(st.sampled_from([0, 1, 8, 9])), when=draw(seconds), status=draw(statuses))
        children = [child.model_dump(mode="json")] if draw(st.booleans()) else []
        items.append(
            a_block(
                number,
                when=draw(seconds),
                status=draw(statuses),
                modified=draw(seconds),
                actions=actions,
                children=children,
            )
        )
    items += [
        a_thought(n, when=draw(seconds), thought=draw(st.sampled_from(["p", "q", None])))
        for n in draw(st.lists(st.integers(0, 2), max_size=3))
    ]
    return TimelineSeen(draw(st.permutations(items)))


artifacts = st.lists(
    st.builds(
        lambda n, w, s: an_artifact(n, when=w, file_size=s), st.integers(0, 3), seconds, st.sampled_from([None, 1, 2])
    ),
    max_size=4,
).map(ArtifactsSeen)
outages = st.builds(
    lambda began, attempts, ended, reason: OutageSeen(
        Outage(
            START + timedelta(seconds=began),
            reason,
            attempts,
            None if ended is None else START + timedelta(seconds=ended),
        )
    ),
    seconds,
    st.integers(1, 3),
    st.none() | seconds,
    st.sampled_from(["refused", "timed out"]),
)
snapshots = st.lists(runs() | timelines() | artifacts | outages, max_size=8)
