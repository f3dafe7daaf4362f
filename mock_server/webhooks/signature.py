"""How a receiver can tell that a webhook is genuine.

Owns: the signature and the headers it travels in. Must not: keep a key.
"""

from __future__ import annotations

import hmac
from calendar import timegm
from datetime import datetime
from hashlib import sha256
from typing import Final

TIMESTAMP: Final = "x-skyvern-timestamp"
SIGNATURE: Final = "x-skyvern-signature"


def sign(api_key: str, body: bytes) -> str:
    """Return the lower-case hex HMAC-SHA256 of the body's bytes with the API key.

    The timestamp is not part of it, so an old delivery that is sent again looks genuine.
    """
    return hmac.new(api_key.encode(), body, sha256).hexdigest()


def headers(api_key: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of a delivery, in their order; the timestamp is Unix seconds. ``now`` is naive UTC."""
    return {
        TIMESTAMP: str(timegm(now.timetuple())),
        SIGNATURE: sign(api_key, body),
        "Content-Type": "application/json",
    }
