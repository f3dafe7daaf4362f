"""Claims about looking for something in lines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.core.find import BadPattern, Finder, Gathered, Hit, Shown, gathered, step
from tests.skyvern_tui.core.requests import HOSTILE

LINES = ["start", "Error: one", "detail", "more", "error: two", "end"]


def test_plain_text_is_found_as_it_is_written():
    """Signs of regular expressions mean themselves; capitals count once one is typed."""
    assert Finder("a.c").spans("abc a.c A.C") == [(4, 7), (8, 11)]
    assert Finder("A.c").spans("abc a.c A.c") == [(8, 11)]
    assert Finder("A", case=False).spans("aA") == [(0, 1), (1, 2)]
    assert Finder("").hits(LINES) == []


def test_expressions_are_found():
    """A regular expression finds what it matches; empty matches don't count."""
    assert Finder(r"\bo\w+", regex=True).hits(LINES) == [Hit(1, 7, 10)]
    assert Finder("x*", regex=True).spans("axxb") == [(1, 3)]
    assert Finder("(one|two)$", regex=True).hits(LINES) == [Hit(1, 7, 10), Hit(4, 7, 10)]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "not a regular expression"),
        ("[z-a]", "not a regular expression"),
        ("(a+)+$", "repetition within"),
        ("(a|a)*b", "choice within"),
        ("(?:a{1,5})*", "repetition within"),
        (".*.*.*.*.*x", "open repetitions"),
        (r"(a)(?:\1)*", "reference within"),
        ("a" * 2000, "longer than"),
        ("(" * 90 + ")" * 90 + "{99999999999}", "not a regular expression"),
    ],
)
def test_patterns_that_can_take_for_ever_are_refused(pattern, reason):
    """What is no expression, or explodes with the length of a line, is refused with the reason."""
    with pytest.raises(BadPattern, match=re.escape(reason)):
        Finder(pattern, regex=True)


def test_the_next_and_the_last_hit_go_round():
    """n and N walk through the hits from where one is, and begin again at the ends."""
    hits = Finder("error").hits(LINES)
    assert [step(hits, 0, 0), step(hits, 1, 0), step(hits, 5, 0)] == [0, 1, 0]
    assert [step(hits, 5, 0, forward=False), step(hits, 4, 0, forward=False), step(hits, 1, 0, forward=False)] == [
        1,
        0,
        1,
    ]
    assert step([], 0, 0) is None


def test_a_filter_keeps_the_neighbours():
    """Lines around a match stay, what is left out is counted, and nothing is shown twice."""
    matched = [Finder("error").is_in(line) for line in LINES]
    assert gathered(matched) == [
        Shown(None, hidden=1),
        Shown(1, matched=True),
        Shown(None, hidden=2),
        Shown(4, matched=True),
        Shown(None, hidden=1),
    ]
    assert [shown.number for shown in gathered(matched, context=1)] == [0, 1, 2, 3, 4, 5]


@given(st.lists(st.booleans(), max_size=12), st.integers(0, 4))
def test_a_filter_loses_no_line(matched, context):
    """Shown and hidden lines together are all lines, in order, whichever match."""
    shown = gathered(matched, context)
    seen = 0
    for entry in shown:
        assert entry.number is None or entry.number == seen
        seen += entry.hidden if entry.number is None else 1
    assert seen == len(matched)


@given(st.lists(st.booleans(), max_size=12), st.integers(0, 4))
def test_a_filtered_view_knows_where_its_lines_are(matched, context):
    """Every line is found where it is shown, a hidden one at the next that is, and a gap leads to its neighbours."""
    places = [number for number, has in enumerate(matched) if has]
    view = Gathered(places, len(matched), context)
    whole = list(view)
    lines = {shown.number: line for line, shown in enumerate(whole) if shown.number is not None}
    assert len(view) == len(whole)
    assert [shown.number for shown in whole if shown.matched] == places
    for number in range(len(matched)):
        near = min((n for n in lines if n >= number), default=max(lines, default=None))
        assert view.line_of(number) == lines.get(near, 0)
    for line, shown in enumerate(whole):
        before = max((n for n, at in lines.items() if at <= line), default=min(lines, default=None))
        after = min((n for n, at in lines.items() if at >= line), default=max(lines, default=None))
        assert (view.number_at(line, way=-1), view.number_at(line)) == (before, after)
        assert view[line] == shown
    assert view[:2] == whole[:2]


@given(st.text(max_size=20), st.lists(HOSTILE, max_size=4))
def test_any_text_is_a_pattern_or_refused(pattern, lines):
    """Compiling and searching never raise anything but BadPattern."""
    try:
        finder = Finder(pattern, regex=True)
    except BadPattern:
        return
    assert all(hit.end > hit.start for hit in finder.hits(lines))
