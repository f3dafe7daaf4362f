"""No secret leaves the journal, in any form it is read in."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.scenarios import journal_export, journal_query
from mock_server.scenarios.journal import Entry
from mock_server.scenarios.journal_redaction import redacted

START = datetime.fromisoformat("2026-11-21T12:00:00")
SECRETS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789_-.", min_size=12, max_size=30).map(
    lambda text: f"S3{text}"
)


def entry(**parts: Any) -> Entry:
    whole: dict[str, Any] = {
        "number": 1,
        "at": START,
        "seconds": 0.0,
        "method": "POST",
        "path": "/v1/run/tasks",
        "query": b"",
        "headers": [],
        "body": b"",
        "status": 200,
        "answer_headers": [(b"content-type", b"application/json")],
        "answer": b"",
        "fault": None,
    } | parts
    whole.setdefault("body_length", len(whole["body"]))
    whole.setdefault("answer_length", len(whole["answer"]))
    return Entry(**whole)


def every_form(found: Entry) -> str:
    """All that can be read of an exchange."""
    expected = journal_query.Expectation(journal_query.Filter(operation="run_task"), {"password": "guess", "prompt": 1})
    misses = journal_query.near_misses([found], expected)
    return "\n".join(
        [
            json.dumps(journal_export.whole(found)),
            journal_export.cassette([found], "http://localhost:8000"),
            json.dumps(journal_export.har([found], "http://localhost:8000")),
            json.dumps([journal_export.differences(miss) for miss in misses]),
        ]
    )


def bodies(secret: str) -> list[bytes]:
    """Bodies that hold a secret."""
    dump = lambda value: json.dumps(value).encode()  # noqa: E731
    return [
        dump({"prompt": "p", "extra_http_headers": {"Authorization": f"Bearer {secret}"}}),
        dump({"prompt": "p", "extra_http_headers": {"X-Auth-Token": secret}}),
        dump({"prompt": "p", "cdp_connect_headers": {"whatever": secret}}),
        dump({"password": secret, "api_key": secret, "nested": [{"client_secret": secret}]}),
        dump([{"url": f"http://localhost/v1/artifacts/a_1/content?expiry=1&kid=k&sig={secret}"}]),
        dump({"url": f"http://localhost/?sig={secret}&x=1"}).replace(b"&", b"\\u0026"),
        dump({"password": secret})[:-2],
        f'{{"token" : "{secret}'.encode(),
        f"username=u&password={secret}".encode(),
    ]


CREDENTIALS = [
    lambda secret: {"name": "n", "credential_type": "password", "credential": {"username": "u", "password": secret}},
    lambda secret: {"credential_type": "password", "credential": {"username": "u", "totp": secret}},
    lambda secret: {"credential_type": "secret", "credential": {"secret_value": secret, "secret_label": secret}},
    lambda secret: {"credential": {"card_number": secret, "card_holder_name": secret, "card_cvv": secret}},
    lambda secret: {"totp_identifier": "u@example.com", "content": secret},
    lambda secret: {"totp_identifier": "u@example.com", "code": secret},
    lambda secret: [{"credential": {"anything": {"deep": [secret]}}}],
]


@settings(max_examples=25)
@given(SECRETS)
def test_secrets_in_bodies(secret: str):
    """Fields that are called like secrets, signatures and cut bodies give nothing away, asked or answered."""
    for body in bodies(secret):
        assert secret not in every_form(entry(body=body, headers=[(b"content-type", b"application/json")]))
        assert secret not in every_form(entry(answer=body))


@settings(max_examples=25)
@given(SECRETS, st.sampled_from(["/v1/credentials", "/v1/credentials/totp", "/v1/credentials/cred_1/update"]))
def test_credentials(secret: str, path: str):
    """Of credentials nothing is shown but what the service itself shows."""
    for make in CREDENTIALS:
        body = json.dumps(make(secret)).encode()
        for cut in (body, body[:-3], body + b"}"):
            assert secret not in every_form(entry(path=path, body=cut))
            assert secret not in every_form(entry(path=path, answer=cut))


@settings(max_examples=25)
@given(SECRETS)
def test_keys_in_headers_and_wherever_they_are_echoed(secret: str):
    """The API key is not shown, though it turn up in path, query, headers or bodies."""
    raw = secret.encode()
    found = entry(
        path=f"/v1/runs/{secret}",
        query=b"q=" + raw,
        headers=[(b"x-api-key", raw), (b"cookie", b"session=" + raw), (b"referer", b"http://x/?k=" + raw)],
        body=b'{"prompt": "my key is ' + raw + b'"}',
        answer=b'{"detail": "no such key ' + raw + b'"}',
        answer_headers=[(b"set-cookie", raw), (b"location", b"/v1/" + raw)],
    )
    assert secret not in every_form(found)
    assert secret not in every_form(entry(headers=[(b"authorization", b"Bearer " + raw)], answer=raw))
    assert secret not in every_form(entry(query=b"expiry=1&sig=" + raw, headers=[(b"x-secret-token", raw)]))


def test_the_rest_is_true():
    """What is no secret is shown byte for byte, a run's fields that only sound like secrets too."""
    body = b'{"prompt":"p","totp_identifier":"u@example.com","credential_id":"cred_1","tokens_used":5,"max_steps":3}'
    found = redacted(entry(body=body, answer=body, headers=[(b"user-agent", b"skyvern/1")]))
    assert (found.body, found.answer) == (body, body)
    assert found.headers == [(b"user-agent", b"skyvern/1")]


@pytest.mark.parametrize("value", [None, "", False, True])
def test_emptiness_is_no_secret(value: Any):
    """Whether there is a password at all may be seen."""
    body = json.dumps({"password": value}).encode()
    assert json.loads(redacted(entry(body=body)).body) == {"password": value}
