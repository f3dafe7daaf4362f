"""Claims about a comparison as lines to read."""

from __future__ import annotations

import pytest

from skyvern_tui.core.compare import Change, Side, compare
from skyvern_tui.core.compared import as_text, lines_of, verdict
from skyvern_tui.core.journal import Journal, RunSeen, TimelineSeen
from skyvern_tui.core.timeline import Timeline
from tests.skyvern_tui.builders import a_block, a_run, an_action, at


def a_side(run, timeline=()):
    """Return a side as a screen has it."""
    journal = Journal()
    journal.apply(RunSeen(run))
    journal.apply(TimelineSeen(list(timeline)))
    return Side(run, list(Timeline(journal).rows()))


def an_ended_run(run_id="a", status="completed", **over):
    """Return a run that worked for eight seconds."""
    return a_run(run_id, status, modified=9, **{"output": {"title": "Ä"}} | over)


def named(lines, section):
    """Return name, change and both sides of a section's lines, without its title."""
    return [(x.name, x.change, x.left, x.right) for x in lines if x.section == section and x.change is not None]


def test_two_runs_that_are_the_same_say_so():
    """Asked and ended alike: one sentence says it, every section says it, and there is nothing to stop at."""
    comparison = compare(a_side(an_ended_run("a")), a_side(an_ended_run("b")))
    lines = lines_of(comparison)
    assert verdict(comparison).startswith("The same")
    assert not [line for line in lines if line.differs]
    titles = [line.name for line in lines if line.change is None]
    assert titles == [
        "outcome: the same",
        "timings: the same",
        "request: the same",
        "output: the same",
        "timeline: the same",
    ]
    assert [line for line in lines_of(comparison, only_differences=True) if line.change is not None] == []


def test_what_differs_is_counted_named_and_shown_on_both_sides():
    """Request, end, times and output that differ stand with both values; only these are left when so wanted."""
    left = a_side(an_ended_run("a", output={"title": "Ä", "points": 3}))
    right = a_side(
        a_run(
            "b", "failed", failure_reason="out of tea", started_at=at(1), finished_at=at(25), output={"title": "Ö"},
            run_request={"prompt": "Get the title of the top post", "max_steps": 5},
        )
    )  # fmt: skip
    comparison = compare(left, right)
    assert verdict(comparison) == "They differ in what was asked, how it ended and the output."
    lines = lines_of(comparison, only_differences=True)
    assert ("failed because", Change.added, "", "out of tea") in named(lines, "outcome")
    assert ("working", Change.changed, "8.0 s", "24 s  3 times") in named(lines, "timings")
    assert [name for name, *_ in named(lines, "request")] == ["url", "engine", "max_steps"]
    assert named(lines, "output") == [
        ("title", Change.changed, "Ä", "Ö"),
        ("points", Change.removed, "3", ""),
    ]
    assert "output: 2 places differ" in [line.name for line in lines]
    assert all(line.differs for line in lines if line.change is not None)


@pytest.mark.parametrize(("ended", "said"), [(5, "4.0 s  8 %"), (1.01, "0.0 s"), (5001, "1 h 23 m  100 times")])
def test_how_much_longer_is_said_in_numbers_people_use(ended, said):
    """Longer is told in times, shorter in percent, and next to nothing not at all."""
    left = a_side(an_ended_run("a", started_at=at(1), finished_at=at(51)))
    right = a_side(an_ended_run("b", started_at=at(1), finished_at=at(ended)))
    working = {name: right for name, _, _, right in named(lines_of(compare(left, right)), "timings")}["working"]
    assert working == said


def test_times_that_hardly_differ_are_no_difference():
    """No two runs take equally long: a tenth more, or half a second, is not worth a stop."""
    quick = a_side(an_ended_run("a", started_at=at(1), finished_at=at(1.2)))
    slower = a_side(an_ended_run("b", started_at=at(1), finished_at=at(1.6)))
    assert not [line for line in lines_of(compare(quick, slower)) if line.section == "timings" and line.differs]


def test_a_time_only_one_side_has_is_said_of_that_side():
    """A run that never began to work has no such time: it went, or it came; neither has it: no difference."""
    worked, never = an_ended_run("a", started_at=at(1)), an_ended_run("b", "canceled", started_at=None)
    for left, right, change in ((worked, never, Change.removed), (never, worked, Change.added)):
        found = named(lines_of(compare(a_side(left), a_side(right))), "timings")
        (working,) = (line for line in found if line[0] == "working")
        assert working == ("working", change, *(("8.0 s", "") if change is Change.removed else ("", "8.0 s")))
    neither = named(lines_of(compare(a_side(never), a_side(never))), "timings")
    assert all(change is Change.same for _, change, *_ in neither)


def test_the_ways_there_are_lined_up():
    """Actions both took stand beside one another, those of one side alone; the same end by another way is said."""

    def way(*names):
        actions = [an_action(n, when=2 + n, reasoning=name) for n, name in enumerate(names)]
        return [a_block(1, when=2, actions=actions)]

    comparison = compare(
        a_side(an_ended_run("a"), way("one", "two")), a_side(an_ended_run("b"), way("one", "other", "two"))
    )
    lines = [line for line in lines_of(comparison) if line.section == "timeline" and line.differs]
    assert [(line.name.strip(), line.change, line.left, line.right.split("  ")[0]) for line in lines] == [
        ("click", Change.added, "", "other")
    ]
    assert lines[0].rows[0] is None
    assert verdict(comparison) == "The same: asked, ended and answered alike; the ways there differ in 1 place."


def test_a_comparison_can_be_pasted():
    """As text every line has its sign: what was there, what came, what went."""
    comparison = compare(a_side(an_ended_run("a")), a_side(an_ended_run("b", output={"title": "Ö", "n": 1})))
    text = as_text(lines_of(comparison, only_differences=True))
    assert "  ~ title: Ä -> Ö\n  + n: 1\n" in text
