"""How single values are written."""

from __future__ import annotations

import json
import shlex
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.viewer import curl, words

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
SHELL_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0 s"), (0.44, "0.4 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"),
        (3780, "1 h 3 min"), (None, ""), ("12", ""), (True, ""), (-1, ""), (float("nan"), ""), (float("inf"), ""),
    ],
)  # fmt: skip
def test_spans(seconds: object, said: str):
    """A length of time is said in the unit people use for it; what is none says nothing."""
    assert words.span(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (12 << 20, "12 MiB"), (3 << 30, "3.0 GiB"), (None, "")],
)
def test_sizes(count: object, said: str):
    """A size is said with the unit that keeps it short."""
    assert words.size(count) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (datetime.fromisoformat("2026-11-02T08:03:04.000005"), "2026-11-02T08:03:04.000005Z"),
        ("2026-11-02T08:03:04", "2026-11-02T08:03:04Z"),
        ("2026-11-02T08:03:04+02:00", "2026-11-02T06:03:04Z"),
        ("yesterday", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_times(value: object, said: str):
    """Times of the wire are naive UTC and get their Z; what is no time is not shown."""
    assert words.stamp(value) == said


@pytest.mark.parametrize(
    ("value", "link"),
    [
        ("https://a.example/x?y#z", True), ("http://127.0.0.1:1/", True), ("javascript:alert(1)", False),
        ("JAVASCRIPT:alert(1)", False), ("data:text/html,x", False), ("//a.example", False), ("https://", False),
        ("http://[bad", False), (" http://a.example", False), ("http://a.example\n", False), (5, False), (None, False),
        ("http://a.example and more", False),
    ],
)  # fmt: skip
def test_links(value: object, *, link: bool):
    """Only whole addresses of the web become links."""
    assert words.web_address(value) == (value if link else None)


@given(JSON_VALUES)
def test_anything_becomes_text(value: object):
    """Every JSON value has a text, and strings are left as they are."""
    assert isinstance(words.text(value), str)
    if isinstance(value, str):
        assert words.text(value) == value


@given(SHELL_TEXTS, SHELL_TEXTS)
def test_curl_survives_a_shell(prompt: str, url: str):
    """Split as a shell splits it, the command holds the request unchanged, whatever quotes are in it."""
    request = {"prompt": prompt, "url": url, "title": None, "publish_workflow": False, "max_steps": 0}
    parts = shlex.split(curl.command("http://x/v1/run/tasks", request, default_key=False).replace("\\\n", " "))
    assert parts[:4] == ["curl", "-X", "POST", "http://x/v1/run/tasks"]
    assert json.loads(parts[parts.index("--data-raw") + 1]) == {"prompt": prompt, "url": url, "max_steps": 0}
