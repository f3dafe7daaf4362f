"""The bytes of a webhook are those the service would have written."""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.webhooks.body import canonical

ORACLE = Path(__file__).parents[3] / "fixtures" / "oracle"
DELIVERIES = [json.loads(line) for line in (ORACLE / "webhooks.jsonl").read_text("utf-8").splitlines()]
REPLAYS = [json.loads(line) for line in (ORACLE / "retry_webhook.jsonl").read_text("utf-8").splitlines()]
BODIES = {found["name"]: found["request"]["body"] for found in DELIVERIES} | {
    found["name"]: json.loads(found["response"]["body"])["payload"]
    for found in REPLAYS
    if found["response"]["status"] == 200
}

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def in_pairs(text: bytes) -> Any:
    """Parse JSON so that the order of keys and the type of numbers show."""
    return json.loads(text, object_pairs_hook=lambda pairs: ("object", pairs))


def ordered(value: Any) -> Any:
    """Return what ``in_pairs`` should find of a value, whole floats as integers."""
    if isinstance(value, dict):
        return ("object", [(name, ordered(item)) for name, item in value.items()])
    if isinstance(value, list):
        return [ordered(item) for item in value]
    if isinstance(value, float) and value == math.floor(value):
        return int(value)
    return value


@pytest.mark.parametrize("name", BODIES)
def test_a_recorded_body_is_written_again_byte_for_byte(name: str):
    """Parsing a recorded body and writing it gives the same bytes, so signatures over them are the same too."""
    assert canonical(json.loads(BODIES[name])) == BODIES[name].encode()


@given(VALUES)
def test_a_body_says_what_the_payload_said_in_its_order(payload: Any):
    """It parses back to the payload with its key order, except that whole floats are integers."""
    found = in_pairs(canonical(payload))
    assert found == ordered(payload)
    assert repr(found) == repr(ordered(payload)), "a number changed its type"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_has_a_point_only_if_it_is_not_whole(number: float):
    """Whole floats of any size are written as integers, others round-trip."""
    text = canonical(number).decode()
    assert float(text) == number
    assert number.is_integer() == text.lstrip("-").isdigit()


@given(VALUES)
def test_a_body_is_compact_and_writing_it_again_changes_nothing(payload: Any):
    """No byte is spent on spaces, and the form is a fixed point."""
    body = canonical(payload)
    assert canonical(json.loads(body)) == body
    plain = json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")).encode()
    assert body == plain


def test_other_alphabets_stay_as_they_are():
    """Non-ASCII letters are UTF-8, not escapes."""
    assert canonical({"tïtle": "Höchster — 一"}) == '{"tïtle":"Höchster — 一"}'.encode()


def test_half_a_character_is_escaped_rather_than_lost():
    """A lone surrogate has no UTF-8 form; the body is still JSON and says the same."""
    body = canonical({"output": "a\ud800 ä"})
    assert body == b'{"output":"a\\ud800 \\u00e4"}'


def test_moments_are_naive_and_drop_a_zero_fraction():
    """Datetimes are written as the rest of the API writes them."""
    moments = [datetime.fromisoformat(text) for text in ("2026-11-21T12:00:00", "2026-11-21T12:00:00.120000")]
    assert canonical(moments) == b'["2026-11-21T12:00:00","2026-11-21T12:00:00.120000"]'


@pytest.mark.parametrize(("value", "error"), [(math.nan, ValueError), (math.inf, ValueError), (object(), TypeError)])
def test_what_is_no_json_is_refused(value: object, error: type[Exception]):
    """Nothing that a receiver could not parse is ever sent."""
    with pytest.raises(error):
        canonical({"output": value})
