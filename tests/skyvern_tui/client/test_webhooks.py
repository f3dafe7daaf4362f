"""Claims about deliveries: only what is genuine and fresh is believed, and what is not says why."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.client import RunStatus, WebhookBodyError, WebhookError, WebhookSignatureError, WebhookTimestampError
from skyvern_tui.client.webhooks import sign_webhook, verify_webhook
from tests.skyvern_tui.client.playground import KEY, RUN_ID, run_body

NOW = 1_795_298_563.0
RECORDED = [
    json.loads(line)
    for line in (Path(__file__).parents[3] / "fixtures" / "oracle" / "webhooks.jsonl").read_text().splitlines()
]


def delivery(body=None, key=KEY, at=NOW, **over):
    """Arguments of verify_webhook for a delivery as a server sends it."""
    raw = json.dumps(run_body("completed", output={"title": "Zähler"}) if body is None else body, ensure_ascii=False)
    raw = raw.encode()
    headers = {"X-Skyvern-Signature": sign_webhook(raw, key), "X-Skyvern-Timestamp": f"{at:.0f}"}
    return {"body": raw, "headers": headers, "secret": KEY, "clock": lambda: NOW, **over}


def test_a_genuine_delivery_is_an_event():
    """It is the run as it ended, typed, with times in UTC; header names may be of any case."""
    event = verify_webhook(**delivery())
    assert (event.run_id, event.status, event.output) == (RUN_ID, RunStatus.completed, {"title": "Zähler"})
    assert event.finished_at.tzinfo is UTC
    assert event.replay_key == f"{RUN_ID}:completed"


def test_signature_and_timestamp_can_be_given_by_themselves():
    """For frameworks that hand out headers one by one."""
    given_ = delivery()
    headers = given_.pop("headers")
    event = verify_webhook(**given_, signature=headers["X-Skyvern-Signature"], timestamp=headers["X-Skyvern-Timestamp"])
    assert event.run_id == RUN_ID


@pytest.mark.parametrize("exchange", RECORDED, ids=lambda exchange: exchange["name"])
def test_what_a_real_server_sent_is_an_event(exchange):
    """Each recorded delivery, of every kind of run and ending, signed anew, verifies and can be read."""
    body = exchange["request"]["body"].encode()
    event = verify_webhook(body, {"x-skyvern-signature": sign_webhook(body, KEY)}, KEY, tolerance=None)
    sent = json.loads(body)
    assert (event.run_id, str(event.status)) == (sent["run_id"], sent["status"])
    assert event.is_final
    assert event.workflow_run_id == sent.get("workflow_run_id")


@pytest.mark.parametrize("parsed", [{"run_id": "x"}, [], "text", None, 7])
def test_parsed_json_is_refused_with_what_to_give_instead(parsed):
    """Only bytes have a signature; the error says how to get them."""
    with pytest.raises(TypeError, match=r"raw bytes .* await request\.body\(\)"):
        verify_webhook(**delivery() | {"body": parsed})


@given(st.data())
def test_no_changed_byte_is_believed(data):
    """Any other body under the same signature, and any other signature of the same body, is refused."""
    good = delivery()
    raw = bytearray(good["body"])
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(WebhookSignatureError):
        verify_webhook(**good | {"body": bytes(raw)})
    signature = list(good["headers"]["X-Skyvern-Signature"])
    at = data.draw(st.integers(0, 63))
    signature[at] = data.draw(st.sampled_from([digit for digit in "0123456789abcdef" if digit != signature[at]]))
    with pytest.raises(WebhookSignatureError):
        verify_webhook(**good | {"signature": "".join(signature)})


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"headers": {}}, "did not come from a Skyvern server"),
        ({"signature": ""}, "did not come from a Skyvern server"),
        ({"signature": "v0=" + "0" * 64}, "67 characters"),
        ({"signature": "ü" * 32}, "untouched"),
        ({"signature": "0" * 64, "body": b""}, "something read it before"),
        ({"signature": "0" * 64, "body": b'{"a": 1}'}, "not JSON made anew"),
        ({"secret": "another-key"}, "API key that started the run"),
    ],
)
def test_a_wrong_signature_says_what_may_be_wrong(change, hint):
    """Without telling what a right one would be."""
    with pytest.raises(WebhookSignatureError) as caught:
        verify_webhook(**delivery() | change)
    assert hint in caught.value.hint
    assert sign_webhook(delivery()["body"], KEY) not in str(caught.value)
    assert KEY not in str(caught.value)


def test_any_of_several_keys_will_do():
    """A receiver that serves several keys gives them all."""
    assert verify_webhook(**delivery(secret=("old-key", KEY, "new-key"))).run_id == RUN_ID
    with pytest.raises(WebhookSignatureError):
        verify_webhook(**delivery(secret=("old-key", "new-key")))


@pytest.mark.parametrize("secret", ["", (), [""]])
def test_without_a_key_nothing_is_verified(secret):
    """An empty key would let anybody sign."""
    with pytest.raises(ValueError, match="none was given"):
        verify_webhook(**delivery(key="", secret=secret))


@pytest.mark.parametrize("off", [0, 299, 300, -299, -300])
def test_a_delivery_within_the_tolerance_is_believed(off):
    """Five minutes old or, as clocks differ, five minutes ahead."""
    assert verify_webhook(**delivery(at=NOW - off)).run_id == RUN_ID


@pytest.mark.parametrize("off", [301, -301, 86_400, 1e9])
def test_a_delivery_outside_the_tolerance_is_not(off):
    """Too old or from the future; the error tells how far, and a wider tolerance or none accepts it."""
    with pytest.raises(WebhookTimestampError) as caught:
        verify_webhook(**delivery(at=NOW - off))
    assert caught.value.age == off
    assert verify_webhook(**delivery(at=NOW - off, tolerance=abs(off))).run_id == RUN_ID
    assert verify_webhook(**delivery(at=NOW - off, tolerance=None)).run_id == RUN_ID


@pytest.mark.parametrize("timestamp", ["", "yesterday", "nan", "inf", "-1e999"])
def test_a_delivery_without_a_time_has_no_age(timestamp):
    """What is no number is refused, unless the time is not asked for."""
    with pytest.raises(WebhookTimestampError) as caught:
        verify_webhook(**delivery(timestamp=timestamp))
    assert caught.value.age is None
    assert verify_webhook(**delivery(timestamp=timestamp, tolerance=None)).run_id == RUN_ID


@pytest.mark.parametrize(("off", "is_zone"), [(3600 + 4, True), (-19_800, True), (3600 + 100, False), (86_400, False)])
def test_a_servers_local_time_is_recognised(off, is_zone):
    """A self-hosted server off UTC sends a time that is off by a zone; the hint says so."""
    with pytest.raises(WebhookTimestampError) as caught:
        verify_webhook(**delivery(at=NOW - off))
    assert ("time zone" in caught.value.hint) is is_zone


@pytest.mark.parametrize("body", [[], {}, {"run_id": 7}, {"event": "ping"}])
def test_a_genuine_delivery_that_is_no_run_is_an_error_of_its_own(body):
    """It was signed with the key, so it is not an attack; it just cannot be read."""
    with pytest.raises(WebhookBodyError):
        verify_webhook(**delivery(body))


def test_the_signature_is_checked_before_anything_else_is_said():
    """Whoever does not have the key learns nothing about age or content."""
    with pytest.raises(WebhookSignatureError):
        verify_webhook(**delivery([], key="wrong-key", at=0))
    assert issubclass(WebhookSignatureError, WebhookError)


def test_unknown_fields_and_statuses_are_kept():
    """A newer server's news can be read."""
    event = verify_webhook(**delivery(run_body("archived", shiny={"new": 1})))
    assert (event.status, event.shiny) == ("archived", {"new": 1})
