"""Keeping keys out of what people read.

Owns: how a key is described, and how it and signed URLs are taken out of text. Must not:
keep or fetch a key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit, urlunsplit

REDACTED: Final = "[redacted]"
SECRET_HEADERS: Final = frozenset({"x-api-key", "authorization", "proxy-authorization", "cookie", "set-cookie"})
_SHORTEST: Final = 8
"""A shorter key is a placeholder; taking it out of texts would maul them."""
_TELLING: Final = 24
"""From this length on, the last four characters identify a key and give nothing away."""
_JWT_DOTS: Final = 2
_SECRET_PARAMETER: Final = re.compile(r"(^|&)[^=&]*(sig|token|key|credential|secret|password)[^=&]*=", re.IGNORECASE)


class Headers(dict[str, str]):
    """Headers by lower-case name, the later ones winning; printing them shows no secret."""

    def __init__(self, *parts: Mapping[str, str]) -> None:
        super().__init__()
        for part in parts:
            self.update(part)

    def __repr__(self) -> str:
        return repr({name: REDACTED if name in SECRET_HEADERS else value for name, value in self.items()})


def redact(text: str, key: str | None) -> str:
    """Return ``text`` without ``key``."""
    return text.replace(key, REDACTED) if key and len(key) >= _SHORTEST else text


def redact_bytes(data: bytes, key: str | None) -> bytes:
    """Return ``data`` without ``key``."""
    return data.replace(key.encode(), REDACTED.encode()) if key and len(key) >= _SHORTEST else data


def redact_url(url: str) -> str:
    """Return ``url`` without user, password and, if it is signed or holds a key, without its query."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    query = REDACTED if _SECRET_PARAMETER.search(parts.query) else parts.query
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def describe_key(key: str | None) -> str:
    """Name a key so that its owner recognises it and nobody else learns it."""
    if not key:
        return "no key"
    ending = f", ending in {key[-4:]}" if len(key) >= _TELLING else ""
    return f"a key of {len(key)} characters{ending}"


def looks_like_jwt(key: str) -> bool:
    """Tell whether ``key`` has the form of the service's own keys: three parts with dots between."""
    return key.count(".") == _JWT_DOTS and key.startswith("eyJ")
