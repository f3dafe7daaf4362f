"""Keeping secrets out of what was captured.

Owns: which request headers count as secret, and replacing their values in a HAR and in a
trace. Must not: guess at secrets inside pages; what a page shows or a form sends is what
the capture is for.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

REDACTED: Final = b"[redacted]"

MIN_SECRET_CHARS: Final = 6
"""Replacing shorter values would damage innocent text and hide little."""

_SECRET_NAME: Final = re.compile(r"auth|cookie|credential|key|passw|secret|session|signature|token", re.IGNORECASE)

_TRACE_TEXTS: Final = (".trace", ".network")


def secrets_in(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values that must not be stored, longest first."""
    values = {value for name, value in headers.items() if _SECRET_NAME.search(name)}
    return tuple(sorted((value for value in values if len(value) >= MIN_SECRET_CHARS), key=len, reverse=True))


def redact_har(path: Path, secrets: Sequence[str]) -> None:
    """Rewrite the HAR at ``path`` without ``secrets``."""
    if secrets:
        _replace(path, _redacted(path.read_bytes(), secrets))


def redact_trace(path: Path, secrets: Sequence[str]) -> None:
    """Rewrite the trace archive at ``path`` without ``secrets`` in its events and requests."""
    if not secrets:
        return
    partial = path.with_name(path.name + ".part")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            data = before.read(entry)
            if entry.filename.endswith(_TRACE_TEXTS):
                data = _redacted(data, secrets)
            after.writestr(entry.filename, data)
    partial.replace(path)


def _redacted(data: bytes, secrets: Sequence[str]) -> bytes:
    for secret in secrets:
        for spelling in {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}:
            data = data.replace(spelling.encode(), REDACTED)
    return data


def _replace(path: Path, data: bytes) -> None:
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(data)
    partial.replace(path)
