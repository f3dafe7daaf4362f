"""Who may log in to the portal, and how they prove it a second time.

Owns: the accounts, the codes that are texted, and when a code is right. Must not: know
pages. Everything here is public by design: nobody real has an account.
"""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any, Final, Literal

import pyotp

from mock_server.clock import Clock

Factor = Literal["none", "app", "text"]

CODE_LIFE: Final = timedelta(minutes=10)
MAX_CODE_TRIES: Final = 3
MAX_TEXTS: Final = 50


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may log in."""

    username: str
    password: str
    factor: Factor = "none"
    """What is asked for after the password: nothing, the code of an authenticator app, or one that is texted."""
    secret: str = ""
    """Base32 secret of the authenticator app."""
    phone: str = ""


DEMO: Final = Account("demo", "demo-1234")
ACCOUNTS: Final = (
    DEMO,
    Account("dana", "weir-house-7", "app", secret="JBSWY3DPEHPK3PXPBW3TEZLT"),  # noqa: S106  # published in data.json
    Account("milo", "mill-race-42", "text", phone="+44 1632 960 712"),
)


def account_for(username: str, password: str) -> Account | None:
    """Return the account these open; None if there is none, found out in the same time for every wrong pair."""
    found = None
    for account in ACCOUNTS:
        if _same(username, account.username) & _same(password, account.password):
            found = account
    return found


class Texts:
    """The codes that were texted, as the phones show them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sent: deque[dict[str, str]] = deque(maxlen=MAX_TEXTS)

    def send(self, account: Account) -> tuple[str, datetime]:
        """Text a new code; return it and until when it is good."""
        code, now = f"{secrets.randbelow(10**6):06d}", self._clock.now()
        text = f"Brightwater Energy: {code} is your verification code. It is valid for 10 minutes."
        self._sent.appendleft({"to": account.phone, "text": text, "code": code, "sent_at": now.isoformat()})
        return code, now + CODE_LIFE

    def shown(self) -> list[dict[str, Any]]:
        """Return the texts, newest first."""
        return list(self._sent)


def is_app_code(account: Account, code: str, clock: Clock) -> bool:
    """Whether the code is that of the account's authenticator app now, or in the half minute before or after."""
    return pyotp.TOTP(account.secret).verify(code, for_time=clock.now().replace(tzinfo=UTC), valid_window=1)


def _same(given: str, expected: str) -> bool:
    return compare_digest(given.encode(), expected.encode())
