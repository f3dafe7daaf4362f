"""Claims about webhooks on their way."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.client.resources import WebhookReplay
from skyvern_tui.core.deliveries import delivery_of, replayed, webhook_failure, webhook_url
from tests.skyvern_tui.builders import START, a_run

ATTEMPT = {
    "at": "2026-01-20T11:53:40",
    "status_code": 502,
    "latency_ms": 120,
    "error": None,
    "response_body": "Bad\x1b[2J gateway",
}


def a_replay(**over):
    """Return what came of a webhook sent again."""
    body = {"run_id": "r", "run_type": "task_v2", "payload": '{"a": 1}', "headers": {"x": "1"}}
    return WebhookReplay.model_validate(body | over)


def test_a_delivery_is_read_with_its_attempts():
    """State, address, attempts and payload are what the server tells, in safe text."""
    told = {
        "delivery_id": "d",
        "trigger": "original",
        "url": "https://h/x",
        "state": "failed",
        "attempts": [ATTEMPT],
        "webhook_failure_reason": "Gone.",
        "headers": {"x-skyvern-signature": "00"},
        "payload": '{"output": [1]}',
        "created_at": "2026-01-20T11:53:40",
    }
    delivery = delivery_of(told)
    (attempt,) = delivery.attempts
    assert (delivery.state, delivery.url, delivery.reason, delivery.at) == ("failed", "https://h/x", "Gone.", START)
    assert (attempt.status, attempt.took, attempt.body) == (502, 0.12, "Bad␛[2J gateway")
    assert delivery.content == {"output": [1]}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["delivery_id", "trigger", "url", "state", "attempts", "headers", "payload", "created_at", "other"]
        ),
        json_values,
    )
)
def test_any_object_is_read_as_far_as_it_goes(told):
    """Whatever a server sends in the place of a delivery, what is shown of it is safe text."""
    delivery = delivery_of(told)
    texts = [delivery.id, delivery.kind, delivery.url, delivery.state, delivery.reason, *delivery.headers.values()]
    assert all(text.isprintable() for text in texts)


def test_a_webhook_sent_again_is_a_delivery():
    """One the receiver took is delivered, any other answer and none at all are failures with their reason."""
    at = START + timedelta(seconds=3)
    taken = replayed(a_replay(status_code=204, latency_ms=30, target_webhook_url="https://h/x"), at, 1)
    refused = replayed(a_replay(status_code=500, default_webhook_url="https://h/y"), at, 2)
    lost = replayed(a_replay(error="no such host"), at, 3)
    assert [one.state for one in (taken, refused, lost)] == ["delivered", "failed", "failed"]
    assert (taken.url, refused.url, lost.reason) == ("https://h/x", "https://h/y", "no such host")
    assert taken.content == {"a": 1}
    assert taken.attempts[0].took == 0.03


def test_the_address_is_the_requests_or_what_the_run_says():
    """The request's own comes first, then the run's, then what was sent from here; a run may have none."""
    assert webhook_url(a_run(run_request={"webhook_url": "https://a/"}), {"webhook_url": "https://c/"}) == "https://a/"
    assert webhook_url(a_run(webhook_callback_url="https://b/", run_request={})) == "https://b/"
    assert webhook_url(a_run(run_request=None), {"webhook_url": "https://c/"}) == "https://c/"
    assert webhook_url(a_run()) == ""
    assert webhook_failure(a_run(webhook_failure_reason="It\nbroke")) == "It broke"
    assert webhook_failure(a_run()) == ""
