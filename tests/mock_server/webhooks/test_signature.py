"""A receiver that has the API key can tell a genuine webhook from any other."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mock_server.webhooks.signature import headers, sign

ORACLE = Path(__file__).parents[3] / "fixtures" / "oracle"
DELIVERIES = [json.loads(line) for line in (ORACLE / "webhooks.jsonl").read_text("utf-8").splitlines()]
REPLAYS = [
    json.loads(found["response"]["body"])
    for found in map(json.loads, (ORACLE / "retry_webhook.jsonl").read_text("utf-8").splitlines())
    if found["response"]["status"] == 200
]


def test_a_known_signature():
    """HMAC-SHA256 with the key over the body, lower-case hex: the value another implementation (openssl) gives."""
    assert sign("key", b"The quick brown fox jumps over the lazy dog") == (
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    )


@given(st.text(min_size=1), st.binary())
def test_a_receiver_verifies_with_nothing_but_the_standard_library(key: str, body: bytes):
    """What a receiver computes over the raw bytes is what was sent, for any key and body."""
    assert hmac.compare_digest(hmac.new(key.encode(), body, hashlib.sha256).hexdigest(), sign(key, body))


def test_the_signature_changes_with_the_key_and_with_every_byte():
    """Another key, or the same JSON with a space in it, does not verify."""
    assert len({sign("key", b'{"a":1}'), sign("Key", b'{"a":1}'), sign("key", b'{"a": 1}')}) == 3


def test_headers_are_named_and_ordered_as_recorded():
    """Timestamp, signature, type, in this order and spelling; the timestamp is whole Unix seconds of naive UTC."""
    made = headers("key", b"{}", datetime.fromisoformat("2026-11-21T22:02:44.186721"))
    assert made == {
        "x-skyvern-timestamp": "1795298564",
        "x-skyvern-signature": sign("key", b"{}"),
        "Content-Type": "application/json",
    }
    for recorded in DELIVERIES:
        names = [name for name, _ in recorded["request"]["headers"]]
        assert names[5:8] == list(made)
    assert {tuple(replay["headers"]) for replay in REPLAYS} == {tuple(made)}


def test_recorded_signatures_have_this_form_and_do_not_cover_the_timestamp():
    """All recorded ones are 64 lower-case hex digits; equal bodies sent at different times have equal ones.

    The key of the recording was taken out of it, so this is what can be held against it.
    """
    found = [dict(recorded["request"]["headers"])["x-skyvern-signature"] for recorded in DELIVERIES]
    found += [replay["headers"]["x-skyvern-signature"] for replay in REPLAYS]
    assert all(re.fullmatch("[0-9a-f]{64}", signature) for signature in found)
    by_body: dict[str, set[tuple[str, str]]] = {}
    for replay in REPLAYS:
        stamp = replay["headers"]["x-skyvern-timestamp"]
        by_body.setdefault(replay["payload"], set()).add((stamp, replay["headers"]["x-skyvern-signature"]))
    sent_twice = [pairs for pairs in by_body.values() if len({stamp for stamp, _ in pairs}) > 1]
    assert sent_twice, "the recording has bodies that were sent at different times"
    assert all(len({signature for _, signature in pairs}) == 1 for pairs in by_body.values())
