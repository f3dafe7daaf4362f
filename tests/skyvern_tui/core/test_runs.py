"""Claims about runs as a list."""

from __future__ import annotations

from datetime import timedelta

from skyvern_tui.core.runs import RunBook, line_of
from tests.skyvern_tui.builders import START, a_run, an_item


def test_newest_runs_come_first_and_details_join_their_rows():
    """A row knows its status at once and its prompt, engine and steps once the run was seen."""
    book = RunBook()
    assert book.take_items([an_item("r1"), an_item("r2", created=5, title="Named")])
    assert [(line.id, line.name, line.kind, line.steps) for line in book.lines()] == [
        ("r2", "Named", "task_v2", None),
        ("r1", "r1", "task_v2", None),
    ]
    assert book.take_run(a_run("r1"))
    line = book.lines()[1]
    assert (line.name, line.kind, line.steps, line.max_steps) == ("Get the title of the top post", "skyvern-2.0", 1, 10)
    assert not book.take_run(a_run("r1"))


def test_filter_finds_words_anywhere():
    """All words must be somewhere in title, prompt, url, id, status or engine; case does not count."""
    book = RunBook()
    book.take_run(a_run("r1", "completed"))
    book.take_run(a_run("r2", "failed"))
    assert [line.id for line in book.lines("TITLE fail")] == ["r2"]
    assert [line.id for line in book.lines("127.0.0.1:8000/news skyvern-2")] == ["r2", "r1"]
    assert book.lines("nothing like it") == []


def test_finished_runs_are_asked_for_once():
    """Details are wanted while they are missing or not final."""
    book = RunBook()
    book.take_items([an_item("r1"), an_item("r2"), an_item("r3")])
    book.take_run(a_run("r1", "completed"))
    book.take_run(a_run("r2", "running"))
    assert sorted(book.wanting(book.lines())) == ["r2", "r3"]


def test_the_newer_of_list_and_run_decides_the_status():
    """An end that the list knows of is shown though the run was asked earlier; a stale run does not undo an end."""
    book = RunBook()
    book.take_run(a_run("r1", "running"))
    book.take_items([an_item("r1", "completed")])
    assert (book.lines()[0].status, book.lines()[0].is_final) == ("completed", True)
    book.take_run(a_run("r1", "completed", modified=9))
    book.take_run(a_run("r1", "running", modified=8))
    assert book.run("r1").status == "completed"


def test_time_taken_runs_until_the_end():
    """A run takes time from its start to its end, or to now; one that waits takes none."""
    now = START + timedelta(seconds=30)
    assert line_of(a_run(status="running")).took(now) == 29
    assert line_of(a_run(status="completed", modified=6)).took(now) == 5
    assert line_of(a_run(status="queued")).took(now) is None
    assert line_of(a_run(status="failed", started_at=None)).took(now) is None


def test_names_from_the_server_are_safe_and_short():
    """A hostile or endless prompt is one printable line of bounded length."""
    run = a_run(run_request={"prompt": "a\x1b[31m\n" + "b" * 9999, "engine": 7, "max_steps": True})
    line = line_of(run)
    assert line.prompt.startswith("a␛[31m bbb")
    assert (len(line.prompt), line.engine, line.max_steps) == (300, "", None)


def test_a_cost_is_known_where_the_server_charges():
    """Credits, or failing that a cost, are taken from the run; nothing, nought and nonsense are no price."""
    told = [
        {},
        {"credits_used": 12, "total_cost": 3},
        {"total_cost": 0.25},
        {"credits_used": 0},
    ]
    told += [{"credits_used": True}, {"credits_used": "12"}, {"credits_used": float("inf")}, {"credits_used": -1}]
    assert [line_of(a_run(**more)).cost for more in told] == [None, 12.0, 0.25, None, None, None, None, None]
