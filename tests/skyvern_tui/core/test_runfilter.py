"""Claims about which runs a filter shows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skyvern_tui.core.runfilter import read_filter
from skyvern_tui.core.runs import line_of
from tests.skyvern_tui.builders import START, a_run, at

NOW = START + timedelta(hours=3)
LINES = {
    line.id: line
    for line in (
        line_of(a_run("live", "running", created_at=at(10_700), started_at=at(10_701), step_count=3)),
        line_of(a_run("done", "completed", modified=400, step_count=12)),
        line_of(
            a_run("cua", "failed", run_request={"prompt": "Buy two red mugs", "engine": "openai-cua"}, step_count=None)
        ),
        line_of(a_run("late", "timed_out", created_at=at(-90_000), started_at=None)),
    )
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "live done cua late"),
        ("TITLE post", "live done late"),
        ('"two red"', "cua"),
        ("'two", ""),
        ("-post", "cua"),
        ("status:comp", "done"),
        ("status:live", "live"),
        ("status:bad", "cua late"),
        ("status:failed,completed", "done cua"),
        ("-status:bad", "live done"),
        ("engine:cua mugs", "cua"),
        ("type:task", "live done cua late"),
        ("id:do", "done"),
        ("age:<10m", "live"),
        ("age:>1d", "late"),
        ("took:>5m", "done"),
        ("steps:>10", "done"),
        ("steps:<4", "live late"),
        ("prompt:x", ""),
        ('"open quotation', ""),
        ("-", "live done cua late"),
    ],
)
def test_conditions_have_to_hold_together(text, shown):
    """Words, phrases, status, engine, type, id, age, duration and steps; a minus turns one round."""
    chosen = read_filter(text)
    assert not chosen.fault
    assert [name for name, line in LINES.items() if chosen.keeps(line, NOW)] == shown.split()


@pytest.mark.parametrize("text", ["age:2h", "age:<", "took:>x", "steps:>"])
def test_what_can_not_be_read_is_told_and_left_out(text):
    """Half a condition hides nothing, and says how it is written."""
    chosen = read_filter(text)
    assert chosen.fault.startswith("write ") or not chosen.judges
    assert all(chosen.keeps(line, NOW) for line in LINES.values())


@pytest.mark.parametrize("text", ["\x00", "a" * 100_000, '"' * 999, "\\", "::", "-:-", "age:<" + "9" * 400])
def test_any_text_is_a_filter(text):
    """Whatever is typed, nothing breaks."""
    chosen = read_filter(text)
    assert isinstance([chosen.keeps(line, NOW) for line in LINES.values()], list)
