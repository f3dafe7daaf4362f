"""Claims about the rows of a timeline."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.core.facts import Outage
from skyvern_tui.core.journal import ArtifactsSeen, Journal, OutageSeen, RunSeen, TimelineSeen
from skyvern_tui.core.rows import ROW_TEXT
from skyvern_tui.core.timeline import Level, Timeline, Tone, details, json_line
from tests.skyvern_tui.builders import START, a_block, a_run, a_thought, an_action, an_artifact
from tests.skyvern_tui.core.snapshots import snapshots


def timeline_of(*snapshots):
    """Return the timeline of a journal that took the snapshots."""
    journal = Journal()
    for snapshot in snapshots:
        journal.apply(snapshot)
    return Timeline(journal)


def test_rows_follow_the_plan():
    """Actions and inner blocks are indented under their block; statuses, thoughts and the output stand at the left."""
    inner = a_block(2, when=4, block_type="extraction").model_dump(mode="json")
    rows = timeline_of(
        RunSeen(a_run(status="completed", modified=9, output={"title": "Hello"})),
        TimelineSeen(
            [
                a_thought(2, when=6, thought_type="user_goal_check"),
                a_block(
                    1, when=3, block_type="for_loop", actions=[an_action(0, when=3.2)], children=[inner], modified=8
                ),
                a_thought(1, when=2),
            ]
        ),
    ).rows()
    assert [(row.depth, row.head, row.text) for row in rows] == [
        (0, "created", ""),
        (0, "queued", ""),
        (0, "running", ""),
        (0, "plan", "Thought 1"),
        (0, "for loop", "Goal 1"),
        (1, "click", "Reason 0."),
        (1, "extraction", "Goal 2"),
        (0, "check", "Thought 2"),
        (0, "output", '{"title": "Hello"}'),
        (0, "completed", ""),
    ]


def test_failures_stand_out_and_say_why():
    """A failed block or action is toned bad, a failed block and the end show the reason."""
    rows = timeline_of(
        RunSeen(a_run(status="failed", modified=9, failure_reason="The page\nnever loaded.")),
        TimelineSeen(
            [
                a_block(
                    1, when=1, status="failed", failure_reason="Gone", actions=[an_action(0, when=2, status="failed")]
                )
            ]
        ),
    ).rows()
    bad = [(row.head, row.text) for row in rows if row.tone is Tone.bad]
    assert bad == [("navigation", "Gone"), ("click", "Reason 0."), ("failed", "The page never loaded.")]
    assert [row.head for row in rows if row.failed] == ["navigation", "click", "failed"]


def test_rows_of_unchanged_events_are_the_same_objects():
    """Growth keeps the rows that were there, so that a widget can tell what is new."""
    timeline = timeline_of(TimelineSeen([a_block(1, when=1, actions=[an_action(0, when=1.2)])]))
    before = timeline.rows()
    timeline.journal.apply(TimelineSeen([a_block(2, when=3), a_block(1, when=1, actions=[an_action(0, when=1.2)])]))
    after = timeline.rows()
    assert all(old is new for old, new in zip(before, after, strict=False))
    assert len(after) == len(before) + 1


def test_evidence_stands_in_for_a_missing_timeline():
    """Screenshots and files are rows on request; prompts and trees never are."""
    shown = ["screenshot_action", "screenshot_final", "screenshot", "recording", "download", "pdf"]
    kinds = [*shown, "llm_prompt", "visible_elements_tree", "skyvern_log"]
    timeline = timeline_of(ArtifactsSeen([an_artifact(n, kind) for n, kind in enumerate(kinds)]))
    assert timeline.rows() == []
    assert [row.head for row in timeline.rows(evidence=True)] == [kind.replace("_", " ") for kind in shown]


def test_outages_are_rows_with_their_length():
    """An outage says why, and once over, how long it was."""
    outage = Outage(START, "connection refused", 3, START + timedelta(seconds=12))
    (row,) = timeline_of(OutageSeen(outage)).rows()
    assert (row.tone, row.head, row.text, row.duration) == (Tone.warn, "unreachable", "connection refused", 12.0)
    assert dict(details(row))["back after"] == "12 s"


def test_a_block_that_is_its_own_ancestor_is_survived():
    """A timeline that bites its tail ends, and shows what can be reached."""
    inner = a_block(1, when=2).model_dump(mode="json")
    assert (
        timeline_of(TimelineSeen([a_block(1, when=1, children=[inner]), a_thought(1, when=3)])).rows()[-1].head
        == "plan"
    )


def test_details_hold_everything_known():
    """The row a reader stops at shows reason, input, element, confidence and screenshot."""
    action = an_action(
        0, when=1, text="hunter2?", skyvern_element_data={"name": "Search"}, screenshot_artifact_id="a_7"
    )
    rows = timeline_of(TimelineSeen([a_block(1, when=1, actions=[action], output={"k": [1]})])).rows()
    assert dict(details(rows[1])) == {
        "reason": "Reason 0.",
        "with": "hunter2?",
        "element": "Search",
        "confidence": "90%",
        "took": "0.3 s",
        "screenshot": "a_7",
        "id": "act_0",
    }
    assert rows[1].text == "“Search” Reason 0."
    assert dict(details(rows[0]))["output"] == '{\n  "k": [\n    1\n  ]\n}'


@given(st.text(alphabet=st.characters(codec=None, categories=None)), st.text())
def test_no_text_of_a_timeline_acts_on_the_terminal(text, other):
    """Rows and details of any wording are printable."""
    timeline = timeline_of(
        RunSeen(a_run(status="failed", failure_reason=text, output={other: text})),
        TimelineSeen(
            [
                a_thought(1, when=1, thought=text, thought_type=other or None, observation=other),
                a_block(
                    1,
                    when=2,
                    block_type=text,
                    navigation_goal=other,
                    output=[text],
                    actions=[an_action(0, when=2, action_type=other, reasoning=text, text=other, status=text)],
                ),
            ]
        ),
    )
    for row in timeline.rows():
        assert row.head.isprintable()
        assert row.text.isprintable()
        assert all(line.isprintable() for _, detail in details(row) for line in detail.split("\n"))


def test_long_values_are_cut_to_a_row():
    """A large output costs a row no more than its length."""
    assert len(json_line({"items": ["x" * 100] * 100_000})) == ROW_TEXT
    assert json_line("a\nb") == "a b"


def shapes(rows):
    """Return what rows say, whatever objects they are."""
    return [(row.key, row.depth, row.tone, row.head, row.text, row.duration, row.status, row.folded) for row in rows]


@given(snapshots, st.data())
def test_a_timeline_that_grew_is_the_one_built_at_once(taken, data):
    """However snapshots come in and whatever is folded meanwhile, the rows are those of a timeline made at the end."""
    journal = Journal()
    grown = Timeline(journal)
    folded = set()
    for snapshot in taken:
        journal.apply(snapshot)
        rows = grown.rows(evidence=data.draw(st.booleans()))
        assert grown.rows(evidence=grown._evidence) is rows
        if rows and data.draw(st.booleans()):
            row = data.draw(st.sampled_from(rows))
            if grown.fold(row):
                folded ^= {row.key}
    fresh = Timeline(journal)
    for row in fresh.rows(evidence=True):
        if row.key in folded:
            fresh.fold(row)
    assert shapes(grown.rows(evidence=True)) == shapes(fresh.rows(evidence=True))
    for level in Level:
        grown.level = fresh.level = level
        assert shapes(grown.rows()) == shapes(fresh.rows())


@given(snapshots, snapshots)
def test_a_pause_shows_nothing_new_and_loses_nothing(before, after):
    """While paused the same rows stand in the same order, what waits is counted, and afterwards all of it is there."""
    journal = Journal()
    timeline = Timeline(journal)
    for snapshot in before:
        journal.apply(snapshot)
    timeline.pause()
    held = {row.key for row in timeline.rows()}
    for snapshot in after:
        journal.apply(snapshot)
        assert {row.key for row in timeline.rows()} <= held
    waiting = timeline.waiting
    still = len(timeline.rows())
    timeline.resume()
    assert len(timeline.rows()) == still + waiting
    assert shapes(timeline.rows()) == shapes(Timeline(journal).rows())


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_blocks_that_claim_to_be_inside_each_other_are_shown_once_each(order):
    """Neither is lost, both stand at the top with what is below them, whichever was heard of first."""
    first, second = (a_block(number, when=number, actions=[an_action(number, when=number + 0.5)]) for number in (1, 2))
    told = [first.model_copy(update={"children": [second]}), second.model_copy(update={"children": [first]})]
    timeline = timeline_of(*(TimelineSeen([told[place]]) for place in order))
    shown = [("block/wrb_1", 0), ("action/act_1", 1), ("block/wrb_2", 0), ("action/act_2", 1)]
    assert [(row.key, row.depth) for row in timeline.rows()] == shown


def failing():
    """Return a timeline with a thought, a block of two actions the second of which failed, and the end."""
    actions = [an_action(0, when=2.1), an_action(1, when=2.5, status="failed")]
    return timeline_of(
        RunSeen(a_run(status="failed", modified=9)),
        TimelineSeen([a_thought(1, when=1.5), a_block(1, when=2, status="failed", modified=4, actions=actions)]),
    )


def test_less_is_told_on_request():
    """Without thoughts the actions stay; of blocks and errors only the actions that failed stay."""
    timeline = failing()
    heads = {}
    for level in Level:
        timeline.level = level
        heads[level] = [(row.head, row.status) for row in timeline.rows()][3:]
    acted = [("navigation", "failed"), ("click", "completed"), ("click", "failed"), ("failed", "failed")]
    assert heads == {
        Level.all: [("plan", ""), *acted],
        Level.actions: acted,
        Level.blocks: [acted[0], *acted[2:]],
    }


def test_blocks_fold_and_open_where_something_failed():
    """A folded block says how many rows it hides; going to a failure opens it; all fold and open together."""
    timeline = failing()
    (block,) = [row for row in timeline.rows() if row.head == "navigation"]
    assert timeline.fold(block)
    (block,) = [row for row in timeline.rows() if row.head == "navigation"]
    assert (block.folded, len(timeline.rows())) == (2, 6)
    assert not timeline.fold(timeline.rows()[0])
    timeline.reveal_failures()
    assert len(timeline.rows()) == 8
    for count in (6, 8):
        timeline.fold_all()
        assert len(timeline.rows()) == count


def test_a_row_more_costs_no_new_tree():
    """One action more in the last of a thousand blocks puts that block together again, and nothing else."""
    items = [
        a_block(b, when=b, actions=[an_action(b * 10 + n, when=b + n / 20) for n in range(9)]) for b in range(1000)
    ]
    timeline = timeline_of(TimelineSeen(items))
    before = timeline.rows()
    branches = dict(timeline._branches)
    timeline.journal.apply(TimelineSeen([a_block(999, when=999, actions=[an_action(99_999, when=999.9)])]))
    after = timeline.rows()
    assert len(after) == len(before) + 1
    assert [block for block, branch in branches.items() if timeline._branches[block] is not branch] == ["wrb_999"]


def test_blocks_nested_deeper_than_any_plan_are_rows_too():
    """A tree of two hundred levels is shown; what is below the sixtieth level stands there."""
    items = [a_block(0, when=1)]
    journal = Journal()
    for number in range(1, 200):
        child = a_block(number, when=number).model_dump(mode="json")
        items.append(a_block(number - 1, when=number - 1, children=[child]))
    journal.apply(TimelineSeen(items))
    rows = Timeline(journal).rows()
    assert len(rows) == 200
    assert max(row.depth for row in rows) == 60
