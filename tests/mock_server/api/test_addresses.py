"""What is taken for a URL and what becomes of it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.api.addresses import check_browser_address, is_private, normalised
from mock_server.api.refusals import Refusal

RULE = "Use an HTTP or HTTPS URL with at most 2083 characters."


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (None, None),
        ("", None),
        ("   ", None),
        ("https://news.ycombinator.com", "https://news.ycombinator.com/"),
        ("example.com", "https://example.com/"),
        ("example.com:8080/a", "https://example.com:8080/a"),
        ("localhost:3000", "https://localhost:3000/"),
        ("localhost", "https://localhost/"),
        ("HTTP://EXAMPLE.com:80", "http://example.com/"),
        (" http://h:1 ", "http://h:1/"),
        ("http://127.0.0.1/a b?y=ü#f", "http://127.0.0.1/a%20b?y=%C3%BC#f"),
        ("https://münchen.de", "https://xn--mnchen-3ya.de/"),
    ],
)
def test_kept_form(text: str | None, kept: str | None):
    """An address gets a scheme, a path and plain letters; blanks are no address."""
    assert normalised("url", text, block_private=False) == kept


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("url", "ftp://example.com/", f"Invalid url: unsupported scheme. {RULE}"),
        ("url", "javascript:alert(1)", f"Invalid url: unsupported scheme. {RULE}"),
        ("url", "file:///etc/passwd", f"Invalid url: unsupported scheme. {RULE}"),
        ("totp_url", "data:text/html,x", f"Invalid totp_url: unsupported scheme. {RULE}"),
        ("webhook_url", "not a url", f"Invalid webhook_url: malformed. {RULE}"),
        ("url", "http://", f"Invalid url: malformed. {RULE}"),
        ("url", "http://127.0.0.1:99999/", f"Invalid url: malformed. {RULE}"),
        ("url", "https://a/" + "x" * 2083, f"Invalid url: malformed. {RULE}"),
    ],
)
def test_refused(field: str, text: str, reason: str):
    """What is no web address is refused with the field's name and what would be right."""
    with pytest.raises(Refusal) as caught:
        normalised(field, text, block_private=False)
    assert (caught.value.status, caught.value.body) == (400, {"detail": reason})


@given(st.text(max_size=60))
def test_any_text_is_kept_or_refused(text: str):
    """Any text at all becomes an http address, which is then kept unchanged, or is refused; nothing else is raised."""
    kept = None
    with suppress(Refusal):
        kept = normalised("url", text, block_private=False)
    if kept is not None:
        assert kept.startswith(("http://", "https://"))
        assert normalised("url", kept, block_private=False) == kept


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1",
        "169.254.169.254", "100.64.0.1", "0.0.0.0", "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]",
        "x.internal", "db.local", "x.svc",
    ],
)  # fmt: skip
def test_private_hosts(host: str):
    """This machine, private networks and metadata services are told by their names."""
    assert is_private(host)


@pytest.mark.parametrize(
    "host", ["example.com", "8.8.8.8", "[2606:4700::1111]", "localhost.example.com", "internal.example"]
)
def test_public_hosts(host: str):
    """Others are not taken for private."""
    assert not is_private(host)


def test_numeric_spelling_of_loopback_is_blocked():
    """A blocked host stays blocked when its address is written as one number."""
    with pytest.raises(Refusal):
        normalised("url", "http://2130706433/", block_private=True)


@pytest.mark.parametrize("text", ["zzz", "http://", "ftp://h", "ws:///x", "http://[::1"])
def test_browser_address_without_a_host(text: str):
    """A remote browser needs a web or WebSocket address with a host."""
    with pytest.raises(ValueError, match="browser_address"):
        check_browser_address(text, block_private=False)


def test_browser_address_is_kept_as_it_is():
    """A good one is not touched; a private one is refused while those are blocked."""
    assert check_browser_address("ws://127.0.0.1:9222/x", block_private=False) == "ws://127.0.0.1:9222/x"
    with pytest.raises(Refusal):
        check_browser_address("ws://127.0.0.1:9222/x", block_private=True)
