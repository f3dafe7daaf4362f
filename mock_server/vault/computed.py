"""Codes computed from a secret, as an authenticator app does (RFC 6238).

Owns: the computation, which spellings of a secret are understood, and not handing out a
code in the moment it runs out. Must not: keep the secret.

It is a page of arithmetic; pyotp, which the bundled sites use, refuses secrets of less
than 112 bits, and sites that give out 80 are common.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32decode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs, urlsplit

from mock_server.agent.events import NoCodeError
from mock_server.clock import Clock

MARGIN_SECONDS: Final = 2.0
"""A code that is good for less than this is waited out: the page may see it too late."""

_DIGESTS: Final = ("sha1", "sha256", "sha512")
_DIGITS: Final = (6, 7, 8)
_LONGEST_STEP: Final = 3600


@dataclass(frozen=True, slots=True)
class _Generator:
    """An authenticator's settings for one account."""

    key: bytes
    digits: int = 6
    step: int = 30
    digest: str = "sha1"

    def at(self, moment: datetime) -> str:
        counter = int(moment.timestamp()) // self.step
        digest = hmac.new(self.key, counter.to_bytes(8, "big"), self.digest).digest()
        offset = digest[-1] & 0xF
        number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
        return f"{number % 10**self.digits:0{self.digits}d}"


async def computed_code(secret: str, clock: Clock, *, used: Collection[str] = ()) -> str:
    """Return the code of the present time step, or of the next if this one ends or was used already.

    ``secret`` is Base32, in any grouping, or an ``otpauth://totp/`` address.

    Raises:
        NoCodeError: It is neither.
    """
    try:
        generator = _from_address(secret) if secret.startswith("otpauth://") else _Generator(_key(secret))
    except (ValueError, KeyError):
        reason = (
            "The credential's totp is not a secret a code can be computed from. "
            "It must be Base32, or an otpauth://totp/ address; correct it with POST /v1/credentials/{id}/update."
        )
        raise NoCodeError("OTP_ERROR", reason) from None
    while True:
        now = clock.now().replace(tzinfo=UTC)
        left = generator.step - now.timestamp() % generator.step
        code = generator.at(now)
        if left >= MARGIN_SECONDS and code not in used:
            return code
        await clock.sleep(left + 0.01)


def _from_address(address: str) -> _Generator:
    parts = urlsplit(address)
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    digits, step = int(given.get("digits", "6")), int(given.get("period", "30"))
    digest = given.get("algorithm", "SHA1").lower()
    if parts.netloc != "totp" or digits not in _DIGITS or digest not in _DIGESTS or not 0 < step <= _LONGEST_STEP:
        raise ValueError(address)
    return _Generator(_key(given["secret"]), digits, step, digest)


def _key(secret: str) -> bytes:
    letters = re.sub(r"[\s=-]", "", secret).upper()
    if not letters:
        raise ValueError(secret)
    return b32decode(letters + "=" * (-len(letters) % 8))
