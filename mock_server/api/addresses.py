"""Addresses in requests: what is taken for a URL and the form it is kept in.

Owns: the rules for ``url``, ``webhook_url``, ``totp_url`` and ``browser_address``. Must not:
resolve a name; this server works offline, so a host that does not exist is found out by
the run, not by the request (the real service asks DNS first).
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from pydantic import HttpUrl, TypeAdapter, ValidationError

from mock_server.api.refusals import refuse

MAX_LENGTH: Final = 2083
_RULE: Final = f"Use an HTTP or HTTPS URL with at most {MAX_LENGTH} characters."

_HTTP_URL: Final[TypeAdapter[HttpUrl]] = TypeAdapter(HttpUrl)
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.\-]*):(?!\d+(?:[/?#]|$))", re.IGNORECASE)
"""A scheme, and not a host that is followed by a port."""
_LOAD_BALANCER: Final = re.compile(r"(?:^|\.)elb(?:\.[a-z0-9\-]+)?\.amazonaws\.com(?:\.cn)?$")

_PRIVATE_NAMES: Final = frozenset({"localhost", "metadata", "instance-data"})
_PRIVATE_SUFFIXES: Final = (".localhost", ".local", ".internal", ".cluster.local", ".svc", ".home.arpa")

_REMOTE_BROWSER_SCHEMES: Final = frozenset({"http", "https", "ws", "wss"})


def normalised(field: str, text: str | None, *, block_private: bool, advise: bool = True) -> str | None:
    """Return the address in the form it is kept and echoed in; None for none and for blanks.

    ``example.com`` becomes ``https://example.com/``; the host is lower-case and in punycode,
    spaces and letters outside ASCII are percent-encoded. A refusal says what an address should
    be like, unless ``advise`` is off.

    Raises:
        Refusal: 400, it is no web address, or a private one while those are blocked.
    """
    text = (text or "").strip()
    advice = f" {_RULE}" if advise else ""
    if not text:
        return None
    scheme = _SCHEME.match(text)
    if scheme is None:
        text = f"https://{text}"
    elif scheme[1].lower() not in {"http", "https"}:
        raise refuse(400, f"Invalid {field}: unsupported scheme.{advice}")
    try:
        url = _HTTP_URL.validate_python(text)
    except ValidationError:
        raise refuse(400, f"Invalid {field}: malformed.{advice}") from None
    host = url.host or ""
    if field == "webhook_url" and _LOAD_BALANCER.search(host):
        raise refuse(
            400,
            "Invalid webhook_url: unsupported host. "
            "Use a stable custom hostname instead of an AWS load balancer DNS name.",
        )
    if block_private and is_private(host):
        raise refuse(400, f"Invalid {field}: blocked host.")
    return str(url)


def check_browser_address(text: str | None, *, block_private: bool) -> str | None:
    """Return the address of a remote browser unchanged.

    Raises:
        ValueError: It cannot be one.
        Refusal: 400, a private host while those are blocked.
    """
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in _REMOTE_BROWSER_SCHEMES:
        raise ValueError("browser_address must be an HTTP(S) or WebSocket URL with a host")
    if block_private and is_private(host):
        raise refuse(400, "Invalid url: blocked host.")
    return text


def is_private(host: str) -> bool:
    """Tell whether a host is this machine, a private network or a cloud's metadata service, by its name alone."""
    host = host.strip("[]").rstrip(".").lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host in _PRIVATE_NAMES or host.endswith(_PRIVATE_SUFFIXES)
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global
