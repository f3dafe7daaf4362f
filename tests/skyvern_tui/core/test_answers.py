"""Claims about answers as they came."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.core.answers import Answer, Answers, without_secrets
from tests.skyvern_tui.builders import START

KEY = "sk-very-secret-key"


def an_answer(body, name="get_run", status=200):
    """Return an answer with a body."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(name, "GET", "/v1/runs/r", status, START, 0.1, content)


def test_secrets_do_not_appear():
    """Signatures in addresses, secret headers of the request and the API key wherever it stands become variables."""
    body = an_answer(
        {
            "recording_url": "https://h/x?expiry=1&sig=0123456789abcdef",
            "note": f"called with {KEY}",
            "run_request": {"prompt": "p", "extra_http_headers": {"Authorization": "Bearer abcdefghijk"}},
        }
    ).body({"SKYVERN_API_KEY": KEY})
    text = json.dumps(body)
    assert not any(secret in text for secret in (KEY, "0123456789abcdef", "abcdefghijk"))
    assert body["note"] == "called with ${SKYVERN_API_KEY}"
    assert body["run_request"]["prompt"] == "p"


def test_a_list_keeps_none_either():
    """Signed addresses in a list of artifacts lose their signatures."""
    body = an_answer([{"artifact_id": "a_1", "signed_url": "https://h/x?sig=0123456789abcdef"}]).body()
    assert "0123456789abcdef" not in json.dumps(body)
    assert body[0]["artifact_id"] == "a_1"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_body(content):
    """What is no JSON is shown as the text it is, whatever bytes it is made of."""
    body = an_answer(content).body({"SKYVERN_API_KEY": KEY})
    json.dumps(body)


def test_what_is_nested_too_deeply_is_not_shown():
    """A body nobody can look through for secrets is left out rather than shown with them."""
    deep = value = []
    for _ in range(5000):
        value.append([])
        value = value[0]
    assert without_secrets(deep) == "… nested too deeply to be shown safely"


def test_the_last_answer_of_each_call_is_kept(monkeypatch):
    """A later answer takes the place of the one before; runs don't mix; the oldest go when there is no room."""
    monkeypatch.setattr("skyvern_tui.core.answers.KEPT_BYTES", 30)
    kept = Answers()
    kept.keep("r", an_answer(b"1" * 10), "one")
    kept.keep("r", an_answer(b"2" * 10), "two")
    kept.keep("s", an_answer(b"3" * 10))
    assert [answer.content[:1] for answer in kept.of("r")] == [b"2"]
    assert kept.read("r", "get_run", b"2" * 10) == "two"
    assert kept.read("r", "get_run", b"1" * 10) is None
    kept.keep("t", an_answer(b"4" * 20))
    assert kept.of("r") == []
    assert kept.of("t")[0].fine
    assert not an_answer(b"", status=404).fine
