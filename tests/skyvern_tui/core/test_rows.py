"""Claims about what is told of a row that a reader stops at."""

from __future__ import annotations

from skyvern_tui.core.journal import Journal, RunSeen
from skyvern_tui.core.rows import details
from skyvern_tui.core.timeline import Timeline
from tests.skyvern_tui.builders import a_run, at

FILE = {"url": "http://x/1", "filename": "invoice.pdf", "file_size": 1874}


def test_the_last_row_sums_the_run_up():
    """At its end one reads what a run came to: how long it took and waited, steps, files, output."""
    run = a_run(
        status="completed",
        started_at=at(4),
        finished_at=at(16),
        step_count=3,
        output={"title": "Ä\x1b[2J"},
        downloaded_files=[FILE],
    )
    journal = Journal()
    journal.apply(RunSeen(run))
    last = Timeline(journal).rows()[-1]
    assert details(last, run) == [
        ("status", "completed"),
        ("took", "12 s"),
        ("waited", "4.0 s"),
        ("steps", "3"),
        ("downloaded", "invoice.pdf  1.9 kB"),
        ("output", '{\n  "title": "Ä\\u001b[2J"\n}'),
        ("run", "tsk_v2_1"),
    ]


def test_the_end_of_a_failed_run_tells_why():
    """The reason comes right after the status, the errors after it."""
    errors = [{"error_code": "shop_closed", "reasoning": "The shop was closed."}]
    run = a_run(status="failed", failure_reason="It could not be bought.", errors=errors)
    journal = Journal()
    journal.apply(RunSeen(run))
    told = details(Timeline(journal).rows()[-1], run)
    assert told[:2] == [("status", "failed"), ("reason", "It could not be bought.")]
    assert told[2][0] == "errors"
    assert "shop_closed" in told[2][1]
