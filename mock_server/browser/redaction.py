"""Keeping secrets out of what was captured.

Owns: which request headers count as secret, and replacing secret values in a HAR and in a
trace, in every spelling a request or a page gives them. Must not: guess at secrets inside
pages; whoever uses one says so.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

REDACTED: Final = b"[redacted]"

MIN_SECRET_CHARS: Final = 6
"""Replacing shorter values would damage innocent text and hide little."""

_SECRET_NAME: Final = re.compile(r"auth|cookie|credential|key|passw|secret|session|signature|token", re.IGNORECASE)

_PICTURES: Final = (".png", ".jpeg", ".jpg", ".webp", ".gif", ".woff", ".woff2")
"""Entries of a trace that are no text; the rest may hold what a form sent or a field showed."""


def secrets_in(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values that must not be stored, longest first."""
    values = {value for name, value in headers.items() if _SECRET_NAME.search(name)}
    return tuple(sorted((value for value in values if len(value) >= MIN_SECRET_CHARS), key=len, reverse=True))


def redact_har(path: Path, secrets: Sequence[str]) -> None:
    """Rewrite the HAR at ``path`` without ``secrets``."""
    if secrets:
        _replace(path, _redacted(path.read_bytes(), secrets))


def redact_trace(path: Path, secrets: Sequence[str]) -> None:
    """Rewrite the trace archive at ``path`` without ``secrets`` in its events, requests, bodies and snapshots."""
    if not secrets:
        return
    partial = path.with_name(path.name + ".part")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            data = before.read(entry)
            if not entry.filename.endswith(_PICTURES):
                data = _redacted(data, secrets)
            after.writestr(entry.filename, data)
    partial.replace(path)


def _redacted(data: bytes, secrets: Sequence[str]) -> bytes:
    spellings = {spelling for secret in secrets for spelling in _spellings(secret)}
    ordered = sorted(spellings, key=len, reverse=True)
    # Only as a word of its own: a password such as "demo" must not tear holes into other words.
    pattern = rb"(?<![A-Za-z0-9])(?:%s)(?![A-Za-z0-9])" % b"|".join(re.escape(word.encode()) for word in ordered)
    return re.sub(pattern, REDACTED, data)


def _spellings(secret: str) -> Iterator[str]:
    """Yield the secret as JSON, as JSON within JSON, and as a form or an address writes it."""
    yield quote(secret, safe="")
    yield quote_plus(secret)
    for ascii_only in (True, False):
        once = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield once
        yield json.dumps(once, ensure_ascii=ascii_only)[1:-1]


def _replace(path: Path, data: bytes) -> None:
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(data)
    partial.replace(path)
