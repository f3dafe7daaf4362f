"""Claims about how long a run will take."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.core.estimate import Estimate, estimate, progress
from skyvern_tui.core.runs import line_of
from tests.skyvern_tui.builders import START, a_run


def a_line(number: int, status: str = "completed", took: float = 10, **over):
    """Return the line of a run that worked for so many seconds."""
    return line_of(a_run(f"tsk_{number}", status, modified=1 + took, **over))


OTHER = {"prompt": "Something else", "url": "http://127.0.0.1:8000/news/2", "engine": "skyvern-2.0"}
ELSEWHERE = {"prompt": "Other", "url": "https://example.com/", "engine": "skyvern-2.0"}


def test_runs_of_the_same_prompt_are_asked_first():
    """With enough runs of the prompt the others don't count; failed ones and the run itself never do."""
    runs = [a_line(n, took=took) for n, took in enumerate((10, 12, 20, 30))]
    runs += [a_line(9, "failed", took=500), a_line(5, took=400, run_request=OTHER)]
    found = estimate(a_line(5, "running"), runs)
    assert (found.seconds, found.short, found.long, found.steps) == (16.0, 11.5, 22.5, 1.0)
    assert found.basis == "4 runs of this prompt"


def test_fewer_alike_ask_the_site_and_then_the_engine():
    """With less than three of the prompt, those on the site or with the engine are asked."""
    site = [a_line(n, took=50, run_request=OTHER) for n in (1, 2, 3)]
    assert estimate(a_line(0, "running"), [a_line(9), *site]).basis == "4 runs on this site"
    engine = [a_line(n, took=50, run_request=ELSEWHERE) for n in (1, 2, 3)]
    assert estimate(a_line(0, "running"), engine).basis == "3 runs with skyvern-2.0"
    assert estimate(a_line(0, "running"), [a_line(9)]).basis == "1 run of this prompt"
    assert estimate(a_line(0, "running"), []) == Estimate()


@pytest.mark.parametrize(
    ("over", "expected", "seconds", "share", "by"),
    [
        ({"step_count": 2}, Estimate(20, 15, 25, 4.0), 5, 0.5, "steps of runs alike"),
        ({"step_count": 9}, Estimate(20, 15, 25, 4.0), 5, 0.9, "steps of runs alike"),
        ({"step_count": 0}, Estimate(20, 15, 25, 4.0), 10, 0.45, "time of runs alike"),
        ({"step_count": 0}, Estimate(20, 15, 25, 4.0), 40, 0.95, "time of runs alike"),
        ({"step_count": 5}, Estimate(), 10, 0.5, "limit of steps"),
        ({"step_count": None}, Estimate(), 10, None, ""),
    ],
)
def test_progress_is_measured_by_the_best_there_is(over, expected, seconds, share, by):
    """Steps of runs alike come first, then their time, then the limit of steps."""
    line = line_of(a_run(status="running", **over))
    found = progress(line, expected, START + timedelta(seconds=1 + seconds))
    assert (found.share, found.by) == (pytest.approx(share) if share is not None else None, by)


def test_what_is_left_and_what_is_late():
    """Within the usual time the rest is told, beyond three quarters of the runs it is late."""
    expected = Estimate(20, 15, 25)
    line = line_of(a_run(status="running"))
    at = [progress(line, expected, START + timedelta(seconds=1 + s)) for s in (5, 22, 30)]
    assert [(p.remaining, p.is_late) for p in at] == [(15.0, False), (3.0, False), (None, True)]
    assert progress(a_line(1), expected, START).share == 1.0


@given(st.lists(st.floats(0, 1e6), max_size=8), st.floats(0, 1e7), st.integers(0, 50))
def test_progress_is_never_whole_before_the_end(times, elapsed, steps):
    """Whatever runs alike took, a run that goes on is below one hundred per cent."""
    expected = estimate(a_line(99, "running"), [a_line(n, took=took) for n, took in enumerate(times)])
    line = line_of(a_run(status="running", step_count=steps))
    found = progress(line, expected, START + timedelta(seconds=1 + elapsed))
    assert found.share is None or 0 <= found.share < 1
    assert found.remaining is None or found.remaining >= 0
