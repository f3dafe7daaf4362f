"""The bytes of a webhook.

Owns: the one form in which a payload is written, which is also what is signed. Must not:
know what a payload holds.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any


def canonical(payload: Any) -> bytes:
    """Return the payload as JSON: compact, in the order it was built, UTF-8 unescaped, whole floats as integers.

    Datetimes are naive UTC; a zero fraction of a second is dropped. Half surrogate pairs have no
    UTF-8 form; a payload that has one is escaped throughout.

    Raises:
        TypeError: There is something in it that has no JSON form.
        ValueError: There is a NaN or an infinity in it.
    """
    plain = _without_whole_floats(payload)
    try:
        return _dump(plain, ascii_only=False).encode()
    except UnicodeEncodeError:
        return _dump(plain, ascii_only=True).encode()


def _dump(value: Any, *, ascii_only: bool) -> str:
    return json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"), default=_moment, allow_nan=False)


def _without_whole_floats(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {name: _without_whole_floats(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_whole_floats(item) for item in value]
    return value


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
