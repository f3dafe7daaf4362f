"""Claims about two runs side by side."""

from __future__ import annotations

from hypothesis import given

from skyvern_tui.core.compare import Change, Difference, Side, aligned, compare, differences
from skyvern_tui.core.journal import ArtifactsSeen, Journal, RunSeen, TimelineSeen
from skyvern_tui.core.timeline import Timeline
from tests.skyvern_tui.builders import a_block, a_run, an_action, an_artifact
from tests.skyvern_tui.core.requests import JSON


def a_side(run, *items, artifacts=(), **over) -> Side:
    """Return a run with the rows of its timeline."""
    journal = Journal()
    for snapshot in (RunSeen(run), TimelineSeen(items), ArtifactsSeen(artifacts)):
        journal.apply(snapshot)
    return Side(run, Timeline(journal).rows(), journal.artifacts, **over)


FIRST = a_run("tsk_1", "completed", modified=11, output={"posts": [{"t": "A"}, {"t": "B"}], "n": 1}, step_count=2)
SECOND = a_run(
    "tsk_2",
    "failed",
    modified=21,
    output={"posts": [{"t": "Z"}, {"t": "A"}, {"t": "b"}], "n": True},
    step_count=4,
    failure_reason="gave up",
    run_request={"prompt": "Get the title of the top post", "url": "https://other.example.com/", "title": "t"},
)


def test_requests_and_outcomes_are_compared():
    """Every parameter either has is told, and the status, reason and steps."""
    found = compare(a_side(FIRST), a_side(SECOND))
    assert [(d.path, d.change) for d in found.request] == [
        ("prompt", Change.same),
        ("url", Change.changed),
        ("engine", Change.removed),
        ("title", Change.added),
        ("max_steps", Change.removed),
    ]
    assert found.outcome == (
        Difference("status", Change.changed, "completed", "failed"),
        Difference("failure_reason", Change.added, "", "gave up"),
        Difference("step_count", Change.changed, "2", "4"),
        Difference("run_type", Change.same, "task_v2", "task_v2"),
    )
    assert not found.is_same
    assert compare(a_side(FIRST), a_side(FIRST)).is_same


def test_outputs_are_compared_as_json():
    """An entry more in front of a list is one difference; true is not 1."""
    assert list(differences(FIRST.output, SECOND.output)) == [
        Difference("posts[0]", Change.added, "", "{1}"),
        Difference("posts[2].t", Change.changed, "B", "b"),
        Difference("n", Change.changed, "1", "true"),
    ]


def test_times_are_compared():
    """Waiting, working and the time per step have a ratio."""
    timings = {timing.name: timing for timing in compare(a_side(FIRST), a_side(SECOND)).timings}
    assert (timings["working"].left, timings["working"].right, timings["working"].ratio) == (10.0, 20.0, 2.0)
    assert (timings["per step"].left, timings["per step"].right) == (5.0, 5.0)
    waiting = compare(a_side(a_run(status="queued")), a_side(FIRST)).timings[0]
    assert (waiting.left, waiting.ratio) == (None, None)


def test_timelines_are_lined_up():
    """Rows that do the same stand side by side, others alone; a changed outcome is a change."""
    left = a_side(
        FIRST,
        a_block(1, when=1, actions=[an_action(1, when=2), an_action(2, when=3, action_type="input_text")]),
    )
    right = a_side(
        SECOND,
        a_block(1, when=1, actions=[an_action(1, when=2, status="failed"), an_action(3, when=3, action_type="scroll")]),
    )
    pairs = [
        (pair.left and pair.left.head, pair.right and pair.right.head, pair.change)
        for pair in aligned(left.rows, right.rows)
    ]
    assert ("navigation", "navigation", Change.same) in pairs
    assert ("click", "click", Change.changed) in pairs
    assert ("input text", None, Change.removed) in pairs
    assert (None, "scroll", Change.added) in pairs
    assert [pair.left for pair in aligned(left.rows, right.rows) if pair.left] == list(left.rows)


def test_screenshots_of_the_same_moment_are_paired():
    """The screenshots at rows that belong together are shown together, each pair once."""
    block = a_block(1, when=1, actions=[an_action(1, when=2)])
    one, two = an_artifact(1, when=2.1), an_artifact(2, when=2.2)
    shots = compare(a_side(FIRST, block, artifacts=[one]), a_side(SECOND, block, artifacts=[two])).screenshots
    assert ("a_1", "a_2") in [(shot.left and shot.left.id, shot.right and shot.right.id) for shot in shots]
    assert len({(shot.left, shot.right) for shot in shots}) == len(shots)


@given(JSON, JSON)
def test_any_two_outputs_can_be_compared(left, right):
    """A value equals itself and only what is the same; what is said is safe to show."""
    assert list(differences(left, left)) == []
    found = list(differences(left, right))
    assert all((d.path + d.left + d.right).isprintable() for d in found)
    assert found or left == right


def test_requests_of_one_kind_are_compared():
    """What was sent is not held against what a server repeats with its defaults, if it repeats both."""
    echoed = {"prompt": "p", "proxy_location": "RESIDENTIAL"}
    left, right = (a_run(run_id, "completed", run_request=echoed) for run_id in ("a", "b"))
    mixed = compare(Side(left, request={"prompt": "p"}), Side(right))
    assert all(one.change is Change.same for one in mixed.request)
    both = compare(Side(left, request={"prompt": "p"}), Side(right, request={"prompt": "q"}))
    assert [(one.path, one.change) for one in both.request] == [("prompt", Change.changed)]
    untold = a_run("b", "completed", run_request=None)
    assert compare(Side(left, request={"prompt": "p"}), Side(untold)).request[0].change is Change.removed
