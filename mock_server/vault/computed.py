"""Codes computed from a secret, as an authenticator app does.

Owns: which spellings of a secret are understood, and not handing out a code in the
moment it runs out. Must not: keep the secret.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC
from typing import Final

import pyotp

from mock_server.agent.events import NoCodeError
from mock_server.clock import Clock

MARGIN_SECONDS: Final = 2.0
"""A code that is good for less than this is waited out: the page may see it too late."""


async def computed_code(secret: str, clock: Clock, *, used: Collection[str] = ()) -> str:
    """Return the code of the present time step, or of the next if this one ends or was used already.

    ``secret`` is Base32, in any grouping, or an ``otpauth://totp/`` address.

    Raises:
        NoCodeError: It is neither.
    """
    generator = _generator(secret)
    while True:
        now = clock.now().replace(tzinfo=UTC)
        left = generator.interval - now.timestamp() % generator.interval
        code = generator.at(now)
        if left >= MARGIN_SECONDS and code not in used:
            return code
        await clock.sleep(left + 0.01)


def _generator(secret: str) -> pyotp.TOTP:
    try:
        if secret.startswith("otpauth://"):
            found = pyotp.parse_uri(secret)
            if not isinstance(found, pyotp.TOTP):
                raise ValueError("it counts instead of following the time")  # noqa: TRY301  # one way out for all of them
        else:
            found = pyotp.TOTP(re.sub(r"[\s-]", "", secret).upper())
        found.at(0)
    except ValueError:
        reason = (
            "The credential's totp is not a secret a code can be computed from. "
            "It must be Base32, or an otpauth://totp/ address; correct it with POST /v1/credentials/{id}/update."
        )
        raise NoCodeError("OTP_ERROR", reason) from None
    return found
