"""Claims about JSON, logs, element trees and HAR taken apart."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.core.find import Finder
from skyvern_tui.core.previews.bounds import Unreadable
from skyvern_tui.core.previews.elements import read_elements
from skyvern_tui.core.previews.hardetail import chosen, read_har
from skyvern_tui.core.previews.jsontree import (
    as_csv,
    at,
    opened_to,
    parents,
    parse_json,
    rows,
    search,
    table,
)
from skyvern_tui.core.previews.logs import at_least, read_log
from tests.skyvern_tui.core.requests import JSON

POSTS = {"posts": [{"title": "One\x1b[2J", "points": 3}, {"title": "Two", "by": {"name": "x"}}], "n": None}


def test_a_tree_shows_what_is_open():
    """Closed branches show how many they hold; opening one shows its children below it."""
    assert [(n.key, n.text, n.kind) for n in rows(POSTS, ())] == [("posts", "[2]", "list"), ("n", "null", "null")]
    opened = {("posts",), ("posts", 0)}
    lines = [(n.depth, n.key, n.text) for n in rows(POSTS, opened)]
    assert lines == [
        (0, "posts", "[2]"),
        (1, "[0]", "{2}"),
        (2, "title", '"One\\u001b[2J"'),
        (2, "points", "3"),
        (1, "[1]", "{2}"),
        (0, "n", "null"),
    ]
    assert rows(POSTS, opened)[2].where == "posts[0].title"
    assert [n.text for n in rows("alone", ())] == ['"alone"']
    assert opened_to(1, POSTS) == {("posts",)}
    assert len(rows([1] * 100, (), limit=10)) == 10


def test_a_tree_is_searched_by_key_and_value():
    """A hit is a path, and its parents are what has to be opened."""
    assert search(POSTS, Finder("two")) == [("posts", 1, "title")]
    assert search(POSTS, Finder("name")) == [("posts", 1, "by", "name")]
    assert parents(("posts", 1, "title")) == [("posts",), ("posts", 1)]
    assert at(POSTS, ("posts", 1, "title")) == "Two"
    for wrong in (("nope",), ("posts", 9), ("posts", "0"), ("n", 0)):
        with pytest.raises(KeyError):
            at(POSTS, wrong)


def test_alike_objects_are_a_table():
    """A list of objects has a column per key; CSV of it holds no formula."""
    made = table(POSTS)
    assert made.columns == ("title", "points", "by")
    assert made.rows == (("One␛[2J", "3", ""), ("Two", "", "{1}"))
    assert table([1, 2]) is table("x") is table({"a": 1}) is None
    csv = as_csv(table([{"a": "=1+1", "b": 'say "x", y'}, {"a": "-5"}]))
    assert csv == 'a,b\r\n\'=1+1,"say ""x"", y"\r\n-5,\r\n'


def test_lines_of_json_are_a_list():
    """JSON lines are read one by one; a faulty line is counted, and prose is no JSON."""
    assert parse_json(b'\xef\xbb\xbf{"a": 1}') == ({"a": 1}, "")
    assert parse_json(b'{"a": 1}\n{"b": 2}\n{oops\n') == ([{"a": 1}, {"b": 2}], "2 lines of JSON, 1 could not be read")
    with pytest.raises(Unreadable, match="not readable"):
        parse_json(b"once upon a time")
    with pytest.raises(Unreadable):
        parse_json(b"[" * 100_000)


@given(JSON, st.integers(0, 4))
def test_any_json_is_a_tree(value, depth):
    """Any value has rows, every one of them safe, and every path leads to its value."""
    for node in rows(value, opened_to(depth, value)):
        at(value, node.path)
        assert (node.key + node.text + node.where).isprintable()


LOG = b"""2026-01-20T11:53:40 info    Started\r
2026-01-20T11:53:41,5 ERROR   It broke
Traceback (most recent call last):
  File "x.py", line 1
