"""The console log's form and bounds."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.browser.console import MAX_LINE_CHARS, MAX_LINES, ConsoleLog, shown_url

AT = datetime(2026, 11, 21, 22, 51, 1, 795_517)  # noqa: DTZ001  # the clock gives naive UTC, as the wire has it


def test_a_line_has_time_level_place_and_text():
    """Each event is one line a person and a grep can read."""
    log = ConsoleLog()
    log.add(AT, "warning", "slow", "http://x/app.js:12:3")
    assert log.text() == "2026-11-21T22:51:01.795Z warning [http://x/app.js:12:3] slow\n"


@given(st.text(), st.text())
def test_every_event_is_one_line(text, location):
    """No text a page logs, with whatever control characters, makes a second line or moves a terminal's cursor."""
    log = ConsoleLog()
    log.add(AT, "log", text, location)
    line = log.text()
    assert len(line.splitlines()) == 1
    assert not any(ord(char) < 32 or ord(char) == 127 for char in line.rstrip("\n"))


def test_a_page_that_logs_without_end_is_bounded():
    """The beginning and the end are kept, and how much is missing is said."""
    log = ConsoleLog()
    for number in range(MAX_LINES * 3):
        log.add(AT, "log", f"n={number}")
    lines = log.text().splitlines()
    assert len(lines) == MAX_LINES + 1
    assert lines[0].endswith("n=0")
    assert lines[-1].endswith(f"n={MAX_LINES * 3 - 1}")
    assert lines[MAX_LINES // 2] == f"… {MAX_LINES * 2} lines left out …"


def test_a_long_line_is_cut():
    """A page that logs its whole state leaves the beginning of it and its length."""
    log = ConsoleLog()
    log.add(AT, "log", "x" * 1_000_000)
    assert len(log.text()) < MAX_LINE_CHARS + 100
    assert "more characters" in log.text()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:secret@host:80/p?q=1", "http://host:80/p?q=1"),
        ("https://host/p", "https://host/p"),
        ("data:text/plain;base64,QUJD", "data:text/plain;base64,…"),
        ("http://[bad", "http://[bad"),
    ],
)
def test_a_url_is_shown_without_its_password(url, shown):
    """Credentials in a url stay out of the log, and so does the content of data: urls."""
    assert shown_url(url) == shown
