"""Claims about the receiver of webhooks: what it believes, what it answers, what it hands on."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.cli.console import json_line
from skyvern_tui.cli.receiver import Answers, NotForwardedError, Receiver, Trust, _parsed, forward_to
from skyvern_tui.client.webhooks import sign_webhook
from skyvern_tui.core.clock import RealClock

KEY = "the-key-of-the-tests"
NOW = datetime(2026, 1, 20, 12, 0, tzinfo=UTC)
RUN = {
    "run_id": "tsk_v2_1",
    "status": "completed",
    "run_type": "task_v2",
    "created_at": "2026-01-20T11:52:00",
    "modified_at": "2026-01-20T11:53:00",
}
BODY = json.dumps(RUN, separators=(",", ":")).encode()


class Stopped(RealClock):
    """A clock that stands."""

    def now(self):
        return NOW


def headers(body=BODY, key=KEY, at=NOW):
    return {
        "x-skyvern-signature": sign_webhook(body, key),
        "x-skyvern-timestamp": str(int(at.timestamp())),
        "content-type": "application/json",
    }


@pytest.fixture
def listening():
    """Return a function that opens a receiver; all are closed after the test."""
    opened = []

    def open_one(**options):
        options.setdefault("clock", Stopped())
        receiver = Receiver("127.0.0.1", 0, options.pop("trust", Trust([KEY])), **options)
        opened.append(receiver)
        return receiver.__enter__()

    yield open_one
    for receiver in opened:
        receiver.__exit__(None, None, None)


def test_a_genuine_delivery_is_told_apart_by_its_signature(listening):
    """A body signed with the key is genuine; run and status are read from it."""
    receiver = listening()
    answer = httpx.post(f"{receiver.url}hook?a=1", content=BODY, headers=headers())
    delivery = next(receiver.deliveries())
    assert answer.status_code == 200
    assert (delivery.verdict.kind, delivery.run_id, delivery.status) == ("genuine", "tsk_v2_1", "completed")
    assert (delivery.path, delivery.payload, delivery.at) == ("/hook?a=1", RUN, NOW)


@pytest.mark.parametrize(
    ("body", "sent", "kind"),
    [
        (BODY, headers(key="another"), "signature"),
        (BODY, {}, "signature"),
        (BODY + b" ", headers(), "signature"),
        (BODY, headers(at=NOW.replace(hour=11)), "timestamp"),
        (b"[]", headers(b"[]"), "body"),
        (b"\xff\xfe", headers(b"\xff\xfe"), "body"),
    ],
)
def test_whatever_is_not_genuine_says_why(listening, body, sent, kind):
    """A wrong key, no signature, a changed body, an old one, one that is no run: each has its name and a reason."""
    receiver = listening()
    httpx.post(receiver.url, content=body, headers=sent)
    delivery = next(receiver.deliveries())
    assert delivery.verdict.kind == kind
    assert delivery.verdict.reason
    assert not delivery.verdict.genuine


def test_the_age_may_be_left_out_of_it(listening):
    """Without a tolerance an old delivery is genuine."""
    receiver = listening(trust=Trust([KEY], None))
    httpx.post(receiver.url, content=BODY, headers=headers(at=NOW.replace(year=2020)))
    assert next(receiver.deliveries()).verdict.genuine


def test_the_same_news_again_is_marked(listening):
    """Only genuine news counts: a forged delivery does not make the true one look like a repetition."""
    receiver = listening()
    seen = receiver.deliveries()
    repeated = []
    for sent in ({}, headers(), headers()):
        httpx.post(receiver.url, content=BODY, headers=sent)
        repeated.append(next(seen).repeated)
    assert repeated == [False, False, True]


def test_the_first_few_can_be_refused(listening):
    """``times`` makes a receiver that fails and recovers, to watch a server's retries."""
    receiver = listening(answers=Answers(503, 2))
    answers = [httpx.post(receiver.url, content=BODY, headers=headers()).status_code for _ in range(3)]
    assert answers == [503, 503, 200]
    assert [next(receiver.deliveries()).answered for _ in range(3)] == answers


def test_closing_does_not_wait_for_a_slow_answer(listening):
    """A delivery is told before its answer, and an answer held back for an hour is given up when the receiver ends."""
    receiver = listening(answers=Answers(delay=3600))
    request = f"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {len(BODY)}\r\n\r\n".encode() + BODY
    with socket.create_connection(("127.0.0.1", int(receiver.url.rsplit(":", 1)[1].rstrip("/")))) as sender:
        sender.sendall(request)
        assert next(receiver.deliveries()).run_id == "tsk_v2_1"
        receiver.__exit__(None, None, None)


def test_a_delivery_is_handed_on_as_it_came(listening):
    """The program behind gets the same bytes and signature, and its answer is the sender's."""
    behind = listening(answers=Answers(418))
    receiver = listening(forward=forward_to(f"{behind.url}in"))
    answer = httpx.post(receiver.url, content=BODY, headers=headers())
    handed = next(behind.deliveries())
    assert answer.status_code == 418
    assert (handed.verdict.genuine, handed.path, handed.payload) == (True, "/in", RUN)


def test_a_dead_address_behind_is_told_to_both(listening):
    """The sender gets a 502, so that it tries again, and the delivery says what went wrong."""

    def nobody(body, headers):
        raise NotForwardedError("ConnectError: refused")

    receiver = listening(forward=nobody)
    assert httpx.post(receiver.url, content=BODY, headers=headers()).status_code == 502
    assert next(receiver.deliveries()).forward_error == "ConnectError: refused"
    with pytest.raises(NotForwardedError, match="ConnectError"):
        forward_to("http://127.0.0.1:1/")(b"", {})


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("GET / HTTP/1.1\r\n", 405),
        ("POST / HTTP/1.1\r\n", 411),
        ("POST / HTTP/1.1\r\ncontent-length: -5\r\n", 411),
        ("POST / HTTP/1.1\r\ncontent-length: 99999999999\r\n", 413),
    ],
)
def test_what_is_no_delivery_is_refused(listening, lines, status):
    """A GET, a body without a length and one without an end are answered and told to nobody."""
    receiver = listening()
    port = int(receiver.url.rsplit(":", 1)[1].rstrip("/"))
    with socket.create_connection(("127.0.0.1", port)) as sender:
        sender.sendall(f"{lines}host: x\r\n\r\n".encode())
        assert sender.recv(100).startswith(f"HTTP/1.0 {status}".encode())
    httpx.post(receiver.url, content=BODY, headers=headers())
    assert next(receiver.deliveries()).number == 1


@given(st.binary(max_size=200), st.text(max_size=80), st.text(max_size=20))
def test_no_bytes_upset_it(body, signature, timestamp):
    """Whatever is sent is judged, and can be written as JSON again."""
    trust = Trust([KEY])
    claimed = {"x-skyvern-signature": signature, "x-skyvern-timestamp": timestamp}
    assert not trust.judge(body, claimed, Stopped()).genuine
    assert trust.judge(body, headers(body), Stopped()).kind in ("genuine", "body")
    assert json_line({"payload": _parsed(body)})


@pytest.mark.parametrize("depth", [10, 199, 201, 900, 990, 5_000, 200_000])
def test_a_body_that_is_nested_deeply_is_kept_as_text(depth):
    """What could be read but not be written again would end the receiver; so anybody could."""
    payload = _parsed(b"[" * depth + b"]" * depth)
    assert isinstance(payload, list if depth <= 200 else str)
    assert json_line({"payload": payload})


def test_no_key_is_shown():
    """Printing what is trusted shows no key."""
    assert KEY not in repr(Trust([KEY]))