2026-01-20T11:53:42 [warning] Half a \xff line\x1b[31m
DEBUG plain
"""


def test_a_log_has_times_levels_and_what_belongs_together():
    """A traceback has the level of its line, so that it stays when only errors are shown."""
    lines, notes = read_log(LOG)
    assert notes == ()
    assert [(line.time, line.level, line.goes_on) for line in lines] == [
        ("2026-01-20T11:53:40", "info", False),
        ("2026-01-20T11:53:41,5", "error", False),
        ("", "error", True),
        ("", "error", True),
        ("2026-01-20T11:53:42", "warning", False),
        ("", "debug", False),
    ]
    assert [line.number for line in at_least(lines, "error")] == [1, 2, 3]
    assert len(at_least(lines, "debug")) == len(at_least(lines, "odd")) == len(lines)
    assert all(line.text.isprintable() for line in lines)


def test_a_log_of_records_is_read_too():
    """A list of JSON records and JSON lines give the same lines."""
    records = [
        {"timestamp": "12:00", "level": "warning", "event": "slow", "ms": 3},
        {"message": "x", "nested": {"a": [1]}},
    ]
    expected = [("12:00", "warning", "slow  ms=3"), ("", "", 'x  nested={"a": [1]}')]
    for data in (json.dumps(records), "\n".join(map(json.dumps, records))):
        assert [(line.time, line.level, line.text) for line in read_log(data.encode())[0]] == expected


TREE = [
    {
        "id": "a001",
        "tagName": "body",
        "interactable": False,
        "frame": "main.frame",
        "children": [
            {"id": "a002", "tagName": "a", "text": "Sign\nin", "interactable": True, "attributes": {"href": "/login"}},
            {"id": "a003", "tagName": "div", "children": [{"id": "a004", "tagName": "input", "interactable": True}]},
            "noise",
        ],
    }
]


def test_elements_are_found_by_id_and_words():
    """An element is found by its id, its text or an attribute, and what is above it is known."""
    elements = read_elements(json.dumps(TREE).encode())
    assert [(e.id, e.depth, e.count) for e in elements.all] == [
        ("a001", 0, 2),
        ("a002", 1, 0),
        ("a003", 1, 1),
        ("a004", 2, 0),
    ]
    assert elements.place("a004") == 3
    assert elements.place("nope") is None
    assert elements.above(3) == [0, 2]
    assert elements.search(Finder("login")) == elements.search(Finder("sign in")) == [1]
    assert elements.all[1].line == "a #a002 “Sign in” href=/login"
    assert elements.rows({2}) == [0, 1, 2]
    assert elements.rows(only_interactable=True) == [1, 3]
    for data in (b"[]", b"3", b"{", b"[" * 100_000):
        with pytest.raises(Unreadable):
            read_elements(data)


HELLO = base64.b64encode(b"hello").decode()


def an_entry(url: str, started: str, time: float, status: int = 200, **over) -> dict:
    """Return an entry of a HAR file."""
    return {
        "startedDateTime": started,
        "time": time,
        "timings": {"blocked": -1, "dns": 2, "wait": 40.5, "receive": "odd"},
        "request": {
            "method": "GET",
            "url": url,
            "headers": [{"name": "Cookie", "value": "s=secret"}, {"name": "Accept", "value": "*/*"}, 3],
            "queryString": [{"name": "token", "value": "secret"}, {"name": "q", "value": "1"}],
            "postData": {"mimeType": "application/json", "text": '{"a": 1}'},
        },
        "response": {
            "status": status,
            "statusText": "OK",
            "headers": [],
            "content": {
                "mimeType": "application/json; charset=utf-8",
                "size": 5,
                "text": "aGVsbG8=",
                "encoding": "base64",
            },
        },
    } | over


HAR = json.dumps(
    {
        "log": {
            "entries": [
                an_entry("https://example.com/data?q=1", "2026-01-20T12:00:00.000Z", 100),
                an_entry("https://cdn.example.org/app.js", "2026-01-20T12:00:00.300Z", 700, status=404),
                {"request": "odd"},
            ]
        }
    }
).encode()


def test_a_har_is_taken_apart():
    """A request has its time, phases, headers and bodies; credentials are covered until asked for."""
    har = read_har(HAR)
    first, second, odd = har.calls
    assert (first.at, second.at, har.duration) == (0.0, pytest.approx(300, abs=0.1), pytest.approx(1000, abs=0.1))
    assert first.phases == (("dns", 2.0), ("wait", 40.5))
    assert first.request_headers == (("Cookie", "covered (8 characters)"), ("Accept", "*/*"))
    assert first.query == (("token", "covered (6 characters)"), ("q", "1"))
    assert (first.sent, first.received, first.is_text) == (b'{"a": 1}', b"hello", True)
    assert (odd.entry.method, odd.received) == ("?", b"")
    assert read_har(HAR, uncovered=True).calls[0].request_headers[0] == ("Cookie", "s=secret")
    assert har.bar(first, 10) == (0, 1)
    assert har.bar(second, 10) == (3, 7)
    with pytest.raises(Unreadable, match="not a HAR"):
        read_har(b"{}")


@pytest.mark.parametrize(
    ("needle", "numbers"),
    [
        ("", [0, 1, 2]),
        ("failed", [1, 2]),
        ("-failed", [0]),
        ("status:4xx", [1]),
        ("status:200 type:json", [0]),
        ("method:get app", [1]),
        ("host:example.com", [0]),
        ("slower:500", [1]),
        ("larger:4 DATA", [0]),
        ("slower:soon", []),
    ],
)
def test_requests_are_filtered(needle, numbers):
    """Conditions and words narrow the table down, a minus turns one round."""
    assert [call.number for call in chosen(read_har(HAR).calls, needle)] == numbers
