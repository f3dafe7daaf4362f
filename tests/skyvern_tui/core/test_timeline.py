"""Claims about the rows of a timeline."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.core.facts import Outage
from skyvern_tui.core.journal import ArtifactsSeen, Journal, OutageSeen, RunSeen, TimelineSeen
from skyvern_tui.core.timeline import ROW_TEXT, Timeline, Tone, details, json_line
from tests.skyvern_tui.builders import START, a_block, a_run, a_thought, an_action, an_artifact


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
    timeline = timeline_of(ArtifactsSeen([an_artifact(1), an_artifact(2, "llm_prompt"), an_artifact(3, "recording")]))
    assert timeline.rows() == []
    assert [row.head for row in timeline.rows(evidence=True)] == ["screenshot action", "recording"]


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
