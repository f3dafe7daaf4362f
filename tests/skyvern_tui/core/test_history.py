"""Claims about what this machine remembers of runs."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skyvern_tui.core import history
from skyvern_tui.core.history import History
from tests.skyvern_tui.builders import START, a_run, at
from tests.skyvern_tui.core.requests import HOSTILE

HERE, THERE = "http://here", "http://there"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "history.sqlite"


def test_runs_are_there_without_their_server(path):
    """What was seen is there in the next program: per server, newest first, as it was last seen, asked for included."""
    first = History(path)
    cost = {"step_count": 3, "total_cost": 0.25}
    first.seen(HERE, [a_run("r1", "running", created_at=at(1)), a_run("r2", "running", created_at=at(2))])
    first.seen(HERE, [a_run("r1", "failed", created_at=at(1), modified=9, failure_reason="It broke.", **cost)])
    first.seen(THERE, [a_run("r3")])
    first.close()
    again = History(path)
    runs = again.runs(HERE)
    assert [(run.run_id, run.status) for run in runs] == [("r2", "running"), ("r1", "failed")]
    assert (runs[1].failure_reason, runs[1].step_count, runs[1].total_cost) == ("It broke.", 3, 0.25)
    assert runs[1].run_request["prompt"] == "Get the title of the top post"
    again.close()


def test_what_a_run_left_and_secrets_stay_out(path):
    """Outputs, recordings and secrets are not written to this machine's disk."""
    kept = History(path)
    request = {"prompt": "p", "cdp_connect_headers": {"A": "secret-1"}}
    kept.seen(HERE, [a_run("r1", output={"x": "secret-2"}, recording_url="http://secret-3", run_request=request)])
    (run,) = kept.runs(HERE)
    assert (run.output, run.recording_url, run.run_request) == (None, None, {"prompt": "p"})
    kept.close()
    assert b"secret" not in b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_the_oldest_are_forgotten(path, monkeypatch):
    """Of each server as many runs are remembered as there is room for."""
    monkeypatch.setattr(history, "MOST", 3)
    kept = History(path)
    kept.seen(THERE, [a_run("old", created_at=at(-99))])
    kept.seen(HERE, [a_run(f"r{n}", created_at=at(n)) for n in range(5)])
    assert [run.run_id for run in kept.runs(HERE)] == ["r4", "r3", "r2"]
    assert len(kept.runs(THERE)) == 1
    kept.close()


def test_notes_are_kept_changed_and_taken_away(path):
    """A note outlives the program; an empty one is none."""
    kept = History(path)
    kept.note("r1", " first ")
    kept.note("r1", "second\x1b")
    kept.note("r2", "x")
    kept.note("r2", "  ")
    kept.close()
    again = History(path)
    assert again.notes() == {"r1": "second\x1b"}
    again.close()


def test_a_file_that_is_no_history_is_said(path):
    """Something else in its place is an error of SQLite's, for the app to tell."""
    path.parent.mkdir()
    path.write_bytes(b"no database" * 100)
    with pytest.raises(sqlite3.Error):
        History(path)


def test_a_request_is_remembered_as_it_was_sent(path):
    """What was asked for from here is there word for word, but for secrets, which are nowhere on the disk."""
    kept = History(path)
    request = {
        "prompt": "p",
        "title": None,
        "extra_http_headers": {"Authorization": "Bearer tok-4711", "Accept": "text/html"},
        "cdp_connect_headers": {"A": "cdp-4711"},
    }
    kept.submitted(HERE, "r1", request, START)
    kept.seen(HERE, [a_run("r1", run_request=request)])
    assert kept.request("r1") == {
        "prompt": "p",
        "title": None,
        "extra_http_headers": {
            "Authorization": "Bearer ${SKYVERN_EXTRA_HTTP_HEADERS_AUTHORIZATION}",
            "Accept": "text/html",
        },
    }
    assert kept.request("r2") is None
    kept.close()
    assert b"4711" not in b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_runs_and_notes_are_searched(path):
    """Every word must be somewhere; signs of the query language mean themselves; the newest come first."""
    kept = History(path)
    for number, prompt in enumerate(("Get 100% of Größe", "Get 1000", 'Buy_it! "now"')):
        kept.seen(
            HERE if number else THERE, [a_run(f"r{number}", created_at=at(number), run_request={"prompt": prompt})]
        )
    kept.note("r1", "the wröng one")

    def found(text, **more):
        return [run.run_id for run in kept.search(text, **more)]

    assert found("") == ["r2", "r1", "r0"]
    assert found("get") == ["r1", "r0"]
    assert found("100%") == ["r0"]
    assert found("größe") == found("Größe get") == ["r0"]
    assert found("y_i") == found('it! "NOW"') == ["r2"]
    assert found("wröng 1000") == ["r1"]
    assert found("get", limit=1) == ["r1"]
    assert found("y%it") == found("\ud800") == []
    kept.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.text(max_size=20) | HOSTILE, st.text(max_size=20), HOSTILE)
def test_any_text_can_be_remembered_and_searched(path, prompt, needle, note):
    """No prompt, needle or note breaks the history."""
    kept = History(path)
    try:
        kept.seen(HERE, [a_run("r1", run_request={"prompt": prompt})])
        kept.submitted(HERE, "r1", {"prompt": prompt}, START)
        kept.note("r1", note + "\ud800")
        assert kept.request("r1") == {"prompt": prompt}
        assert kept.notes()["r1"] == (note + "?").strip()
        assert len(kept.search(needle)) <= 1
        assert kept.runs(HERE)[0].run_request == {"prompt": prompt}
    finally:
        kept.close()


def test_a_newer_history_is_left_alone(path):
    """A file whose tables are of a newer program is refused with what to do, and not changed."""
    History(path).close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(sqlite3.Error, match="update skyvern-tui"):
        History(path)
