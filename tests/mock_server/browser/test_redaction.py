"""Secrets the caller sends with each request do not stay in the captures."""

from __future__ import annotations

import json
import zipfile

import pytest

from mock_server.browser.redaction import redact_har, redact_trace, secrets_in


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("Authorization", True),
        ("Proxy-Authorization", True),
        ("Cookie", True),
        ("X-API-Key", True),
        ("x-auth-token", True),
        ("Accept-Language", False),
        ("X-Request-Id", False),
    ],
)
def test_which_headers_are_secret(name, secret):
    """Headers that carry credentials are known by their names; the others stay, so that one can see they were sent."""
    assert secrets_in({name: "a-long-value"}) == (("a-long-value",) if secret else ())


def test_short_values_are_left_alone():
    """Replacing a value such as "1" would destroy what was captured and hide nothing."""
    assert secrets_in({"X-Token": "1"}) == ()


def test_a_har_without_its_secret(tmp_path):
    """Every occurrence goes, in whatever way JSON spells it, and the file still is JSON."""
    path = tmp_path / "a.har"
    secret = 'tök"en\\value'
    path.write_text(json.dumps({"a": [secret, f"Bearer {secret}"]}))
    redact_har(path, [secret])
    assert json.loads(path.read_text()) == {"a": ["[redacted]", "Bearer [redacted]"]}
    path.write_text(json.dumps({"a": secret}, ensure_ascii=False))
    redact_har(path, [secret])
    assert json.loads(path.read_text()) == {"a": "[redacted]"}


def test_a_trace_without_its_secret(tmp_path):
    """Events, requests and saved texts are cleaned; pictures keep their bytes; nothing is left beside the archive."""
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("trace.network", '{"value":"hunter2-long"}')
        archive.writestr("trace.trace", '{"x":1}')
        archive.writestr("resources/a.png", b"\x89PNG hunter2-long")
        archive.writestr("resources/body.txt", "password=hunter2-long&ok=1")
    redact_trace(path, ["hunter2-long"])
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.read("trace.network") == b'{"value":"[redacted]"}'
        assert archive.read("trace.trace") == b'{"x":1}'
        assert archive.read("resources/a.png") == b"\x89PNG hunter2-long"
        assert archive.read("resources/body.txt") == b"password=[redacted]&ok=1"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "sent",
    [
        "password=p%40ss%20w%26rd&x=1",
        "password=p%40ss+w%26rd",
        '{"password": "p@ss w&rd"}',
        '{"postData": {"text": "{\\"password\\": \\"p@ss w&rd\\"}"}}',
    ],
)
def test_the_ways_a_form_sends_a_secret(tmp_path, sent):
    """A password is found as a form, an address, JSON and JSON within JSON spell it."""
    path = tmp_path / "a.har"
    path.write_text(sent)
    redact_har(path, ["p@ss w&rd"])
    assert "[redacted]" in path.read_text()
    assert "p@ss" not in path.read_text()
    assert "p%40ss" not in path.read_text()


def test_a_short_password_tears_no_holes(tmp_path):
    """A secret is replaced where it stands as a word of its own, not inside other words."""
    path = tmp_path / "a.har"
    path.write_text("password=demo&site=demonstration")
    redact_har(path, ["demo"])
    assert path.read_text() == "password=[redacted]&site=demonstration"
