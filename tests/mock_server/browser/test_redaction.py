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
    """Events and requests are cleaned; resources keep their bytes; nothing is left beside the archive."""
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("trace.network", '{"value":"hunter2-long"}')
        archive.writestr("trace.trace", '{"x":1}')
        archive.writestr("resources/a.png", b"\x89PNG hunter2-long")
    redact_trace(path, ["hunter2-long"])
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.read("trace.network") == b'{"value":"[redacted]"}'
        assert archive.read("trace.trace") == b'{"x":1}'
        assert archive.read("resources/a.png") == b"\x89PNG hunter2-long"
    assert list(tmp_path.iterdir()) == [path]
